// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICircuitBreaker} from "./ICircuitBreaker.sol";
import {IPriceClock} from "./IPriceClock.sol";
import {Round} from "./IPriceRounds.sol";
import {IStoredRounds} from "./IStoredRounds.sol";

/// @title IGuardedPriceRounds
/// @notice Price rounds at the parameters of RiskParameters, with a limit on the speed of each price.
///
///         **Stale slots.** A slot without a fresh price that counts is stale in the round: it keeps price and effective
///         price of the latest round, and stops no other slot. A slot that never had a price has 0 for both.
///         What has settled has no price until another asset is listed in its slot. A fresh price does not count when it is below the least or above the greatest price of its slot, when a spot
///         slot has funding, or when the funding moved further than the limit.
///
///         **Limits.** The limit of a slot is max(ppm of the price, amount), counted from its price in the reference
///         round. A recorded round that is `LIMIT_PERIOD` younger than the reference round becomes the reference round,
///         so that a price moves by at most one limit a minute from reference to reference. Where the reference round has
///         no price of a slot, the limit is counted from the latest round; the first price of a slot has no limit.
///
///         **Candidates.** Prices of which one is too far are not recorded. They are held as the candidate, and the breaker
///         is tripped for `CANDIDATE_LIFETIME`. A second set, `CANDIDATE_DELAY` younger in its own time and in block time,
///         confirms the candidate when each price that is too far either is within the limit of the candidate's, or both
///         are too far on the same side: then the nearer one counts. A set whose prices are all within their limits
///         discards the candidate. Both are recorded, and clear the trip. Any other set replaces the candidate.
interface IGuardedPriceRounds is IStoredRounds, IPriceClock {
    /// @notice Thrown at deployment when every round would be stale at once.
    error ZeroStaleAge();

    /// @notice Thrown at deployment when the minimum interval is 0, or not below `staleAfter`.
    /// @param minInterval As given, seconds.
    error MinIntervalOutOfRange(uint64 minInterval);

    /// @notice Thrown when prices are not newer than the last ones that were posted, recorded or held.
    /// @param newestTimestamp The time of those last ones, Unix seconds.
    /// @param timestamp The time of these, Unix seconds.
    error RoundOutOfOrder(uint64 newestTimestamp, uint64 timestamp);

    /// @notice Thrown when prices come less than `minInterval` after the last ones that were posted, recorded or held.
    /// @param earliest The first time that counts, Unix seconds.
    /// @param timestamp The time of these prices, Unix seconds.
    error TooSoon(uint64 earliest, uint64 timestamp);

    /// @notice Thrown when a slot without an asset is priced, or is to have a feed.
    /// @param slot The first such slot, from 0.
    error SlotIsEmpty(uint256 slot);

    /// @notice Thrown when prices are too far, and the candidate is too young to be confirmed by them.
    /// @param confirmableAt The first time at which it can be confirmed, by prices of that time, Unix seconds.
    error CandidateTooYoung(uint64 confirmableAt);

    /// @notice Thrown when no slot has a fresh price that counts: such a round would hide that the source is silent.
    error NothingPriced();

    /// @notice Thrown when the book winds down: no prices count any more.
    error BookWindsDown();

    /// @notice Thrown when the book does not wind down.
    error NotWindingDown();

    /// @notice Thrown when rounds that are not stale are said to be, or before the first round.
    error RoundsAreFresh();

    /// @notice Prices were held as the candidate and not recorded, and the breaker was tripped.
    /// @param timestamp When they were seen, Unix seconds.
    /// @param farSlots The slots whose price is too far, bit i for slot i.
    event CandidateHeld(uint64 timestamp, uint64 farSlots);

    /// @notice The candidate was confirmed, by the prices of a round.
    /// @param roundId The round that is recorded.
    event CandidateConfirmed(uint64 indexed roundId);

    /// @notice The candidate was discarded: prices came that are within their limits.
    event CandidateDiscarded();

    /// @notice Rounds are stale, and the breaker was tripped until the next round is recorded.
    /// @param latestRoundId The round that is too old.
    event RoundsStale(uint64 indexed latestRoundId);

    /// @notice Trips the circuit breaker when the latest round is older than `staleAfter`, until the next round is
    ///         recorded. Any caller.
    function tripIfStale() external;

    /// @notice Records a round of a book that winds down: the last prices of spot, as stale, and no others. Any caller, once the
    ///         latest round is older than `staleAfter`: so that proofs have a round that is young enough.
    /// @return roundId The round.
    function recordWindDown() external returns (uint64 roundId);

    /// @notice Whether the book winds down: the source is then never silent, and its rounds say no new prices.
    /// @return Whether it does, for ever.
    function isWindingDown() external view returns (bool);

    /// @notice What a candidate, or silence, trips.
    /// @return The circuit breaker, whose price source this contract must be.
    function breaker() external view returns (ICircuitBreaker);

    /// @notice How old the latest round may be.
    /// @return Seconds, above 0.
    function staleAfter() external view returns (uint64);

    /// @notice The least time between prices that are posted, recorded or held.
    /// @return Seconds, above 0 and below `staleAfter`.
    function minInterval() external view returns (uint64);

    /// @notice The time of the last prices that were posted, recorded or held.
    /// @return Unix seconds; 0 before the first.
    function newestTimestamp() external view returns (uint64);

    /// @notice The round that limits are counted from.
    /// @return Its id; 0 before the first round.
    function referenceRoundId() external view returns (uint64);

    /// @notice The prices that wait for their confirmation. All zero when there are none.
    /// @dev Also those whose lifetime is over, until other prices come.
    /// @return timestamp When they were seen, Unix seconds.
    /// @return heldAt Time of the block that held them, Unix seconds.
    /// @return stale The slots without a fresh price that counts, bit i for slot i.
    /// @return prices As they would be recorded.
    function candidate() external view returns (uint64 timestamp, uint64 heldAt, uint64 stale, Round memory prices);
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {ICircuitBreaker} from "./ICircuitBreaker.sol";
import {IPriceRounds} from "./IPriceRounds.sol";
import {IRiskParameters} from "./IRiskParameters.sol";

/// @title IGuardedPriceRounds
/// @notice Price rounds at the margin fractions of RiskParameters, with a limit on how far one round may move a price.
///
///         A round that moves the price or the funding of a slot further than its entry allows is **not** recorded, and
///         trips the circuit breaker: nobody can be flagged, or take anything out, at a price that may be wrong, not even
///         through a contract that does not ask the breaker. When the move is real, governance allows it for that
///         slot of that round, and the next round that is posted finds its way; then governance lowers the breaker.
///
///         A round uses the parameters of the moment at which it is posted, for ever. d is rounded up.
interface IGuardedPriceRounds is IPriceRounds {
    /// @notice Thrown at deployment when every round would be stale at once.
    error ZeroStaleAge();

    /// @notice Thrown when a round is not newer than the last one that was posted, recorded or not.
    /// @param newestTimestamp The time of that last one, Unix seconds.
    /// @param timestamp The time of this one, Unix seconds.
    error RoundOutOfOrder(uint64 newestTimestamp, uint64 timestamp);

    /// @notice Thrown when a slot without an asset has a price or funding.
    /// @param slot From 0 to N - 1.
    error SlotIsEmpty(uint256 slot);

    /// @notice Thrown when a round is named that is not the next one.
    /// @param expected The next one.
    /// @param given The one named.
    error WrongRoundId(uint64 expected, uint64 given);

    /// @notice Thrown when rounds that are not stale are said to be, or before the first round.
    error RoundsAreFresh();

    /// @notice A round was not recorded: it moves a slot too far, and the breaker was tripped. One event a slot.
    /// @param roundId The id that the round would have had.
    /// @param slot What moved too far, from 0 to N - 1.
    /// @param previousPrice [1e-9 USD], in the latest round.
    /// @param price [1e-9 USD], in the round that was not recorded.
    /// @param fundingChange [1e-9 USD], between the two.
    event DeviationRefused(
        uint64 indexed roundId, uint256 indexed slot, uint256 previousPrice, uint256 price, int256 fundingChange
    );

    /// @notice Governance allowed the next round to move a slot further than its entry does.
    /// @param roundId The next round.
    /// @param slot As given.
    /// @param deviationPpm [ppm of the price in the latest round].
    event DeviationAllowed(uint64 indexed roundId, uint256 indexed slot, uint32 deviationPpm);

    /// @notice Rounds are stale, and the breaker was tripped.
    /// @param latestRoundId The round that is too old.
    event RoundsStale(uint64 indexed latestRoundId);

    /// @notice Allows the next round to move the price and the funding of a slot that far. Only governance.
    /// @param roundId The next round: an allowance is void once a round has that id.
    /// @param slot From 0 to N - 1; nothing comes of another one.
    /// @param deviationPpm [ppm of the price in the latest round]; counts when it is above that of the entry.
    function allowDeviation(uint64 roundId, uint256 slot, uint32 deviationPpm) external;

    /// @notice Trips the circuit breaker when the latest round is older than `staleAfter`. Anybody.
    function tripIfStale() external;

    /// @notice Where margin fractions and deviation limits come from, for ever.
    /// @return The parameters of the book.
    function riskParameters() external view returns (IRiskParameters);

    /// @notice What a deviation, or silence, trips.
    /// @return The circuit breaker, which must have made this contract a guardian.
    function breaker() external view returns (ICircuitBreaker);

    /// @notice How old the latest round may be.
    /// @return Seconds, above 0.
    function staleAfter() external view returns (uint64);

    /// @notice The time of the last round that was posted, recorded or not: the next must be newer.
    /// @return Unix seconds; 0 before the first.
    function newestTimestamp() external view returns (uint64);

    /// @notice The version of the risk parameters that a round uses.
    /// @param roundId A round that exists.
    /// @return Counts from 1.
    function parametersVersion(uint64 roundId) external view returns (uint32);

    /// @notice What governance allowed a round to move a slot by.
    /// @param roundId Any round, also one that does not exist yet.
    /// @param slot From 0 to N - 1.
    /// @return [ppm of the price in the round before]; 0 for nothing beyond its entry.
    function allowedDeviationPpm(uint64 roundId, uint256 slot) external view returns (uint32);
}

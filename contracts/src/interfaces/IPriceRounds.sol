// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IExpiries} from "./IExpiries.sol";

/// @notice Which margin per unit a statement is about.
enum VectorKind {
    /// To be left alone.
    Maintenance,
    /// To increase risk: never less.
    Initial,
    /// What bounds the debt in the settlement currency that spot collateral may back.
    Overdraft
}

/// @notice One price round, an item per slot of the book.
struct Round {
    /// When its prices were seen, Unix seconds; never after the block that posted it.
    uint64 timestamp;
    /// Mark price p [1e-9 USD], below 2^64; 0 in an empty slot.
    uint256[] prices;
    /// e = p - cumulative funding per unit [1e-9 USD], |e| < 2^64.
    int256[] effectivePrices;
}

/// @title IPriceRounds
/// @notice A source of price rounds for one book. Round ids count from 1 without gaps, and a round never changes.
interface IPriceRounds {
    /// @notice Thrown when there is no round of that id (yet).
    /// @param roundId As given.
    error UnknownRound(uint64 roundId);

    /// @notice Thrown when an array has not one item per slot.
    /// @param expected N.
    /// @param given How many items it has.
    error WrongLength(uint256 expected, uint256 given);

    /// @notice Thrown at deployment when the book is empty or larger than any statement.
    /// @param count As given: 0, or more than 58.
    error WrongAssetCount(uint256 count);

    /// @notice Thrown when a price is 2^64 or more, or 0 where the source refuses that.
    /// @param slot The first such slot, from 0.
    error PriceOutOfRange(uint256 slot);

    /// @notice Thrown when |price - funding| is 2^64 or more.
    /// @param slot The first such slot, from 0.
    error EffectivePriceOutOfRange(uint256 slot);

    /// @notice A round was posted; `round` returns it.
    /// @param roundId Its id, one more than that of the round before.
    /// @param timestamp When its prices were seen, Unix seconds.
    /// @param reduceOnly Its slots in which no account may grow, bit i for slot i.
    event RoundPosted(uint64 indexed roundId, uint64 timestamp, uint64 reduceOnly);

    /// @notice The size of the book, for ever.
    /// @return N, its slots: 1 to 58.
    function assetCount() external view returns (uint256);

    /// @notice The newest round.
    /// @return Its id; 0 when there is none.
    function latestRoundId() external view returns (uint64);

    /// @notice When the prices of a round were seen: what the age of a proof counts from.
    /// @param roundId A round that exists.
    /// @return Unix seconds, not in the future.
    function roundTimestamp(uint64 roundId) external view returns (uint64);

    /// @notice When a round was recorded: from then on the one before it is superseded.
    /// @param roundId A round that exists.
    /// @return Block time, Unix seconds.
    function recordedAt(uint64 roundId) external view returns (uint64);

    /// @notice How many expiries had settled when a round was recorded: its epoch. An account acts at rounds of its own epoch
    ///         only.
    /// @param roundId A round that exists.
    /// @return Counts from 0, and never falls.
    function epochOf(uint64 roundId) external view returns (uint32);

    /// @notice Whether the prices of a round are near those of the one before it, so that a proof at that one is not worth
    ///         much to a trader who knows this one. No effective price fell by more than d at initial less d at maintenance
    ///         margin, or rose by more than the same difference of d + x, both of the round before; no slot became
    ///         reduce-only; and no expiry settled in between. The first round has none before it, and is calm.
    /// @param roundId A round that exists.
    /// @return Whether it is.
    function isCalm(uint64 roundId) external view returns (bool);

    /// @notice What a round says.
    /// @param roundId A round that exists.
    /// @return Its time, prices and effective prices.
    function round(uint64 roundId) external view returns (Round memory);

    /// @notice Margin per unit, by side: a long unit needs d, a short unit d + x. Both are rounded up.
    /// @param roundId A round that exists.
    /// @param kind Which margin.
    /// @return longs d of each slot [1e-9 USD]; 0 in an empty slot.
    /// @return shortExtras x of each slot [1e-9 USD], with d + x below 2^64; 0 in an empty slot.
    function marginsPerUnit(uint64 roundId, VectorKind kind)
        external
        view
        returns (uint256[] memory longs, uint256[] memory shortExtras);

    /// @notice What statements take from a round as field elements: e[N], negative values as r - |e|, then d[N] and x[N] of
    ///         each kind.
    /// @param roundId A round that exists.
    /// @param kinds Which d and x, in the order in which they are wanted.
    /// @param spotScale What the prices of spot are multiplied with before anything is made of them [1e-18], 1e18 for 1. The
    ///        product is rounded down; it reverts where that is 2^64 or more. The price of an option's underlying is not
    ///        scaled.
    /// @return N (1 + 2 kinds) field elements, each below r [1e-9 USD].
    function roundInputs(uint64 roundId, VectorKind[] calldata kinds, uint256 spotScale)
        external
        view
        returns (uint256[] memory);

    /// @notice The slots that no account may be short of, bit i for slot i: spot, without an asset, or not priced so far. An
    ///         option whose underlying was not priced so far counts as not priced. That a margin is 0 bars no slot.
    /// @param roundId A round that exists.
    /// @return The bitmap, below 2^N.
    function longOnly(uint64 roundId) external view returns (uint256);

    /// @notice How much of its spot an account may owe in the settlement currency, for ever.
    /// @return initial Where it grows or pays out [ppm], below `maintenance`.
    /// @return maintenance Where it only shrinks [ppm], at most 1e5 where the book has a ledger.
    function lambdasPpm() external view returns (uint256 initial, uint256 maintenance);

    /// @notice The slots in which no account may grow, bit i for slot i: stale ones, those of an asset that will be delisted,
    ///         those whose asset has reached its expiry, and those whose asset has settled and was not replaced.
    /// @param roundId A round that exists.
    /// @return The bitmap, below 2^N.
    function reduceOnly(uint64 roundId) external view returns (uint256);

    /// @notice The stale slots, bit i for slot i: they keep the price of the round before, or had none. A slot whose asset has
    ///         settled is one of them: without a price.
    /// @param roundId A round that exists.
    /// @return The bitmap, below 2^N; all of them are reduce-only.
    function staleSlots(uint64 roundId) external view returns (uint256);

    /// @notice Where assets settle at their expiry.
    /// @return The contract, for ever; zero where none expires.
    function expiries() external view returns (IExpiries);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuardedPriceRounds} from "./IGuardedPriceRounds.sol";
import {IPriceFeed} from "./IPriceFeed.sol";

/// @notice Where the price of a slot comes from.
struct Feed {
    /// USD price of one token or contract; zero in a slot without one.
    IPriceFeed source;
    /// How old an answer may be, seconds: the heartbeat of the feed and a little more.
    uint32 maxAge;
    /// Digits after the point of an answer.
    uint8 decimals;
}

/// @notice Why a feed has no price that counts.
enum FeedFault {
    /// It has.
    None,
    /// The slot has no feed.
    Missing,
    /// It reverts, runs out of gas, has no code or answers too little.
    NoAnswer,
    /// Its price is negative.
    Negative,
    /// Its round is not complete, its answer is that of an earlier round, or comes from the future.
    Incomplete,
    /// Its answer is older than its `maxAge`.
    TooOld,
    /// Its price is 2^64 or more.
    OutOfRange
}

/// @title IChainlinkRounds
/// @notice Price rounds read from Chainlink feeds. Any address may post: the caller chooses nothing. A slot whose feed
///         has no price that counts is stale, and stops no other slot.
/// @dev Feeds know no funding: e = p, and whatever a book of these rounds lists pays none.
interface IChainlinkRounds is IGuardedPriceRounds {
    /// @notice Thrown when the book has no such slot.
    /// @param slot As given; N or more.
    error UnknownSlot(uint256 slot);

    /// @notice Thrown when no answer of a feed could ever be young enough.
    /// @param slot Whose feed it would be.
    error ZeroFeedAge(uint256 slot);

    /// @notice Thrown when a feed has more decimals than `MAX_FEED_DECIMALS`.
    /// @param slot Whose feed it would be.
    error TooManyDecimals(uint256 slot);

    /// @notice Thrown when a feed has fewer than five digits at the least price of its slot, which is not an option.
    /// @param slot Whose feed it would be.
    error FeedTooCoarse(uint256 slot);

    /// @notice Thrown when so little gas is left that a feed could fail for want of it.
    error NotEnoughGas();

    /// @notice Thrown when the sequencer is down, or its feed does not say.
    error SequencerDown();

    /// @notice Thrown while the sequencer has not been up for longer than `sequencerGrace`: feeds and users are still
    ///         catching up.
    /// @param since When the sequencer came up, Unix seconds.
    error SequencerJustUp(uint256 since);

    /// @notice Governance set the feed of a slot.
    /// @param slot From 0 to N - 1.
    /// @param source As in `setFeed`.
    /// @param maxAge How old an answer may be, seconds.
    /// @param decimals Digits after the point of an answer; 0 without a feed.
    event FeedSet(uint256 indexed slot, address indexed source, uint32 maxAge, uint8 decimals);

    /// @notice A feed has no price that counts: its slot is stale.
    /// @param slot From 0 to N - 1.
    /// @param fault Why.
    event FeedUnusable(uint256 indexed slot, FeedFault fault);

    /// @notice Posts the prices of the feeds: records the next round, or holds them as the candidate. Any caller.
    /// @return recordedId The round; 0 when the prices are held as the candidate.
    function postRound() external returns (uint64 recordedId);

    /// @notice Sets the feed of a slot. Only governance.
    /// @param slot A slot with an asset.
    /// @param source USD price of one token or contract, of at most `MAX_FEED_DECIMALS` decimals, and of at least five digits
    ///               at the least price of the slot, but for an option; the zero address takes the feed away.
    /// @param maxAge How old an answer may be, seconds; above 0, but for the zero address.
    function setFeed(uint256 slot, IPriceFeed source, uint32 maxAge) external;

    /// @notice Where the price of a slot comes from.
    /// @param slot Any number.
    /// @return Its feed; all zero in a slot without one.
    function feed(uint256 slot) external view returns (Feed memory);

    /// @notice What tells whether the sequencer of the layer 2 is up.
    /// @return Its feed; zero on a chain without one.
    function sequencerFeed() external view returns (IPriceFeed);

    /// @notice How long the sequencer must have been up before a round is posted.
    /// @return Seconds.
    function sequencerGrace() external view returns (uint64);
}

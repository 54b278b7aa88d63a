// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

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

/// @title IChainlinkRounds
/// @notice Price rounds read from Chainlink feeds, at most one a block. Anybody may post: there is nothing to choose.
/// @dev Feeds know no funding: e = p, and whatever a book of these rounds lists pays none.
interface IChainlinkRounds is IGuardedPriceRounds {
    /// @notice Thrown when the book has no such slot.
    /// @param slot As given; N or more.
    error UnknownSlot(uint256 slot);

    /// @notice Thrown when a listed asset has no feed.
    /// @param slot The first such slot, from 0.
    error FeedMissing(uint256 slot);

    /// @notice Thrown when no answer of a feed could ever be young enough.
    /// @param slot Whose feed it would be.
    error ZeroFeedAge(uint256 slot);

    /// @notice Thrown when a feed has more decimals than `MAX_FEED_DECIMALS`.
    /// @param slot Whose feed it would be.
    error TooManyDecimals(uint256 slot);

    /// @notice Thrown when a feed answers with a price that is not positive.
    /// @param slot Whose feed it is.
    error AnswerNotPositive(uint256 slot);

    /// @notice Thrown when the round of a feed is not complete, its answer is that of an earlier one, or comes from the
    ///         future.
    /// @param slot Whose feed it is.
    error AnswerIncomplete(uint256 slot);

    /// @notice Thrown when the answer of a feed is older than its `maxAge`.
    /// @param slot Whose feed it is.
    /// @param updatedAt When the feed gave the answer, Unix seconds.
    error AnswerTooOld(uint256 slot, uint256 updatedAt);

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

    /// @notice Posts the next round. Anybody.
    /// @return recordedId The round, or 0 when it moves a price too far: then the circuit breaker is tripped instead.
    function postRound() external returns (uint64 recordedId);

    /// @notice Sets the feed of a slot. Only governance.
    /// @param slot From 0 to N - 1.
    /// @param source USD price of one token or contract, of at most `MAX_FEED_DECIMALS` decimals; the zero address takes the
    ///               feed away.
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

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
    error UnknownSlot(uint256 slot);

    /// @notice Thrown when a listed asset has no feed.
    error FeedMissing(uint256 slot);

    /// @notice Thrown when no answer of a feed could ever be young enough.
    error ZeroFeedAge(uint256 slot);

    /// @notice Thrown when a feed has more decimals than `MAX_FEED_DECIMALS`.
    error TooManyDecimals(uint256 slot);

    /// @notice Thrown when a feed answers with a price that is not positive.
    error AnswerNotPositive(uint256 slot);

    /// @notice Thrown when the round of a feed is not complete, its answer is that of an earlier one, or comes from the
    ///         future.
    error AnswerIncomplete(uint256 slot);

    /// @notice Thrown when the answer of a feed is older than its `maxAge`.
    error AnswerTooOld(uint256 slot, uint256 updatedAt);

    /// @notice Thrown when the sequencer is down, or its feed does not say.
    error SequencerDown();

    /// @notice Thrown while the sequencer has not been up for longer than `sequencerGrace`: feeds and users are still
    ///         catching up.
    error SequencerJustUp(uint256 since);

    /// @notice Governance set the feed of a slot.
    event FeedSet(uint256 indexed slot, address indexed source, uint32 maxAge, uint8 decimals);

    /// @notice Posts the next round. Anybody.
    /// @return recordedId The round, or 0 when it moves a price too far: then the circuit breaker is tripped instead.
    function postRound() external returns (uint64 recordedId);

    /// @notice Sets the feed of a slot. Only governance.
    /// @param source USD price; the zero address takes the feed away.
    /// @param maxAge How old an answer may be, seconds.
    function setFeed(uint256 slot, IPriceFeed source, uint32 maxAge) external;

    /// @notice The feed of a slot.
    function feed(uint256 slot) external view returns (Feed memory);

    /// @notice The feed that tells whether the sequencer is up; zero on a chain without one.
    function sequencerFeed() external view returns (IPriceFeed);

    /// @notice How long the sequencer must have been up, seconds.
    function sequencerGrace() external view returns (uint64);
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {GuardedPriceRounds} from "./GuardedPriceRounds.sol";
import {Feed, IChainlinkRounds} from "./interfaces/IChainlinkRounds.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IPriceFeed} from "./interfaces/IPriceFeed.sol";
import {IRiskParameters} from "./interfaces/IRiskParameters.sol";

/// @title ChainlinkRounds
/// @notice See IChainlinkRounds.
contract ChainlinkRounds is IChainlinkRounds, GuardedPriceRounds {
    /// @notice The most digits after the point that a feed may have.
    uint8 public constant MAX_FEED_DECIMALS = 36;

    uint8 private constant PRICE_DECIMALS = 9;
    int256 private constant SEQUENCER_UP = 0;

    /// @inheritdoc IChainlinkRounds
    IPriceFeed public immutable sequencerFeed;

    /// @inheritdoc IChainlinkRounds
    uint64 public immutable sequencerGrace;

    mapping(uint256 slot => Feed) private _feeds;

    /// @param governance Sets feeds and allows deviations.
    /// @param riskParameters_ Of the book.
    /// @param breaker_ Must make this contract a guardian.
    /// @param staleAfter_ How old the latest round may be, seconds.
    /// @param sequencerFeed_ Of the layer 2 that this is deployed on; zero on a chain without a sequencer.
    /// @param sequencerGrace_ How long the sequencer must have been up, seconds.
    constructor(
        address governance,
        IRiskParameters riskParameters_,
        ICircuitBreaker breaker_,
        uint64 staleAfter_,
        IPriceFeed sequencerFeed_,
        uint64 sequencerGrace_
    ) GuardedPriceRounds(governance, riskParameters_, breaker_, staleAfter_) {
        sequencerFeed = sequencerFeed_;
        sequencerGrace = sequencerGrace_;
    }

    /// @inheritdoc IChainlinkRounds
    function postRound() external returns (uint64 recordedId) {
        _requireSequencerUp();
        Draft memory draft = _draft();
        draft.timestamp = uint64(block.timestamp);
        for (uint256 i = 0; i < draft.prices.length; ++i) {
            if (draft.slots[i].limits.greatestPrice != 0) draft.prices[i] = _price(i);
        }
        return _post(draft);
    }

    /// @inheritdoc IChainlinkRounds
    function setFeed(uint256 slot, IPriceFeed source, uint32 maxAge) external onlyOwner {
        if (slot >= assetCount) revert UnknownSlot(slot);
        uint8 decimals = 0;
        if (address(source) != address(0)) {
            if (maxAge == 0) revert ZeroFeedAge(slot);
            decimals = source.decimals();
            if (decimals > MAX_FEED_DECIMALS) revert TooManyDecimals(slot);
        }
        _feeds[slot] = Feed(source, maxAge, decimals);
        emit FeedSet(slot, address(source), maxAge, decimals);
    }

    /// @inheritdoc IChainlinkRounds
    function feed(uint256 slot) external view returns (Feed memory) {
        return _feeds[slot];
    }

    /// @return price [1e-9 USD], rounded down: by less than one unit, and a price that becomes 0 is refused.
    function _price(uint256 slot) private view returns (uint256 price) {
        Feed memory item = _feeds[slot];
        if (address(item.source) == address(0)) revert FeedMissing(slot);
        (uint80 roundId, int256 answer,, uint256 updatedAt, uint80 answeredInRound) = item.source.latestRoundData();
        if (answer <= 0) revert AnswerNotPositive(slot);
        if (updatedAt == 0 || updatedAt > block.timestamp || answeredInRound < roundId) revert AnswerIncomplete(slot);
        if (block.timestamp - updatedAt > item.maxAge) revert AnswerTooOld(slot, updatedAt);

        price = uint256(answer);
        if (item.decimals > PRICE_DECIMALS) return price / 10 ** (item.decimals - PRICE_DECIMALS);
        // Above this it is out of range, and the product could overflow.
        if (price > type(uint64).max) revert PriceOutOfRange(slot);
        return price * 10 ** (PRICE_DECIMALS - item.decimals);
    }

    function _requireSequencerUp() private view {
        if (address(sequencerFeed) == address(0)) return;
        (, int256 answer, uint256 startedAt,,) = sequencerFeed.latestRoundData();
        // A feed that was never written has no start, and an answer of 0 that means nothing.
        if (answer != SEQUENCER_UP || startedAt == 0 || startedAt > block.timestamp) revert SequencerDown();
        if (block.timestamp - startedAt <= sequencerGrace) revert SequencerJustUp(startedAt);
    }
}

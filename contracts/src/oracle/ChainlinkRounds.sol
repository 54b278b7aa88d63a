// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Feed, FeedFault, IChainlinkRounds} from "../interfaces/IChainlinkRounds.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IExpiries} from "../interfaces/IExpiries.sol";
import {IPriceFeed} from "../interfaces/IPriceFeed.sol";
import {Asset, AssetKind, IRiskParameters} from "../interfaces/IRiskParameters.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedParameters} from "../libraries/PackedParameters.sol";
import {GuardedPriceRounds} from "./GuardedPriceRounds.sol";

/// @title ChainlinkRounds
/// @notice See IChainlinkRounds.
contract ChainlinkRounds is IChainlinkRounds, GuardedPriceRounds {
    using PackedParameters for bytes;

    /// @notice The most digits after the point that a feed may have.
    uint8 public constant MAX_FEED_DECIMALS = 36;

    /// @notice The most gas that a feed gets to answer.
    uint256 public constant FEED_GAS = 100_000;

    /// @dev What must be left before a feed is asked, so that it gets all of FEED_GAS: a call passes on no more than 63 parts
    ///      in 64 of what is left after its own cost.
    uint256 private constant GAS_BEFORE_FEED = FEED_GAS * 64 / 63 + 5000;

    uint256 private constant LEAST_DIGITS = 10_000; // the least number of five digits
    uint8 private constant PRICE_DECIMALS = 9;
    int256 private constant SEQUENCER_UP = 0;

    /// @inheritdoc IChainlinkRounds
    IPriceFeed public immutable sequencerFeed;

    /// @inheritdoc IChainlinkRounds
    uint64 public immutable sequencerGrace;

    mapping(uint256 slot => Feed) private _feeds;

    /// @param governance Sets feeds.
    /// @param riskParameters_ Of the book.
    /// @param expiries_ Of the book; may have no code yet. Only for its wind-down: feeds sign no settlement.
    /// @param breaker_ Must make this contract its price source.
    /// @param staleAfter_ How old the latest round may be, seconds.
    /// @param minInterval_ The least time between prices that are posted, seconds; below `staleAfter_`.
    /// @param sequencerFeed_ Of the layer 2 that this is deployed on; zero on a chain without a sequencer.
    /// @param sequencerGrace_ How long the sequencer must have been up, seconds.
    constructor(
        address governance,
        IRiskParameters riskParameters_,
        IExpiries expiries_,
        ICircuitBreaker breaker_,
        uint64 staleAfter_,
        uint64 minInterval_,
        IPriceFeed sequencerFeed_,
        uint64 sequencerGrace_
    ) GuardedPriceRounds(governance, riskParameters_, expiries_, breaker_, staleAfter_, minInterval_) {
        sequencerFeed = sequencerFeed_;
        sequencerGrace = sequencerGrace_;
    }

    /// @inheritdoc IChainlinkRounds
    function postRound() external returns (uint64 recordedId) {
        _requireSequencerUp();
        Draft memory draft = _draft();
        draft.timestamp = uint64(block.timestamp);
        uint256 listed = draft.parameters.listed();
        for (uint256 i = 0; i < assetCount; ++i) {
            if (listed >> i & 1 == 0) continue;
            FeedFault fault;
            (fault, draft.prices[i]) = _price(i);
            if (fault == FeedFault.None) draft.live |= 1 << i;
            else emit FeedUnusable(i, fault);
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
            _requireFine(slot, decimals);
        }
        _feeds[slot] = Feed(source, maxAge, decimals);
        emit FeedSet(slot, address(source), maxAge, decimals);
    }

    /// @inheritdoc IChainlinkRounds
    function feed(uint256 slot) external view returns (Feed memory) {
        return _feeds[slot];
    }

    /// @dev Reverts when a feed is too coarse for a slot: a price of few digits moves in steps beyond any limit.
    function _requireFine(uint256 slot, uint8 decimals) private view {
        Asset memory entry = riskParameters.asset(slot);
        if (entry.symbol == 0) revert SlotIsEmpty(slot);
        if (entry.kind == AssetKind.Option || decimals >= PRICE_DECIMALS) return;
        if (entry.leastPrice < LEAST_DIGITS * 10 ** (PRICE_DECIMALS - decimals)) revert FeedTooCoarse(slot);
    }

    /// @return fault Why there is no price that counts.
    /// @return price [1e-9 USD], rounded down, by less than one unit.
    function _price(uint256 slot) private view returns (FeedFault fault, uint256 price) {
        Feed memory item = _feeds[slot];
        if (address(item.source) == address(0)) return (FeedFault.Missing, 0);
        (bool hasAnswered, uint256[5] memory words) = _ask(item.source);
        if (!hasAnswered) return (FeedFault.NoAnswer, 0);
        (uint256 roundId, int256 answer, uint256 updatedAt, uint256 answeredInRound) =
            (words[0], int256(words[1]), words[3], words[4]);
        if (answer < 0) return (FeedFault.Negative, 0);
        if (updatedAt == 0 || updatedAt > block.timestamp || answeredInRound < roundId) {
            return (FeedFault.Incomplete, 0);
        }
        if (block.timestamp - updatedAt > item.maxAge) return (FeedFault.TooOld, 0);

        price = uint256(answer);
        if (item.decimals > PRICE_DECIMALS) {
            price /= 10 ** (item.decimals - PRICE_DECIMALS);
        } else if (price < MarginMath.PRICE_LIMIT) {
            price *= 10 ** (PRICE_DECIMALS - item.decimals);
        }
        if (price >= MarginMath.PRICE_LIMIT) return (FeedFault.OutOfRange, 0);
    }

    /// @dev Asks a feed for its latest round, so that nothing the feed does stops the caller: it gets no more than FEED_GAS,
    ///      and no more than five words of its answer are copied. Reverts when it would get less, for then the poster could
    ///      make it fail.
    function _ask(IPriceFeed source) private view returns (bool hasAnswered, uint256[5] memory words) {
        if (gasleft() < GAS_BEFORE_FEED) revert NotEnoughGas();
        uint256 feedGas = FEED_GAS;
        bytes4 selector = IPriceFeed.latestRoundData.selector;
        assembly ("memory-safe") {
            mstore(0, selector)
            hasAnswered := staticcall(feedGas, source, 0, 4, words, 0xa0)
            hasAnswered := and(hasAnswered, gt(returndatasize(), 0x9f))
        }
    }

    function _requireSequencerUp() private view {
        if (address(sequencerFeed) == address(0)) return;
        (, int256 answer, uint256 startedAt,,) = sequencerFeed.latestRoundData();
        // A feed that was never written has no start, and an answer of 0 that means nothing.
        if (answer != SEQUENCER_UP || startedAt == 0 || startedAt > block.timestamp) revert SequencerDown();
        if (block.timestamp - startedAt <= sequencerGrace) revert SequencerJustUp(startedAt);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IExpiries} from "../interfaces/IExpiries.sol";
import {IGuardedPriceRounds} from "../interfaces/IGuardedPriceRounds.sol";
import {IPriceClock} from "../interfaces/IPriceClock.sol";
import {IPriceRounds, Round} from "../interfaces/IPriceRounds.sol";
import {IRiskParameters, PriceLimits} from "../interfaces/IRiskParameters.sol";
import {IStoredRounds} from "../interfaces/IStoredRounds.sol";
import {CodeStore} from "../libraries/CodeStore.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedParameters} from "../libraries/PackedParameters.sol";
import {PackedRound} from "../libraries/PackedRound.sol";
import {PriceLimit} from "../libraries/PriceLimit.sol";
import {StoredRounds} from "./StoredRounds.sol";

/// @title GuardedPriceRounds
/// @notice See IGuardedPriceRounds: how sources of prices post. Governance is the owner.
/// @dev StoredRounds comes last, so that the variables below share the storage slot of `latestRoundId`.
abstract contract GuardedPriceRounds is IGuardedPriceRounds, Ownable2Step, StoredRounds {
    using PackedParameters for bytes;
    using PackedRound for bytes;

    /// @notice A recorded round that is this much younger than the reference round replaces it, seconds.
    uint64 public constant LIMIT_PERIOD = 60;

    /// @notice How much younger prices are that confirm a candidate, in their own time and in block time, seconds.
    uint64 public constant CANDIDATE_DELAY = 60;

    /// @notice How long a candidate can be confirmed, seconds of block time.
    uint64 public constant CANDIDATE_LIFETIME = 15 minutes;

    /// @dev Prices about to be posted. Those of live slots are in range: p < 2^64, |p - funding| < 2^64.
    struct Draft {
        uint64 timestamp;
        uint32 version;
        uint32 epoch;
        /// Whether the wind-down has started.
        bool isLast;
        /// Bitmap of the slots whose asset has settled and was not replaced.
        uint256 settled;
        /// As PackedParameters holds them.
        bytes parameters;
        /// Bitmap of the slots with a fresh price.
        uint256 live;
        uint256[] prices;
        int256[] funding;
    }

    /// @dev The rounds that prices are compared with, as PackedRound holds them. Without any, no slot is priced.
    struct Past {
        bytes referenceRound;
        bytes latestRound;
        /// Bitmaps of the slots that ever had a price.
        uint256 pricedInReference;
        uint256 priced;
    }

    /// @inheritdoc IGuardedPriceRounds
    uint64 public newestTimestamp;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public referenceRoundId;

    /// @dev Block time at which the candidate was held, Unix seconds; 0 when there is none.
    uint40 private _heldAt;

    /// @dev Whether this contract tripped the breaker since the latest round.
    bool private _hasTripped;

    /// @inheritdoc IGuardedPriceRounds
    bool public isWindingDown;

    StoredRound private _candidate;

    /// @inheritdoc IGuardedPriceRounds
    ICircuitBreaker public immutable breaker;

    /// @inheritdoc IPriceRounds
    IExpiries public immutable expiries;

    /// @inheritdoc IStoredRounds
    IRiskParameters public immutable riskParameters;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public immutable staleAfter;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public immutable minInterval;

    /// @param governance Owns the source.
    /// @param riskParameters_ Of the book.
    /// @param expiries_ Of the book; may have no code yet.
    /// @param breaker_ Must make this contract its price source: until then prices that are too far revert.
    /// @param staleAfter_ How old the latest round may be, seconds.
    /// @param minInterval_ The least time between prices that are posted, seconds; below `staleAfter_`.
    constructor(
        address governance,
        IRiskParameters riskParameters_,
        IExpiries expiries_,
        ICircuitBreaker breaker_,
        uint64 staleAfter_,
        uint64 minInterval_
    )
        Ownable(governance)
        StoredRounds(
            riskParameters_.assetCount(), riskParameters_.lambdaInitialPpm(), riskParameters_.lambdaMaintenancePpm()
        )
    {
        (riskParameters, expiries) = (riskParameters_, expiries_);
        if (staleAfter_ == 0) revert ZeroStaleAge();
        if (minInterval_ == 0 || minInterval_ >= staleAfter_) revert MinIntervalOutOfRange(minInterval_);
        (breaker, staleAfter, minInterval) = (breaker_, staleAfter_, minInterval_);
    }

    /// @inheritdoc IGuardedPriceRounds
    function tripIfStale() external {
        if (silentSince() == 0) revert RoundsAreFresh();
        emit RoundsStale(latestRoundId);
        _trip(type(uint64).max);
    }

    /// @inheritdoc IGuardedPriceRounds
    function recordWindDown() external returns (uint64 roundId) {
        Draft memory draft = _draft();
        if (!draft.isLast) revert NotWindingDown();
        if (isWindingDown && block.timestamp <= _stored(latestRoundId).timestamp + staleAfter) revert RoundsAreFresh();
        draft.timestamp = uint64(block.timestamp);
        newestTimestamp = draft.timestamp;
        roundId = _recordDraft(draft, _past());
        isWindingDown = true; // now that the silence before has ended
    }

    /// @inheritdoc IGuardedPriceRounds
    function candidate() external view returns (uint64 timestamp, uint64 heldAt, uint64 stale, Round memory prices) {
        heldAt = _heldAt;
        if (heldAt == 0) return (0, 0, 0, prices);
        StoredRound memory held = _candidate;
        bytes memory data = CodeStore.read(held.data);
        (uint256 slots,) = data.readStatus();
        return (held.timestamp, heldAt, uint64(slots), _unpacked(held.timestamp, data));
    }

    /// @inheritdoc IStoredRounds
    function parametersVersion(uint64 roundId) external view returns (uint32) {
        return _stored(roundId).version;
    }

    /// @inheritdoc IPriceClock
    function silentSince() public view returns (uint64) {
        uint64 latest = latestRoundId;
        if (latest == 0 || isWindingDown) return 0;
        uint64 since = _stored(latest).timestamp + staleAfter;
        return block.timestamp > since ? since : 0;
    }

    /// @inheritdoc StoredRounds
    function _parametersAt(uint32 version) internal view override returns (bytes memory) {
        return riskParameters.packedParametersAt(version);
    }

    /// @dev Prices to be filled in, at the parameters of this moment. No slot is live.
    function _draft() internal view returns (Draft memory draft) {
        draft.version = riskParameters.version();
        draft.parameters = _parametersAt(draft.version);
        (draft.epoch, draft.settled, draft.isLast) = expiries.status();
        draft.prices = new uint256[](assetCount);
        draft.funding = new int256[](assetCount);
    }

    /// @dev Records prices as a round, or holds them as the candidate. Its caller answers for the timestamp not being in the
    ///      future, and for prices in range.
    /// @return roundId The round; 0 when the prices are held.
    function _post(Draft memory draft) internal returns (uint64 roundId) {
        if (draft.isLast) revert BookWindsDown();
        draft.live &= ~draft.settled;
        uint64 newest = newestTimestamp;
        if (draft.timestamp <= newest) revert RoundOutOfOrder(newest, draft.timestamp);
        uint64 earliest = newest + minInterval;
        if (draft.timestamp < earliest) revert TooSoon(earliest, draft.timestamp);
        newestTimestamp = draft.timestamp;

        Past memory past = _past();
        uint256 far = _judge(draft, past);
        if (draft.live == 0) revert NothingPriced();
        uint256 heldAt = _heldAt;
        if (far != 0) {
            bool isHeld = heldAt != 0 && block.timestamp <= heldAt + CANDIDATE_LIFETIME;
            if (!isHeld || !_confirm(draft, past, far)) {
                _hold(draft, past, far);
                return 0;
            }
            emit CandidateConfirmed(latestRoundId + 1);
        } else if (heldAt != 0) {
            emit CandidateDiscarded();
        }
        return _recordDraft(draft, past);
    }

    function _past() private view returns (Past memory past) {
        uint64 latest = latestRoundId;
        if (latest == 0) return past;
        past.latestRound = _packedRound(latest);
        past.referenceRound = referenceRoundId == latest ? past.latestRound : _packedRound(referenceRoundId);
        (, past.priced) = past.latestRound.readStatus();
        (, past.pricedInReference) = past.referenceRound.readStatus();
    }

    /// @dev Makes slots stale whose price does not count.
    /// @return far Bitmap of the slots whose price counts and is too far.
    function _judge(Draft memory draft, Past memory past) private view returns (uint256 far) {
        uint256 live = draft.live;
        uint256 spot = draft.parameters.spotAssets();
        for (uint256 i = 0; i < assetCount; ++i) {
            if (live >> i & 1 == 0) continue;
            (uint256 price, int256 funding) = (draft.prices[i], draft.funding[i]);
            PriceLimits memory limits = draft.parameters.limits(i);
            (bool isKnown, uint256 before, int256 fundingBefore) = _before(past, i);
            bool counts = limits.leastPrice <= price && price <= limits.greatestPrice
                && (funding == 0 || spot >> i & 1 == 0)
                && !(isKnown && _isBeyond(limits, before, fundingBefore, funding));
            if (!counts) live ^= 1 << i;
            else if (isKnown && _isTooFar(limits, before, price)) far |= 1 << i;
        }
        draft.live = live;
    }

    /// @dev Sets prices that are too far to those that count, if the candidate that is held confirms them all.
    ///      Reverts when it is too young.
    function _confirm(Draft memory draft, Past memory past, uint256 far) private view returns (bool) {
        StoredRound memory held = _candidate;
        uint64 heldAt = _heldAt;
        if (draft.timestamp < held.timestamp + CANDIDATE_DELAY || block.timestamp < heldAt + CANDIDATE_DELAY) {
            revert CandidateTooYoung((held.timestamp > heldAt ? held.timestamp : heldAt) + CANDIDATE_DELAY);
        }
        bytes memory data = CodeStore.read(held.data);
        (uint256 stale,) = data.readStatus();
        if (far & stale != 0) return false;

        uint256[] memory prices = new uint256[](assetCount);
        for (uint256 i = 0; i < assetCount; ++i) {
            prices[i] = draft.prices[i];
            if (far >> i & 1 == 0) continue;
            (, uint256 before,) = _before(past, i);
            (uint256 heldPrice,) = data.read(i);
            bool agrees;
            (agrees, prices[i]) = _agreed(draft.parameters.limits(i), before, heldPrice, prices[i]);
            if (!agrees) return false;
        }
        draft.prices = prices;
        return true;
    }

    function _hold(Draft memory draft, Past memory past, uint256 far) private {
        _candidate = StoredRound({
            data: CodeStore.write(_packed(draft, past)),
            version: draft.version,
            timestamp: uint40(draft.timestamp),
            delay: 0
        });
        _heldAt = uint40(block.timestamp);
        emit CandidateHeld(draft.timestamp, uint64(far));
        _trip(uint64(block.timestamp) + CANDIDATE_LIFETIME);
    }

    function _recordDraft(Draft memory draft, Past memory past) private returns (uint64 roundId) {
        if (silentSince() != 0 && _isSource()) breaker.endSilence();
        roundId = _record(draft.timestamp, draft.version, _packed(draft, past));
        // A round that confirms a candidate replaces the reference round too: it is no less than that much younger.
        uint64 referenceId = referenceRoundId;
        if (referenceId == 0 || draft.timestamp >= _stored(referenceId).timestamp + LIMIT_PERIOD) {
            referenceRoundId = roundId;
        }
        _heldAt = 0;
        if (_hasTripped) {
            _hasTripped = false;
            if (_isSource()) breaker.clear();
        }
    }

    function _trip(uint64 until) private {
        _hasTripped = true;
        breaker.trip(until);
    }

    /// @dev Whether the breaker still listens. A source that governance replaced goes on recording rounds.
    function _isSource() private view returns (bool) {
        return address(breaker.priceSource()) == address(this);
    }

    /// @dev Prices as a round: stale slots keep those of the latest round, and what has settled has none.
    function _packed(Draft memory draft, Past memory past) private view returns (bytes memory data) {
        uint256 live = draft.live;
        uint256 kept = past.priced & ~live & ~draft.settled;
        data = PackedRound.create(assetCount);
        for (uint256 i = 0; i < assetCount; ++i) {
            if (live >> i & 1 == 1) {
                (, int256 e) = MarginMath.effectivePrice(draft.prices[i], draft.funding[i]);
                data.write(i, draft.prices[i], e);
            } else if (kept >> i & 1 == 1) {
                (uint256 price, int256 e) = past.latestRound.read(i);
                data.write(i, price, e);
            }
        }
        uint256 stale = draft.parameters.listed() & ~live;
        uint256 closing = draft.parameters.closing(assetCount, draft.timestamp);
        data.writeStatus(stale, live | kept, stale | closing, draft.epoch);
    }

    /// @dev What limits of a slot are counted from.
    /// @return isKnown Whether it ever had a price.
    function _before(Past memory past, uint256 slot)
        private
        pure
        returns (bool isKnown, uint256 price, int256 funding)
    {
        if (past.priced >> slot & 1 == 0) return (false, 0, 0);
        bool isInReference = past.pricedInReference >> slot & 1 == 1;
        int256 e;
        (price, e) = (isInReference ? past.referenceRound : past.latestRound).read(slot);
        return (true, price, int256(price) - e);
    }

    /// @dev What counts of a price that is too far.
    /// @param before What limits are counted from.
    /// @param held The candidate's price.
    /// @param price The price that came after it.
    /// @return agrees Whether the candidate confirms it.
    function _agreed(PriceLimits memory limits, uint256 before, uint256 held, uint256 price)
        private
        pure
        returns (bool agrees, uint256)
    {
        if (!_isTooFar(limits, held, price)) return (true, price);
        bool isAbove = price > before;
        if (!_isTooFar(limits, before, held) || held > before != isAbove) return (false, price);
        // The nearer of two prices on one side.
        return (true, held < price == isAbove ? held : price);
    }

    function _isTooFar(PriceLimits memory limits, uint256 before, uint256 price) private pure returns (bool) {
        return _isBeyond(limits, before, int256(before), int256(price));
    }

    function _isBeyond(PriceLimits memory limits, uint256 price, int256 from, int256 to) private pure returns (bool) {
        return PriceLimit.isBeyond(limits.deviationPpm, limits.deviationAmount, price, from, to);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ICircuitBreaker, Level} from "./interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "./interfaces/IGuardedPriceRounds.sol";
import {IRiskParameters, SlotParameters} from "./interfaces/IRiskParameters.sol";
import {MarginMath} from "./libraries/MarginMath.sol";
import {PackedRound} from "./libraries/PackedRound.sol";
import {StoredRounds} from "./StoredRounds.sol";

/// @title GuardedPriceRounds
/// @notice See IGuardedPriceRounds: how sources of prices post. Governance is the owner.
abstract contract GuardedPriceRounds is StoredRounds, Ownable2Step {
    using PackedRound for bytes;

    /// @dev A price that may be wrong must neither liquidate anybody nor let anything out.
    Level private constant TRIP_LEVEL = Level.NoWithdrawals;

    /// @dev A round about to be posted.
    struct Draft {
        uint64 timestamp;
        uint32 version;
        SlotParameters[] slots;
        uint256[] prices;
        int256[] funding;
    }

    /// @inheritdoc IGuardedPriceRounds
    ICircuitBreaker public immutable breaker;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public immutable staleAfter;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public newestTimestamp;

    /// @inheritdoc IGuardedPriceRounds
    mapping(uint64 roundId => mapping(uint256 slot => uint32)) public allowedDeviationPpm;

    /// @param governance Owns the source.
    /// @param riskParameters_ Of the book.
    /// @param breaker_ Must make this contract a guardian: until then a round that deviates reverts.
    /// @param staleAfter_ How old the latest round may be, seconds.
    constructor(address governance, IRiskParameters riskParameters_, ICircuitBreaker breaker_, uint64 staleAfter_)
        StoredRounds(riskParameters_)
        Ownable(governance)
    {
        if (staleAfter_ == 0) revert ZeroStaleAge();
        breaker = breaker_;
        staleAfter = staleAfter_;
    }

    /// @inheritdoc IGuardedPriceRounds
    function allowDeviation(uint64 roundId, uint256 slot, uint32 deviationPpm) external onlyOwner {
        _requireNext(roundId);
        allowedDeviationPpm[roundId][slot] = deviationPpm;
        emit DeviationAllowed(roundId, slot, deviationPpm);
    }

    /// @inheritdoc IGuardedPriceRounds
    function tripIfStale() external {
        uint64 latest = latestRoundId;
        if (latest == 0 || block.timestamp - _stored(latest).timestamp <= staleAfter) revert RoundsAreFresh();
        emit RoundsStale(latest);
        breaker.raiseTo(TRIP_LEVEL);
    }

    /// @dev A round to be filled in, at the parameters of this moment.
    function _draft() internal view returns (Draft memory draft) {
        draft.version = riskParameters.version();
        draft.slots = riskParameters.parametersAt(draft.version);
        draft.prices = new uint256[](assetCount);
        draft.funding = new int256[](assetCount);
    }

    /// @dev Records a round, or trips the breaker. Its caller answers for the timestamp not being in the future.
    /// @return roundId Its id; 0 when it was not recorded.
    function _post(Draft memory draft) internal returns (uint64 roundId) {
        _requireNewer(draft.timestamp);
        newestTimestamp = draft.timestamp;

        uint64 latest = latestRoundId;
        roundId = latest + 1;
        bytes memory previous = latest == 0 ? bytes("") : _packedRound(latest);
        bytes memory data = PackedRound.create(assetCount);
        bool isRefused = false;
        uint256 pricedSlots = 0;
        for (uint256 i = 0; i < draft.prices.length; ++i) {
            uint256 price = draft.prices[i];
            int256 e = _effectivePrice(draft.slots[i], i, price, draft.funding[i]);
            data.write(i, price, e);
            if (price != 0) pricedSlots |= 1 << i;
            if (latest != 0 && _isTooFar(roundId, i, draft, previous)) isRefused = true;
        }
        if (isRefused) {
            breaker.raiseTo(TRIP_LEVEL);
            return 0;
        }
        data.writeStatus(0, pricedSlots);
        return _record(draft.timestamp, draft.version, data);
    }

    /// @dev e of a slot [1e-9 USD]. Reverts for data out of range.
    function _effectivePrice(SlotParameters memory slot, uint256 index, uint256 price, int256 funding)
        internal
        pure
        returns (int256 e)
    {
        if (slot.limits.greatestPrice == 0) {
            if (price != 0 || funding != 0) revert SlotIsEmpty(index);
            return 0;
        }
        if (price == 0 || price >= MarginMath.PRICE_LIMIT) revert PriceOutOfRange(index);
        bool inRange;
        (inRange, e) = MarginMath.effectivePrice(price, funding);
        if (!inRange) revert EffectivePriceOutOfRange(index);
    }

    function _requireNext(uint64 roundId) internal view {
        uint64 next = latestRoundId + 1;
        if (roundId != next) revert WrongRoundId(next, roundId);
    }

    function _requireNewer(uint64 timestamp) internal view {
        if (timestamp <= newestTimestamp) revert RoundOutOfOrder(newestTimestamp, timestamp);
    }

    /// @dev Whether a round moves a slot further than it may. There is nothing to compare the first price of an asset
    ///      with.
    function _isTooFar(uint64 roundId, uint256 index, Draft memory draft, bytes memory previous)
        private
        returns (bool isTooFar)
    {
        (uint256 previousPrice, int256 previousE) = previous.read(index);
        if (previousPrice == 0) return false;
        uint256 price = draft.prices[index];
        int256 fundingChange = draft.funding[index] - (int256(previousPrice) - previousE);
        uint256 moved = price > previousPrice ? price - previousPrice : previousPrice - price;
        uint256 fundingMoved = fundingChange < 0 ? uint256(-fundingChange) : uint256(fundingChange);
        if (fundingMoved > moved) moved = fundingMoved;
        moved *= MarginMath.PPM;

        isTooFar = moved > previousPrice * draft.slots[index].limits.deviationPpm
            && moved > previousPrice * allowedDeviationPpm[roundId][index];
        if (isTooFar) emit DeviationRefused(roundId, index, previousPrice, price, fundingChange);
    }
}

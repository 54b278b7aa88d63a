// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ICircuitBreaker, Level} from "./interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "./interfaces/IGuardedPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "./interfaces/IPriceRounds.sol";
import {IRiskParameters, SlotParameters} from "./interfaces/IRiskParameters.sol";
import {CodeStore} from "./libraries/CodeStore.sol";
import {MarginMath} from "./libraries/MarginMath.sol";
import {PackedRound} from "./libraries/PackedRound.sol";

/// @title GuardedPriceRounds
/// @notice See IGuardedPriceRounds: what is common to sources of prices. Governance is the owner.
abstract contract GuardedPriceRounds is IGuardedPriceRounds, Ownable2Step {
    using PackedRound for bytes;

    /// @dev A price that may be wrong must neither liquidate anybody nor let anything out.
    Level private constant TRIP_LEVEL = Level.NoWithdrawals;

    struct StoredRound {
        address data;
        uint64 timestamp;
        uint32 version;
    }

    /// @dev A round about to be posted.
    struct Draft {
        uint64 timestamp;
        uint32 version;
        SlotParameters[] slots;
        uint256[] prices;
        int256[] funding;
    }

    /// @inheritdoc IPriceRounds
    uint256 public immutable assetCount;

    /// @inheritdoc IGuardedPriceRounds
    IRiskParameters public immutable riskParameters;

    /// @inheritdoc IGuardedPriceRounds
    ICircuitBreaker public immutable breaker;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public immutable staleAfter;

    /// @inheritdoc IPriceRounds
    uint64 public latestRoundId;

    /// @inheritdoc IGuardedPriceRounds
    uint64 public newestTimestamp;

    /// @inheritdoc IGuardedPriceRounds
    mapping(uint64 roundId => mapping(uint256 slot => uint32)) public allowedDeviationPpm;

    mapping(uint64 roundId => StoredRound) private _rounds;

    /// @param governance Owns the source.
    /// @param riskParameters_ Of the book.
    /// @param breaker_ Must make this contract a guardian: until then a round that deviates reverts.
    /// @param staleAfter_ How old the latest round may be, seconds.
    constructor(address governance, IRiskParameters riskParameters_, ICircuitBreaker breaker_, uint64 staleAfter_)
        Ownable(governance)
    {
        if (staleAfter_ == 0) revert ZeroStaleAge();
        riskParameters = riskParameters_;
        breaker = breaker_;
        staleAfter = staleAfter_;
        assetCount = riskParameters_.assetCount();
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
        if (latest == 0 || block.timestamp - _rounds[latest].timestamp <= staleAfter) revert RoundsAreFresh();
        emit RoundsStale(latest);
        breaker.raiseTo(TRIP_LEVEL);
    }

    /// @inheritdoc IPriceRounds
    function roundTimestamp(uint64 roundId) external view returns (uint64) {
        return _stored(roundId).timestamp;
    }

    /// @inheritdoc IGuardedPriceRounds
    function parametersVersion(uint64 roundId) external view returns (uint32) {
        return _stored(roundId).version;
    }

    /// @inheritdoc IPriceRounds
    function spotAssets(uint64 roundId) external view returns (uint256) {
        return riskParameters.spotAssetsAt(_stored(roundId).version);
    }

    /// @inheritdoc IPriceRounds
    function round(uint64 roundId) external view returns (Round memory result) {
        StoredRound memory stored = _stored(roundId);
        bytes memory data = CodeStore.read(stored.data);
        uint256 count = assetCount;
        result = Round(stored.timestamp, new uint256[](count), new int256[](count));
        for (uint256 i = 0; i < count; ++i) {
            (result.prices[i], result.effectivePrices[i]) = data.read(i);
        }
    }

    /// @inheritdoc IPriceRounds
    function marginsPerUnit(uint64 roundId, VectorKind kind) external view returns (uint256[] memory margins) {
        StoredRound memory stored = _stored(roundId);
        bytes memory data = CodeStore.read(stored.data);
        SlotParameters[] memory slots = riskParameters.parametersAt(stored.version);
        margins = new uint256[](slots.length);
        for (uint256 i = 0; i < slots.length; ++i) {
            (uint256 price,) = data.read(i);
            margins[i] = _marginPerUnitUp(price, slots[i], kind);
        }
    }

    /// @inheritdoc IPriceRounds
    function roundInputs(uint64 roundId, VectorKind kind) external view returns (uint256[] memory inputs) {
        StoredRound memory stored = _stored(roundId);
        bytes memory data = CodeStore.read(stored.data);
        SlotParameters[] memory slots = riskParameters.parametersAt(stored.version);
        uint256 count = slots.length;
        inputs = new uint256[](2 * count);
        for (uint256 i = 0; i < count; ++i) {
            (uint256 price, int256 e) = data.read(i);
            inputs[i] = MarginMath.toField(e);
            inputs[count + i] = _marginPerUnitUp(price, slots[i], kind);
        }
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
        bytes memory previous = latest == 0 ? bytes("") : CodeStore.read(_rounds[latest].data);
        bytes memory data = PackedRound.create(assetCount);
        bool isRefused = false;
        for (uint256 i = 0; i < draft.prices.length; ++i) {
            uint256 price = draft.prices[i];
            int256 e = _effectivePrice(draft.slots[i], i, price, draft.funding[i]);
            data.write(i, price, e);
            if (latest != 0 && _isTooFar(roundId, i, draft, previous)) isRefused = true;
        }
        if (isRefused) {
            breaker.raiseTo(TRIP_LEVEL);
            return 0;
        }
        latestRoundId = roundId;
        _rounds[roundId] = StoredRound(CodeStore.write(data), draft.timestamp, draft.version);
        emit RoundPosted(roundId, draft.timestamp);
    }

    /// @dev e of a slot [1e-9 USD]. Reverts for data out of range.
    function _effectivePrice(SlotParameters memory slot, uint256 index, uint256 price, int256 funding)
        internal
        pure
        returns (int256 e)
    {
        if (slot.deviationPpm == 0) {
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

        isTooFar = moved > previousPrice * draft.slots[index].deviationPpm
            && moved > previousPrice * allowedDeviationPpm[roundId][index];
        if (isTooFar) emit DeviationRefused(roundId, index, previousPrice, price, fundingChange);
    }

    function _stored(uint64 roundId) private view returns (StoredRound memory stored) {
        stored = _rounds[roundId];
        if (stored.data == address(0)) revert UnknownRound(roundId);
    }

    function _marginPerUnitUp(uint256 price, SlotParameters memory slot, VectorKind kind)
        private
        pure
        returns (uint256)
    {
        uint256 fraction = kind == VectorKind.Initial ? slot.initialPpm : slot.maintenancePpm;
        return MarginMath.marginPerUnitUp(price, fraction);
    }
}

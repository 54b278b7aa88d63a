// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IGuardedPriceRounds} from "./interfaces/IGuardedPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "./interfaces/IPriceRounds.sol";
import {IRiskParameters, SlotParameters} from "./interfaces/IRiskParameters.sol";
import {CodeStore} from "./libraries/CodeStore.sol";
import {MarginMath} from "./libraries/MarginMath.sol";
import {PackedRound} from "./libraries/PackedRound.sol";

/// @title StoredRounds
/// @notice See IGuardedPriceRounds: the rounds that are recorded, and what statements take from them.
abstract contract StoredRounds is IGuardedPriceRounds {
    using PackedRound for bytes;

    struct StoredRound {
        address data;
        uint64 timestamp;
        uint32 version;
    }

    /// @inheritdoc IPriceRounds
    uint256 public immutable assetCount;

    /// @inheritdoc IGuardedPriceRounds
    IRiskParameters public immutable riskParameters;

    mapping(uint64 roundId => StoredRound) private _rounds;

    /// @inheritdoc IPriceRounds
    uint64 public latestRoundId;

    /// @param riskParameters_ Of the book.
    constructor(IRiskParameters riskParameters_) {
        riskParameters = riskParameters_;
        assetCount = riskParameters_.assetCount();
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
    function round(uint64 roundId) external view returns (Round memory) {
        StoredRound memory stored = _stored(roundId);
        return _unpacked(stored.timestamp, CodeStore.read(stored.data));
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

    function reduceOnly(uint64 roundId) external view returns (uint256 stale) {
        (stale,) = _packedRound(roundId).readStatus();
    }

    /// @dev Records the next round.
    function _record(uint64 timestamp, uint32 version, bytes memory data) internal returns (uint64 roundId) {
        roundId = latestRoundId + 1;
        latestRoundId = roundId;
        _rounds[roundId] = StoredRound(CodeStore.write(data), timestamp, version);
        (uint256 stale,) = data.readStatus();
        emit RoundPosted(roundId, timestamp, uint64(stale));
    }

    /// @return A round that exists, as PackedRound holds it.
    function _packedRound(uint64 roundId) internal view returns (bytes memory) {
        return CodeStore.read(_stored(roundId).data);
    }

    /// @dev A round as people and clients read it.
    function _unpacked(uint64 timestamp, bytes memory data) internal view returns (Round memory result) {
        uint256 count = assetCount;
        result = Round(timestamp, new uint256[](count), new int256[](count));
        for (uint256 i = 0; i < count; ++i) {
            (result.prices[i], result.effectivePrices[i]) = data.read(i);
        }
    }

    function _stored(uint64 roundId) internal view returns (StoredRound memory stored) {
        stored = _rounds[roundId];
        if (stored.data == address(0)) revert UnknownRound(roundId);
    }

    function _marginPerUnitUp(uint256 price, SlotParameters memory slot, VectorKind kind)
        private
        pure
        returns (uint256)
    {
        uint256 fraction = kind == VectorKind.Initial ? slot.margins.initialPpm : slot.margins.maintenancePpm;
        return MarginMath.marginPerUnitUp(price, fraction);
    }
}

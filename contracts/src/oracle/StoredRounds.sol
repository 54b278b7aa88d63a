// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceRounds, Round, VectorKind} from "../interfaces/IPriceRounds.sol";
import {CodeStore} from "../libraries/CodeStore.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedRound} from "../libraries/PackedRound.sol";
import {RoundSheet, Sheet} from "../libraries/RoundSheet.sol";

/// @title StoredRounds
/// @notice The rounds that are recorded, and what statements take from them: the base of every price source.
abstract contract StoredRounds is IPriceRounds {
    using PackedRound for bytes;
    using RoundSheet for Sheet;

    struct StoredRound {
        address data;
        uint32 version;
        uint40 timestamp;
        /// From the timestamp to the block that recorded the round, seconds.
        uint24 delay;
    }

    /// @inheritdoc IPriceRounds
    uint256 public immutable assetCount;

    uint256 private immutable _lambdaInitialPpm;
    uint256 private immutable _lambdaMaintenancePpm;

    mapping(uint64 roundId => StoredRound) private _rounds;

    /// @inheritdoc IPriceRounds
    uint64 public latestRoundId;

    /// @param assetCount_ How many slots a round has.
    /// @param lambdaInitialPpm How much of its spot an account may owe where it grows [ppm].
    /// @param lambdaMaintenancePpm The same where it only shrinks [ppm].
    constructor(uint256 assetCount_, uint256 lambdaInitialPpm, uint256 lambdaMaintenancePpm) {
        assetCount = assetCount_;
        (_lambdaInitialPpm, _lambdaMaintenancePpm) = (lambdaInitialPpm, lambdaMaintenancePpm);
    }

    /// @inheritdoc IPriceRounds
    function roundTimestamp(uint64 roundId) external view returns (uint64) {
        return _stored(roundId).timestamp;
    }

    /// @inheritdoc IPriceRounds
    function recordedAt(uint64 roundId) external view returns (uint64) {
        StoredRound memory stored = _stored(roundId);
        return uint64(stored.timestamp) + stored.delay;
    }

    /// @inheritdoc IPriceRounds
    function epochOf(uint64 roundId) public view virtual returns (uint32) {
        return PackedRound.epochOf(_header(roundId));
    }

    /// @inheritdoc IPriceRounds
    function isCalm(uint64 roundId) external view returns (bool) {
        bytes memory next = _packedRound(roundId);
        return roundId == 1 || _sheet(roundId - 1, MarginMath.UNSCALED).isCalmUntil(next);
    }

    /// @inheritdoc IPriceRounds
    function round(uint64 roundId) external view returns (Round memory) {
        StoredRound memory stored = _stored(roundId);
        return _unpacked(stored.timestamp, CodeStore.read(stored.data));
    }

    /// @inheritdoc IPriceRounds
    function marginsPerUnit(uint64 roundId, VectorKind kind)
        external
        view
        returns (uint256[] memory longs, uint256[] memory shortExtras)
    {
        return _sheet(roundId, MarginMath.UNSCALED).marginsPerUnit(kind);
    }

    /// @inheritdoc IPriceRounds
    function roundInputs(uint64 roundId, VectorKind[] calldata kinds, uint256 spotScale)
        external
        view
        returns (uint256[] memory)
    {
        return _sheet(roundId, spotScale).inputs(kinds);
    }

    /// @inheritdoc IPriceRounds
    function longOnly(uint64 roundId) external view returns (uint256) {
        return _sheet(roundId, MarginMath.UNSCALED).longOnly();
    }

    /// @inheritdoc IPriceRounds
    function lambdasPpm() external view returns (uint256 initial, uint256 maintenance) {
        return (_lambdaInitialPpm, _lambdaMaintenancePpm);
    }

    /// @inheritdoc IPriceRounds
    function reduceOnly(uint64 roundId) external view virtual returns (uint256) {
        return PackedRound.reduceOnlyOf(_header(roundId));
    }

    /// @inheritdoc IPriceRounds
    function staleSlots(uint64 roundId) external view returns (uint256) {
        return PackedRound.staleOf(_header(roundId));
    }

    /// @dev Records the next round.
    /// @param timestamp When its prices were seen, Unix seconds: not in the future, and less than half a year ago.
    function _record(uint64 timestamp, uint32 version, bytes memory data) internal returns (uint64 roundId) {
        roundId = latestRoundId + 1;
        latestRoundId = roundId;
        _rounds[roundId] = StoredRound({
            data: CodeStore.write(data),
            version: version,
            timestamp: uint40(timestamp),
            delay: uint24(block.timestamp - timestamp)
        });
        emit RoundPosted(roundId, timestamp, PackedRound.reduceOnlyOf(uint256(bytes32(data))));
    }

    /// @return Margin fractions of a version, as PackedParameters holds them.
    function _parametersAt(uint32 version) internal view virtual returns (bytes memory);

    /// @return A round that exists, as PackedRound holds it.
    function _packedRound(uint64 roundId) internal view returns (bytes memory) {
        return CodeStore.read(_stored(roundId).data);
    }

    /// @dev The first word of a round that exists, as PackedRound reads it.
    function _header(uint64 roundId) internal view returns (uint256) {
        return CodeStore.readFirstWord(_stored(roundId).data);
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

    function _sheet(uint64 roundId, uint256 spotScale) private view returns (Sheet memory) {
        StoredRound memory stored = _stored(roundId);
        bytes memory parameters = _parametersAt(stored.version);
        return Sheet(assetCount, CodeStore.read(stored.data), parameters, _lambdaMaintenancePpm, spotScale);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IOwnerPriceRounds} from "./interfaces/IOwnerPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "./interfaces/IPriceRounds.sol";
import {CodeStore} from "./libraries/CodeStore.sol";
import {MarginMath} from "./libraries/MarginMath.sol";
import {PackedRound} from "./libraries/PackedRound.sol";

/// @title OwnerPriceRounds
/// @notice The plainest price source: whoever owns it is trusted for every price.
contract OwnerPriceRounds is IOwnerPriceRounds, Ownable2Step {
    using PackedRound for bytes;

    /// @dev The largest book that a statement has.
    uint256 private constant MAX_ASSETS = 58;

    struct StoredRound {
        address data;
        uint64 timestamp;
    }

    /// @inheritdoc IPriceRounds
    uint256 public immutable assetCount;

    /// @inheritdoc IPriceRounds
    uint64 public latestRoundId;

    mapping(uint64 roundId => StoredRound) private _rounds;
    mapping(VectorKind => uint24[]) private _fractionsPpm;

    /// @param owner Who posts rounds.
    /// @param maintenancePpm Maintenance margin fraction of each slot [ppm].
    /// @param initialPpm Initial margin fraction of each slot [ppm], not below the maintenance one, at most 1e6.
    constructor(address owner, uint256[] memory maintenancePpm, uint256[] memory initialPpm) Ownable(owner) {
        uint256 count = maintenancePpm.length;
        if (count == 0 || count > MAX_ASSETS) revert WrongAssetCount(count);
        if (initialPpm.length != count) revert WrongLength(count, initialPpm.length);
        assetCount = count;
        for (uint256 i = 0; i < count; ++i) {
            if (maintenancePpm[i] > initialPpm[i] || initialPpm[i] > MarginMath.PPM) {
                revert MarginFractionOutOfRange(i);
            }
            _fractionsPpm[VectorKind.Maintenance].push(uint24(maintenancePpm[i]));
            _fractionsPpm[VectorKind.Initial].push(uint24(initialPpm[i]));
        }
    }

    /// @inheritdoc IOwnerPriceRounds
    function postRound(uint256[] calldata prices, int256[] calldata cumulativeFunding)
        external
        onlyOwner
        returns (uint64 roundId)
    {
        uint256 count = assetCount;
        if (prices.length != count) revert WrongLength(count, prices.length);
        if (cumulativeFunding.length != count) revert WrongLength(count, cumulativeFunding.length);

        roundId = latestRoundId + 1;
        bytes memory data = PackedRound.create(count);
        uint256 pricedSlots = roundId == 1 ? 0 : _pricedSlots(roundId - 1);
        for (uint256 i = 0; i < count; ++i) {
            if (prices[i] >= MarginMath.PRICE_LIMIT) revert PriceOutOfRange(i);
            (bool inRange, int256 e) = MarginMath.effectivePrice(prices[i], cumulativeFunding[i]);
            if (!inRange) revert EffectivePriceOutOfRange(i);
            data.write(i, prices[i], e);
            if (prices[i] != 0) pricedSlots |= 1 << i;
        }
        data.writeStatus(0, pricedSlots);

        latestRoundId = roundId;
        uint64 timestamp = uint64(block.timestamp);
        _rounds[roundId] = StoredRound(CodeStore.write(data), timestamp);
        emit RoundPosted(roundId, timestamp, 0);
    }

    /// @inheritdoc IPriceRounds
    function roundTimestamp(uint64 roundId) external view returns (uint64) {
        return _stored(roundId).timestamp;
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
        bytes memory data = CodeStore.read(_stored(roundId).data);
        uint24[] memory fractions = _fractionsPpm[kind];
        margins = new uint256[](fractions.length);
        for (uint256 i = 0; i < fractions.length; ++i) {
            (uint256 price,) = data.read(i);
            margins[i] = MarginMath.marginPerUnitUp(price, fractions[i]);
        }
    }

    /// @inheritdoc IPriceRounds
    function roundInputs(uint64 roundId, VectorKind kind) external view returns (uint256[] memory inputs) {
        bytes memory data = CodeStore.read(_stored(roundId).data);
        uint24[] memory fractions = _fractionsPpm[kind];
        uint256 count = fractions.length;
        inputs = new uint256[](2 * count);
        for (uint256 i = 0; i < count; ++i) {
            (uint256 price, int256 e) = data.read(i);
            inputs[i] = MarginMath.toField(e);
            inputs[count + i] = MarginMath.marginPerUnitUp(price, fractions[i]);
        }
    }

    /// @inheritdoc IPriceRounds
    function spotAssets(uint64 roundId) external view returns (uint256) {
        _stored(roundId);
        return 0;
    }

    /// @inheritdoc IOwnerPriceRounds
    function marginFractionsPpm(VectorKind kind) external view returns (uint256[] memory fractions) {
        uint24[] storage stored = _fractionsPpm[kind];
        fractions = new uint256[](stored.length);
        for (uint256 i = 0; i < stored.length; ++i) {
            fractions[i] = stored[i];
        }
    }

    /// @dev The slots that had a price in a round that exists, or in one before.
    function _pricedSlots(uint64 roundId) private view returns (uint256 pricedSlots) {
        (, pricedSlots) = CodeStore.read(_stored(roundId).data).readStatus();
    }

    function _stored(uint64 roundId) private view returns (StoredRound memory stored) {
        stored = _rounds[roundId];
        if (stored.data == address(0)) revert UnknownRound(roundId);
    }
}

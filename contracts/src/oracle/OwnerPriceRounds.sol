// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IOwnerPriceRounds} from "../interfaces/IOwnerPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "../interfaces/IPriceRounds.sol";
import {MarginFractions, SlotParameters} from "../interfaces/IRiskParameters.sol";
import {CodeStore} from "../libraries/CodeStore.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedParameters} from "../libraries/PackedParameters.sol";
import {PackedRound} from "../libraries/PackedRound.sol";
import {RoundSheet, Sheet} from "../libraries/RoundSheet.sol";

/// @title OwnerPriceRounds
/// @notice The plainest price source: whoever owns it is trusted for every price.
contract OwnerPriceRounds is IOwnerPriceRounds, Ownable2Step {
    using PackedParameters for bytes;
    using PackedParameters for SlotParameters[];
    using PackedRound for bytes;
    using RoundSheet for Sheet;

    /// @dev The largest book that a statement has.
    uint256 private constant MAX_ASSETS = 58;

    /// @dev How much of its spot an account may owe: where it grows, and where it only shrinks [ppm].
    uint256 private constant LAMBDA_INITIAL_PPM = 50_000;
    uint256 private constant LAMBDA_MAINTENANCE_PPM = 100_000;

    struct StoredRound {
        address data;
        uint64 timestamp;
    }

    /// @inheritdoc IPriceRounds
    uint256 public immutable assetCount;

    /// @inheritdoc IPriceRounds
    uint64 public latestRoundId;

    mapping(uint64 roundId => StoredRound) private _rounds;

    /// @dev Where the fractions are, as PackedParameters holds them.
    address private immutable _parameters;

    /// @param owner Who posts rounds.
    /// @param fractions Margin fractions of each slot; all zero for one without an asset.
    constructor(address owner, MarginFractions[] memory fractions) Ownable(owner) {
        uint256 count = fractions.length;
        if (count == 0 || count > MAX_ASSETS) revert WrongAssetCount(count);
        assetCount = count;
        SlotParameters[] memory slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            slots[i].margins = fractions[i];
            if (!_isInRange(fractions, i)) revert MarginFractionOutOfRange(i);
            // What marks a slot with an asset.
            if (fractions[i].initialPpm != 0) slots[i].limits.greatestPrice = type(uint64).max;
        }
        _parameters = CodeStore.write(slots.pack(0));
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
    function marginsPerUnit(uint64 roundId, VectorKind kind)
        external
        view
        returns (uint256[] memory longs, uint256[] memory shortExtras)
    {
        return _sheet(roundId).marginsPerUnit(kind);
    }

    /// @inheritdoc IPriceRounds
    /// @dev No slot is spot, so the scale changes nothing.
    function roundInputs(uint64 roundId, VectorKind[] calldata kinds, uint256)
        external
        view
        returns (uint256[] memory)
    {
        return _sheet(roundId).inputs(kinds);
    }

    /// @inheritdoc IPriceRounds
    function longOnly(uint64 roundId) external view returns (uint256) {
        return _sheet(roundId).longOnly();
    }

    /// @inheritdoc IPriceRounds
    function lambdasPpm() external pure returns (uint256 initial, uint256 maintenance) {
        return (LAMBDA_INITIAL_PPM, LAMBDA_MAINTENANCE_PPM);
    }

    /// @inheritdoc IPriceRounds
    function reduceOnly(uint64 roundId) external view returns (uint256) {
        _stored(roundId);
        return 0;
    }

    /// @inheritdoc IOwnerPriceRounds
    function marginFractions() external view returns (MarginFractions[] memory fractions) {
        SlotParameters[] memory slots = CodeStore.read(_parameters).unpack();
        fractions = new MarginFractions[](slots.length);
        for (uint256 i = 0; i < slots.length; ++i) {
            fractions[i] = slots[i].margins;
        }
    }

    function _sheet(uint64 roundId) private view returns (Sheet memory) {
        bytes memory round_ = CodeStore.read(_stored(roundId).data);
        return Sheet(assetCount, round_, CodeStore.read(_parameters), 0, MarginMath.UNSCALED);
    }

    /// @dev The slots that had a price in a round that exists, or in one before.
    function _pricedSlots(uint64 roundId) private view returns (uint256 pricedSlots) {
        (, pricedSlots) = CodeStore.read(_stored(roundId).data).readStatus();
    }

    function _stored(uint64 roundId) private view returns (StoredRound memory stored) {
        stored = _rounds[roundId];
        if (stored.data == address(0)) revert UnknownRound(roundId);
    }

    /// @dev Whether the fractions of a slot are in order, with an underlying where it is an option.
    function _isInRange(MarginFractions[] memory fractions, uint256 slot) private pure returns (bool) {
        MarginFractions memory item = fractions[slot];
        bool isOrdered = item.maintenancePpm <= item.initialPpm && item.initialPpm <= MarginMath.PPM
            && item.shortMaintenancePpm <= item.shortInitialPpm && item.shortInitialPpm <= MarginMath.PPM
            && item.underlyingMaintenancePpm <= item.underlyingInitialPpm && item.underlyingInitialPpm <= MarginMath.PPM;
        if (!isOrdered) return false;
        bool isOption = item.underlyingMaintenancePpm != 0;
        if (!isOption) return item.shortInitialPpm == 0 && item.underlyingInitialPpm == 0;
        return item.underlying < fractions.length && fractions[item.underlying].underlyingMaintenancePpm == 0;
    }
}

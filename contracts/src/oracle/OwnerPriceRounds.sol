// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IExpiries} from "../interfaces/IExpiries.sol";
import {IOwnerPriceRounds} from "../interfaces/IOwnerPriceRounds.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {MarginFractions, SlotParameters} from "../interfaces/IRiskParameters.sol";
import {CodeStore} from "../libraries/CodeStore.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedParameters} from "../libraries/PackedParameters.sol";
import {PackedRound} from "../libraries/PackedRound.sol";
import {StoredRounds} from "./StoredRounds.sol";

/// @title OwnerPriceRounds
/// @notice The simplest price source: its owner is trusted for every price.
contract OwnerPriceRounds is IOwnerPriceRounds, Ownable2Step, StoredRounds {
    using PackedParameters for bytes;
    using PackedParameters for SlotParameters[];
    using PackedRound for bytes;

    /// @dev The largest book that a statement has.
    uint256 private constant MAX_ASSETS = 58;

    /// @dev How much of its spot an account may owe: where it grows, and where it only shrinks [ppm].
    uint256 private constant LAMBDA_INITIAL_PPM = 50_000;
    uint256 private constant LAMBDA_MAINTENANCE_PPM = 100_000;

    /// @dev Where the fractions are, as PackedParameters holds them.
    address private immutable _parameters;

    /// @param owner Who posts rounds.
    /// @param fractions Margin fractions of each slot; all zero for one without an asset.
    constructor(address owner, MarginFractions[] memory fractions)
        Ownable(owner)
        StoredRounds(fractions.length, LAMBDA_INITIAL_PPM, LAMBDA_MAINTENANCE_PPM)
    {
        uint256 count = fractions.length;
        if (count == 0 || count > MAX_ASSETS) revert WrongAssetCount(count);
        SlotParameters[] memory slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            slots[i].margins = fractions[i];
            if (!_isInRange(fractions, i)) revert MarginFractionOutOfRange(i);
            // What marks a slot with an asset.
            if (fractions[i].initialPpm != 0) slots[i].limits.greatestPrice = type(uint64).max;
        }
        _parameters = CodeStore.write(slots.pack(0, 0));
    }

    /// @inheritdoc IOwnerPriceRounds
    function postRound(uint256[] calldata prices, int256[] calldata cumulativeFunding)
        external
        onlyOwner
        returns (uint64)
    {
        uint256 count = assetCount;
        if (prices.length != count) revert WrongLength(count, prices.length);
        if (cumulativeFunding.length != count) revert WrongLength(count, cumulativeFunding.length);

        bytes memory data = PackedRound.create(count);
        uint256 pricedSlots = _pricedSlots(latestRoundId);
        for (uint256 i = 0; i < count; ++i) {
            if (prices[i] >= MarginMath.PRICE_LIMIT) revert PriceOutOfRange(i);
            (bool inRange, int256 e) = MarginMath.effectivePrice(prices[i], cumulativeFunding[i]);
            if (!inRange) revert EffectivePriceOutOfRange(i);
            data.write(i, prices[i], e);
            if (prices[i] != 0) pricedSlots |= 1 << i;
        }
        data.writeStatus(0, pricedSlots, 0, 0);
        return _record(uint64(block.timestamp), 0, data);
    }

    /// @inheritdoc IOwnerPriceRounds
    function marginFractions() external view returns (MarginFractions[] memory fractions) {
        SlotParameters[] memory slots = CodeStore.read(_parameters).unpack();
        fractions = new MarginFractions[](slots.length);
        for (uint256 i = 0; i < slots.length; ++i) {
            fractions[i] = slots[i].margins;
        }
    }

    /// @inheritdoc IPriceRounds
    /// @dev No price is ever stale, so the round need not be read.
    function reduceOnly(uint64 roundId) external view override(IPriceRounds, StoredRounds) returns (uint256) {
        _stored(roundId);
        return 0;
    }

    /// @inheritdoc IPriceRounds
    /// @dev No asset expires.
    function epochOf(uint64 roundId) public view override(IPriceRounds, StoredRounds) returns (uint32) {
        _stored(roundId);
        return 0;
    }

    /// @inheritdoc IPriceRounds
    function expiries() external pure returns (IExpiries) {
        return IExpiries(address(0));
    }

    /// @inheritdoc StoredRounds
    /// @dev The fractions have one version, for ever.
    function _parametersAt(uint32) internal view override returns (bytes memory) {
        return CodeStore.read(_parameters);
    }

    /// @dev The slots that had a price in a round, or in one before; none at round 0, before the first.
    function _pricedSlots(uint64 roundId) private view returns (uint256 pricedSlots) {
        if (roundId != 0) (, pricedSlots) = _packedRound(roundId).readStatus();
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

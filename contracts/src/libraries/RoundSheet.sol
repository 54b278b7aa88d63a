// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceRounds, VectorKind} from "../interfaces/IPriceRounds.sol";
import {MarginFractions} from "../interfaces/IRiskParameters.sol";
import {MarginMath} from "./MarginMath.sol";
import {PackedParameters} from "./PackedParameters.sol";
import {PackedRound} from "./PackedRound.sol";

/// @notice A round with what turns its prices into margins.
struct Sheet {
    /// N, the slots of both.
    uint256 count;
    /// As PackedRound holds it.
    bytes round;
    /// As PackedParameters holds them.
    bytes parameters;
    /// How much of its spot an account may owe before its debt is called [ppm].
    uint256 lambdaPpm;
    /// What spot prices are multiplied with [1e-18].
    uint256 spotScale;
}

/// @title RoundSheet
/// @notice What statements take from a round: the rules of IStoredRounds.
library RoundSheet {
    using PackedParameters for bytes;
    using PackedRound for bytes;

    uint256 private constant WORD_BYTES = 0x20;

    /// @dev d[N] and x[N] of one kind [1e-9 USD].
    function marginsPerUnit(Sheet memory sheet, VectorKind kind)
        internal
        pure
        returns (uint256[] memory longs, uint256[] memory shortExtras)
    {
        (uint256[] memory prices,) = _prices(sheet);
        (longs, shortExtras) = (new uint256[](sheet.count), new uint256[](sheet.count));
        _writeMargins(sheet, prices, kind, _items(longs), _items(shortExtras));
    }

    /// @dev e[N], then d[N] and x[N] of each kind, as field elements [1e-9 USD].
    function inputs(Sheet memory sheet, VectorKind[] calldata kinds) internal pure returns (uint256[] memory elements) {
        unchecked {
            uint256 count = sheet.count;
            (uint256[] memory prices, int256[] memory e) = _prices(sheet);
            elements = new uint256[](count * (1 + 2 * kinds.length));
            for (uint256 i = 0; i < count; ++i) {
                elements[i] = MarginMath.toField(e[i]);
            }
            uint256 size = WORD_BYTES * count;
            uint256 pointer = _items(elements) + size;
            for (uint256 k = 0; k < kinds.length; ++k) {
                _writeMargins(sheet, prices, kinds[k], pointer, pointer + size);
                pointer += 2 * size;
            }
        }
    }

    /// @dev Whether the round after this one is near it: IPriceRounds.isCalm.
    /// @param next The round after it, as PackedRound holds it.
    function isCalmUntil(Sheet memory sheet, bytes memory next) internal pure returns (bool) {
        // A position must not be opened at the last round before an expiry once its settlement price is known.
        if (sheet.round.readEpoch() != next.readEpoch()) return false;
        // Nor once its settlement is known and the slot is closed, or its price stale.
        if (next.readReduceOnly() & ~sheet.round.readReduceOnly() != 0) return false;
        (uint256[] memory longs, uint256[] memory shortExtras) = marginsPerUnit(sheet, VectorKind.Initial);
        (uint256[] memory leastLongs, uint256[] memory leastExtras) = marginsPerUnit(sheet, VectorKind.Maintenance);
        for (uint256 i = 0; i < sheet.count; ++i) {
            (, int256 before) = sheet.round.read(i);
            (, int256 e) = next.read(i);
            uint256 most = longs[i] - leastLongs[i];
            if (e > before) most = most + shortExtras[i] - leastExtras[i];
            if (uint256(e > before ? e - before : before - e) > most) return false;
        }
        return true;
    }

    /// @dev Bitmap of the slots that no account may be short of.
    function longOnly(Sheet memory sheet) internal pure returns (uint256 barred) {
        (, uint256 priced) = sheet.round.readStatus();
        uint256 listed = sheet.parameters.listed();
        barred = ((1 << sheet.count) - 1) & ~(listed & priced) | sheet.parameters.spotAssets();
        uint256 options = sheet.parameters.options();
        for (uint256 i = 0; options >> i != 0; ++i) {
            if ((options >> i) & 1 == 0) continue;
            if ((priced >> sheet.parameters.margins(i).underlying) & 1 == 0) barred |= 1 << i;
        }
    }

    /// @dev Writes d[N] and x[N] of one kind to two places in memory that hold zeros.
    function _writeMargins(
        Sheet memory sheet,
        uint256[] memory prices,
        VectorKind kind,
        uint256 longs,
        uint256 shortExtras
    ) private pure {
        uint256[] memory ppms = _longPpms(sheet, kind);
        MarginMath.marginsPerUnitUp(prices, ppms, longs);
        if (kind == VectorKind.Overdraft) return;
        uint256 options = sheet.parameters.options();
        for (uint256 i = 0; options >> i != 0; ++i) {
            if ((options >> i) & 1 == 0) continue;
            uint256 short = _optionShortMarginUp(sheet, i, prices[i], kind);
            uint256 long = MarginMath.marginPerUnitUp(prices[i], ppms[i]);
            if (short > long) _write(shortExtras, i, short - long);
        }
    }

    /// @dev The fraction of each slot's price that makes d at one kind [ppm].
    function _longPpms(Sheet memory sheet, VectorKind kind) private pure returns (uint256[] memory ppms) {
        uint256 spot = sheet.parameters.spotAssets();
        (uint256 stale,) = sheet.round.readStatus();
        if (kind == VectorKind.Overdraft) {
            ppms = new uint256[](sheet.count);
            _fill(ppms, spot, MarginMath.PPM - sheet.lambdaPpm);
        } else {
            ppms = sheet.parameters.longPpms(sheet.count, kind == VectorKind.Initial);
        }
        // What is stale backs no new risk and no withdrawal, and stale spot no debt.
        if (kind == VectorKind.Initial) _fill(ppms, stale, MarginMath.PPM);
        if (kind == VectorKind.Overdraft) _fill(ppms, spot & stale, MarginMath.PPM);
    }

    /// @dev d + x of an option at least [1e-9 USD].
    function _optionShortMarginUp(Sheet memory sheet, uint256 slot, uint256 price, VectorKind kind)
        private
        pure
        returns (uint256)
    {
        MarginFractions memory fractions = sheet.parameters.margins(slot);
        (uint256 underlying,) = sheet.round.read(fractions.underlying);
        (uint256 pricePpm, uint256 underlyingPpm) = kind == VectorKind.Initial
            ? (fractions.shortInitialPpm, fractions.underlyingInitialPpm)
            : (fractions.shortMaintenancePpm, fractions.underlyingMaintenancePpm);
        return MarginMath.optionShortMarginUp(price, underlying, fractions.strike, pricePpm, underlyingPpm);
    }

    /// @dev Prices and effective prices as statements take them: those of spot scaled [1e-9 USD].
    function _prices(Sheet memory sheet) private pure returns (uint256[] memory prices, int256[] memory e) {
        (prices, e) = sheet.round.readAll(sheet.count);
        if (sheet.spotScale == MarginMath.UNSCALED) return (prices, e);
        uint256 spot = sheet.parameters.spotAssets();
        for (uint256 i = 0; spot >> i != 0; ++i) {
            if ((spot >> i) & 1 == 0) continue;
            uint256 price = prices[i] * sheet.spotScale / MarginMath.UNSCALED;
            if (price >= MarginMath.PRICE_LIMIT) revert IPriceRounds.PriceOutOfRange(i);
            // Spot bears no funding.
            (prices[i], e[i]) = (price, int256(price));
        }
    }

    /// @dev Writes a value to the slots of a bitmap.
    function _fill(uint256[] memory values, uint256 slots, uint256 value) private pure {
        for (uint256 i = 0; slots >> i != 0; ++i) {
            if ((slots >> i) & 1 == 1) values[i] = value;
        }
    }

    /// @dev Where the items of an array begin in memory.
    function _items(uint256[] memory array) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := add(array, 0x20)
        }
    }

    /// @dev Writes an item at a place where items begin.
    function _write(uint256 pointer, uint256 index, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(pointer, mul(index, 0x20)), word)
        }
    }
}

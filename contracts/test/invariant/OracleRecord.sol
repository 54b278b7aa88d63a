// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Asset, AssetKind} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

/// @title OracleRecord
/// @notice The rules of posting once more, slot by slot in plain storage: what a set of reports must lead to.
abstract contract OracleRecord is ReporterFixture {
    uint256 public constant SLOTS = 4;
    uint64 internal constant INTERVAL = 5;

    enum Fate {
        Refused,
        Recorded,
        Confirmed,
        Held
    }

    /// @dev What is known of a slot.
    struct Quote {
        bool isPriced;
        bool isStale;
        uint256 price;
        int256 funding;
    }

    /// @dev A round or a candidate.
    struct Sheet {
        uint64 timestamp;
        Quote[SLOTS] quotes;
    }

    uint64 public lastRoundId;
    uint64 public referenceId;
    uint64 public newest;
    uint64 public heldAt;
    uint64 public trippedUntil;
    uint256 public reporterCount;
    uint256 public threshold;

    Sheet internal _latest;
    Sheet internal _reference;
    Sheet internal _candidate;

    /// @dev Works out what a set of reports that are fine one by one leads to.
    /// @return fate What becomes of it.
    /// @return sheet The round or candidate.
    function judge(Report[] memory reports) internal view returns (Fate fate, Sheet memory sheet) {
        uint256 far = 0; // bitmap of the slots that are too far
        bool isPriced = false;
        bytes memory medians = mediansOf(reports);
        sheet.timestamp = reports[uint8(medians[0])].timestamp;
        if (sheet.timestamp < newest + INTERVAL) return (Fate.Refused, sheet);
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            if (risk.asset(slot).symbol == 0) continue;
            (bool isDecided, bool isLive) = status(reports, slot);
            if (!isDecided) return (Fate.Refused, sheet);
            uint256 price = uint256(valueAt(reports[uint8(medians[1 + slot])], 1 + slot, SLOTS));
            int256 funding = valueAt(reports[uint8(medians[1 + SLOTS + slot])], 1 + SLOTS + slot, SLOTS);
            if (isLive && doesCount(slot, price, funding)) {
                isPriced = true;
                sheet.quotes[slot] = Quote(true, false, price, funding);
                Quote memory from = before(slot);
                if (from.isPriced && distance(from.price, price) > limitOf(slot, from.price)) far |= 1 << slot;
            } else {
                sheet.quotes[slot] = _latest.quotes[slot];
                sheet.quotes[slot].isStale = true;
            }
        }
        if (isPriced) fate = fateOf(sheet, far);
    }

    function note(Fate fate, Sheet memory sheet) internal {
        newest = sheet.timestamp;
        if (fate == Fate.Held) {
            copy(sheet, _candidate);
            heldAt = uint64(block.timestamp);
            if (heldAt + 15 minutes > trippedUntil) trippedUntil = heldAt + 15 minutes;
            return;
        }
        ++lastRoundId;
        copy(sheet, _latest);
        if (referenceId == 0 || sheet.timestamp >= _reference.timestamp + 60) {
            referenceId = lastRoundId;
            copy(sheet, _reference);
        }
        heldAt = 0;
        if (block.timestamp < trippedUntil) trippedUntil = 0;
    }

    /// @dev The candidate confirms all that is too far, or becomes another one, or is too young for either. Prices in between
    ///      are made the nearer ones in `sheet`.
    function fateOf(Sheet memory sheet, uint256 far) private view returns (Fate) {
        if (far == 0) return Fate.Recorded;
        if (heldAt == 0 || block.timestamp > heldAt + 15 minutes) return Fate.Held;
        if (block.timestamp < heldAt + 60 || sheet.timestamp < _candidate.timestamp + 60) return Fate.Refused;
        uint256[SLOTS] memory nearer;
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            if (far >> slot & 1 == 0) continue;
            Quote memory held = _candidate.quotes[slot];
            uint256 price = sheet.quotes[slot].price;
            uint256 from = before(slot).price;
            if (held.isStale) return Fate.Held;
            nearer[slot] = price;
            if (distance(held.price, price) <= limitOf(slot, held.price)) continue;
            bool isHeldFar = distance(from, held.price) > limitOf(slot, from);
            if (!isHeldFar || (from < held.price) != (from < price)) return Fate.Held;
            if (distance(from, held.price) < distance(from, price)) nearer[slot] = held.price;
        }
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            if (far >> slot & 1 == 1) sheet.quotes[slot].price = nearer[slot];
        }
        return Fate.Confirmed;
    }

    /// @return isDecided Whether the reports say whether the slot is live.
    /// @return isLive Whether a quorum of them prices it.
    function status(Report[] memory reports, uint256 slot) private view returns (bool isDecided, bool isLive) {
        uint256 pricing = 0;
        for (uint256 k = 0; k < reports.length; ++k) {
            pricing += reports[k].pricedSlots >> slot & 1;
        }
        isLive = pricing >= threshold;
        uint256 couldPrice = reporterCount - (reports.length - pricing);
        isDecided = isLive || couldPrice < threshold;
    }

    function doesCount(uint256 slot, uint256 price, int256 funding) private view returns (bool) {
        Asset memory entry = risk.asset(slot);
        if (price < entry.leastPrice || price > entry.greatestPrice) return false;
        if (entry.kind == AssetKind.Spot && funding != 0) return false;
        Quote memory from = before(slot);
        int256 moved = funding - from.funding;
        return !from.isPriced || uint256(moved < 0 ? -moved : moved) <= limitOf(slot, from.price);
    }

    function before(uint256 slot) internal view returns (Quote memory) {
        return _reference.quotes[slot].isPriced ? _reference.quotes[slot] : _latest.quotes[slot];
    }

    function limitOf(uint256 slot, uint256 price) private view returns (uint256 limit) {
        Asset memory entry = risk.asset(slot);
        limit = price * entry.deviationPpm / 1e6;
        if (entry.deviationAmount > limit) limit = entry.deviationAmount;
    }

    function distance(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }

    function copy(Sheet memory from, Sheet storage to) private {
        to.timestamp = from.timestamp;
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            to.quotes[slot] = from.quotes[slot];
        }
    }
}

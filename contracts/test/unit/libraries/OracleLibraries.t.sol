// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {SlotParameters} from "../../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {MarginMath} from "../../../src/libraries/MarginMath.sol";
import {PackedParameters} from "../../../src/libraries/PackedParameters.sol";
import {ReportTable} from "../../../src/libraries/ReportTable.sol";

contract OracleLibrariesTest is Test {
    using PackedParameters for bytes;
    using PackedParameters for SlotParameters[];
    using ReportTable for uint256[];

    uint256 private constant LAST = 2;

    /// @dev A signed number with this bit changed is, without a sign, in the same order.
    uint256 private constant SIGN = 1 << 255;

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_exactlyTheLowerMedianPasses(int256[15] memory pool, uint256 height, uint256 range) public view {
        height = bound(height, 1, 15);
        int256[] memory given = new int256[](height);
        Report[] memory reports = new Report[](height);
        for (uint256 k = 0; k < height; ++k) {
            given[k] = among(pool[k], range % 4);
            reports[k] = reportWith(k, given[k]);
        }
        int256 median = sorted(given)[(height - 1) / 2];
        for (uint256 k = 0; k < height; ++k) {
            (bool[3] memory passes, int256[3] memory values) = this.check(reports, k, given[k]);
            assertEq(values[1], given[k]);
            assertEq(values[2], given[k]);
            assertEq(values[0], int256(k) % 3);
            assertEq(passes[1], given[k] == median);
            assertEq(passes[2], given[k] == median);
        }
        if (median < type(int256).max) assertFalse(passesInFunding(reports, median + 1));
        if (median > type(int256).min) assertFalse(passesInFunding(reports, median - 1));
    }

    function test_aMedianOfAnEvenNumberIsTheLower() public view {
        int256[4] memory values = [int256(4), -1, 3, 2];
        Report[] memory reports = new Report[](4);
        for (uint256 k = 0; k < 4; ++k) {
            reports[k] = reportWith(k, values[k]);
        }
        for (int256 value = -2; value < 6; ++value) {
            assertEq(passesInFunding(reports, value), value == 2);
        }
    }

    function test_timesAreAColumnOfTheirOwn() public view {
        Report[] memory reports = new Report[](5);
        for (uint256 k = 0; k < 5; ++k) {
            reports[k] = reportWith(k, 9);
        }
        // 0, 1, 2, 0, 1
        for (uint256 k = 0; k < 5; ++k) {
            (bool[3] memory passes,) = this.check(reports, k, 9);
            assertEq(passes[0], k % 3 == 1);
        }
    }

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_aRowIsInRangeAsMarginMathSays(uint256 price, int256 paid, uint256 range, uint256 who)
        public
        view
    {
        if (range % 4 == 1) price = price % 3;
        if (range % 4 == 2) price = (1 << 64) - 2 + price % 4;
        if (range % 4 != 3) {
            // An effective price near one of its limits, or near 0.
            int256 limit = [int256(1 << 64), -int256(1 << 64), 0][(range >> 2) % 3];
            unchecked {
                paid = int256(price) - limit + paid % 3;
            }
        }
        Report[] memory reports = new Report[](3);
        for (uint256 k = 0; k < 3; ++k) {
            reports[k] = reportWith(k, 5);
            reports[k].prices[LAST] = 5;
        }
        (reports[who % 3].prices[LAST], reports[who % 3].cumulativeFunding[LAST]) = (price, paid);
        bool expected = price < MarginMath.PRICE_LIMIT;
        if (expected) (expected,) = MarginMath.effectivePrice(price, paid);
        assertEq(this.areInRange(reports), expected);
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_theRowsThatPriceASlotMakeATableOfTheirOwn(uint256 height, uint256 priced) public view {
        height = bound(height, 0, 15);
        Report[] memory reports = new Report[](height);
        for (uint256 k = 0; k < height; ++k) {
            reports[k] = reportWith(k, int256(k * k));
            (reports[k].pricedSlots, reports[k].timestamp) = (uint64(priced >> 4 * k), uint64(1000 + k));
        }
        (uint256[] memory times, int256[] memory values) = this.rowsPricing(reports);
        uint256 next = 0;
        for (uint256 k = 0; k < height; ++k) {
            if (reports[k].pricedSlots >> LAST & 1 == 0) continue;
            assertEq(times[next], 1000 + k);
            assertEq(values[next], int256(k * k));
            ++next;
        }
        assertEq(times.length, next);
    }

    /// @dev Time and funding of the last slot in the rows that price it.
    function rowsPricing(Report[] calldata reports)
        external
        pure
        returns (uint256[] memory times, int256[] memory values)
    {
        uint256[] memory table = tableOf(reports);
        uint256[] memory rows = table.pricing(LAST);
        (times, values) = (new uint256[](rows.length), new int256[](rows.length));
        for (uint256 k = 0; k < rows.length; ++k) {
            (times[k], values[k]) = (rows.timeAt(k), rows.fundingAt(k, LAST));
        }
    }

    /// @dev Whether the time of a report, and a value as price and as funding of the last slot, are medians; and what the
    ///      report says.
    function check(Report[] calldata reports, uint256 row, int256 value)
        external
        pure
        returns (bool[3] memory passes, int256[3] memory values)
    {
        uint256[] memory table = tableOf(reports);
        values = [int256(table.timeAt(row)), int256(table.priceAt(row, LAST) ^ SIGN), table.fundingAt(row, LAST)];
        (uint256 prices, uint256 funding,) = table.compare(LAST, uint256(value) ^ SIGN, value);
        uint256 times = table.compareTime(table.timeAt(row));
        passes = [table.isLowerMedian(times), table.isLowerMedian(prices), table.isLowerMedian(funding)];
    }

    /// @dev Whether the reports are in range in the last slot.
    function areInRange(Report[] calldata reports) external pure returns (bool result) {
        (,, result) = tableOf(reports).compare(LAST, 0, 0);
    }

    function tableOf(Report[] calldata reports) private pure returns (uint256[] memory table) {
        table = ReportTable.create(reports.length);
        for (uint256 k = 0; k < reports.length; ++k) {
            Report calldata report = reports[k];
            table.set(k, report.timestamp, report.pricedSlots, report.prices, report.cumulativeFunding);
        }
    }

    function passesInFunding(Report[] memory reports, int256 value) private view returns (bool) {
        (bool[3] memory passes,) = this.check(reports, 0, value);
        return passes[2];
    }

    /// @dev Any value, one of a few so that some are equal, or one of the extremes.
    function among(int256 value, uint256 range) private pure returns (int256) {
        if (range == 0) return value;
        if (range == 1) return value % 4;
        if (range == 2) return value % 2 == 0 ? type(int256).min : type(int256).max;
        return value % 3 == 0 ? type(int256).min : value % 3 == 1 ? int256(0) : type(int256).max;
    }

    /// @dev Values beside the last slot that no column may take for its own.
    function reportWith(uint256 k, int256 value) private pure returns (Report memory report) {
        report.timestamp = uint64(k % 3);
        report.prices = new uint256[](LAST + 1);
        report.cumulativeFunding = new int256[](LAST + 1);
        (report.prices[LAST], report.cumulativeFunding[LAST]) = (uint256(value) ^ SIGN, value);
        (report.prices[0], report.cumulativeFunding[0]) = (k, -int256(k));
    }

    function sorted(int256[] memory values) private pure returns (int256[] memory) {
        int256[] memory copy = new int256[](values.length);
        for (uint256 k = 0; k < values.length; ++k) {
            uint256 place = k;
            for (; place > 0 && copy[place - 1] > values[k]; --place) {
                copy[place] = copy[place - 1];
            }
            copy[place] = values[k];
        }
        return copy;
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_packedParametersReturnWhatWasPacked(
        SlotParameters[58] memory given,
        uint256 count,
        uint64 spot,
        uint64 delisted,
        uint40 time
    ) public pure {
        count = bound(count, 0, 58);
        SlotParameters[] memory slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            slots[i] = given[i];
        }
        bytes memory data = slots.pack(spot, delisted);
        assertEq(data.length, 32 + 61 * count);
        assertEq(data.spotAssets(), spot);
        for (uint256 i = 0; i < 64; ++i) {
            assertEq(data.listed() >> i & 1 == 1, i < count && slots[i].limits.greatestPrice != 0);
            assertEq(data.options() >> i & 1 == 1, i < count && slots[i].margins.underlyingMaintenancePpm != 0);
        }
        assertEq(abi.encode(data.unpack()), abi.encode(slots));
        uint256 closing = data.closing(count, time);
        for (uint256 i = 0; i < 64; ++i) {
            uint40 expiry = i < count ? slots[i].expiresAt : 0;
            assertEq(closing >> i & 1 == 1, delisted >> i & 1 == 1 || (expiry != 0 && expiry <= time));
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {SlotParameters} from "../../src/interfaces/IRiskParameters.sol";
import {PackedParameters} from "../../src/libraries/PackedParameters.sol";
import {SortedColumns} from "../../src/libraries/SortedColumns.sol";

contract OracleLibrariesTest is Test {
    using PackedParameters for bytes;
    using PackedParameters for SlotParameters[];
    using SortedColumns for int256[];

    /// forge-config: default.fuzz.runs = 500
    function testFuzz_theMedianHasAsManyBelowAsAbove(int256[15] memory pool, uint256 height, uint256 column)
        public
        pure
    {
        height = bound(height, 1, 15);
        column = bound(column, 0, 2);
        int256[] memory table = new int256[](3 * height);
        int256[] memory given = new int256[](height);
        for (uint256 k = 0; k < height; ++k) {
            // Few different values, so that some are equal.
            given[k] = height % 2 == 0 ? pool[k] : pool[k] % 4;
            table.insert(height, column, k, given[k]);
        }
        int256 median = table.lowerMedian(height, column);
        uint256 below = 0;
        uint256 notAbove = 0;
        for (uint256 k = 0; k < height; ++k) {
            if (given[k] < median) ++below;
            if (given[k] <= median) ++notAbove;
        }
        assertLe(below, (height - 1) / 2);
        assertGt(notAbove, (height - 1) / 2);
        for (uint256 other = 0; other < 3; ++other) {
            if (other != column) assertEq(table.lowerMedian(height, other), 0, "another column was touched");
        }
    }

    function test_theMedianOfAnEvenNumberIsTheLower() public pure {
        int256[] memory table = new int256[](4);
        int256[4] memory values = [int256(4), -1, 3, 2];
        for (uint256 k = 0; k < 4; ++k) {
            table.insert(4, 0, k, values[k]);
        }
        assertEq(table.lowerMedian(4, 0), 2);
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_packedParametersReturnWhatWasPacked(SlotParameters[58] memory given, uint256 count) public pure {
        count = bound(count, 0, 58);
        SlotParameters[] memory slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            slots[i] = given[i];
        }
        bytes memory data = slots.pack();
        assertEq(data.length, 10 * count);
        assertEq(abi.encode(data.unpack()), abi.encode(slots));
    }
}

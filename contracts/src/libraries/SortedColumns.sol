// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

/// @title SortedColumns
/// @notice Columns of one height, one after the other in one array, that are filled a value at a time and kept in
///         ascending order: for the medians of many assets over few reports.
library SortedColumns {
    /// @dev Puts a value into a column.
    /// @param table Has that column: no bound is checked, for this runs for every price of every report.
    /// @param filled How many values the column has, less than its height.
    function insert(int256[] memory table, uint256 height, uint256 column, uint256 filled, int256 value) internal pure {
        assembly ("memory-safe") {
            let start := add(add(table, 0x20), mul(mul(column, height), 0x20))
            let place := add(start, mul(filled, 0x20))
            for {} gt(place, start) {} {
                let below := mload(sub(place, 0x20))
                if iszero(sgt(below, value)) { break }
                mstore(place, below)
                place := sub(place, 0x20)
            }
            mstore(place, value)
        }
    }

    /// @dev The median of a full column; of an even number of values the lower of the two in the middle.
    function lowerMedian(int256[] memory table, uint256 height, uint256 column) internal pure returns (int256) {
        return table[column * height + (height - 1) / 2];
    }
}

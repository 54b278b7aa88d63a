// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title ReportTable
/// @notice The values of many reports side by side, read where they lie in calldata, and the check that a value is a
///         median. A table has a row a report, of four words: where its prices start, where its funding starts, its time, and
///         the bitmap of the slots that it prices. The length of the array is the number of rows. No bound is checked, for this
///         runs for every value of every report: a caller asks for rows and slots that there are.
library ReportTable {
    uint256 private constant ROW_WORDS = 4;

    /// @dev MarginMath.PRICE_LIMIT - 1: the largest price, and the largest distance of an effective price from 0.
    uint256 private constant LARGEST = 0xffffffffffffffff;

    /// @dev MarginMath.PRICE_LIMIT.
    uint256 private constant PRICES = 0x10000000000000000;

    /// @dev How many effective prices there are.
    uint256 private constant EFFECTIVE_PRICES = 0x1ffffffffffffffff;

    /// @dev A table whose rows are not set yet.
    function create(uint256 rows) internal pure returns (uint256[] memory table) {
        table = new uint256[](ROW_WORDS * rows);
        assembly ("memory-safe") {
            mstore(table, rows)
        }
    }

    /// @dev Sets a row.
    function set(
        uint256[] memory table,
        uint256 row,
        uint256 time,
        uint256 pricedSlots,
        uint256[] calldata prices,
        int256[] calldata funding
    ) internal pure {
        assembly ("memory-safe") {
            let place := add(add(table, 0x20), shl(7, row))
            mstore(place, prices.offset)
            mstore(add(place, 0x20), funding.offset)
            mstore(add(place, 0x40), time)
            mstore(add(place, 0x60), pricedSlots)
        }
    }

    /// @dev The time in a row.
    function timeAt(uint256[] memory table, uint256 row) internal pure returns (uint256 time) {
        assembly ("memory-safe") {
            time := mload(add(add(table, 0x60), shl(7, row)))
        }
    }

    /// @dev The price of a slot in a row.
    function priceAt(uint256[] memory table, uint256 row, uint256 slot) internal pure returns (uint256 price) {
        assembly ("memory-safe") {
            price := calldataload(add(mload(add(add(table, 0x20), shl(7, row))), shl(5, slot)))
        }
    }

    /// @dev The cumulative funding of a slot in a row.
    function fundingAt(uint256[] memory table, uint256 row, uint256 slot) internal pure returns (int256 funding) {
        assembly ("memory-safe") {
            funding := calldataload(add(mload(add(add(table, 0x40), shl(7, row))), shl(5, slot)))
        }
    }

    /// @dev The slots that a row prices.
    function pricedSlotsAt(uint256[] memory table, uint256 row) internal pure returns (uint256 pricedSlots) {
        assembly ("memory-safe") {
            pricedSlots := mload(add(add(table, 0x80), shl(7, row)))
        }
    }

    /// @dev A table of the rows that price a slot.
    function pricing(uint256[] memory table, uint256 slot) internal pure returns (uint256[] memory rows) {
        rows = create(table.length);
        uint256 count = 0;
        for (uint256 row = 0; row < table.length; ++row) {
            if (pricedSlotsAt(table, row) >> slot & 1 == 0) continue;
            assembly ("memory-safe") {
                mcopy(add(add(rows, 0x20), shl(7, count)), add(add(table, 0x20), shl(7, row)), 0x80)
            }
            ++count;
        }
        assembly ("memory-safe") {
            mstore(rows, count)
        }
    }

    /// @dev Compares a time with that of every row.
    /// @return counts For `isLowerMedian`.
    function compareTime(uint256[] memory table, uint256 time) internal pure returns (uint256 counts) {
        assembly ("memory-safe") {
            let place := add(table, 0x60)
            for { let end := add(place, shl(7, mload(table))) } lt(place, end) { place := add(place, 0x80) } {
                let other := mload(place)
                counts := add(counts, add(lt(other, time), shl(128, gt(other, time))))
            }
        }
    }

    /// @dev Compares price and funding with those of every row in a slot.
    /// @return priceCounts For `isLowerMedian`.
    /// @return fundingCounts For `isLowerMedian`.
    /// @return areInRange Whether every row has a price below 2^64 and an effective price within 2^64 of 0.
    function compare(uint256[] memory table, uint256 slot, uint256 price, int256 funding)
        internal
        pure
        returns (uint256 priceCounts, uint256 fundingCounts, bool areInRange)
    {
        areInRange = true;
        assembly ("memory-safe") {
            let offset := shl(5, slot)
            let place := add(table, 0x20)
            for { let end := add(place, shl(7, mload(table))) } lt(place, end) { place := add(place, 0x80) } {
                let p := calldataload(add(mload(place), offset))
                let f := calldataload(add(mload(add(place, 0x20)), offset))
                priceCounts := add(priceCounts, add(lt(p, price), shl(128, gt(p, price))))
                fundingCounts := add(fundingCounts, add(slt(f, funding), shl(128, sgt(f, funding))))
                // Modulo 2^256, which is exact in range, as in MarginMath.effectivePrice.
                let isEffective := lt(add(sub(p, f), LARGEST), EFFECTIVE_PRICES)
                areInRange := and(areInRange, and(lt(p, PRICES), isEffective))
            }
        }
    }

    /// @dev Whether at most (rows - 1) / 2 values are below a value, and more than that are not above it. Of the values of the
    ///      rows exactly one passes: the middle one, of an even number the lower of the two in the middle.
    /// @param counts How many are below it, and 2^128 times how many are above it.
    function isLowerMedian(uint256[] memory table, uint256 counts) internal pure returns (bool) {
        uint256 rows = table.length;
        uint256 half = (rows - 1) / 2;
        return uint128(counts) <= half && rows - (counts >> 128) > half;
    }
}

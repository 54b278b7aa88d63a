// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title PackedRound
/// @notice A round: a header of three bitmaps, bit i for slot i, uint64 of stale slots, uint64 of slots whose asset ever had a
///         price and uint64 of slots that are reduce-only, and uint32 epoch; then 17 bytes a slot: uint64 price, int72
///         effective price.
library PackedRound {
    uint256 private constant HEADER_BYTES = 28;
    uint256 private constant AFTER_HEADER_BITS = 32; // of the first word
    uint256 private constant SLOT_BYTES = 17;
    uint256 private constant UNUSED_BITS = 120;
    uint256 private constant EFFECTIVE_BITS = 72;
    uint256 private constant PRICED_SHIFT = 128;
    uint256 private constant STALE_SHIFT = 192;
    uint256 private constant REDUCE_ONLY_SHIFT = 64;
    uint256 private constant EPOCH_SHIFT = 32;

    /// @dev Memory for a number of slots, none of them stale or priced.
    function create(uint256 slots) internal pure returns (bytes memory data) {
        // A slot is written as a whole word, so the last one reaches beyond its 17 bytes.
        data = new bytes(HEADER_BYTES + SLOT_BYTES * slots + 32);
        assembly ("memory-safe") {
            mstore(data, sub(mload(data), 32))
        }
    }

    /// @dev Writes the header and keeps the bytes after it.
    /// @param epoch How many expiries had settled.
    function writeStatus(
        bytes memory data,
        uint256 staleSlots,
        uint256 pricedSlots,
        uint256 reduceOnlySlots,
        uint32 epoch
    ) internal pure {
        uint256 header = uint256(uint64(staleSlots)) << STALE_SHIFT | uint256(uint64(pricedSlots)) << PRICED_SHIFT
            | uint256(uint64(reduceOnlySlots)) << REDUCE_ONLY_SHIFT | uint256(epoch) << EPOCH_SHIFT;
        assembly ("memory-safe") {
            let start := add(data, 0x20)
            let slots := and(mload(start), sub(shl(AFTER_HEADER_BITS, 1), 1))
            mstore(start, or(header, slots))
        }
    }

    /// @dev The slots that keep an older price, and those whose asset ever had one.
    function readStatus(bytes memory data) internal pure returns (uint256 staleSlots, uint256 pricedSlots) {
        uint256 word = _firstWord(data);
        return (staleOf(word), uint64(word >> PRICED_SHIFT));
    }

    /// @dev The slots in which no account may grow.
    function readReduceOnly(bytes memory data) internal pure returns (uint64) {
        return reduceOnlyOf(_firstWord(data));
    }

    /// @dev The epoch.
    function readEpoch(bytes memory data) internal pure returns (uint32) {
        return epochOf(_firstWord(data));
    }

    /// @dev The stale slots of a round, given the first word of its data.
    function staleOf(uint256 word) internal pure returns (uint64) {
        return uint64(word >> STALE_SHIFT);
    }

    /// @dev Its reduce-only slots.
    function reduceOnlyOf(uint256 word) internal pure returns (uint64) {
        return uint64(word >> REDUCE_ONLY_SHIFT);
    }

    /// @dev Its epoch.
    function epochOf(uint256 word) internal pure returns (uint32) {
        return uint32(word >> EPOCH_SHIFT);
    }

    /// @dev Writes a slot; slots must be written in ascending order, for each overwrites what follows it.
    function write(bytes memory data, uint256 slot, uint256 price, int256 effectivePrice) internal pure {
        uint256 word = ((price << EFFECTIVE_BITS) | uint72(int72(effectivePrice))) << UNUSED_BITS;
        assembly ("memory-safe") {
            mstore(add(add(data, add(0x20, HEADER_BYTES)), mul(slot, SLOT_BYTES)), word)
        }
    }

    /// @dev Reads a slot of data that `create` and `write` made, or that were read back.
    function read(bytes memory data, uint256 slot) internal pure returns (uint256 price, int256 effectivePrice) {
        uint256 word;
        assembly ("memory-safe") {
            word := shr(UNUSED_BITS, mload(add(add(data, add(0x20, HEADER_BYTES)), mul(slot, SLOT_BYTES))))
        }
        price = word >> EFFECTIVE_BITS;
        effectivePrice = int72(uint72(word));
    }

    /// @dev Reads the first `count` slots.
    function readAll(bytes memory data, uint256 count)
        internal
        pure
        returns (uint256[] memory prices, int256[] memory effectivePrices)
    {
        (prices, effectivePrices) = (new uint256[](count), new int256[](count));
        assembly ("memory-safe") {
            let from := add(data, add(0x20, HEADER_BYTES))
            let size := mul(count, 0x20)
            let last := sub(div(EFFECTIVE_BITS, 8), 1) // byte of the sign
            for { let offset := 0x20 } iszero(gt(offset, size)) { offset := add(offset, 0x20) } {
                let word := shr(UNUSED_BITS, mload(from))
                mstore(add(prices, offset), shr(EFFECTIVE_BITS, word))
                mstore(add(effectivePrices, offset), signextend(last, word))
                from := add(from, SLOT_BYTES)
            }
        }
    }

    function _firstWord(bytes memory data) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(data, 0x20))
        }
    }
}

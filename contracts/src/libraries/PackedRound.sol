// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title PackedRound
/// @notice A round: a header of two bitmaps, uint64 of stale slots and uint64 of slots that ever had a price, bit i for
///         slot i; then 17 bytes a slot: uint64 price, int72 effective price.
library PackedRound {
    uint256 private constant HEADER_BYTES = 16;
    uint256 private constant HEADER_BITS = 128; // half a word: the slots after the header fill the other half
    uint256 private constant SLOT_BYTES = 17;
    uint256 private constant UNUSED_BITS = 120;
    uint256 private constant EFFECTIVE_BITS = 72;
    uint256 private constant BITMAP_BITS = 64;

    /// @dev Memory for a number of slots, none of them stale or priced.
    function create(uint256 slots) internal pure returns (bytes memory data) {
        // A slot is written as a whole word, so the last one reaches beyond its 17 bytes.
        data = new bytes(HEADER_BYTES + SLOT_BYTES * slots + 32);
        assembly ("memory-safe") {
            mstore(data, sub(mload(data), 32))
        }
    }

    /// @dev Writes the header and keeps the bytes after it.
    function writeStatus(bytes memory data, uint256 staleSlots, uint256 pricedSlots) internal pure {
        uint256 header = uint256(uint64(staleSlots)) << BITMAP_BITS | uint64(pricedSlots);
        assembly ("memory-safe") {
            let start := add(data, 0x20)
            let slots := shr(HEADER_BITS, shl(HEADER_BITS, mload(start)))
            mstore(start, or(shl(HEADER_BITS, header), slots))
        }
    }

    /// @dev The slots that keep an older price, and those that ever had one.
    function readStatus(bytes memory data) internal pure returns (uint256 staleSlots, uint256 pricedSlots) {
        uint256 header;
        assembly ("memory-safe") {
            header := shr(HEADER_BITS, mload(add(data, 0x20)))
        }
        staleSlots = header >> BITMAP_BITS;
        pricedSlots = uint64(header);
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
}

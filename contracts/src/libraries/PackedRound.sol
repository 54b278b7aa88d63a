// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

/// @title PackedRound
/// @notice Prices and effective prices of a round in 17 bytes a slot: uint64 price, int72 effective price.
library PackedRound {
    uint256 private constant SLOT_BYTES = 17;
    uint256 private constant UNUSED_BITS = 120;
    uint256 private constant EFFECTIVE_BITS = 72;

    /// @dev Memory for a number of slots.
    function create(uint256 slots) internal pure returns (bytes memory data) {
        // A slot is written as a whole word, so the last one reaches beyond its 17 bytes.
        data = new bytes(SLOT_BYTES * slots + 32);
        assembly ("memory-safe") {
            mstore(data, sub(mload(data), 32))
        }
    }

    /// @dev Writes a slot; slots must be written in ascending order, for each overwrites what follows it.
    function write(bytes memory data, uint256 slot, uint256 price, int256 effectivePrice) internal pure {
        uint256 word = ((price << EFFECTIVE_BITS) | uint72(int72(effectivePrice))) << UNUSED_BITS;
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), mul(slot, SLOT_BYTES)), word)
        }
    }

    /// @dev Reads a slot of data that `create` and `write` made.
    function read(bytes memory data, uint256 slot) internal pure returns (uint256 price, int256 effectivePrice) {
        uint256 word;
        assembly ("memory-safe") {
            word := shr(UNUSED_BITS, mload(add(add(data, 0x20), mul(slot, SLOT_BYTES))))
        }
        price = word >> EFFECTIVE_BITS;
        effectivePrice = int72(uint72(word));
    }
}

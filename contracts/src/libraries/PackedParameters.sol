// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {SlotParameters} from "../interfaces/IRiskParameters.sol";

/// @title PackedParameters
/// @notice What rounds take from the slots of a book in 10 bytes a slot: uint24 maintenance, uint24 initial, uint32
///         deviation.
library PackedParameters {
    uint256 private constant SLOT_BYTES = 10;
    uint256 private constant UNUSED_BITS = 176;

    function pack(SlotParameters[] memory slots) internal pure returns (bytes memory data) {
        // A slot is written as a whole word, so the last one reaches beyond its 10 bytes.
        data = new bytes(SLOT_BYTES * slots.length + 32);
        for (uint256 i = 0; i < slots.length; ++i) {
            SlotParameters memory slot = slots[i];
            uint256 word = uint256(slot.maintenancePpm) << 56 | uint256(slot.initialPpm) << 32 | slot.deviationPpm;
            assembly ("memory-safe") {
                mstore(add(add(data, 0x20), mul(i, SLOT_BYTES)), shl(UNUSED_BITS, word))
            }
        }
        assembly ("memory-safe") {
            mstore(data, sub(mload(data), 32))
        }
    }

    function unpack(bytes memory data) internal pure returns (SlotParameters[] memory slots) {
        uint256 count = data.length / SLOT_BYTES;
        slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 word;
            assembly ("memory-safe") {
                word := shr(UNUSED_BITS, mload(add(add(data, 0x20), mul(i, SLOT_BYTES))))
            }
            slots[i] = SlotParameters(uint24(word >> 56), uint24(word >> 32), uint32(word));
        }
    }
}

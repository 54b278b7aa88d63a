// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginFractions, PriceLimits, SlotParameters} from "../interfaces/IRiskParameters.sol";

/// @title PackedParameters
/// @notice What rounds take from the slots of a book: four bitmaps of 8 bytes, of the slots with an asset, with a spot asset,
///         with an option and with one that will be delisted; then 56 bytes a slot, 28 of margin fractions and 28 of price
///         limits, with fields in the order of their structs, the first one highest; then 5 bytes a slot of its expiry.
library PackedParameters {
    uint256 private constant HEADER_BYTES = 32;
    uint256 private constant ITEM_BYTES = 28;
    uint256 private constant UNUSED_BITS = 32;
    uint256 private constant EXPIRY_BYTES = 5;
    uint256 private constant EXPIRY_SHIFT = 216; // to the lowest bits of a word

    /// @param spot Bitmap of the slots with a spot asset.
    /// @param delisted Bitmap of those whose asset will be delisted.
    function pack(SlotParameters[] memory slots, uint64 spot, uint64 delisted)
        internal
        pure
        returns (bytes memory data)
    {
        // What is written is a whole word, so the last one reaches beyond its bytes.
        data = new bytes(HEADER_BYTES + (2 * ITEM_BYTES + EXPIRY_BYTES) * slots.length + 32);
        (uint64 present, uint64 derived) = (0, 0);
        for (uint256 i = 0; i < slots.length; ++i) {
            SlotParameters memory slot = slots[i];
            if (slot.limits.greatestPrice != 0) present |= uint64(1 << i);
            // Only an option's short side has a fraction of its underlying.
            if (slot.margins.underlyingMaintenancePpm != 0) derived |= uint64(1 << i);
            _write(data, 2 * i, _word(slot.margins));
            _write(data, 2 * i + 1, _word(slot.limits));
        }
        // In ascending order, for each overwrites what follows it.
        for (uint256 i = 0; i < slots.length; ++i) {
            uint256 place = _expiryPlace(slots.length, i);
            uint256 word = uint256(slots[i].expiresAt) << EXPIRY_SHIFT;
            assembly ("memory-safe") {
                mstore(add(data, place), word)
            }
        }
        assembly ("memory-safe") {
            mstore(data, sub(mload(data), 32))
            mstore(add(data, 0x20), or(or(shl(192, present), shl(128, spot)), or(shl(64, derived), delisted)))
        }
    }

    function unpack(bytes memory data) internal pure returns (SlotParameters[] memory slots) {
        uint256 count = (data.length - HEADER_BYTES) / (2 * ITEM_BYTES + EXPIRY_BYTES);
        slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            slots[i] = SlotParameters(margins(data, i), limits(data, i), expiryOf(data, count, i));
        }
    }

    /// @dev Bitmap of the slots with an asset.
    function listed(bytes memory data) internal pure returns (uint64 bitmap) {
        assembly ("memory-safe") {
            bitmap := shr(192, mload(add(data, 0x20)))
        }
    }

    /// @dev Bitmap of the slots with a spot asset.
    function spotAssets(bytes memory data) internal pure returns (uint64 bitmap) {
        assembly ("memory-safe") {
            bitmap := shr(192, mload(add(data, 0x28)))
        }
    }

    /// @dev Bitmap of the slots with an option.
    function options(bytes memory data) internal pure returns (uint64 bitmap) {
        assembly ("memory-safe") {
            bitmap := shr(192, mload(add(data, 0x30)))
        }
    }

    /// @dev Bitmap of the slots in which no account may grow at a time, whatever their price: their asset will be delisted, or
    ///      has reached its expiry.
    /// @param time Unix seconds.
    function closing(bytes memory data, uint256 count, uint256 time) internal pure returns (uint256 bitmap) {
        assembly ("memory-safe") {
            bitmap := and(mload(add(data, 0x20)), 0xffffffffffffffff)
        }
        for (uint256 i = 0; i < count; ++i) {
            uint256 expiry = expiryOf(data, count, i);
            if (expiry != 0 && expiry <= time) bitmap |= 1 << i;
        }
    }

    /// @dev When the asset of a slot expires, Unix seconds; 0 for never.
    function expiryOf(bytes memory data, uint256 count, uint256 slot) internal pure returns (uint40) {
        uint256 place = _expiryPlace(count, slot);
        uint256 word;
        assembly ("memory-safe") {
            word := mload(add(data, place))
        }
        return uint40(word >> EXPIRY_SHIFT);
    }

    /// @dev The fractions of a slot that there is.
    function margins(bytes memory data, uint256 slot) internal pure returns (MarginFractions memory) {
        uint256 word = _read(data, 2 * slot);
        return MarginFractions({
            maintenancePpm: uint24(word >> 192),
            initialPpm: uint24(word >> 168),
            shortMaintenancePpm: uint24(word >> 144),
            shortInitialPpm: uint24(word >> 120),
            underlyingMaintenancePpm: uint24(word >> 96),
            underlyingInitialPpm: uint24(word >> 72),
            underlying: uint8(word >> 64),
            strike: uint64(word)
        });
    }

    /// @dev The fractions of every slot's long side at one kind of margin [ppm].
    function longPpms(bytes memory data, uint256 count, bool isInitial) internal pure returns (uint256[] memory ppms) {
        ppms = new uint256[](count);
        uint256 shift = UNUSED_BITS + (isInitial ? 168 : 192);
        assembly ("memory-safe") {
            let from := add(data, add(0x20, HEADER_BYTES))
            let end := add(add(ppms, 0x20), mul(count, 0x20))
            for { let to := add(ppms, 0x20) } lt(to, end) { to := add(to, 0x20) } {
                mstore(to, and(shr(shift, mload(from)), 0xffffff))
                from := add(from, mul(2, ITEM_BYTES))
            }
        }
    }

    /// @dev The limits of a slot that there is.
    function limits(bytes memory data, uint256 slot) internal pure returns (PriceLimits memory) {
        uint256 word = _read(data, 2 * slot + 1);
        return PriceLimits({
            deviationPpm: uint32(word >> 192),
            deviationAmount: uint64(word >> 128),
            leastPrice: uint64(word >> 64),
            greatestPrice: uint64(word)
        });
    }

    /// @dev Where the expiry of a slot is, from the length word on.
    function _expiryPlace(uint256 count, uint256 slot) private pure returns (uint256) {
        return 0x20 + HEADER_BYTES + 2 * ITEM_BYTES * count + EXPIRY_BYTES * slot;
    }

    function _word(MarginFractions memory item) private pure returns (uint256) {
        return uint256(item.maintenancePpm) << 192 | uint256(item.initialPpm) << 168 | uint256(item.shortMaintenancePpm)
            << 144 | uint256(item.shortInitialPpm) << 120 | uint256(item.underlyingMaintenancePpm) << 96
            | uint256(item.underlyingInitialPpm) << 72 | uint256(item.underlying) << 64 | item.strike;
    }

    function _word(PriceLimits memory item) private pure returns (uint256) {
        return uint256(item.deviationPpm) << 192 | uint256(item.deviationAmount) << 128 | uint256(item.leastPrice) << 64
            | item.greatestPrice;
    }

    function _write(bytes memory data, uint256 item, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, add(0x20, HEADER_BYTES)), mul(item, ITEM_BYTES)), shl(UNUSED_BITS, word))
        }
    }

    function _read(bytes memory data, uint256 item) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := shr(UNUSED_BITS, mload(add(add(data, add(0x20, HEADER_BYTES)), mul(item, ITEM_BYTES))))
        }
    }
}

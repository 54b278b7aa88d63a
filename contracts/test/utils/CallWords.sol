// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

/// @title CallWords
/// @notice Calls with another bit in one of their words.
abstract contract CallWords is Test {
    uint256 private constant HIGHEST_BIT = 1 << 255;
    uint256 private constant WORD = 32;

    /// @dev A call acts, and does not with another lowest or highest bit in any of its words.
    function everyWordCounts(address caller, address target, uint256 value, bytes memory call_) internal {
        uint256 words = (call_.length - 4) / WORD;
        assertEq(4 + words * WORD, call_.length);
        uint256[2] memory masks = [1, HIGHEST_BIT];
        for (uint256 i = 0; i < words; ++i) {
            for (uint256 k = 0; k < masks.length; ++k) {
                turn(call_, i, masks[k]);
                assertFalse(acts(caller, target, value, call_), string.concat("word ", vm.toString(i)));
                turn(call_, i, masks[k]);
            }
        }
        assertTrue(acts(caller, target, value, call_), "as it is");
    }

    /// @dev Whether a call succeeds. Leaves everything as it was.
    function acts(address caller, address target, uint256 value, bytes memory call_) internal returns (bool success) {
        uint256 before = vm.snapshotState();
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (success,) = target.call{value: value}(call_);
        vm.revertToState(before);
    }

    /// @dev Turns the bits of a mask in a word of a call's arguments.
    function turn(bytes memory call_, uint256 index, uint256 mask) private pure {
        assembly ("memory-safe") {
            let word := add(add(call_, 0x24), mul(index, 0x20))
            mstore(word, xor(mload(word), mask))
        }
    }
}

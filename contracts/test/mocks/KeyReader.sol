// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Margin13Verifier} from "../../generated/Margin13Verifier.sol";
import {G1Point, Proof} from "../../src/interfaces/IGroth16Verifier.sol";

/// @dev The verifier of margin-13, with some of its inside shown.
contract KeyReader is Margin13Verifier {
    /// @return proof A = alpha, B = beta, C left (0, 0).
    function alphaBeta() external pure returns (Proof memory proof) {
        bytes memory pairs = new bytes(3 * 0xc0);
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := add(pairs, 0x20)
        }
        _loadPairs(pointer);
        assembly ("memory-safe") {
            mstore(pairs, 0xc0)
        }
        return abi.decode(bytes.concat(pairs, new bytes(0x40)), (Proof));
    }

    /// @return The coefficients of a batch.
    function coefficients(Proof[] calldata proofs, uint256[] calldata inputs, G1Point calldata point)
        external
        pure
        returns (uint256[] memory)
    {
        return _coefficients(proofs, inputs, point);
    }
}

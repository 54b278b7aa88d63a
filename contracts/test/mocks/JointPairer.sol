// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {JointPairing} from "../../src/groth16/JointPairing.sol";
import {Proof} from "../../src/interfaces/IGroth16Verifier.sol";

/// @dev Calls the library with what it is given.
contract JointPairer {
    function requireBoth(
        JointPairing.Terms calldata first,
        Proof calldata firstProof,
        JointPairing.Terms calldata second,
        Proof calldata secondProof
    ) external view {
        JointPairing.requireBoth(first, firstProof, second, secondProof);
    }

    function coefficient(
        JointPairing.Terms calldata first,
        Proof calldata firstProof,
        JointPairing.Terms calldata second,
        Proof calldata secondProof
    ) external view returns (uint256) {
        return JointPairing.coefficient(
            JointPairing.digestOf(first, firstProof), JointPairing.digestOf(second, secondProof)
        );
    }
}

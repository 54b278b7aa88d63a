// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {G1Point, IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IProofErrors} from "../interfaces/IProofErrors.sol";

/// @title Statements
/// @notice What books and gates demand of their verifiers at deployment. That the key may be used at all, its verifier
///         demanded at its own deployment (Groth16Key).
library Statements {
    using Strings for uint256;

    /// @dev K: three balances an element, and one balance with quote.
    function cipherElements(uint256 slots) internal pure returns (uint256) {
        return (slots + 2) / 3;
    }

    /// @dev The round point of a statement that takes nothing of a round: the same for all of its proofs.
    function fixedPoint(IGroth16Verifier verifier) internal view returns (uint256 x, uint256 y) {
        G1Point memory point = verifier.computeRoundPoint(new uint256[](0));
        return (point.x, point.y);
    }

    /// @dev Reverts unless the verifier is of a statement for N = slots, with its signals split so.
    function requireStatement(
        IGroth16Verifier verifier,
        string memory statement,
        uint256 slots,
        uint256 proofInputs,
        uint256 roundInputs
    ) internal view {
        string memory expected = string.concat(statement, "-", slots.toString());
        string memory given = verifier.statement();
        if (!Strings.equal(given, expected)) revert IProofErrors.WrongStatement(expected, given);
        bool split = verifier.proofInputCount() == proofInputs && verifier.roundInputCount() == roundInputs;
        if (!split) revert IProofErrors.WrongSignals(expected);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.37;

import {Groth16Verifier} from "${groth16}/Groth16Verifier.sol";

/// @title ${contract}
/// @notice Verifies proofs of `${statement}` under a ${origin} key.
contract ${contract} is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "${statement}";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return ${digest};
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return ${is_development};
    }

    function proofInputCount() public pure override returns (uint256) {
        return ${proof_inputs};
    }

    function roundInputCount() public pure override returns (uint256) {
        return ${round_inputs};
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
${pairs}
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
${constant}
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
${proof_points}
        }
    }

    function _loadRoundPoints(uint256${round_points_at}) internal pure virtual override {
        assembly ("memory-safe") {
${round_points}
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {G1Point, IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {Bn254} from "../libraries/Bn254.sol";

/// @title JointPairing
/// @notice Verifies two proofs of two keys by one pairing check.
/// @dev Multiplies the second equation by a coefficient and the products of both, as `verifyBatch` does for proofs of one key.
///      If the first equation alone is false the product is, whatever the coefficient. If the second is false, a single
///      coefficient makes the product 1, and it is 253 bits of a hash over both keys, round points, proofs and all signals:
///      choosing any of them changes it. So a pair with a false equation passes with probability 2^-253 a try.
library JointPairing {
    /// @notice What a proof is held to.
    struct Terms {
        /// Of the statement.
        IGroth16Verifier verifier;
        /// What `computeRoundPoint` of this verifier returned.
        G1Point roundPoint;
        /// Field elements.
        uint256[] proofInputs;
    }

    /// @dev The pairs of one equation: that of the proof, which no other equation shares, then those of the key.
    uint256 private constant PAIRS = 4;

    /// @dev Reverts unless both proofs verify, as `verify` of either verifier would, and says no more of which does not.
    function requireBoth(Terms memory first, Proof calldata firstProof, Terms memory second, Proof calldata secondProof)
        internal
        view
    {
        uint256 scalar = coefficient(digestOf(first, firstProof), digestOf(second, secondProof));
        (uint256 pairs, uint256 count) = _joined(_pairsOf(first, firstProof, 1), _pairsOf(second, secondProof, scalar));
        Bn254.requirePairing(pairs, count);
    }

    /// @dev All that decides whether an equation holds.
    function digestOf(Terms memory terms, Proof calldata proof) internal view returns (bytes32) {
        return keccak256(abi.encode(terms.verifier.keyDigest(), terms.roundPoint, proof, terms.proofInputs));
    }

    /// @dev What the second equation is multiplied by: below r, and so uniform as it is.
    function coefficient(bytes32 first, bytes32 second) internal pure returns (uint256) {
        return uint256(Hashes.efficientKeccak256(first, second)) >> 3;
    }

    function _pairsOf(Terms memory terms, Proof calldata proof, uint256 scalar)
        private
        view
        returns (uint256[24] memory)
    {
        return terms.verifier.scaledPairs(proof, terms.proofInputs, terms.roundPoint, scalar);
    }

    /// @dev The pairs of both equations. Where both keys have the same point of G2, as all keys of snarkjs have gamma, their
    ///      points of G1 are added, which is cheaper than a pairing.
    function _joined(uint256[24] memory ones, uint256[24] memory others)
        private
        view
        returns (uint256 pairs, uint256 count)
    {
        uint256 from;
        pairs = Bn254.allocate(2 * PAIRS * Bn254.PAIR_BYTES);
        assembly ("memory-safe") {
            mcopy(pairs, ones, 0x300)
            from := others
        }
        count = PAIRS;
        for (uint256 k = 0; k < PAIRS; ++k) {
            uint256 pair = from + k * Bn254.PAIR_BYTES;
            if (k > 0 && _shareG2(pairs + k * Bn254.PAIR_BYTES, pair)) {
                Bn254.add(pairs + k * Bn254.PAIR_BYTES, pair);
                continue;
            }
            uint256 to = pairs + count * Bn254.PAIR_BYTES;
            assembly ("memory-safe") {
                mcopy(to, pair, 0xc0)
            }
            ++count;
        }
    }

    function _shareG2(uint256 one, uint256 other) private pure returns (bool same) {
        assembly ("memory-safe") {
            same := eq(keccak256(add(one, 0x40), 0x80), keccak256(add(other, 0x40), 0x80))
        }
    }
}

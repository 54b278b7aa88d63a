// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {G1Point, IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {Groth16Key} from "./Groth16Key.sol";

/// @title Groth16Verifier
/// @notice Groth16 with cached round inputs, over the key that a generated contract supplies.
/// @dev Of e(A, B) = e(alpha, beta) e(V, gamma) e(C, delta) with V = IC_0 + sum of input_i * IC_i, the round point is
///      the part of V that a round determines.
///
///      No point may be at infinity. A proof with one drops a pairing from the equation; by itself that forges nothing,
///      as alpha beta would have to be matched from gamma and delta alone, but no honest prover makes such a proof and
///      the off-chain verifier refuses it too. A ROUND POINT at infinity would be fatal: it is what unwritten storage
///      holds, and without IC_0 the circuit's constant 1 turns into 0, which all-zero witnesses satisfy.
///
///      Arithmetic on positions in memory is unchecked: all are small.
abstract contract Groth16Verifier is Groth16Key {
    /// @dev The pairs of one equation.
    uint256 private constant PAIRS = 4;

    /// @dev Positions among the pairs of the key.
    uint256 private constant V = Bn254.PAIR_BYTES;
    uint256 private constant C = 2 * Bn254.PAIR_BYTES;

    /// @inheritdoc IGroth16Verifier
    function computeRoundPoint(uint256[] calldata roundInputs) external view returns (G1Point memory point) {
        uint256 count = roundInputCount();
        if (roundInputs.length != count) revert WrongNumberOfSignals(count, roundInputs.length);

        uint256 points = Bn254.allocate(count * Bn254.POINT_BYTES);
        _loadRoundPoints(points);
        uint256 sum;
        assembly ("memory-safe") {
            sum := point
        }
        _loadConstant(sum);
        Bn254.addProducts(sum, points, _copy(roundInputs), count);
    }

    /// @inheritdoc IGroth16Verifier
    function verify(Proof calldata proof, uint256[] calldata proofInputs, G1Point calldata roundPoint) external view {
        uint256 pairs = Bn254.allocate(PAIRS * Bn254.PAIR_BYTES);
        _writePairs(pairs, proof, proofInputs, roundPoint);
        Bn254.requirePairing(pairs, PAIRS);
    }

    /// @inheritdoc IGroth16Verifier
    function scaledPairs(
        Proof calldata proof,
        uint256[] calldata proofInputs,
        G1Point calldata roundPoint,
        uint256 coefficient
    ) external view returns (uint256[24] memory pairs) {
        uint256 start;
        assembly ("memory-safe") {
            start := pairs
        }
        _writePairs(start, proof, proofInputs, roundPoint);
        for (uint256 k = 0; k < PAIRS; ++k) {
            Bn254.scale(start + k * Bn254.PAIR_BYTES, coefficient);
        }
    }

    /// @inheritdoc IGroth16Verifier
    /// @dev Multiplies the equation of each proof k by a coefficient c_k and adds them all up:
    ///      prod e(-c_k A_k, B_k) * e(sum c_k alpha, beta) e(sum c_k V_k, gamma) e(sum c_k C_k, delta) = 1.
    ///      Coefficients are 253 bits of a hash over the key and everything in the batch, so that choosing any proof
    ///      changes all of them: a false equation passes with probability 2^-253 a try. c_0 = 1 takes nothing from
    ///      that: if only equation 0 is false the sum is, and if another is, its own coefficient is random.
    function verifyBatch(Proof[] calldata proofs, uint256[] calldata proofInputs, G1Point calldata roundPoint)
        external
        view
    {
        uint256 n = proofs.length;
        uint256 count = proofInputCount();
        if (n == 0) revert EmptyBatch();
        if (proofInputs.length != n * count) revert WrongNumberOfSignals(n * count, proofInputs.length);

        uint256[] memory coefficients = _coefficients(proofs, proofInputs, roundPoint);
        unchecked {
            uint256 pairs = Bn254.allocate((n + 3) * Bn254.PAIR_BYTES);
            uint256 keyPairs = pairs + n * Bn254.PAIR_BYTES;
            _loadPairs(keyPairs);
            _loadRoundPoint(keyPairs + V, roundPoint);

            uint256 total = _sum(coefficients);
            Bn254.scale(keyPairs, total);
            Bn254.scale(keyPairs + V, total);
            uint256 points = Bn254.allocate(count * Bn254.POINT_BYTES);
            _loadProofPoints(points);
            uint256[] memory inputs = _combineInputs(proofInputs, coefficients, count);
            Bn254.addProducts(keyPairs + V, points, _items(inputs), count);
            _combineProofs(proofs, coefficients, pairs, keyPairs + C);
            Bn254.requirePairing(pairs, n + 3);
        }
    }

    /// @dev Writes the pairs of the equation of a proof: (-A, B), then those of the key.
    function _writePairs(
        uint256 pairs,
        Proof calldata proof,
        uint256[] calldata proofInputs,
        G1Point calldata roundPoint
    ) private view {
        unchecked {
            uint256 count = proofInputCount();
            if (proofInputs.length != count) revert WrongNumberOfSignals(count, proofInputs.length);

            uint256 keyPairs = pairs + Bn254.PAIR_BYTES;
            _loadPairs(keyPairs);
            _loadProof(pairs, keyPairs + C, proof);
            _loadRoundPoint(keyPairs + V, roundPoint);

            uint256 points = Bn254.allocate(count * Bn254.POINT_BYTES);
            _loadProofPoints(points);
            Bn254.addProducts(keyPairs + V, points, _copy(proofInputs), count);
            Bn254.negate(pairs);
        }
    }

    /// @dev Writes the pairs (-c_k A_k, B_k), and sum of c_k C_k.
    function _combineProofs(Proof[] calldata proofs, uint256[] memory coefficients, uint256 pairs, uint256 sumC)
        private
        view
    {
        unchecked {
            uint256 n = proofs.length;
            uint256 points = Bn254.allocate(n * Bn254.POINT_BYTES);
            for (uint256 k = 0; k < n; ++k) {
                uint256 pair = pairs + k * Bn254.PAIR_BYTES;
                _loadProof(pair, points + k * Bn254.POINT_BYTES, proofs[k]);
                Bn254.scale(pair, coefficients[k]);
                Bn254.negate(pair);
            }
            Bn254.sumProducts(sumC, points, _items(coefficients), n);
        }
    }

    /// @dev Writes A and B as a pair, and C.
    function _loadProof(uint256 pair, uint256 c, Proof calldata proof) private pure {
        Bn254.loadG1(pair, proof.a);
        unchecked {
            Bn254.loadG2(pair + Bn254.POINT_BYTES, proof.b);
        }
        Bn254.loadG1(c, proof.c);
    }

    /// @dev A point that is not on the curve is left to the precompile of its first addition: it comes from the caller's
    ///      storage, not from the submitter of a proof.
    function _loadRoundPoint(uint256 pointer, G1Point calldata point) private pure {
        assembly ("memory-safe") {
            calldatacopy(pointer, point, 0x40)
        }
        if (point.x == 0 && point.y == 0) revert RoundPointMissing();
    }

    /// @dev Coefficients of a batch: 1, then 253 bits of a hash each, which is below r and so uniform as it is. All that
    ///      is hashed has a size that the number of proofs determines, so it has one reading only.
    function _coefficients(Proof[] calldata proofs, uint256[] calldata proofInputs, G1Point calldata roundPoint)
        internal
        pure
        returns (uint256[] memory coefficients)
    {
        bytes32 seed;
        bytes32 key = keyDigest();
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, key)
            calldatacopy(add(pointer, 0x20), roundPoint, 0x40)
            let proofsSize := shl(8, proofs.length)
            calldatacopy(add(pointer, 0x60), proofs.offset, proofsSize)
            let inputsSize := shl(5, proofInputs.length)
            calldatacopy(add(add(pointer, 0x60), proofsSize), proofInputs.offset, inputsSize)
            seed := keccak256(pointer, add(add(0x60, proofsSize), inputsSize))
        }
        coefficients = new uint256[](proofs.length);
        coefficients[0] = 1;
        for (uint256 k = 1; k < coefficients.length; ++k) {
            coefficients[k] = uint256(Hashes.efficientKeccak256(seed, bytes32(k))) >> 3;
        }
    }

    /// @dev sum over k of coefficient_k * input_ki for each i; reverts unless each input is below r.
    function _combineInputs(uint256[] calldata inputs, uint256[] memory coefficients, uint256 count)
        private
        pure
        returns (uint256[] memory sums)
    {
        sums = new uint256[](count);
        uint256 index = 0;
        for (uint256 k = 0; k < coefficients.length; ++k) {
            uint256 coefficient = coefficients[k];
            for (uint256 i = 0; i < count; ++i) {
                uint256 input = inputs[index];
                if (input >= Bn254.SCALAR_MODULUS) revert SignalNotInField(index);
                input = mulmod(coefficient, input, Bn254.SCALAR_MODULUS);
                sums[i] = addmod(sums[i], input, Bn254.SCALAR_MODULUS);
                ++index;
            }
        }
    }

    function _sum(uint256[] memory scalars) private pure returns (uint256 total) {
        for (uint256 k = 0; k < scalars.length; ++k) {
            total = addmod(total, scalars[k], Bn254.SCALAR_MODULUS);
        }
    }

    /// @dev The items of a calldata array in memory.
    function _copy(uint256[] calldata items) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            let size := shl(5, items.length)
            pointer := mload(0x40)
            mstore(0x40, add(pointer, size))
            calldatacopy(pointer, items.offset, size)
        }
    }

    /// @dev The items of a memory array.
    function _items(uint256[] memory array) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := add(array, 0x20)
        }
    }
}

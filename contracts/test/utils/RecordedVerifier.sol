// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";

/// @title RecordedVerifier
/// @notice A verifier that pays for the pairing of a proof once, however often the proof is verified. It accepts and refuses
///         exactly what the verifier behind it does.
/// @dev A statement is recorded after that verifier accepted it: a hash over proof, proof inputs and round point. What is not
///      recorded, or differs in any word, is left to that verifier, with its errors.
contract RecordedVerifier is IGroth16Verifier {
    IGroth16Verifier private immutable _verifier;
    mapping(bytes32 statement => bool) private _isRecorded;

    constructor(IGroth16Verifier verifier) {
        _verifier = verifier;
    }

    /// @notice Records proofs of one round, or reverts as `verifyBatch` does.
    /// @param roundInputs As for `computeRoundPoint`.
    function record(Proof[] calldata proofs, uint256[] calldata proofInputs, uint256[] calldata roundInputs) external {
        G1Point memory point = _verifier.computeRoundPoint(roundInputs);
        _verifier.verifyBatch(proofs, proofInputs, point);
        uint256 count = proofInputCount();
        for (uint256 k = 0; k < proofs.length; ++k) {
            _isRecorded[_digest(proofs[k], proofInputs[k * count:(k + 1) * count], point)] = true;
        }
    }

    /// @inheritdoc IGroth16Verifier
    function verify(Proof calldata proof, uint256[] calldata proofInputs, G1Point calldata roundPoint) external view {
        if (!_isRecorded[_digest(proof, proofInputs, roundPoint)]) _verifier.verify(proof, proofInputs, roundPoint);
    }

    /// @inheritdoc IGroth16Verifier
    function verifyBatch(Proof[] calldata proofs, uint256[] calldata proofInputs, G1Point calldata roundPoint)
        external
        view
    {
        if (!_areRecorded(proofs, proofInputs, roundPoint)) {
            _verifier.verifyBatch(proofs, proofInputs, roundPoint);
        }
    }

    /// @inheritdoc IGroth16Verifier
    function scaledPairs(
        Proof calldata proof,
        uint256[] calldata proofInputs,
        G1Point calldata roundPoint,
        uint256 coefficient
    ) external view returns (uint256[24] memory) {
        return _verifier.scaledPairs(proof, proofInputs, roundPoint, coefficient);
    }

    /// @inheritdoc IGroth16Verifier
    function computeRoundPoint(uint256[] calldata roundInputs) external view returns (G1Point memory point) {
        return _verifier.computeRoundPoint(roundInputs);
    }

    /// @inheritdoc IGroth16Verifier
    function statement() external view returns (string memory) {
        return _verifier.statement();
    }

    /// @inheritdoc IGroth16Verifier
    function keyDigest() external view returns (bytes32) {
        return _verifier.keyDigest();
    }

    /// @inheritdoc IGroth16Verifier
    function isDevelopmentKey() external view returns (bool) {
        return _verifier.isDevelopmentKey();
    }

    /// @inheritdoc IGroth16Verifier
    function roundInputCount() external view returns (uint256) {
        return _verifier.roundInputCount();
    }

    /// @inheritdoc IGroth16Verifier
    function proofInputCount() public view returns (uint256) {
        return _verifier.proofInputCount();
    }

    /// @dev Whether there are proofs, with as many inputs as they need, and each statement is recorded.
    function _areRecorded(Proof[] calldata proofs, uint256[] calldata proofInputs, G1Point calldata roundPoint)
        private
        view
        returns (bool)
    {
        uint256 count = proofInputCount();
        if (proofs.length == 0 || proofInputs.length != proofs.length * count) return false;
        for (uint256 k = 0; k < proofs.length; ++k) {
            uint256[] calldata inputs = proofInputs[k * count:(k + 1) * count];
            if (!_isRecorded[_digest(proofs[k], inputs, roundPoint)]) return false;
        }
        return true;
    }

    function _digest(Proof calldata proof, uint256[] calldata proofInputs, G1Point memory roundPoint)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(proof, proofInputs, roundPoint));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {G1Point, IGroth16Verifier, Proof} from "../src/interfaces/IGroth16Verifier.sol";

/// @title MockVerifier
/// @notice Accepts any proof of the public signals that it was told hold, and no proof of other ones. For tests without
///         proofs: never deploy it, for any caller can tell it what holds.
contract MockVerifier is IGroth16Verifier {
    /// @inheritdoc IGroth16Verifier
    string public statement;

    /// @inheritdoc IGroth16Verifier
    uint256 public immutable proofInputCount;

    /// @inheritdoc IGroth16Verifier
    uint256 public immutable roundInputCount;

    mapping(bytes32 statement => bool) private _holds;

    /// @param statement_ Name and size of the statement, such as "margin-13".
    /// @param proofInputs How many public signals are of the proof: 3 for margin.
    /// @param roundInputs How many are of the round: 3 a slot for margin.
    constructor(string memory statement_, uint256 proofInputs, uint256 roundInputs) {
        statement = statement_;
        (proofInputCount, roundInputCount) = (proofInputs, roundInputs);
    }

    /// @notice Accepts every proof of these signals from now on.
    /// @param proofInputs Signals of the proof.
    /// @param roundInputs Signals of the round, as the price source computes them.
    function allow(uint256[] calldata proofInputs, uint256[] calldata roundInputs) external {
        _holds[_digest(proofInputs, computeRoundPoint(roundInputs))] = true;
    }

    /// @inheritdoc IGroth16Verifier
    function verify(Proof calldata, uint256[] calldata proofInputs, G1Point calldata roundPoint) public view {
        if (proofInputs.length != proofInputCount) revert WrongNumberOfSignals(proofInputCount, proofInputs.length);
        if (!_holds[_digest(proofInputs, roundPoint)]) revert ProofDoesNotVerify();
    }

    /// @inheritdoc IGroth16Verifier
    function verifyBatch(Proof[] calldata proofs, uint256[] calldata proofInputs, G1Point calldata roundPoint)
        external
        view
    {
        uint256 all = proofs.length * proofInputCount;
        if (proofInputs.length != all) revert WrongNumberOfSignals(all, proofInputs.length);
        for (uint256 k = 0; k < proofs.length; ++k) {
            verify(proofs[k], proofInputs[k * proofInputCount:(k + 1) * proofInputCount], roundPoint);
        }
    }

    /// @inheritdoc IGroth16Verifier
    function keyDigest() external pure returns (bytes32) {
        return keccak256("MockVerifier");
    }

    /// @inheritdoc IGroth16Verifier
    function isDevelopmentKey() external pure returns (bool) {
        return true;
    }

    /// @inheritdoc IGroth16Verifier
    /// @dev No point of the curve, and another one for other inputs.
    function computeRoundPoint(uint256[] calldata roundInputs) public view returns (G1Point memory point) {
        if (roundInputs.length != roundInputCount) revert WrongNumberOfSignals(roundInputCount, roundInputs.length);
        return G1Point(uint256(keccak256(abi.encode(roundInputs))), 1);
    }

    function _digest(uint256[] calldata proofInputs, G1Point memory roundPoint) private pure returns (bytes32) {
        return keccak256(abi.encode(proofInputs, roundPoint));
    }
}

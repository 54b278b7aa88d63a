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

    /// @dev Generators of both groups, and the y of the first one's negative.
    uint256 private constant G1_X = 1;
    uint256 private constant G1_Y = 2;
    uint256 private constant G1_MINUS_Y = 21888242871839275222246405745257275088696311157297823662689037894645226208581;
    uint256 private constant G2_X1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 private constant G2_X0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 private constant G2_Y1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 private constant G2_Y0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;

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
    /// @dev Pairs whose product is 1: of generators, two of them negative.
    function scaledPairs(Proof calldata proof, uint256[] calldata proofInputs, G1Point calldata roundPoint, uint256)
        external
        view
        returns (uint256[24] memory pairs)
    {
        verify(proof, proofInputs, roundPoint);
        for (uint256 k = 0; k < 4; ++k) {
            (pairs[6 * k], pairs[6 * k + 1]) = (G1_X, k % 2 == 0 ? G1_Y : G1_MINUS_Y);
            (pairs[6 * k + 2], pairs[6 * k + 3]) = (G2_X1, G2_X0);
            (pairs[6 * k + 4], pairs[6 * k + 5]) = (G2_Y1, G2_Y0);
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

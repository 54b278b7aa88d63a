// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";

/// @dev Accepts any proof of the statements that it was told hold, and no proof of another one.
contract TestVerifier is IGroth16Verifier {
    string public statement;
    uint256 public immutable proofInputCount;
    uint256 public immutable roundInputCount;
    mapping(bytes32 statement => bool) private _holds;

    constructor(string memory statement_, uint256 proofInputs, uint256 roundInputs) {
        statement = statement_;
        (proofInputCount, roundInputCount) = (proofInputs, roundInputs);
    }

    function allow(uint256[] calldata proofInputs, uint256[] calldata roundInputs) external {
        _holds[_digest(proofInputs, computeRoundPoint(roundInputs))] = true;
    }

    function verify(Proof calldata, uint256[] calldata proofInputs, G1Point calldata roundPoint) public view {
        if (proofInputs.length != proofInputCount) revert WrongNumberOfSignals(proofInputCount, proofInputs.length);
        if (!_holds[_digest(proofInputs, roundPoint)]) revert ProofDoesNotVerify();
    }

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

    function keyDigest() external pure returns (bytes32) {
        return keccak256("TestVerifier");
    }

    function isDevelopmentKey() external pure returns (bool) {
        return true;
    }

    /// @dev No point of the curve, and another one for other inputs.
    function computeRoundPoint(uint256[] calldata roundInputs) public view returns (G1Point memory point) {
        if (roundInputs.length != roundInputCount) revert WrongNumberOfSignals(roundInputCount, roundInputs.length);
        return G1Point(uint256(keccak256(abi.encode(roundInputs))), 1);
    }

    function _digest(uint256[] calldata proofInputs, G1Point memory roundPoint) private pure returns (bytes32) {
        return keccak256(abi.encode(proofInputs, roundPoint));
    }
}

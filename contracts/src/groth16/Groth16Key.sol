// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {Bn254} from "../libraries/Bn254.sol";

/// @title Groth16Key
/// @notice A verifying key as code: generated contracts write its points into memory, and say whose key it is.
/// @dev The points are constants of the code, so they cost no storage reads. The constructor refuses a key that must not
///      be deployed; that the points of G2 lie in the subgroup of order r is checked by the generator.
abstract contract Groth16Key is IGroth16Verifier {
    uint256 private constant ANVIL_CHAIN_ID = 31337;
    uint256 private constant LOCAL_CHAIN_ID = 1337;

    constructor() {
        if (isDevelopmentKey() && block.chainid != ANVIL_CHAIN_ID && block.chainid != LOCAL_CHAIN_ID) {
            revert DevelopmentKeyOnPublicChain(block.chainid);
        }
        _requirePairs();
        _requireInputPoints();
    }

    /// @inheritdoc IGroth16Verifier
    function statement() external pure virtual returns (string memory);

    /// @inheritdoc IGroth16Verifier
    function keyDigest() public pure virtual returns (bytes32);

    /// @inheritdoc IGroth16Verifier
    function isDevelopmentKey() public pure virtual returns (bool);

    /// @inheritdoc IGroth16Verifier
    function proofInputCount() public pure virtual returns (uint256);

    /// @inheritdoc IGroth16Verifier
    function roundInputCount() public pure virtual returns (uint256);

    /// @dev Writes three pairs for the pairing precompile: (alpha, beta), (room for V, gamma), (room for C, delta).
    function _loadPairs(uint256 pairs) internal pure virtual;

    /// @dev Writes IC_0, the point of the constant 1.
    function _loadConstant(uint256 point) internal pure virtual;

    /// @dev Writes the points of the proof inputs, one after the other.
    function _loadProofPoints(uint256 points) internal pure virtual;

    /// @dev Writes the points of the round inputs, one after the other.
    function _loadRoundPoints(uint256 points) internal pure virtual;

    function _requirePairs() private pure {
        uint256 pairs = Bn254.allocate(3 * Bn254.PAIR_BYTES);
        _loadPairs(pairs);
        uint256 beta = pairs + Bn254.POINT_BYTES;
        uint256 gamma = beta + Bn254.PAIR_BYTES;
        uint256 delta = gamma + Bn254.PAIR_BYTES;
        bool contributed;
        assembly ("memory-safe") {
            contributed := iszero(eq(keccak256(gamma, 0x80), keccak256(delta, 0x80)))
        }
        if (!contributed) revert KeyWithoutContribution();
        bool valid = Bn254.isG1(pairs) && Bn254.isG2(beta) && Bn254.isG2(gamma) && Bn254.isG2(delta);
        if (!valid) revert KeyPointNotOnCurve();
    }

    function _requireInputPoints() private pure {
        uint256 count = 1 + proofInputCount() + roundInputCount();
        uint256 points = Bn254.allocate(count * Bn254.POINT_BYTES);
        _loadConstant(points);
        _loadProofPoints(points + Bn254.POINT_BYTES);
        _loadRoundPoints(points + (1 + proofInputCount()) * Bn254.POINT_BYTES);
        for (uint256 i = 0; i < count; ++i) {
            if (!Bn254.isG1(points + i * Bn254.POINT_BYTES)) revert KeyPointNotOnCurve();
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice An affine point of G1. The point at infinity has no place here: every function refuses (0, 0).
struct G1Point {
    /// Below q.
    uint256 x;
    /// Below q.
    uint256 y;
}

/// @notice An affine point of G2 over Fq[u]/(u^2 + 1): x = x0 + x1 u, y = y0 + y1 u.
/// @dev All four are below q. The coefficient of u comes FIRST, as the precompile and snarkjs' calldata have it; proof.json
///      has it last.
struct G2Point {
    uint256 x1;
    uint256 x0;
    uint256 y1;
    uint256 y0;
}

/// @notice A Groth16 proof.
struct Proof {
    G1Point a;
    G2Point b;
    G1Point c;
}

/// @title IGroth16Verifier
/// @notice Verifies proofs of one statement under one key, with the public inputs in two parts:
///         *round inputs* (prices and margins, the same for every account of a round) and *proof inputs* (the rest).
///         The part of the verification that depends on the round is one point of G1, computed once a round by
///         `computeRoundPoint` and stored by the caller; each proof then pays for its own inputs only.
/// @dev A verifying function returns nothing: it reverts unless everything holds, so no result can be ignored.
interface IGroth16Verifier {
    /// @notice Thrown when the number of round inputs or proof inputs is not the statement's.
    /// @param expected How many the statement has; in a batch, for all of its proofs.
    /// @param given How many came.
    error WrongNumberOfSignals(uint256 expected, uint256 given);

    /// @notice Thrown when a public input is r or more, so that one statement would have several encodings.
    /// @param index Its index within the array it came in.
    error SignalNotInField(uint256 index);

    /// @notice Thrown when a coordinate of a point is q or more.
    error CoordinateNotInField();

    /// @notice Thrown when a point satisfies no curve equation. The point at infinity, (0, 0), is one of these.
    error PointNotOnCurve();

    /// @notice Thrown when the round point is (0, 0), as in storage of a round that was never prepared.
    error RoundPointMissing();

    /// @notice Thrown when the pairing precompile refuses its input. Every other property having been checked, a
    ///         point B is outside the subgroup of order r (or the gas did not suffice for the precompile).
    error PointNotInSubgroup();

    /// @notice Thrown when the pairing equation does not hold: the proof is not one of this statement, key and inputs.
    error ProofDoesNotVerify();

    /// @notice Thrown when a batch holds no proof: there would be nothing to be refused.
    error EmptyBatch();

    /// @notice Thrown when the curve precompiles do not answer: the round point is not on the curve, the gas did not
    ///         suffice, or the chain has no such precompiles.
    error PrecompileFailed();

    /// @notice Thrown at deployment when gamma = delta: phase 2 has no contribution, and anyone can forge.
    error KeyWithoutContribution();

    /// @notice Thrown at deployment when a point of the key is not a point of its curve, or is the point at infinity
    ///         (a public input that belongs to one would not be bound by the proof).
    error KeyPointNotOnCurve();

    /// @notice Thrown when a development key, under which anyone can forge, is deployed on a chain that is not local.
    /// @param chainId The id of that chain.
    error DevelopmentKeyOnPublicChain(uint256 chainId);

    /// @notice The part of the verification that depends on the round: IC_0 + sum of input_i * IC_i.
    /// @param roundInputs `roundInputCount()` field elements, each below r.
    /// @return point Bound to these inputs and to this key; the caller stores it under both.
    function computeRoundPoint(uint256[] calldata roundInputs) external view returns (G1Point memory point);

    /// @notice Reverts unless the proof verifies.
    /// @param proof Points on their curves, not at infinity.
    /// @param proofInputs `proofInputCount()` field elements, each below r.
    /// @param roundPoint What `computeRoundPoint` of THIS verifier returned for the round in question.
    function verify(Proof calldata proof, uint256[] calldata proofInputs, G1Point calldata roundPoint) external view;

    /// @notice Reverts unless every proof of the batch verifies, all at one round.
    /// @param proofs At least one proof.
    /// @param proofInputs The proof inputs of all proofs, one proof after the other, in one array.
    /// @param roundPoint As in `verify`.
    function verifyBatch(Proof[] calldata proofs, uint256[] calldata proofInputs, G1Point calldata roundPoint)
        external
        view;

    /// @notice The equation of a proof, for a caller that joins it to the equation of another key in one pairing check. Says
    ///         nothing of the proof: it holds when the product of the pairings of all pairs is 1.
    /// @dev The coefficient of one equation may be 1. Each other one has to be drawn after both proofs, all signals and both
    ///      keys are known, as JointPairing does, and is not 0 modulo r: or two false equations could make a true product.
    /// @param proof As in `verify`.
    /// @param proofInputs As in `verify`.
    /// @param roundPoint As in `verify`.
    /// @param coefficient Multiplies each point of G1.
    /// @return pairs Four pairs as the pairing precompile takes them: (-A, B), (alpha, beta), (V, gamma), (C, delta). Each
    ///         point of G1 is multiplied.
    function scaledPairs(
        Proof calldata proof,
        uint256[] calldata proofInputs,
        G1Point calldata roundPoint,
        uint256 coefficient
    ) external view returns (uint256[24] memory pairs);

    /// @notice The statement instance that proofs are of.
    /// @return Statement and N, for example "margin-13".
    function statement() external view returns (string memory);

    /// @notice The name that proof files use for the verifying key.
    /// @return SHA-256 over its points.
    function keyDigest() external view returns (bytes32);

    /// @notice Whether the key was made on one machine for development.
    /// @return True for a key under which anyone can forge; such a verifier exists on local chains only.
    function isDevelopmentKey() external view returns (bool);

    /// @notice How many public inputs come from the round.
    /// @return Field elements that `computeRoundPoint` takes; 0 for a statement without prices.
    function roundInputCount() external view returns (uint256);

    /// @notice How many public inputs are a proof's own.
    /// @return Field elements that `verify` takes.
    function proofInputCount() external view returns (uint256);
}

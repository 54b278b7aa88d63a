// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {Deploy} from "./Deploy.sol";
import {Fixture, ProvenClaim} from "./Fixture.sol";
import {RoundReader} from "./RoundReader.sol";

/// @title VerifierFixture
/// @notice The verifier of margin-13 with all rounds of the fixture posted.
abstract contract VerifierFixture is Fixture {
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev An account with proofs at every round, one of them with a recipient.
    uint256 internal constant STRONG = 1;

    IGroth16Verifier internal verifier;
    OwnerPriceRounds internal rounds;
    Instance internal margin;

    function setUp() public virtual {
        store(readFixture("margin-13"), margin);
        verifier = deployVerifier();
        rounds = deployRounds(margin);
        for (uint256 roundId = 1; roundId <= margin.rounds.length; ++roundId) {
            postRound(rounds, margin, roundId);
        }
    }

    function deployVerifier() internal virtual returns (IGroth16Verifier) {
        return Deploy.verifier("Margin13Verifier");
    }

    function roundInputs(uint64 roundId) internal view returns (uint256[] memory) {
        return RoundReader.inputs(rounds, roundId, VectorKind.Maintenance);
    }

    function roundPoint(uint64 roundId) internal view returns (G1Point memory) {
        return verifier.computeRoundPoint(roundInputs(roundId));
    }

    function claimOf(uint256 account, uint64 roundId) internal view returns (ProvenClaim memory) {
        return find(margin, account, roundId);
    }

    function inputsOf(ProvenClaim memory claim) internal view returns (uint256[] memory) {
        return proofInputs(margin.commitments, claim);
    }

    /// @dev Proofs of `size` <= 32 healthy accounts at round 2. The first has a recipient, as most proofs have.
    function batchOf(uint256 size) internal view returns (Proof[] memory proofs, uint256[] memory inputs) {
        proofs = new Proof[](size);
        inputs = new uint256[](3 * size);
        for (uint256 k = 0; k < size; ++k) {
            ProvenClaim memory claim = claimOf((k + 1) % 32, 2);
            uint256[] memory own = inputsOf(claim);
            proofs[k] = claim.proof;
            (inputs[3 * k], inputs[3 * k + 1], inputs[3 * k + 2]) = (own[0], own[1], own[2]);
        }
    }

    /// @dev The 8 words of a proof, in the order of the ABI.
    function wordsOf(Proof memory proof) internal pure returns (uint256[8] memory) {
        return abi.decode(abi.encode(proof), (uint256[8]));
    }

    function proofOf(uint256[8] memory words) internal pure returns (Proof memory) {
        return abi.decode(abi.encode(words), (Proof));
    }

    /// @dev Another proof of the same statement, made without a witness: e(-A, -B) = e(A, B).
    function rerandomised(Proof memory proof) internal pure returns (Proof memory other) {
        other = proofOf(wordsOf(proof));
        other.a.y = Q - proof.a.y;
        other.b.y0 = proof.b.y0 == 0 ? 0 : Q - proof.b.y0;
        other.b.y1 = proof.b.y1 == 0 ? 0 : Q - proof.b.y1;
    }
}

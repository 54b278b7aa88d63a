// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {OwnerPriceRounds} from "../../../src/oracle/OwnerPriceRounds.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {ProvenClaim} from "../../utils/Fixture.sol";
import {RoundReader} from "../../utils/RoundReader.sol";
import {VerifierFixture} from "../../utils/VerifierFixture.sol";

/// @notice What a proof and its inputs must be (spec ZS-31).
contract Groth16VerifierTest is VerifierFixture {
    bytes4 private immutable REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    ProvenClaim private claim;
    uint256[] private inputs;
    G1Point private point;

    function setUp() public override {
        super.setUp();
        claim = claimOf(STRONG, 2);
        inputs = inputsOf(claim);
        point = roundPoint(2);
        assertTrue(claim.recipient != address(0), "the fixture binds a recipient");
    }

    function test_acceptsEveryProofOfThePoolAtItsRound() public view {
        for (uint256 i = 0; i < margin.proofs.length; ++i) {
            ProvenClaim memory item = margin.proofs[i];
            verifier.verify(item.proof, inputsOf(item), roundPoint(item.roundId));
        }
    }

    function test_acceptsProofsOfTheOtherInstances() public {
        verifyOnly("margin-lean-13", Deploy.verifier("MarginLean13Verifier"));
        verifyOnly("margin-28", Deploy.verifier("Margin28Verifier"));
        verifyOnly("margin-lean-28", Deploy.verifier("MarginLean28Verifier"));
    }

    function verifyOnly(string memory name, IGroth16Verifier other) private {
        Instance memory instance = readFixture(name);
        OwnerPriceRounds otherRounds = deployRounds(instance);
        postRound(otherRounds, instance, 1);
        G1Point memory otherPoint = other.computeRoundPoint(RoundReader.inputs(otherRounds, 1, VectorKind.Maintenance));
        other.verify(instance.proofs[0].proof, proofInputs(instance.commitments, instance.proofs[0]), otherPoint);
        assertEq(other.statement(), name);
        assertEq(other.roundInputCount(), 3 * otherRounds.assetCount());
        assertTrue(other.isDevelopmentKey());
    }

    function test_acceptsARerandomisedProof() public view {
        verifier.verify(rerandomised(claim.proof), inputs, point);
    }

    function test_refusesEveryPerturbedProofInput() public {
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[] memory altered = inputs;
            altered[i] = addmod(altered[i], 1, R);
            expectRefusal(REFUSED, claim.proof, altered, point);
        }
    }

    function test_refusesTheOtherSide() public {
        inputs[1] = 1 - inputs[1];
        expectRefusal(REFUSED, claim.proof, inputs, point);
    }

    function test_refusesEveryPerturbedRoundInput() public {
        uint256[] memory given = roundInputs(2);
        for (uint256 i = 0; i < given.length; ++i) {
            uint256[] memory altered = roundInputs(2);
            altered[i] = addmod(altered[i], 1, R);
            expectRefusal(REFUSED, claim.proof, inputs, verifier.computeRoundPoint(altered));
        }
    }

    function test_refusesTheInitialMarginVector() public {
        uint256[] memory initial = RoundReader.inputs(rounds, 2, VectorKind.Initial);
        expectRefusal(REFUSED, claim.proof, inputs, verifier.computeRoundPoint(initial));
    }

    function test_refusesAnotherRoundsPoint() public {
        expectRefusal(REFUSED, claim.proof, inputs, roundPoint(1));
    }

    function test_refusesAProofOfAnotherAccount() public {
        expectRefusal(REFUSED, claimOf(STRONG + 1, 2).proof, inputs, point);
    }

    function test_refusesEveryProofInputPlusR() public {
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256[] memory altered = inputs;
            altered[i] += R;
            expectRefusal(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, i), altered);
        }
    }

    function test_refusesEveryRoundInputPlusR() public {
        uint256 count = verifier.roundInputCount();
        for (uint256 i = 0; i < count; ++i) {
            uint256[] memory altered = roundInputs(2);
            altered[i] += R;
            vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, i));
            verifier.computeRoundPoint(altered);
        }
    }

    function test_refusesAnInputOfExactlyR() public {
        inputs[1] = R;
        expectRefusal(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, 1), inputs);
    }

    function test_refusesAWrongNumberOfInputs() public {
        for (uint256 count = 0; count < 6; ++count) {
            if (count == 3) continue;
            bytes memory reason = abi.encodeWithSelector(IGroth16Verifier.WrongNumberOfSignals.selector, 3, count);
            expectRefusal(reason, new uint256[](count));
        }
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.WrongNumberOfSignals.selector, 39, 38));
        verifier.computeRoundPoint(new uint256[](38));
    }

    function test_refusesEveryCoordinatePlusQ() public {
        for (uint256 i = 0; i < 8; ++i) {
            uint256[8] memory words = wordsOf(claim.proof);
            words[i] += Q;
            expectRefusal(IGroth16Verifier.CoordinateNotInField.selector, proofOf(words), inputs, point);
        }
    }

    function test_refusesPointsOffTheirCurve() public {
        for (uint256 i = 0; i < 8; ++i) {
            uint256[8] memory words = wordsOf(claim.proof);
            words[i] = addmod(words[i], 1, Q);
            expectRefusal(IGroth16Verifier.PointNotOnCurve.selector, proofOf(words), inputs, point);
        }
    }

    function test_refusesPointsAtInfinity() public {
        Proof memory altered = claim.proof;
        (altered.a.x, altered.a.y) = (0, 0);
        expectRefusal(IGroth16Verifier.PointNotOnCurve.selector, altered, inputs, point);
        altered = claim.proof;
        (altered.b.x0, altered.b.x1, altered.b.y0, altered.b.y1) = (0, 0, 0, 0);
        expectRefusal(IGroth16Verifier.PointNotOnCurve.selector, altered, inputs, point);
        altered = claim.proof;
        (altered.c.x, altered.c.y) = (0, 0);
        expectRefusal(IGroth16Verifier.PointNotOnCurve.selector, altered, inputs, point);
    }

    function test_refusesAPointOutsideTheSubgroup() public {
        Proof memory altered = claim.proof;
        altered.b = outsideTheSubgroup();
        expectRefusal(IGroth16Verifier.PointNotInSubgroup.selector, altered, inputs, point);
    }

    function test_refusesSwappedAAndC() public {
        Proof memory altered = claim.proof;
        (altered.a, altered.c) = (altered.c, altered.a);
        expectRefusal(REFUSED, altered, inputs, point);
    }

    function test_refusesG2WithItsCoefficientsInTheOrderOfProofJson() public {
        Proof memory altered = claim.proof;
        (altered.b.x0, altered.b.x1) = (altered.b.x1, altered.b.x0);
        (altered.b.y0, altered.b.y1) = (altered.b.y1, altered.b.y0);
        expectRefusal(IGroth16Verifier.PointNotOnCurve.selector, altered, inputs, point);
    }

    function test_refusesTheStorageOfARoundThatWasNeverPrepared() public {
        expectRefusal(IGroth16Verifier.RoundPointMissing.selector, claim.proof, inputs, G1Point(0, 0));
    }

    function test_refusesARoundPointOffTheCurve() public {
        bytes4 reason = IGroth16Verifier.PrecompileFailed.selector;
        expectRefusal(reason, claim.proof, inputs, G1Point(point.x, addmod(point.y, 1, Q)));
        expectRefusal(reason, claim.proof, inputs, G1Point(point.x + Q, point.y));
        expectRefusal(reason, claim.proof, inputs, G1Point(0, 1));
    }

    function test_refusesAProofOfMarginLean() public {
        Instance memory lean = readFixture("margin-lean-13");
        uint256[] memory own = proofInputs(lean.commitments, lean.proofs[0]);
        expectRefusal(REFUSED, lean.proofs[0].proof, own, roundPoint(1));
    }

    function test_marginLeanRefusesAProofOfMargin() public {
        IGroth16Verifier lean = Deploy.verifier("MarginLean13Verifier");
        G1Point memory leanPoint = lean.computeRoundPoint(roundInputs(2));
        vm.expectRevert(REFUSED);
        lean.verify(claim.proof, inputs, leanPoint);
    }

    function test_refusesAProofUnderAnotherKey() public {
        IGroth16Verifier other = Deploy.alteredVerifier("OtherDeltaVerifier");
        vm.expectRevert(REFUSED);
        other.verify(claim.proof, inputs, point);
    }

    function test_saysSoWhereTheChainHasNoPairing() public {
        // 0x08 with an empty account's behaviour: success, and no answer.
        vm.mockCall(address(8), bytes(""), bytes(""));
        expectRefusal(IGroth16Verifier.PointNotInSubgroup.selector, claim.proof, inputs, point);
    }

    function test_saysSoWhereTheChainHasNoCurveArithmetic() public {
        vm.mockCall(address(6), bytes(""), bytes(""));
        expectRefusal(IGroth16Verifier.PrecompileFailed.selector, claim.proof, inputs, point);
        vm.clearMockedCalls();
        vm.mockCall(address(7), bytes(""), bytes(""));
        expectRefusal(IGroth16Verifier.PrecompileFailed.selector, claim.proof, inputs, point);
    }

    /// forge-config: default.fuzz.runs = 128
    function testFuzz_refusesAnyOtherWordInTheProof(uint256 index, uint256 word) public {
        uint256[8] memory words = wordsOf(claim.proof);
        index = bound(index, 0, 7);
        vm.assume(words[index] != word);
        // The one other point with the same x is a negated one, which the equation refuses.
        words[index] = word;
        vm.expectRevert();
        verifier.verify(proofOf(words), inputs, point);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_agreesWithTheVerifierOfSnarkjs(uint256 index, uint256 signal, uint256 value) public {
        ProvenClaim memory item = margin.proofs[bound(index, 0, margin.proofs.length - 1)];
        uint256[] memory round = roundInputs(item.roundId);
        uint256[] memory own = inputsOf(item);
        uint256[42] memory all;
        for (uint256 i = 0; i < 42; ++i) {
            all[i] = i < 3 ? own[i] : round[i - 3];
        }
        // Half of the runs leave the signals alone.
        signal = bound(signal, 0, 83);
        if (signal < 42) {
            all[signal] = value % R;
            if (signal < 3) own[signal] = value % R;
            else round[signal - 3] = value % R;
        }

        uint256[8] memory w = wordsOf(item.proof);
        bool accepted =
            Deploy.snarkjsVerifier().verifyProof([w[0], w[1]], [[w[2], w[3]], [w[4], w[5]]], [w[6], w[7]], all);
        G1Point memory itsPoint = verifier.computeRoundPoint(round);
        if (!accepted) vm.expectRevert(REFUSED);
        verifier.verify(item.proof, own, itsPoint);
    }

    /// @dev IC_0 + sum of input_i * IC_i is affine in the inputs.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_roundPointIsAffineInItsInputs(uint256 seed) public view {
        uint256[] memory x = new uint256[](39);
        uint256[] memory y = new uint256[](39);
        uint256[] memory sum = new uint256[](39);
        for (uint256 i = 0; i < 39; ++i) {
            // Zeros and ones are shortcuts of the code.
            x[i] = i % 5 < 2 ? i % 5 : uint256(keccak256(abi.encode(seed, i))) % R;
            y[i] = i % 3 < 2 ? i % 3 : uint256(keccak256(abi.encode(seed, i, i))) % R;
            sum[i] = addmod(x[i], y[i], R);
        }
        G1Point memory both = add(verifier.computeRoundPoint(x), verifier.computeRoundPoint(y));
        G1Point memory expected = add(verifier.computeRoundPoint(sum), verifier.computeRoundPoint(new uint256[](39)));
        assertEq(both.x, expected.x);
        assertEq(both.y, expected.y);
    }

    /// @dev Spec ZS-41. Slots without an asset, and margins that a side does not bear, are 0.
    function test_anInputOfZeroCostsNoAddition() public view {
        uint256[] memory inputs = new uint256[](39);
        uint256 nothing = gasOfRoundPoint(inputs);
        inputs[38] = 1;
        assertGe(gasOfRoundPoint(inputs), nothing + 150, "an addition more");
    }

    function gasOfRoundPoint(uint256[] memory inputs) private view returns (uint256 used) {
        verifier.computeRoundPoint(inputs); // warms the address
        used = gasleft();
        verifier.computeRoundPoint(inputs);
        used -= gasleft();
    }

    function add(G1Point memory a, G1Point memory b) private view returns (G1Point memory) {
        (, bytes memory answer) = address(6).staticcall(abi.encode(a, b));
        return abi.decode(answer, (G1Point));
    }

    function expectRefusal(bytes4 reason, Proof memory proof, uint256[] memory given, G1Point memory roundPoint)
        private
    {
        vm.expectRevert(reason);
        verifier.verify(proof, given, roundPoint);
    }

    function expectRefusal(bytes memory reason, uint256[] memory given) private {
        vm.expectRevert(reason);
        verifier.verify(claim.proof, given, point);
    }
}

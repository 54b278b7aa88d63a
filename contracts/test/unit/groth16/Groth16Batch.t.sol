// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {KeyReader} from "../../mocks/KeyReader.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {VerifierFixture} from "../../utils/VerifierFixture.sol";

/// @notice Proofs that are verified together (spec ZS-45).
contract Groth16BatchTest is VerifierFixture {
    bytes4 private immutable REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;
    uint256 private constant SIZE = 4;

    G1Point private point;

    function setUp() public override {
        super.setUp();
        verifier = Deploy.keyReader(); // which is no other verifier, and says what its coefficients are
        point = roundPoint(2);
    }

    function test_acceptsEverySize() public view {
        for (uint256 size = 1; size <= 32; ++size) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(size);
            verifier.verifyBatch(proofs, inputs, point);
        }
    }

    function test_acceptsBothSidesAndRepeatedProofs() public view {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
        put(proofs, inputs, 1, 32); // liquidatable at round 2
        put(proofs, inputs, 3, 0);
        assertEq(inputs[4], 0, "the fixture has another side");
        verifier.verifyBatch(proofs, inputs, point);
    }

    function test_acceptsARerandomisedProof() public view {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
        proofs[2] = rerandomised(proofs[2]);
        verifier.verifyBatch(proofs, inputs, point);
    }

    function test_refusesAnEmptyBatch() public {
        expectRefusal(IGroth16Verifier.EmptyBatch.selector, new Proof[](0), new uint256[](0));
    }

    function test_refusesAWrongNumberOfInputs() public {
        (Proof[] memory proofs,) = batchOf(SIZE);
        for (uint256 count = 11; count <= 13; count += 2) {
            vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.WrongNumberOfSignals.selector, 12, count));
            verifier.verifyBatch(proofs, new uint256[](count), point);
        }
    }

    function test_refusesOneBadProofAtEveryPosition() public {
        for (uint256 bad = 0; bad < SIZE; ++bad) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
            (proofs[bad].a, proofs[bad].c) = (proofs[bad].c, proofs[bad].a);
            expectRefusal(REFUSED, proofs, inputs);
        }
    }

    function test_refusesEveryPerturbedInput() public {
        for (uint256 bad = 0; bad < 3 * SIZE; ++bad) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
            inputs[bad] = addmod(inputs[bad], 1, R);
            expectRefusal(REFUSED, proofs, inputs);
        }
    }

    function test_refusesEveryInputPlusR() public {
        for (uint256 bad = 0; bad < 3 * SIZE; ++bad) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
            inputs[bad] += R;
            vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, bad));
            verifier.verifyBatch(proofs, inputs, point);
        }
    }

    /// @dev With equal coefficients, or ones known beforehand, these errors would cancel.
    function test_refusesErrorsThatCancel() public {
        for (uint256 other = 1; other < SIZE; ++other) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
            (proofs[0].c, proofs[other].c) = (proofs[other].c, proofs[0].c);
            expectRefusal(REFUSED, proofs, inputs);

            (proofs, inputs) = batchOf(SIZE);
            inputs[0] = addmod(inputs[0], 1, R);
            inputs[3 * other] = addmod(inputs[3 * other], R - 1, R);
            expectRefusal(REFUSED, proofs, inputs);
        }
    }

    /// @dev Errors that cancel under the coefficients of the honest batch. They would pass if the coefficients did not
    ///      depend on C: c_0 (C_0 + c_1 P) + c_1 (C_1 - P) = c_0 C_0 + c_1 C_1, as c_0 = 1.
    function test_refusesErrorsThatCancelUnlessProofsAreHashed() public {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(2);
        uint256 coefficient = secondCoefficient(proofs, inputs);
        G1Point memory p = proofs[0].a;
        proofs[0].c = add(proofs[0].c, mul(p, coefficient));
        proofs[1].c = add(proofs[1].c, G1Point(p.x, Q - p.y));
        expectRefusal(REFUSED, proofs, inputs);
    }

    /// @dev The same with the inputs: (x_0 + c_1) + c_1 (x_1 - 1) = x_0 + c_1 x_1.
    function test_refusesErrorsThatCancelUnlessInputsAreHashed() public {
        for (uint256 i = 0; i < 3; ++i) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(2);
            uint256 coefficient = secondCoefficient(proofs, inputs);
            inputs[i] = addmod(inputs[i], coefficient, R);
            inputs[3 + i] = addmod(inputs[3 + i], R - 1, R);
            expectRefusal(REFUSED, proofs, inputs);
        }
    }

    function secondCoefficient(Proof[] memory proofs, uint256[] memory inputs) private view returns (uint256) {
        return KeyReader(address(verifier)).coefficients(proofs, inputs, point)[1];
    }

    function add(G1Point memory a, G1Point memory b) private view returns (G1Point memory) {
        (, bytes memory answer) = address(6).staticcall(abi.encode(a, b));
        return abi.decode(answer, (G1Point));
    }

    function mul(G1Point memory a, uint256 scalar) private view returns (G1Point memory) {
        (, bytes memory answer) = address(7).staticcall(abi.encode(a, scalar));
        return abi.decode(answer, (G1Point));
    }

    function test_refusesProofsInAnotherOrderThanTheirInputs() public {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
        (proofs[0], proofs[1]) = (proofs[1], proofs[0]);
        expectRefusal(REFUSED, proofs, inputs);
    }

    function test_refusesEveryCoordinatePlusQ() public {
        for (uint256 i = 0; i < 8; ++i) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
            uint256[8] memory words = wordsOf(proofs[1]);
            words[i] += Q;
            proofs[1] = proofOf(words);
            expectRefusal(IGroth16Verifier.CoordinateNotInField.selector, proofs, inputs);
        }
    }

    function test_refusesPointsOffTheirCurve() public {
        for (uint256 i = 0; i < 8; ++i) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
            uint256[8] memory words = wordsOf(proofs[1]);
            words[i] = addmod(words[i], 1, Q);
            proofs[1] = proofOf(words);
            expectRefusal(IGroth16Verifier.PointNotOnCurve.selector, proofs, inputs);
        }
    }

    function test_refusesAPointOutsideTheSubgroup() public {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
        proofs[3].b = outsideTheSubgroup();
        expectRefusal(IGroth16Verifier.PointNotInSubgroup.selector, proofs, inputs);
    }

    function test_refusesAnotherRoundsPoint() public {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
        point = roundPoint(1);
        expectRefusal(REFUSED, proofs, inputs);
    }

    function test_refusesTheStorageOfARoundThatWasNeverPrepared() public {
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(SIZE);
        point = G1Point(0, 0);
        expectRefusal(IGroth16Verifier.RoundPointMissing.selector, proofs, inputs);
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_refusesAnyOtherInput(uint256 size, uint256 index, uint256 value) public {
        size = bound(size, 1, 8);
        index = bound(index, 0, 3 * size - 1);
        (Proof[] memory proofs, uint256[] memory inputs) = batchOf(size);
        vm.assume(inputs[index] != value);
        inputs[index] = value;
        vm.expectRevert();
        verifier.verifyBatch(proofs, inputs, point);
    }

    function put(Proof[] memory proofs, uint256[] memory inputs, uint256 position, uint256 account) private view {
        uint256[] memory own = inputsOf(claimOf(account, 2));
        proofs[position] = claimOf(account, 2).proof;
        (inputs[3 * position], inputs[3 * position + 1], inputs[3 * position + 2]) = (own[0], own[1], own[2]);
    }

    function expectRefusal(bytes4 reason, Proof[] memory proofs, uint256[] memory inputs) private {
        vm.expectRevert(reason);
        verifier.verifyBatch(proofs, inputs, point);
    }
}

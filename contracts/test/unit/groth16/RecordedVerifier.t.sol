// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {RecordedVerifier} from "../../utils/RecordedVerifier.sol";
import {VerifierFixture} from "../../utils/VerifierFixture.sol";

/// @notice The verifier of the campaigns answers by itself for what it recorded, and for nothing else.
contract RecordedVerifierTest is VerifierFixture {
    uint256 private constant SIZE = 3;
    bytes private constant ASKED = "the verifier behind it was asked";

    RecordedVerifier private recorded;
    Proof[] private proofs;
    uint256[] private inputs;
    G1Point private point;

    function setUp() public override {
        super.setUp();
        recorded = new RecordedVerifier(verifier);
        (Proof[] memory batch, uint256[] memory own) = batchOf(SIZE);
        recorded.record(batch, own, roundInputs(2));
        for (uint256 k = 0; k < SIZE; ++k) {
            proofs.push(batch[k]);
        }
        inputs = own;
        point = roundPoint(2);
    }

    /// @dev The verifier behind it refuses everything.
    modifier withoutPairings() {
        vm.mockCallRevert(address(verifier), abi.encodeWithSelector(verifier.verify.selector), ASKED);
        vm.mockCallRevert(address(verifier), abi.encodeWithSelector(verifier.verifyBatch.selector), ASKED);
        _;
    }

    function test_acceptsWhatWasRecorded() public withoutPairings {
        for (uint256 k = 0; k < SIZE; ++k) {
            recorded.verify(proofs[k], ownInputs(k), point);
        }
        recorded.verifyBatch(proofs, inputs, point);
    }

    function testFuzz_leavesEveryOtherStatementToTheVerifier(uint256 k, uint256 place, uint256 word)
        public
        withoutPairings
    {
        k = bound(k, 0, SIZE - 1);
        uint256[8] memory words = wordsOf(proofs[k]);
        uint256[] memory own = ownInputs(k);
        G1Point memory roundPoint = point;
        place = bound(place, 0, 12);
        uint256 present =
            place < 8 ? words[place] : place < 11 ? own[place - 8] : place == 11 ? roundPoint.x : roundPoint.y;
        vm.assume(word != present);
        if (place < 8) words[place] = word;
        else if (place < 11) (own[place - 8], inputs[3 * k + place - 8]) = (word, word);
        else if (place == 11) roundPoint.x = word;
        else roundPoint.y = word;
        proofs[k] = proofOf(words);

        vm.expectRevert(ASKED);
        recorded.verify(proofs[k], own, roundPoint);
        vm.expectRevert(ASKED);
        recorded.verifyBatch(proofs, inputs, roundPoint);
    }

    function test_leavesEveryOtherPairingOfProofsAndInputsToTheVerifier() public withoutPairings {
        vm.expectRevert(ASKED);
        recorded.verify(proofs[0], ownInputs(1), point);
        Proof[] memory swapped = proofs;
        (swapped[0], swapped[1]) = (swapped[1], swapped[0]);
        vm.expectRevert(ASKED);
        recorded.verifyBatch(swapped, inputs, point);
    }

    function test_leavesEveryOtherNumberOfInputsToTheVerifier() public withoutPairings {
        vm.expectRevert(ASKED);
        recorded.verifyBatch(new Proof[](0), new uint256[](0), point);
        inputs.push(0);
        vm.expectRevert(ASKED);
        recorded.verifyBatch(proofs, inputs, point);
    }

    function test_recordsOnlyWhatVerifies() public {
        (Proof[] memory batch, uint256[] memory own) = batchOf(SIZE + 1);
        own[3 * SIZE] ^= 1;
        uint256[] memory round = roundInputs(2);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        recorded.record(batch, own, round);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        recorded.verifyBatch(batch, own, point);
    }

    function test_acceptsWhatTheVerifierDoes() public view {
        recorded.verify(rerandomised(proofs[0]), ownInputs(0), point);
    }

    function test_saysWhatTheVerifierSays() public view {
        assertEq(recorded.statement(), verifier.statement());
        assertEq(recorded.keyDigest(), verifier.keyDigest());
        assertEq(recorded.isDevelopmentKey(), verifier.isDevelopmentKey());
        assertEq(recorded.proofInputCount(), verifier.proofInputCount());
        assertEq(recorded.roundInputCount(), verifier.roundInputCount());
        G1Point memory same = recorded.computeRoundPoint(roundInputs(2));
        assertEq(same.x, point.x);
        assertEq(same.y, point.y);
    }

    function ownInputs(uint256 k) private view returns (uint256[] memory own) {
        own = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            own[i] = inputs[3 * k + i];
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {BookRow, MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice Proofs of `writeoff` (ZS-62): what AccountLife relies on.
contract WriteoffTest is MarginBookFixture {
    function setUp() public override {
        readRows("book-cases");
        readRows("book-28");
    }

    function test_aWriteoffIsProven13() public {
        IGroth16Verifier verifier = Deploy.verifier("Writeoff13Verifier");
        proves(writeoffs[0], "writeoff-13", verifier, 9, 1_234e18 + 1);
        proves(writeoffs[1], "writeoff-13", verifier, 9, 0);
    }

    function test_aWriteoffIsProven28() public {
        IGroth16Verifier verifier = Deploy.verifier("Writeoff28Verifier");
        proves(writeoffs[2], "writeoff-28", verifier, 14, 1_234e18 + 1);
        proves(writeoffs[3], "writeoff-28", verifier, 14, 0);
    }

    function testFuzz_noOtherSignalsPass(uint256 where, uint256 by) public {
        BookRow memory row = writeoffs[0];
        IGroth16Verifier verifier = Deploy.verifier("Writeoff13Verifier");
        G1Point memory point = verifier.computeRoundPoint(new uint256[](0));
        where = bound(where, 0, row.inputs.length - 1);
        row.inputs[where] = otherSignal(row.inputs[where], by);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }

    /// @dev oldCommitment, newCommitment, amount, rho, ciphertext[K]; nothing of a round.
    function proves(
        BookRow memory row,
        string memory statement,
        IGroth16Verifier verifier,
        uint256 signals,
        uint256 amount
    ) private {
        assertEq(verifier.statement(), statement);
        assertEq(verifier.proofInputCount(), signals);
        assertEq(verifier.roundInputCount(), 0);
        assertEq(row.inputs.length, signals);
        assertEq(row.inputs[2], amount, "the debt");
        G1Point memory point = verifier.computeRoundPoint(new uint256[](0));
        verifier.verify(row.proof, row.inputs, point);

        ++row.inputs[2];
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }
}

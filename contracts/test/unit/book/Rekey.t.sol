// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {BookRow, MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice Proofs of `rekey` (ZS-75): what AccountLife relies on.
contract RekeyTest is MarginBookFixture {
    BookRow[] private rekeys;

    function setUp() public override {
        readRekeys("book-cases");
        readRekeys("book-28");
    }

    function test_aRekeyIsProven13() public {
        proves(rekeys[0], "rekey-13", Deploy.verifier("Rekey13Verifier"), 15);
    }

    function test_aRekeyIsProven28() public {
        proves(rekeys[1], "rekey-28", Deploy.verifier("Rekey28Verifier"), 20);
    }

    function testFuzz_noOtherSignalsPass(uint256 where, uint256 by) public {
        BookRow memory row = rekeys[0];
        IGroth16Verifier verifier = Deploy.verifier("Rekey13Verifier");
        G1Point memory point = verifier.computeRoundPoint(new uint256[](0));
        where = bound(where, 0, row.inputs.length - 1);
        row.inputs[where] = otherSignal(row.inputs[where], by);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }

    /// @dev oldCommitment, newCommitment, newIdentity, domain, newOwnerTag, newOwnerPoint[2], newGuardianPoint[2], rho,
    ///      ciphertext[K]; nothing of a round.
    function proves(BookRow memory row, string memory statement, IGroth16Verifier verifier, uint256 signals) private {
        assertEq(verifier.statement(), statement);
        assertEq(verifier.proofInputCount(), signals);
        assertEq(verifier.roundInputCount(), 0);
        assertEq(row.inputs.length, signals);
        assertEq(row.inputs[3], fixtureDomain, "the book");
        verifier.verify(row.proof, row.inputs, verifier.computeRoundPoint(new uint256[](0)));
    }

    function readRekeys(string memory name) private {
        readRows(name);
        readRowsOf(vm.readFile(string.concat("test/generated/", name, ".json")), ".rekeys", rekeys);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {BookRow, MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice Proofs of `expire` (ZS-80), which no contract here takes yet, and of `exit` (ZS-81): what a contract can rely on.
contract ExpireAndExitTest is MarginBookFixture {
    uint256 private constant LARGE = 28;

    /// @dev Where the rounds of the large book begin.
    uint256 private largeRounds;

    BookRow[] private expiries;
    BookRow[] private exits;

    function setUp() public override {
        readAllRows("book-cases");
        largeRounds = instance.rounds.length;
        readAllRows("book-28");
    }

    function test_anExpiryIsProven13() public {
        provesExpiry(expiries[0], "expire-13", Deploy.verifier("Expire13Verifier"), prices(1, SLOTS));
    }

    function test_anExpiryIsProven28() public {
        provesExpiry(expiries[1], "expire-28", Deploy.verifier("Expire28Verifier"), prices(largeRounds + 1, LARGE));
    }

    function test_anExitIsProven13() public {
        provesExit(exits[0], "exit-13", Deploy.verifier("Exit13Verifier"), 10);
    }

    function test_anExitIsProven28() public {
        provesExit(exits[1], "exit-28", Deploy.verifier("Exit28Verifier"), 15);
    }

    function testFuzz_noOtherSignalsOfAnExpiryPass(uint256 where, uint256 by) public {
        BookRow memory row = expiries[0];
        IGroth16Verifier verifier = Deploy.verifier("Expire13Verifier");
        G1Point memory point = verifier.computeRoundPoint(prices(1, SLOTS));
        where = bound(where, 0, row.inputs.length - 1);
        row.inputs[where] = otherSignal(row.inputs[where], by);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }

    function testFuzz_noOtherSettlementPricesPass(uint256 slot, uint256 by) public {
        BookRow memory row = expiries[0];
        IGroth16Verifier verifier = Deploy.verifier("Expire13Verifier");
        uint256[] memory others = prices(1, SLOTS);
        slot = bound(slot, 0, SLOTS - 1);
        others[slot] = otherSignal(others[slot], by);
        G1Point memory point = verifier.computeRoundPoint(others);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }

    function testFuzz_noOtherSignalsOfAnExitPass(uint256 where, uint256 by) public {
        BookRow memory row = exits[0];
        IGroth16Verifier verifier = Deploy.verifier("Exit13Verifier");
        G1Point memory point = verifier.computeRoundPoint(new uint256[](0));
        where = bound(where, 0, row.inputs.length - 1);
        row.inputs[where] = otherSignal(row.inputs[where], by);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }

    function readAllRows(string memory name) private {
        readRows(name);
        readRowsOf(rowsFile(name), ".expiries", expiries);
        readRowsOf(rowsFile(name), ".exits", exits);
    }

    /// @dev oldCommitment, newCommitment, slots, rho, ciphertext[K]; then a settlement price for each slot.
    function provesExpiry(
        BookRow memory row,
        string memory statement,
        IGroth16Verifier verifier,
        uint256[] memory settlementPrices
    ) private view {
        uint256 slots = settlementPrices.length;
        assertEq(verifier.statement(), statement);
        assertEq(verifier.proofInputCount(), 4 + (slots + 2) / 3);
        assertEq(verifier.roundInputCount(), slots);
        assertEq(row.inputs[2], (1 << slots) - 1, "the bitmap");
        verifier.verify(row.proof, row.inputs, verifier.computeRoundPoint(settlementPrices));
    }

    /// @dev oldCommitment, newCommitment, amount, recipient, rho, ciphertext[K]; nothing of a round.
    function provesExit(BookRow memory row, string memory statement, IGroth16Verifier verifier, uint256 signals)
        private
        view
    {
        assertEq(verifier.statement(), statement);
        assertEq(verifier.proofInputCount(), signals);
        assertEq(verifier.roundInputCount(), 0);
        assertEq(row.inputs.length, signals);
        assertEq(row.inputs[2], 1_234e18, "the amount");
        assertEq(row.inputs[3], uint160(RECIPIENT));
        verifier.verify(row.proof, row.inputs, verifier.computeRoundPoint(new uint256[](0)));
    }

    /// @dev The effective prices of a round: what the fixtures settle at.
    function prices(uint256 round, uint256 slots) private view returns (uint256[] memory settlementPrices) {
        settlementPrices = new uint256[](slots);
        for (uint256 i = 0; i < slots; ++i) {
            settlementPrices[i] = instance.rounds[round].marginInputs[i];
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {BookAccount, Ground} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Takeover} from "../../../src/interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {BookRow} from "../../utils/MarginBookFixture.sol";
import {ProvenLiquidationFixture} from "../../utils/ProvenLiquidationFixture.sol";

/// @notice Whole liquidations, with real proofs on a real book.
contract ProvenLiquidationsTest is ProvenLiquidationFixture {
    function test_aPartCuresAnAccount() public {
        flagVictor();
        assertEq(RECIPIENT.balance, BOND);
        Takeover memory takeover = takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance);
        engine.takeOver(takeover);
        assertEq(commitmentOf(victor), takeover.victim.newCommitment);
        assertEq(commitmentOf(bea), takeover.buyer.newCommitment);
        assertEq(BOOK.accountState(victor).maintenanceFlaggedAt, 0);
        assertEq(BOOK.accountState(victor).provenAtRound, 2);
    }

    function test_theSameParcelGoesToAnotherBuyer() public {
        flagVictor();
        engine.takeOver(takeoverNamed("a part", "buyer 2 of a part", Ground.Maintenance));
        assertEq(commitmentOf(carl), commitmentNamed("buyer 2 of a part"));
    }

    function test_theOwnerReleasesWithinItsCureWindow() public {
        postBookRound(2);
        flag("victor is below", Ground.Maintenance);
        engine.takeOver(takeoverNamed("a part at rate 0", "buyer 1 of a part at rate 0", Ground.Maintenance));
        assertEq(BOOK.accountState(victor).maintenanceFlaggedAt, 0);
    }

    function test_anAccountRecoversByPrice() public {
        flagVictor();
        postBookRound(3);
        engine.recover(victor, Ground.Maintenance, 3, find(margins, "victor is sound").proof);
        assertEq(BOOK.accountState(victor).maintenanceFlaggedAt, 0);
        assertEq(BOOK.accountState(victor).provenAtRound, 3);
    }

    function test_anAnswerIsProvenAtTheRoundOfItsChallenge() public {
        postBookRound(1);
        engine.challenge{value: CHALLENGE_BOND}(victor);
        postBookRound(2);
        engine.answer(victor, RECIPIENT, find(margins, "victor at 1").proof);
        assertEq(RECIPIENT.balance, CHALLENGE_BOND);
    }

    /// @dev Sold whole at once, and the debt that is left written off.
    function test_anInsolventAccountIsSoldEarlyAndWrittenOff() public {
        give("ivy", "everything early");
        uint256 ivy = accountNamed("ivy");
        postBookRound(2);
        flag("ivy is below", Ground.Maintenance);
        skip(12);
        Takeover memory takeover = takeoverNamed("everything early", "buyer 1 of everything early", Ground.Maintenance);
        assertEq(takeover.rate, 10_000);
        assertFalse(takeover.isCured);
        engine.takeOver(takeover);
        assertEq(BOOK.accountState(ivy).maintenanceFlaggedAt, 120, "the flag stays");
        skip(CURE_WINDOW - 12);
        BookRow memory row = find(writeoffs, "ivy's debt");
        StateChange memory change = stateChangeOf(row, 4, row.inputs.length);
        engine.writeOff(row.inputs[2], change);
        assertEq(debtLedger.covered(), row.inputs[2]);
        assertGt(row.inputs[2], 1_000e18);
        BookAccount memory state = BOOK.accountState(ivy);
        assertEq(state.commitment, change.newCommitment);
        assertEq(state.maintenanceFlaggedAt, 0);
    }

    function test_anInsolventAccountIsSoldLateAtTheUncoveredRate() public {
        give("ivy", "everything");
        postBookRound(2);
        flag("ivy is below", Ground.Maintenance);
        skip(CURE_WINDOW);
        engine.takeOver(takeoverNamed("everything", "buyer 1 of everything", Ground.Maintenance));
    }

    function test_spotIsSoldForItsDebt() public {
        give("olaf", "spot");
        uint256 olaf = accountNamed("olaf");
        tellOverdrafts("spot");
        flag("olaf is overdrawn", Ground.Overdraft);
        assertEq(BOOK.accountState(olaf).maintenanceFlaggedAt, 0);
        skip(CURE_WINDOW);
        Takeover memory takeover = takeoverNamed("spot", "buyer 1 of spot", Ground.Overdraft);
        engine.takeOver(takeover);
        BookAccount memory state = BOOK.accountState(olaf);
        assertEq(state.commitment, takeover.victim.newCommitment);
        assertEq(state.overdraftFlaggedAt, 0);
        assertEq(state.provenAtRound, 0);
        assertTrue(takeover.isCured);
    }

    // ------------------------------------------------------------------------------------------------ thefts

    /// @dev The first takeover changed both commitments.
    function test_aParcelIsSoldOnce() public {
        flagVictor();
        Takeover memory takeover = takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance);
        engine.takeOver(takeover);
        stolen(takeover, IMarginBook.CommitmentNotCurrent.selector);
        stolen(
            takeoverNamed("a part", "buyer 2 of a part", Ground.Maintenance), IMarginBook.CommitmentNotCurrent.selector
        );
    }

    /// @dev A notice whose ticket, state or ciphertext a thief replaced.
    function test_anAlteredNoticeSellsNothing() public {
        flagVictor();
        for (uint256 i = 0; i < 6; ++i) {
            Takeover memory takeover = takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance);
            if (i == 0) ++takeover.victim.ciphertext[4];
            if (i == 1) ++takeover.victim.newCommitment;
            if (i == 2) takeover.rate = 899;
            if (i == 3) takeover.isCured = false;
            if (i == 4) ++takeover.buyer.ciphertext[0];
            if (i == 5) takeover.uncoveredRate = 1;
            stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        }
        Takeover memory other_ = takeoverNamed("a part", "buyer 1 of a part at rate 0", Ground.Maintenance);
        stolen(other_, IGroth16Verifier.ProofDoesNotVerify.selector); // another ticket is bought than sold
    }

    /// @dev Both would be paid for one parcel.
    function test_aSecondSellerOfTheTicketIsNoBuyer() public {
        flagVictor();
        Takeover memory takeover = takeoverNamed("a part", "carl sells the ticket too", Ground.Maintenance);
        stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
    }

    function test_aParcelOfOneTakerIsForNoOther() public {
        flagVictor();
        Takeover memory takeover = takeoverNamed("a part for bea", "carl takes hers", Ground.Maintenance);
        stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        takeover.isReserved = false;
        stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.takeOver(takeoverNamed("a part for bea", "bea takes hers", Ground.Maintenance));
    }

    /// @dev A reader that seals the state under an old rho could bring an old commitment back.
    function test_aPartUnderAnOldRhoIsNotSold() public {
        flagVictor();
        Takeover memory takeover =
            takeoverNamed("a part under an old rho", "buyer 1 of a part under an old rho", Ground.Maintenance);
        stolen(takeover, IProofErrors.WrongRho.selector);
        takeover.victim.rho = engine.releaseRho(takeover.victim.oldCommitment, takeover.ticket);
        stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
    }

    /// @dev At a round at which he is sound the prices are others.
    function test_aSoundAccountIsNotSold() public {
        flagVictor();
        postBookRound(3);
        Takeover memory takeover = takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance);
        stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
    }

    /// @dev A friendly flag, whose auction pays little, blocks no other.
    function test_aFriendlyOverdraftFlagBlocksNoTaker() public {
        other.recordFlag(victor, commitmentOf(victor), Ground.Overdraft, 1, address(0));
        flagVictor();
        engine.takeOver(takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance));
        assertEq(BOOK.accountState(victor).maintenanceFlaggedAt, 0);
        assertGt(BOOK.accountState(victor).overdraftFlaggedAt, 0);
    }

    function test_aDollarVoidsNoNotice() public {
        flagVictor();
        skip(1);
        vm.expectRevert(IMarginBook.NotPermitted.selector);
        this.depositOut("victor adds a dollar");
        engine.takeOver(takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance));
    }

    /// @dev The kind of a release is that of the flag.
    function test_aReleaseAtOneKindAnswersNoFlagOfTheOther() public {
        flagVictor();
        other.recordFlag(victor, commitmentOf(victor), Ground.Overdraft, 2, address(0));
        skip(60 + 600);
        postBookRound(2);
        Takeover memory takeover = takeoverNamed("a part at rate 0", "buyer 1 of a part at rate 0", Ground.Overdraft);
        stolen(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
    }

    function depositOut(string calldata name) external {
        deposit(find(updates, name), 2);
    }

    function stolen(Takeover memory takeover, bytes4 reason) private {
        vm.expectRevert(reason);
        engine.takeOver(takeover);
    }
}

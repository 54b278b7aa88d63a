// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {ILiquidationEngine} from "../../../src/interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {LiquidationFixture} from "../../utils/LiquidationFixture.sol";

/// @notice Debts that no margin pays any more.
contract WriteOffTest is LiquidationFixture {
    uint256 private constant DEBT = 1234e18 + 1;

    function test_aDebtGoesToTheLedger() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 before = vm.snapshotState();
            if (i != 1) flag(VICTIM, Ground.Maintenance);
            if (i != 0) flag(VICTIM, Ground.Overdraft);
            advance(CURE_WINDOW);
            StateChange memory change = writeoffOf(VICTIM, DEBT);
            vm.expectEmit(address(engine));
            emit ILiquidationEngine.DebtWrittenOff(VICTIM, DEBT);
            engine.writeOff(DEBT, change);
            assertEq(debtLedger.covered(), DEBT);
            assertEq(debtLedger.coveredBy(), address(engine));
            BookAccount memory state = BOOK.accountState(VICTIM);
            assertEq(state.commitment, change.newCommitment);
            assertEq(state.maintenanceFlaggedAt + state.overdraftFlaggedAt, 0, "free");
            assertEq(state.provenAtRound, 2, "an empty account meets every margin");
            vm.revertToState(before);
        }
    }

    function test_whatCannotBeWrittenOff() public {
        StateChange memory change = writeoffOf(VICTIM, DEBT);
        refused(DEBT, change, IMarginBook.NotFlagged.selector);
        flag(VICTIM, Ground.Maintenance);
        skip(CURE_WINDOW - 1);
        refused(DEBT, change, ILiquidationEngine.InCureWindow.selector);
        skip(1);
        refused(0, writeoffOf(VICTIM, 0), ILiquidationEngine.NoDebt.selector);
        refused(DEBT + 1, change, IGroth16Verifier.ProofDoesNotVerify.selector);
        StateChange memory altered = writeoffOf(VICTIM, DEBT);
        altered.oldCommitment = 1;
        refused(DEBT, altered, IMarginBook.CommitmentNotCurrent.selector);
        altered = writeoffOf(VICTIM, DEBT);
        altered.rho = 1;
        refused(DEBT, altered, IProofErrors.WrongRho.selector);
        altered = writeoffOf(VICTIM, DEBT);
        altered.ciphertext = new uint256[](ELEMENTS + 1);
        refused(DEBT, altered, IProofErrors.WrongCiphertextLength.selector);
        assertEq(engine.writeoffRho(change.oldCommitment), change.rho);
        engine.writeOff(DEBT, change);
        refused(DEBT, change, IMarginBook.CommitmentNotCurrent.selector);
    }

    /// @dev The first flag counts, as it does for top-ups in the book.
    function test_theCureWindowIsThatOfTheFirstFlag() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            flag(VICTIM, Ground(i));
            skip(CURE_WINDOW - 1);
            flag(VICTIM, Ground(1 - i));
            StateChange memory change = writeoffOf(VICTIM, DEBT);
            refused(DEBT, change, ILiquidationEngine.InCureWindow.selector);
            skip(1);
            engine.writeOff(DEBT, change);
            vm.revertToState(before);
        }
    }

    function test_aStopDoesNotRunTheCureWindowDown() public {
        flag(VICTIM, Ground.Maintenance);
        raiseTo(Level.NoFlags);
        skip(1 hours);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        skip(RESUME_GRACE + CURE_WINDOW - 1);
        StateChange memory change = writeoffOf(VICTIM, DEBT);
        refused(DEBT, change, ILiquidationEngine.InCureWindow.selector);
        skip(1);
        engine.writeOff(DEBT, change);
    }

    function test_noDebtOfAnotherEpochIsWrittenOff() public {
        flag(VICTIM, Ground.Maintenance);
        advance(CURE_WINDOW);
        StateChange memory change = changeOf(VICTIM);
        other.replaceState(VICTIM, change.oldCommitment, change.newCommitment, 0, 1, change.rho, change.ciphertext);
        refused(DEBT, writeoffOf(VICTIM, DEBT), IProofErrors.OtherEpoch.selector);
    }

    function test_everyWordOfAWriteOffCounts() public {
        flag(VICTIM, Ground.Maintenance);
        skip(CURE_WINDOW);
        StateChange memory change = writeoffOf(VICTIM, DEBT);
        assertEq(ignoredWords(abi.encodeCall(engine.writeOff, (DEBT, change))), PROOF_WORDS);
    }

    function refused(uint256 amount, StateChange memory change, bytes4 reason) private {
        vm.expectRevert(reason);
        engine.writeOff(amount, change);
    }
}

/// @notice A book whose vault shares no shortfall.
contract WriteOffWithoutLedgerTest is LiquidationFixture {
    function ledger() internal pure override returns (IShortfallLedger) {
        return IShortfallLedger(address(0));
    }

    function test_noDebtIsForgottenWithoutALedger() public {
        flag(VICTIM, Ground.Maintenance);
        skip(CURE_WINDOW);
        StateChange memory change = writeoffOf(VICTIM, 1);
        vm.expectRevert(ILiquidationEngine.NoShortfallLedger.selector);
        engine.writeOff(1, change);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {Level, ICircuitBreaker} from "../../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground, IAccountReports} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {ILiquidationEngine} from "../../../src/interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {LiquidationFixture} from "../../utils/LiquidationFixture.sol";

/// @notice What starts and ends a flag in a liquidation engine (spec ZS-88).
contract LiquidationFlagsTest is LiquidationFixture {
    address private immutable keeper = makeAddr("keeper");
    Proof private proof;

    function test_aProofFlagsAnAccountOnItsGround() public {
        for (uint256 i = 0; i < 2; ++i) {
            Ground ground = Ground(i);
            uint256 account = i == 0 ? VICTIM : OTHER;
            proveMargin(account, ground, 1, false, keeper);
            vm.expectEmit(address(engine));
            emit ILiquidationEngine.AccountFlagged(account, ground, 1, keeper);
            engine.flag(account, ground, 1, keeper, proof);
            assertEq(flaggedAt(account, ground), 60);
            assertEq(flaggedAt(account, Ground(1 - i)), 0);
            assertEq(keeper.balance, (i + 1) * BOND);
        }
    }

    function test_aFlagNeedsItsProof() public {
        bytes4 refused = IGroth16Verifier.ProofDoesNotVerify.selector;
        proveMargin(VICTIM, Ground.Maintenance, 1, true, keeper);
        vm.expectRevert(refused);
        engine.flag(VICTIM, Ground.Maintenance, 1, keeper, proof);
        proveMargin(VICTIM, Ground.Overdraft, 1, false, keeper);
        vm.expectRevert(refused);
        engine.flag(VICTIM, Ground.Maintenance, 1, keeper, proof);
        vm.expectRevert(refused);
        engine.flag(VICTIM, Ground.Overdraft, 1, address(this), proof);
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        engine.flag(7, Ground.Overdraft, 1, keeper, proof);
    }

    function test_noFlagAtARoundThatIsSupersededOrTooOld() public {
        proveMargin(VICTIM, Ground.Maintenance, 1, false, keeper);
        uint256 before = vm.snapshotState();
        postBookRound(1);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        engine.flag(VICTIM, Ground.Maintenance, 1, keeper, proof);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        engine.flag(VICTIM, Ground.Maintenance, 3, keeper, proof);
        vm.revertToState(before);
        skip(MAX_PROOF_AGE + 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        engine.flag(VICTIM, Ground.Maintenance, 1, keeper, proof);
        vm.warp(block.timestamp - 1);
        engine.flag(VICTIM, Ground.Maintenance, 1, keeper, proof);
    }

    function test_noFlagWithoutARound() public {
        vm.revertToState(beforeTheFirstRound);
        openAccount(VICTIM);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 0));
        engine.flag(VICTIM, Ground.Maintenance, 0, keeper, proof);
    }

    function test_noFlagWhileFlagsAreStopped() public {
        proveMargin(VICTIM, Ground.Maintenance, 1, false, keeper);
        raiseTo(Level.NoFlags);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoFlags));
        engine.flag(VICTIM, Ground.Maintenance, 1, keeper, proof);
    }

    /// @dev A friendly flag for the overdraft, whose auction pays little, keeps no other flag out.
    function test_eachGroundHasItsFlag() public {
        flag(VICTIM, Ground.Overdraft);
        advance(90);
        flag(VICTIM, Ground.Maintenance);
        assertEq(flaggedAt(VICTIM, Ground.Overdraft), 60);
        assertEq(flaggedAt(VICTIM, Ground.Maintenance), 150);
    }

    function test_aFlagStartsAgainOnceItsLifetimeIsOver() public {
        flag(VICTIM, Ground.Maintenance);
        advance(LIFETIME);
        proveMargin(VICTIM, Ground.Maintenance, latest(), false, keeper);
        uint64 roundId = latest();
        vm.expectRevert(IAccountReports.AlreadyFlagged.selector);
        engine.flag(VICTIM, Ground.Maintenance, roundId, keeper, proof);
        skip(1);
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagCleared(VICTIM, Ground.Maintenance);
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagSet(VICTIM, Ground.Maintenance, roundId);
        engine.flag(VICTIM, Ground.Maintenance, roundId, keeper, proof);
        assertEq(flaggedAt(VICTIM, Ground.Maintenance), 60 + LIFETIME + 1);
    }

    /// @dev An owner could wait for the end of a flag while no caller may act.
    function test_aStopDoesNotAgeAFlag() public {
        flag(VICTIM, Ground.Maintenance);
        raiseTo(Level.NoFlags);
        advance(LIFETIME);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        advance(RESUME_GRACE + 90);
        uint64 roundId = latest();
        vm.expectRevert(IAccountReports.AlreadyFlagged.selector);
        engine.flag(VICTIM, Ground.Maintenance, roundId, address(0), proof);
    }

    function test_anAccountRecovers() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            flag(VICTIM, Ground.Maintenance);
            flag(VICTIM, Ground.Overdraft);
            advance(60);
            proveMargin(VICTIM, Ground(i), 2, true, address(0));
            vm.expectEmit(address(engine));
            emit ILiquidationEngine.AccountRecovered(VICTIM, Ground(i), 2);
            engine.recover(VICTIM, Ground(i), 2, proof);
            assertEq(flaggedAt(VICTIM, Ground(i)), 0);
            assertEq(flaggedAt(VICTIM, Ground(1 - i)), 60);
            vm.revertToState(before);
        }
    }

    function test_aRecoveryNeedsItsProofAndALaterRound() public {
        vm.expectRevert(IMarginBook.NotFlagged.selector);
        engine.recover(VICTIM, Ground.Maintenance, 1, proof);
        flag(VICTIM, Ground.Maintenance);
        vm.expectRevert(IMarginBook.NotFlagged.selector);
        engine.recover(VICTIM, Ground.Overdraft, 1, proof);
        proveMargin(VICTIM, Ground.Maintenance, 1, true, address(0));
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.RecoveryNotAfterChange.selector, 1));
        engine.recover(VICTIM, Ground.Maintenance, 1, proof);
        postBookRound(2);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.recover(VICTIM, Ground.Maintenance, 2, proof);
        proveMargin(VICTIM, Ground.Overdraft, 2, true, address(0));
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.recover(VICTIM, Ground.Maintenance, 2, proof);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, address(0));
        postBookRound(2);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        engine.recover(VICTIM, Ground.Maintenance, 2, proof);
        skip(MAX_PROOF_AGE + 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        engine.recover(VICTIM, Ground.Maintenance, 3, proof);
    }

    /// @dev A reader proves at each round that the account meets its maintenance margin, which says nothing of its overdraft.
    function test_noReaderKeepsAFlagThatIsOver() public {
        flag(VICTIM, Ground.Overdraft);
        postBookRound(2);
        other.recordSolvent(VICTIM, commitmentOf(VICTIM), 2);
        recover(VICTIM, Ground.Overdraft);
        assertEq(flaggedAt(VICTIM, Ground.Overdraft), 0);
    }

    /// @dev A deposit that does not cure, and a proof of maintenance margin right after it, would be a cheaper cure.
    function test_noRecoveryAtTheRoundOfAChange() public {
        flag(VICTIM, Ground.Maintenance);
        postBookRound(2);
        StateChange memory change = changeOf(VICTIM);
        other.replaceState(VICTIM, change.oldCommitment, change.newCommitment, 2, 0, change.rho, change.ciphertext);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, address(0));
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.RecoveryNotAfterChange.selector, 2));
        engine.recover(VICTIM, Ground.Maintenance, 2, proof);
        postBookRound(2);
        recover(VICTIM, Ground.Maintenance);
    }

    /// @dev Else an account below maintenance margin, whose overdraft is over, would look proven: it could move to another
    ///      identity before each flag, and a challenge would end.
    function test_theEndOfAnOverdraftProvesNothingOfTheMargin() public {
        flag(VICTIM, Ground.Overdraft);
        advance(60);
        recover(VICTIM, Ground.Overdraft);
        BookAccount memory state = BOOK.accountState(VICTIM);
        assertEq(state.provenAtRound, 0);
        assertEq(state.overdraftFlaggedAt, 0);
    }

    function test_noFlagOrRecoveryOfAnotherEpoch() public {
        flag(OTHER, Ground.Maintenance);
        postBookRound(2);
        proveMargin(VICTIM, Ground.Maintenance, 2, false, keeper);
        proveMargin(OTHER, Ground.Maintenance, 2, true, address(0));
        vm.mockCall(address(rounds), abi.encodeCall(IPriceRounds.epochOf, (2)), abi.encode(uint32(1)));
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        engine.flag(VICTIM, Ground.Maintenance, 2, keeper, proof);
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        engine.recover(OTHER, Ground.Maintenance, 2, proof);
    }

    function test_spotIsScaledInAFlagAndARecovery() public {
        flag(OTHER, Ground.Maintenance);
        postBookRound(2);
        for (uint256 i = 0; i < 2; ++i) {
            proveMargin(i == 0 ? VICTIM : OTHER, Ground.Maintenance, 2, i == 1, address(0));
        }
        engine.prepareRound(2, Ground.Maintenance);
        scaleTo(1.001e18, 2);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.flag(VICTIM, Ground.Maintenance, 2, address(0), proof);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.recover(OTHER, Ground.Maintenance, 2, proof);
    }

    function test_everyWordOfAFlagCounts() public {
        proveMargin(VICTIM, Ground.Maintenance, 1, false, keeper);
        bytes memory call_ = abi.encodeCall(engine.flag, (VICTIM, Ground.Maintenance, 1, keeper, proof));
        assertEq(ignoredWords(call_), PROOF_WORDS);
    }

    function test_everyWordOfARecoveryCounts() public {
        flag(VICTIM, Ground.Maintenance);
        flag(VICTIM, Ground.Overdraft);
        postBookRound(2);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, address(0));
        assertEq(ignoredWords(abi.encodeCall(engine.recover, (VICTIM, Ground.Maintenance, 2, proof))), PROOF_WORDS);
    }

    function test_noRoundIsPreparedThatDoesNotExist() public {
        for (uint64 roundId = 0; roundId < 3; ++roundId) {
            if (roundId == 1) continue;
            vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, roundId));
            engine.prepareRound(roundId, Ground.Maintenance);
        }
    }

    function test_aRoundIsPreparedOnce() public {
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(engine));
            emit ILiquidationEngine.LiquidationRoundPrepared(1, Ground(i));
            engine.prepareRound(1, Ground(i));
        }
        vm.recordLogs();
        engine.prepareRound(1, Ground.Maintenance);
        engine.prepareRound(1, Ground.Overdraft);
        flag(VICTIM, Ground.Maintenance);
        assertEq(vm.getRecordedLogs().length, 2, "FlagSet and AccountFlagged, and no point");
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {Level, ICircuitBreaker} from "../../../src/interfaces/ICircuitBreaker.sol";
import {Ground, IAccountReports} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Challenge, ILiquidationEngine, Takeover} from "../../../src/interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {ITips} from "../../../src/interfaces/ITips.sol";
import {EndingChallenger} from "../../mocks/EndingChallenger.sol";
import {ReenteringRecipient, RefusingRecipient} from "../../mocks/Recipients.sol";
import {LiquidationFixture} from "../../utils/LiquidationFixture.sol";

/// @notice Accounts that have to answer (spec ZS-89), and those that do not.
contract ChallengesTest is LiquidationFixture {
    address private immutable challenger = makeAddr("challenger");
    address private immutable answerer = makeAddr("answerer");
    Proof private proof;

    function setUp() public override {
        super.setUp();
        vm.deal(challenger, 1 ether);
        postBookRound(1); // nothing was proven at this one
    }

    function test_anAccountIsChallenged() public {
        vm.expectEmit(address(engine));
        emit ILiquidationEngine.ChallengeOpened(VICTIM, challenger, 2, 120);
        challenge(VICTIM);
        Challenge memory asked = engine.challengeOf(VICTIM);
        assertEq(asked.challenger, challenger);
        assertEq(asked.roundId, 2);
        assertEq(asked.startedAt, 120);
        assertEq(address(engine).balance, CHALLENGE_BOND);
        assertEq(engine.challengeOf(OTHER).challenger, address(0));
    }

    function test_whatCannotBeChallenged() public {
        vm.expectRevert(abi.encodeWithSelector(IBookVault.WrongBond.selector, CHALLENGE_BOND));
        engine.challenge{value: CHALLENGE_BOND - 1}(VICTIM);
        vm.expectRevert(abi.encodeWithSelector(IBookVault.WrongBond.selector, CHALLENGE_BOND));
        engine.challenge{value: CHALLENGE_BOND + 1}(VICTIM);
        refusedChallenge(7, IMarginBook.AccountNotOpen.selector);
        other.recordSolvent(BUYER, commitmentOf(BUYER), 2);
        refusedChallenge(BUYER, ILiquidationEngine.AlreadyProven.selector);
        flag(OTHER, Ground.Maintenance);
        refusedChallenge(OTHER, IAccountReports.AlreadyFlagged.selector);
        challenge(VICTIM);
        refusedChallenge(VICTIM, ILiquidationEngine.AlreadyChallenged.selector);
        openAccount(44);
        postBookRound(1);
        vm.mockCall(address(rounds), abi.encodeCall(IPriceRounds.epochOf, (3)), abi.encode(uint32(1)));
        refusedChallenge(44, IProofErrors.OtherEpoch.selector);
        vm.clearMockedCalls();
        skip(MAX_PROOF_AGE + 1);
        refusedChallenge(44, IProofErrors.RoundTooOld.selector);
    }

    function test_nothingIsAskedWithoutARound() public {
        vm.revertToState(beforeTheFirstRound);
        openAccount(VICTIM);
        vm.deal(challenger, CHALLENGE_BOND);
        vm.prank(challenger);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 0));
        engine.challenge{value: CHALLENGE_BOND}(VICTIM);
    }

    /// @dev A friendly flag for the overdraft would keep challenges out, and end them.
    function test_anOverdraftFlagIsNoAnswer() public {
        flag(VICTIM, Ground.Overdraft);
        challenge(VICTIM);
        vm.expectRevert(ILiquidationEngine.ChallengeNotOver.selector);
        engine.endChallenge(VICTIM);
        advance(ANSWER_WINDOW + 1);
        recover(VICTIM, Ground.Overdraft);
        vm.expectRevert(ILiquidationEngine.ChallengeNotOver.selector);
        engine.endChallenge(VICTIM);
        engine.flagSilent(VICTIM);
    }

    function test_anAnswerEarnsTheBond() public {
        challenge(VICTIM);
        advance(ANSWER_WINDOW);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, answerer); // the one round that may be superseded
        vm.expectEmit(address(engine));
        emit ILiquidationEngine.ChallengeAnswered(VICTIM, answerer, 2);
        engine.answer(VICTIM, answerer, proof);
        assertEq(answerer.balance, CHALLENGE_BOND);
        assertEq(engine.challengeOf(VICTIM).challenger, address(0));
        vm.expectRevert(ILiquidationEngine.NotChallenged.selector);
        engine.answer(VICTIM, answerer, proof);
    }

    function test_anAnswerNeedsItsProof() public {
        vm.expectRevert(ILiquidationEngine.NotChallenged.selector);
        engine.answer(VICTIM, answerer, proof);
        challenge(VICTIM);
        bytes4 reason = IGroth16Verifier.ProofDoesNotVerify.selector;
        proveMargin(VICTIM, Ground.Maintenance, 2, false, answerer);
        vm.expectRevert(reason);
        engine.answer(VICTIM, answerer, proof);
        postBookRound(2);
        proveMargin(VICTIM, Ground.Maintenance, 3, true, answerer);
        vm.expectRevert(reason);
        engine.answer(VICTIM, answerer, proof);
        proveMargin(VICTIM, Ground.Overdraft, 2, true, answerer);
        vm.expectRevert(reason);
        engine.answer(VICTIM, answerer, proof);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, address(0));
        vm.expectRevert(IBookVault.InvalidRecipient.selector);
        engine.answer(VICTIM, address(0), proof);
        vm.expectRevert(reason);
        engine.answer(VICTIM, challenger, proof);
    }

    /// @dev After an expiry nothing can be proven of the state at an older round, and nothing is known of it.
    function test_anAccountThatChangedWithoutARoundAnswersAtThatOfItsChange() public {
        challenge(VICTIM);
        postBookRound(2);
        StateChange memory change = changeOf(VICTIM);
        other.replaceState(VICTIM, change.oldCommitment, change.newCommitment, 0, 0, change.rho, change.ciphertext);
        vm.expectRevert(ILiquidationEngine.ChallengeNotOver.selector);
        engine.endChallenge(VICTIM);
        postBookRound(1);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, answerer);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.answer(VICTIM, answerer, proof);
        proveMargin(VICTIM, Ground.Maintenance, 3, true, answerer);
        engine.answer(VICTIM, answerer, proof);
        assertEq(answerer.balance, CHALLENGE_BOND);
    }

    function test_anAnswerIsOfTheEpochOfItsRound() public {
        challenge(VICTIM);
        StateChange memory change = changeOf(VICTIM);
        other.replaceState(VICTIM, change.oldCommitment, change.newCommitment, 0, 1, change.rho, change.ciphertext);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, answerer);
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        engine.answer(VICTIM, answerer, proof);
    }

    function test_aLaterProofAFlagOrItsEndEndsAChallenge() public {
        challenge(VICTIM);
        vm.expectRevert(ILiquidationEngine.ChallengeNotOver.selector);
        engine.endChallenge(VICTIM);
        uint256 before = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) {
            if (i == 0) other.recordSolvent(VICTIM, commitmentOf(VICTIM), 2);
            else if (i == 1) flag(VICTIM, Ground.Maintenance);
            else other.closeAccount(VICTIM, commitmentOf(VICTIM));
            proveMargin(VICTIM, Ground.Maintenance, 2, true, answerer);
            vm.expectRevert(ILiquidationEngine.ChallengeOver.selector);
            engine.answer(VICTIM, answerer, proof);
            skip(ANSWER_WINDOW + 1);
            vm.expectRevert(ILiquidationEngine.ChallengeOver.selector);
            engine.flagSilent(VICTIM);
            vm.expectEmit(address(engine));
            emit ILiquidationEngine.ChallengeEnded(VICTIM, challenger, false);
            engine.endChallenge(VICTIM);
            assertEq(challenger.balance, 1 ether);
            vm.expectRevert(ILiquidationEngine.NotChallenged.selector);
            engine.endChallenge(VICTIM);
            vm.revertToState(before);
        }
    }

    function test_anAccountThatDoesNotAnswerIsFlagged() public {
        challenge(VICTIM);
        advance(ANSWER_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.AnswerWindowOpen.selector, 120 + ANSWER_WINDOW));
        engine.flagSilent(VICTIM);
        skip(1);
        uint256 before = vm.snapshotState();
        raiseTo(Level.NoFlags);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoFlags));
        engine.flagSilent(VICTIM);
        vm.revertToState(before);
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagSet(VICTIM, Ground.Maintenance, latest());
        vm.expectEmit(address(engine));
        emit ILiquidationEngine.ChallengeEnded(VICTIM, challenger, true);
        engine.flagSilent(VICTIM);
        assertEq(flaggedAt(VICTIM, Ground.Maintenance), 120 + ANSWER_WINDOW + 1);
        assertEq(challenger.balance, 1 ether + BOND, "both bonds");
        vm.expectRevert(ILiquidationEngine.NotChallenged.selector);
        engine.flagSilent(VICTIM);
    }

    /// @dev An hour in which it can answer, whatever the breaker does.
    function test_aStopDoesNotRunTheAnswerWindowDown() public {
        challenge(VICTIM);
        raiseTo(Level.NoFlags);
        advance(2 hours);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        advance(RESUME_GRACE + ANSWER_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.AnswerWindowOpen.selector, 120 + ANSWER_WINDOW));
        engine.flagSilent(VICTIM);
        skip(1);
        engine.flagSilent(VICTIM);
    }

    /// @dev A round of another epoch says nothing of it: a reader of the account has to prove `expire` first.
    function test_aSilentAccountOfAnotherEpochIsNotFlagged() public {
        challenge(VICTIM);
        advance(ANSWER_WINDOW + 1);
        vm.mockCall(address(rounds), abi.encodeCall(IPriceRounds.epochOf, (latest())), abi.encode(uint32(1)));
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        engine.flagSilent(VICTIM);
    }

    /// @dev A takeover for the overdraft shows nothing of the maintenance margin.
    function test_aTakeoverForTheOverdraftIsNoAnswer() public {
        flag(VICTIM, Ground.Overdraft);
        challenge(VICTIM);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground.Overdraft);
        takeover.isCured = true;
        proveTakeover(takeover, false);
        engine.takeOver(takeover);
        vm.expectRevert(ILiquidationEngine.ChallengeNotOver.selector);
        engine.endChallenge(VICTIM);
    }

    function test_anAnswerIsAtTheScaleOfTheLedger() public {
        challenge(VICTIM);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, answerer);
        engine.prepareRound(2, Ground.Maintenance);
        scaleTo(1.001e18, 2);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        engine.answer(VICTIM, answerer, proof);
    }

    function test_everyWordOfAnAnswerCounts() public {
        challenge(VICTIM);
        proveMargin(VICTIM, Ground.Maintenance, 2, true, answerer);
        assertEq(ignoredWords(abi.encodeCall(engine.answer, (VICTIM, answerer, proof))), PROOF_WORDS);
    }

    /// @dev Nor does it keep the challenge open, which another answer would end a second time.
    function test_anAnswererThatTakesNoEtherIsCredited() public {
        challenge(VICTIM);
        RefusingRecipient refusing = new RefusingRecipient();
        proveMargin(VICTIM, Ground.Maintenance, 2, true, address(refusing));
        engine.answer(VICTIM, address(refusing), proof);
        assertEq(engine.tipCredit(address(refusing)), CHALLENGE_BOND);
        assertEq(engine.challengeOf(VICTIM).challenger, address(0));
    }

    /// @dev An address that takes no ETH stops nothing.
    function test_aBondThatIsRefusedIsCredited() public {
        RefusingRecipient refusing = new RefusingRecipient();
        vm.deal(address(refusing), CHALLENGE_BOND);
        vm.prank(address(refusing));
        engine.challenge{value: CHALLENGE_BOND}(VICTIM);
        other.recordSolvent(VICTIM, commitmentOf(VICTIM), 2);
        engine.endChallenge(VICTIM);
        assertEq(engine.tipCredit(address(refusing)), CHALLENGE_BOND);
        refusing.claim(engine, payable(answerer));
        assertEq(answerer.balance, CHALLENGE_BOND);
        assertEq(address(engine).balance, 0);
    }

    /// @dev While it is paid, the bonds of others are not within its reach.
    function test_noRecipientTakesMoreThanItsBond() public {
        challenge(OTHER);
        ReenteringRecipient thief = new ReenteringRecipient(ITips(engine));
        vm.deal(address(thief), CHALLENGE_BOND);
        vm.prank(address(thief));
        engine.challenge{value: CHALLENGE_BOND}(VICTIM);
        advance(ANSWER_WINDOW + 1);
        engine.flagSilent(VICTIM);
        assertEq(address(engine).balance, 2 * CHALLENGE_BOND, "credited, as its attempt failed");
        assertEq(engine.tipCredit(address(thief)), CHALLENGE_BOND);
    }

    /// @dev It gets the bond of the account while its own is not paid back yet.
    function test_noChallengerIsPaidTwice() public {
        challenge(OTHER);
        EndingChallenger thief = new EndingChallenger(engine, VICTIM);
        vm.deal(address(thief), CHALLENGE_BOND);
        thief.challenge(CHALLENGE_BOND);
        advance(ANSWER_WINDOW + 1);
        engine.flagSilent(VICTIM);
        assertEq(thief.attempts(), 2, "it was paid twice: by the vault, and by the engine");
        assertEq(address(thief).balance, CHALLENGE_BOND + BOND);
        assertEq(address(engine).balance, CHALLENGE_BOND, "that of the other challenge");
    }

    function challenge(uint256 account) private {
        vm.prank(challenger);
        engine.challenge{value: CHALLENGE_BOND}(account);
    }

    function refusedChallenge(uint256 account, bytes4 reason) private {
        vm.prank(challenger);
        vm.expectRevert(reason);
        engine.challenge{value: CHALLENGE_BOND}(account);
    }
}

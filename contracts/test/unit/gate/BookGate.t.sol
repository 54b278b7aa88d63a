// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../../src/book/MarginBook.sol";
import {Permission} from "../../../src/interfaces/IAccountGate.sol";
import {IBookGate} from "../../../src/interfaces/IBookGate.sol";
import {ICircuitBreaker, Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {Ground, IAccountReports} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {AccountState, ISolvencyGate, SolvencyClaim} from "../../../src/interfaces/ISolvencyGate.sol";
import {OwnerPriceRounds} from "../../../src/oracle/OwnerPriceRounds.sol";
import {ReentrantBook, TestBook} from "../../mocks/Books.sol";
import {OtherSplitVerifier} from "../../mocks/OtherSplitVerifier.sol";
import {ReentrantToken} from "../../mocks/Tokens.sol";
import {BookGateFixture} from "../../utils/BookGateFixture.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

/// @notice A gate on the accounts of a book whose gate it is. Erin, long two BTC on a thin cushion, falls below
///         maintenance margin at round 2.
contract BookGateTest is BookGateFixture {
    bytes4 private immutable REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    // ------------------------------------------------------------------------------------------------ states

    function test_knowsWhatTheBookKnows() public {
        expectStateOfTheBook(erin);
        uint64 second = postBookRound(1);
        deposit(step("erin deposits more"), second);
        assertEq(gate.accountState(erin).changedAtRound, 2);
        expectStateOfTheBook(erin);
        expectStateOfTheBook(accountNamed("dave")); // not open
    }

    function test_anAccountOfTheBookIsProvenSolvent() public {
        uint64 second = postBookRound(1);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.ProvenSolvent(erin, second);
        proveSolvent(erin, "erin is solvent", second);
        assertTrue(gate.isSolvent(erin, 0));
        AccountState memory state = gate.accountState(erin);
        assertEq(state.solventAtRound, second);
        assertEq(state.solventAt, rounds.roundTimestamp(second));
        assertEq(BOOK.accountState(erin).provenAtRound, second);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.RoundNotNewer.selector, second, second));
        this.callProveSolvent(erin, "erin is solvent", second);
    }

    /// @dev An update proves that the new state meets maintenance margin, at the round of its proof (spec ZS-47).
    function test_aChangeProvesSolvencyAtItsRound() public {
        AccountState memory state = gate.accountState(erin);
        assertEq(state.solventAtRound, 1);
        assertEq(state.solventAt, rounds.roundTimestamp(1));
        assertTrue(gate.isSolvent(erin, 0));
        uint64 second = postBookRound(1);
        assertFalse(gate.isSolvent(erin, 0));
        deposit(step("erin deposits more"), second);
        assertTrue(gate.isSolvent(erin, 0));
        assertEq(gate.accountState(erin).solventAtRound, second);
        assertFalse(gate.isSolvent(accountNamed("dave"), type(uint256).max), "not open");
    }

    function test_aProofForTheOldCommitmentIsRefused() public {
        deposit("erin deposits more");
        uint64 second = postBookRound(1);
        vm.expectRevert(REFUSED);
        this.callProveSolvent(erin, "erin is solvent", second);
    }

    function test_roundsFromBeforeTheChangeAreRefused() public {
        deposit(step("erin deposits more"), postBookRound(1));
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        this.callProveSolvent(erin, "erin is solvent", 1);
    }

    function test_refusesAccountsThatAreNotOpen() public {
        uint256 dave = accountNamed("dave");
        bytes memory reason = abi.encodeWithSelector(ISolvencyGate.UnknownAccount.selector, dave);
        vm.expectRevert(reason);
        this.callProveSolvent(dave, "erin is solvent", 1);
        vm.expectRevert(reason);
        this.callFlag(dave, "erin is liquidatable", 1);
    }

    function test_aBatchLeavesOutWhoChanged() public {
        SolvencyClaim[] memory claims = new SolvencyClaim[](2);
        claims[0] = claimOf(erin, "erin is solvent");
        claims[1] = claimOf(accountNamed("bob"), "bob is solvent");
        uint64 second = postBookRound(1);
        uint256 before = vm.snapshotState();
        assertEq(gate.proveSolventBatch(second, claims), 2);
        assertTrue(gate.isSolvent(erin, 0));
        vm.revertToState(before);

        deposit(step("erin deposits more"), second);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.ClaimSkipped(erin, second);
        assertEq(gate.proveSolventBatch(second, claims), 1);
        assertTrue(gate.isSolvent(accountNamed("bob"), 0));
    }

    // ------------------------------------------------------------------------------------------------ flags

    /// @dev Spec ZS-48.
    function test_aFlaggedAccountIsLeftItsCure() public {
        postBookRound(2);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.Flagged(erin, 2, address(0));
        flag(erin, "erin is liquidatable", 2);
        expectPermission(Permission.TopUpOnly);
        assertEq(gate.accountState(erin).flaggedAtRound, 2);
        skip(CURE_WINDOW + 1);
        expectPermission(Permission.CureOnly);
    }

    /// @dev Spec ZS-57. An account that has recovered since would be frozen at prices that are over.
    function test_noFlagAtARoundThatIsOver() public {
        postBookRound(2);
        postBookRound(3);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callFlag(erin, "erin is liquidatable", 2);
        expectPermission(Permission.Free);
    }

    function test_theBreakerStopsFlags() public {
        proveSolvent(accountNamed("bob"), "bob is solvent", postBookRound(1));
        uint64 third = postBookRound(2);
        raiseTo(Level.NoFlags);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoFlags));
        this.callFlag(erin, "erin is liquidatable", third);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        flag(erin, "erin is liquidatable", third);
    }

    function test_aCureEndsTheFlag() public {
        postBookRound(2);
        flag(erin, "erin is liquidatable", 2);
        deposit("erin cures at round 2");
        expectPermission(Permission.Free);
        assertEq(gate.accountState(erin).flaggedAtRound, 0);
        assertTrue(gate.isSolvent(erin, 0), "the cure proves it");
        bytes memory reason = abi.encodeWithSelector(ISolvencyGate.RoundNotNewer.selector, 2, 2);
        vm.expectRevert(reason);
        this.callFlag(erin, "erin is liquidatable", 2);
        vm.expectRevert(reason);
        this.callProveSolvent(erin, "erin is solvent again", 2);
        uint64 third = postBookRound(2);
        vm.expectRevert(REFUSED);
        this.callFlag(erin, "erin is liquidatable", third);
        proveSolvent(erin, "erin is solvent again", third);
    }

    /// @dev Spec ZS-48.
    function test_noCureAtPricesFromBeforeTheFlag() public {
        postBookRound(2);
        flag(erin, "erin is liquidatable", 2);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callDeposit("erin cures at round 1"); // it met initial margin then
        assertEq(uint8(gate.permissionOf(erin, 1)), uint8(Permission.Free), "the flag is the book's");
    }

    /// @dev Round 3 stands for a price that went on falling: what met initial margin before it frees no account.
    function test_aCureIsAtTheNewestRoundAlone() public {
        postBookRound(2);
        flag(erin, "erin is liquidatable", 2);
        uint256 before = vm.snapshotState();
        postBookRound(3);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callDeposit("erin cures at round 2");
        vm.revertToState(before);
        deposit("erin cures at round 2");
        expectPermission(Permission.Free);
    }

    /// @dev The deposit proves what the flag would have: that the account is below maintenance margin.
    function test_aFlagThatLosesTheRaceFindsTheAccountFlagged() public {
        postBookRound(2);
        deposit("erin tops up at round 2"); // in the same block
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, erin));
        this.callFlag(erin, "erin is liquidatable", 2);
        expectPermission(Permission.TopUpOnly);
        assertEq(gate.accountState(erin).flaggedAtRound, 2);
    }

    function test_theOthersGoOn() public {
        postBookRound(2);
        flag(erin, "erin is liquidatable", 2);
        withdraw(step("bob withdraws a little"), postBookRound(1));
    }

    // ------------------------------------------------------------------------------------------------ prices

    /// @dev Spec ZS-49.
    function test_refusesAnotherPriceSourceThanTheBooks() public {
        OwnerPriceRounds others = deployRounds(instance);
        postRound(others, instance, 1);
        postRound(others, instance, 2);
        TestBook book = new TestBook(rounds);
        book.set(erin, commitmentOf(erin), 1);
        gate = Deploy.bookGate(book, breaker, others, verifier, MAX_PROOF_AGE);
        bytes4 reason = IBookGate.OtherPriceSource.selector;
        vm.expectRevert(reason);
        gate.prepareRound(1);
        vm.expectRevert(reason);
        this.callProveSolvent(erin, "erin is solvent", 1);
        vm.expectRevert(reason);
        this.callFlag(erin, "erin is liquidatable", 2);
        SolvencyClaim[] memory claims = new SolvencyClaim[](1);
        claims[0] = claimOf(erin, "erin is solvent");
        vm.expectRevert(reason);
        gate.proveSolventBatch(1, claims);
    }

    function test_preparesTheRoundsOfTheBook() public {
        assertEq(address(gate.rounds()), address(BOOK.rounds()));
        vm.expectEmit(address(gate));
        emit ISolvencyGate.RoundPrepared(1);
        gate.prepareRound(1);
        assertTrue(gate.prepared(1));
    }

    function test_takesMarginOfTheBooksSizeOnly() public {
        vm.expectRevert(
            abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "margin-13", updateVerifier.statement())
        );
        Deploy.bookGate(BOOK, breaker, rounds, updateVerifier, MAX_PROOF_AGE);
    }

    function test_takesTheSignalsOfMarginOnly() public {
        IGroth16Verifier other = IGroth16Verifier(address(new OtherSplitVerifier("margin-13", 4, 39)));
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongSignals.selector, "margin-13"));
        Deploy.bookGate(BOOK, breaker, rounds, other, MAX_PROOF_AGE);
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function test_gateAndBookAreDeployedForEachOther() public {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        gate = Deploy.bookGate(IAccountReports(predicted), breaker, rounds, verifier, MAX_PROOF_AGE);
        address[] memory tokens = new address[](SLOTS + 1);
        tokens[USDC] = address(usdc);
        MarginBook.Parts memory made = parts(tokens);
        made.gate = gate;
        MarginBook book = Deploy.marginBook(made);
        assertEq(address(gate.book()), address(book));
        assertEq(address(book.gate()), address(gate));
        gate.prepareRound(1);
    }

    function test_aGateWithoutItsBookProvesNothing() public {
        gate = Deploy.bookGate(IAccountReports(makeAddr("none")), breaker, rounds, verifier, MAX_PROOF_AGE);
        vm.expectRevert(bytes(""));
        gate.prepareRound(1);
        vm.expectRevert(bytes(""));
        this.callProveSolvent(erin, "erin is solvent", 1);
    }

    // ------------------------------------------------------------------------------------------------ the source

    function test_asksTheBookOnceForEachUse() public {
        uint64 second = postBookRound(1);
        vm.expectCall(address(BOOK), abi.encodeCall(BOOK.accountState, (erin)), 1);
        proveSolvent(erin, "erin is solvent", second);
    }

    function test_asksTheBookOnceForEachFlag() public {
        postBookRound(2);
        vm.expectCall(address(BOOK), abi.encodeCall(BOOK.accountState, (erin)), 1);
        flag(erin, "erin is liquidatable", 2);
    }

    /// @dev A commitment may come back to its account, so nothing is kept under it: what is proven is told to the book.
    function test_whatIsProvenIsKeptOfTheAccountAlone() public {
        TestBook book = new TestBook(rounds);
        gate = Deploy.bookGate(book, breaker, rounds, verifier, MAX_PROOF_AGE);
        uint256 commitment = commitmentOf(erin);
        book.set(7, commitment, 1);
        vm.expectCall(address(book), abi.encodeCall(book.recordSolvent, (7, commitment, 1)));
        proveSolvent(7, "erin is solvent", 1);
        assertTrue(gate.isSolvent(7, 0));
        book.set(8, commitment, 1);
        assertFalse(gate.isSolvent(8, 0), "nothing is known of this account");
        postBookRound(2);
        vm.expectCall(
            address(book), abi.encodeCall(book.recordFlag, (8, commitment, Ground.Maintenance, 2, address(0)))
        );
        flag(8, "erin is liquidatable", 2);
        assertTrue(gate.isSolvent(7, type(uint256).max));
        assertEq(gate.accountState(8).flaggedAtRound, 2);
    }

    /// @dev Spec ZS-41. The book scales spot prices by what its debts leave of them: a point of another scale is of other
    ///      prices.
    function test_noPointServesAnotherScale() public {
        TestBook book = new TestBook(rounds);
        gate = Deploy.bookGate(book, breaker, rounds, verifier, MAX_PROOF_AGE);
        book.set(7, commitmentOf(erin), 1);
        gate.prepareRound(1);
        assertTrue(gate.prepared(1));

        VectorKind[] memory kinds = RoundReader.one(VectorKind.Maintenance);
        uint256[] memory cheaper = rounds.roundInputs(1, kinds, RoundReader.UNSCALED);
        cheaper[0] /= 2;
        bytes memory question = abi.encodeCall(rounds.roundInputs, (1, kinds, 0.5e18));
        vm.mockCall(address(rounds), question, abi.encode(cheaper));
        book.setSpotScale(0.5e18);
        assertFalse(gate.prepared(1), "the point at hand is of the scale before");
        vm.expectRevert(REFUSED);
        this.callProveSolvent(7, "erin is solvent", 1);
        gate.prepareRound(1);
        vm.expectRevert(REFUSED);
        this.callProveSolvent(7, "erin is solvent", 1);

        book.setSpotScale(RoundReader.UNSCALED);
        proveSolvent(7, "erin is solvent", 1);
    }

    function test_theBookScalesNothing() public view {
        assertEq(BOOK.spotScale(1), 1e18);
        assertEq(BOOK.spotScale(99), 1e18);
    }

    function test_aCommitmentThatIsNoFieldElementProvesNothing() public {
        TestBook book = new TestBook(rounds);
        gate = Deploy.bookGate(book, breaker, rounds, verifier, MAX_PROOF_AGE);
        book.set(7, commitmentOf(erin) + R, 1);
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, 0));
        this.callProveSolvent(7, "erin is solvent", 1);
    }

    function test_aSourceCannotActWhenItIsAsked() public {
        ReentrantBook book = new ReentrantBook(rounds);
        gate = Deploy.bookGate(IAccountReports(address(book)), breaker, rounds, verifier, MAX_PROOF_AGE);
        book.callBack(abi.encodeCall(gate.prepareRound, (1)));
        vm.expectRevert(bytes(""));
        this.callProveSolvent(7, "erin is solvent", 1);
        vm.expectRevert(bytes(""));
        gate.isSolvent(7, 0);
        gate.prepareRound(1); // the call itself is in order
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function expectStateOfTheBook(uint256 account) private view {
        AccountState memory state = gate.accountState(account);
        assertEq(state.commitment, BOOK.accountState(account).commitment);
        assertEq(state.changedAtRound, BOOK.accountState(account).changedAtRound);
    }

    function expectPermission(Permission permission) private view {
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(permission));
    }

    function claimOf(uint256 account, string memory name) private view returns (SolvencyClaim memory) {
        return SolvencyClaim(account, commitmentOf(account), address(0), find(margins, name).proof);
    }

    function callProveSolvent(uint256 account, string calldata name, uint64 roundId) external {
        proveSolvent(account, name, roundId);
    }

    function callFlag(uint256 account, string calldata name, uint64 roundId) external {
        flag(account, name, roundId);
    }

    function callDeposit(string calldata name) external {
        deposit(name);
    }
}

/// @notice What a token that calls back in the middle of a transfer learns of the gate.
contract BookGateCallbacksTest is BookGateFixture {
    ReentrantToken private token;

    function bookTokens() internal override returns (address[] memory tokens) {
        tokens = super.bookTokens();
        token = new ReentrantToken();
        tokens[USDC] = address(token);
    }

    function test_theStandingIsThatOfTheNewStateBeforeTheTokenIsCalled() public {
        uint64 second = postBookRound(2);
        token.callBack(address(gate), abi.encodeCall(gate.isSolvent, (erin, 1 minutes)));
        assertTrue(gate.isSolvent(erin, 1 minutes));
        deposit(step("erin tops up at round 2"), second);
        assertTrue(token.succeeded());
        assertFalse(abi.decode(token.answer(), (bool)));
    }

    function test_aProofFromWithinATransferIsForTheStateAfterIt() public {
        uint64 second = postBookRound(1);
        Proof memory proof = find(margins, "erin is solvent").proof;
        token.callBack(address(gate), abi.encodeCall(gate.proveSolvent, (erin, second, address(0), proof)));
        deposit(step("erin deposits more"), second);
        assertFalse(token.succeeded());
        assertEq(bytes4(token.answer()), ISolvencyGate.RoundNotNewer.selector);
    }
}

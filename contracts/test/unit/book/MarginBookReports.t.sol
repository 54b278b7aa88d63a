// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Vm} from "forge-std/Vm.sol";

import {IAccountGate, Permission} from "../../../src/interfaces/IAccountGate.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground, IAccountReports} from "../../../src/interfaces/ICommitments.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {TestGate} from "../../mocks/TestGate.sol";
import {TestModule} from "../../mocks/TestModule.sol";
import {ReentrantToken} from "../../mocks/Tokens.sol";
import {BookGateFixture} from "../../utils/BookGateFixture.sol";
import {BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice What the gate in force and the modules of a book tell it: flags, cures, states. Erin falls below maintenance
///         margin at round 2, and has a friend, alice.
contract MarginBookReportsTest is BookGateFixture {
    TestModule private module;
    uint256 private alice;
    uint256 private bob;

    function setUp() public override {
        super.setUp();
        alice = accountNamed("alice");
        bob = accountNamed("bob");
        postBookRound(2);
    }

    function deployFirstGate() internal override {
        super.deployFirstGate();
        module = new TestModule(BOOK);
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](1);
        named[0] = address(module);
    }

    // ------------------------------------------------------------------------------------------------ flags

    function test_aFlagIsOfTheBook() public {
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagSet(erin, Ground.Maintenance, 2);
        flag(erin, "erin is liquidatable", 2);
        BookAccount memory state = BOOK.accountState(erin);
        assertEq(state.maintenanceFlaggedAt, activeTime());
        assertEq(state.overdraftFlaggedAt, 0);
        assertEq(state.provenAtRound, 2);
        assertEq(state.changedAtRound, 1, "a flag is no change");
    }

    /// @dev Erin is flagged, and the owner of the book, a friend, puts another gate in force, or none. A flag that the gate
    ///      keeps goes with its gate: she would withdraw what she owes.
    function test_noChangeOfGateFreesAFlaggedAccount() public {
        flag(erin, "erin is liquidatable", 2);
        address[2] memory gates = [address(0), address(new TestGate())];
        uint256 before = vm.snapshotState();
        for (uint256 i = 0; i < gates.length; ++i) {
            useGate(IAccountGate(gates[i]));
            assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.CureOnly));
            vm.warp(rounds.roundTimestamp(2) + CURE_WINDOW + 1);
            vm.expectRevert(IMarginBook.NotPermitted.selector);
            this.callDeposit("erin deposits half of it at round 2");
            deposit("erin cures at round 2");
            assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Free));
            vm.revertToState(before);
        }
    }

    /// @dev The stricter of flag and gate holds, whichever it is.
    function test_aGateMayBeStricterThanAFlag() public {
        flag(erin, "erin is liquidatable", 2);
        TestGate other = new TestGate();
        useGate(other);
        other.set(erin, Permission.Frozen);
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Frozen));
    }

    function test_onlyTheGateInForceAndModulesReport() public {
        uint256 commitment = commitmentOf(erin);
        bytes4 reason = IAccountReports.NotAReporter.selector;
        vm.expectRevert(reason);
        BOOK.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));
        vm.expectRevert(reason);
        BOOK.recordSolvent(erin, commitment, 2);
        vm.prank(owner);
        vm.expectRevert(reason);
        BOOK.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));
    }

    function test_aGateThatIsNotInForceFlagsNoAccount() public {
        TestGate other = new TestGate();
        vm.prank(owner);
        BOOK.announceGate(other);
        bytes4 reason = IAccountReports.NotAReporter.selector;
        uint256 commitment = commitmentOf(erin);
        vm.prank(address(other));
        vm.expectRevert(reason);
        BOOK.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));

        skip(2 days);
        vm.prank(owner);
        BOOK.activateGate();
        rewind(2 days);
        vm.expectRevert(reason);
        this.callFlag("erin is liquidatable", 2); // by the gate that was in force
        vm.prank(address(other));
        BOOK.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));
    }

    /// @dev A flag without a gate is refused too: the zero address is no reporter.
    function test_withoutAGateOnlyModulesReport() public {
        useGate(IAccountGate(address(0)));
        uint256 commitment = commitmentOf(erin);
        vm.expectRevert(IAccountReports.NotAReporter.selector);
        BOOK.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));
        module.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));
    }

    function test_reportsAreOfThePresentCommitment() public {
        uint256 stale = commitmentOf(erin);
        deposit("erin tops up at round 2");
        bytes4 reason = IMarginBook.CommitmentNotCurrent.selector;
        vm.expectRevert(reason);
        module.recordFlag(erin, stale, Ground.Maintenance, 2, address(0));
        vm.expectRevert(reason);
        module.recordSolvent(erin, stale, 2);
        uint256 commitment = commitmentOf(erin);
        vm.expectRevert(reason);
        module.recordFlag(alice, commitment, Ground.Maintenance, 2, address(0));
        uint256 dave = accountNamed("dave");
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        module.recordFlag(dave, 0, Ground.Maintenance, 2, address(0));
    }

    function test_reportsAreOfRoundsSinceTheLastChange() public {
        deposit("erin tops up at round 2");
        uint256 commitment = commitmentOf(erin);
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        module.recordSolvent(erin, commitment, 1);
    }

    /// @dev Spec ZS-57. What has become of an account since a round is no ground for a flag, nor for its end.
    function test_flagsAreSetAndEndedAtTheNewestRound() public {
        uint64 third = postBookRound(3);
        uint256 commitment = commitmentOf(erin);
        bytes4 reason = IProofErrors.RoundSuperseded.selector;
        vm.expectRevert(reason);
        module.recordFlag(erin, commitment, Ground.Maintenance, 2, address(0));
        module.recordFlag(erin, commitment, Ground.Maintenance, third, address(0));
        uint64 fourth = postBookRound(1);
        vm.expectRevert(reason);
        module.clearFlag(erin, commitment, Ground.Maintenance, third);
        module.clearFlag(erin, commitment, Ground.Maintenance, fourth);
    }

    /// @dev A flag at a round that does not exist could not be cured for years.
    function test_reportsAreOfRoundsThatExist() public {
        uint256 commitment = commitmentOf(erin);
        bytes memory reason = abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 3);
        vm.expectRevert(reason);
        module.recordFlag(erin, commitment, Ground.Maintenance, 3, address(0));
        vm.expectRevert(reason);
        module.recordSolvent(erin, commitment, 3);
    }

    /// @dev Else an earlier round, at which the account stood well, would do for the cure.
    function test_noReportMakesAFlagOlder() public {
        flag(erin, "erin is liquidatable", 2);
        uint256 commitment = commitmentOf(erin);
        bytes4 reason = IAccountReports.RoundBeforeProof.selector;
        vm.expectRevert(reason);
        module.recordSolvent(erin, commitment, 1);
        vm.expectRevert(reason);
        module.recordFlag(erin, commitment, Ground.Overdraft, 1, address(0));
        vm.expectRevert(reason);
        module.clearFlag(erin, commitment, Ground.Maintenance, 1);
        vm.expectRevert(reason);
        module.replaceState(erin, commitment, commitment ^ 1, 1, 0, 7, new uint256[](5));
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callDeposit("erin cures at round 1");
    }

    /// @dev The clock of a flag cannot be started again.
    function test_aFlagKeepsItsTime() public {
        flag(erin, "erin is liquidatable", 2);
        uint48 since = activeTime();
        uint64 third = postBookRound(2);
        uint256 commitment = commitmentOf(erin);
        vm.expectRevert(IAccountReports.AlreadyFlagged.selector);
        module.recordFlag(erin, commitment, Ground.Maintenance, third, address(0));

        module.recordFlag(erin, commitment, Ground.Overdraft, third, address(0)); // another ground has its own
        BookAccount memory state = BOOK.accountState(erin);
        assertEq(state.maintenanceFlaggedAt, since);
        assertEq(state.overdraftFlaggedAt, activeTime());
        assertEq(state.provenAtRound, third);
    }

    function test_aCureEndsTheFlagsOfBothGrounds() public {
        flag(erin, "erin is liquidatable", 2);
        module.recordFlag(erin, commitmentOf(erin), Ground.Overdraft, 2, address(0));
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagCleared(erin, Ground.Maintenance);
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagCleared(erin, Ground.Overdraft);
        deposit("erin cures at round 2");
        BookAccount memory state = BOOK.accountState(erin);
        assertEq(state.maintenanceFlaggedAt, 0);
        assertEq(state.overdraftFlaggedAt, 0);
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Free));
    }

    function test_anOverdraftAloneIsAFlagToo() public {
        module.recordFlag(erin, commitmentOf(erin), Ground.Overdraft, 2, address(0));
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.TopUpOnly));
        assertFalse(gate.isSolvent(erin, type(uint256).max));
        skip(CURE_WINDOW + 1);
        vm.expectRevert(IMarginBook.NotPermitted.selector);
        this.callDeposit("erin tops up at round 2");
    }

    /// @dev A friend flags the account for its overdraft, whose curve is slower, so that no other flag comes.
    function test_anOverdraftFlagKeepsNoFlagOut() public {
        module.recordFlag(erin, commitmentOf(erin), Ground.Overdraft, 2, address(0));
        flag(erin, "erin is liquidatable", 2);
        BookAccount memory state = BOOK.accountState(erin);
        assertNotEq(state.maintenanceFlaggedAt, 0);
        assertNotEq(state.overdraftFlaggedAt, 0);
        assertEq(gate.accountState(erin).flaggedAtRound, 2);
    }

    function test_aDepositOfAnAccountWithoutFlagsClearsNothing() public {
        vm.recordLogs();
        deposit("erin cures at round 2");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            assertNotEq(logs[i].topics[0], IAccountReports.FlagCleared.selector);
        }
    }

    // ------------------------------------------------------------------------------------------------ modules

    function test_aModuleEndsAFlag() public {
        flag(erin, "erin is liquidatable", 2);
        uint256 commitment = commitmentOf(erin);
        vm.expectRevert(IMarginBook.NotFlagged.selector);
        module.clearFlag(erin, commitment, Ground.Overdraft, 2);
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagCleared(erin, Ground.Maintenance);
        module.clearFlag(erin, commitment, Ground.Maintenance, 2);
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Free));
    }

    /// @dev That an account is not overdrawn is no proof of its maintenance margin, and must not count as one.
    function test_theEndOfAnOverdraftFlagIsNoProofOfSolvency() public {
        uint256 commitment = commitmentOf(erin);
        module.recordFlag(erin, commitment, Ground.Overdraft, 2, address(0));
        module.clearFlag(erin, commitment, Ground.Overdraft, 2);
        assertEq(BOOK.accountState(erin).provenAtRound, 0);
        assertFalse(gate.isSolvent(erin, type(uint256).max));
        flag(erin, "erin is liquidatable", 2);
    }

    function test_aModuleReplacesAStateAndTheFlagStays() public {
        flag(erin, "erin is liquidatable", 2);
        uint48 since = activeTime();
        uint64 third = postBookRound(2);
        uint256 commitment = commitmentOf(erin);
        uint256[] memory ciphertext = new uint256[](5);
        ciphertext[4] = 9;
        vm.expectEmit(address(BOOK));
        emit IMarginBook.StateChanged(erin, 1234, third, 7, ciphertext);
        module.replaceState(erin, commitment, 1234, 2, 0, 7, ciphertext);
        BookAccount memory state = BOOK.accountState(erin);
        assertEq(state.commitment, 1234);
        assertEq(state.changedAtRound, third);
        assertEq(state.provenAtRound, 2);
        assertEq(state.maintenanceFlaggedAt, since);
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.TopUpOnly));
    }

    function test_onlyModulesReplaceStatesAndEndFlags() public {
        flag(erin, "erin is liquidatable", 2);
        uint256 commitment = commitmentOf(erin);
        address[4] memory thieves = [address(this), owner, address(gate), address(0)];
        for (uint256 i = 0; i < thieves.length; ++i) {
            assertFalse(BOOK.isModule(thieves[i]));
            vm.prank(thieves[i]);
            vm.expectRevert(IMarginBook.NotAModule.selector);
            BOOK.replaceState(erin, commitment, 1234, 2, 0, 7, new uint256[](5));
            vm.prank(thieves[i]);
            vm.expectRevert(IMarginBook.NotAModule.selector);
            BOOK.clearFlag(erin, commitment, Ground.Maintenance, 2);
        }
        assertTrue(BOOK.isModule(address(module)));
        assertEq(commitmentOf(erin), commitment);
    }

    function test_aModuleReplacesThePresentStateOnly() public {
        uint256 commitment = commitmentOf(erin);
        uint256[] memory ciphertext = new uint256[](5);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        module.replaceState(erin, commitment ^ 1, 1234, 2, 0, 7, ciphertext);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        module.replaceState(alice, commitment, 1234, 2, 0, 7, ciphertext);
        vm.expectRevert(IMarginBook.CommitmentUnchanged.selector);
        module.replaceState(erin, commitment, commitment, 2, 0, 7, ciphertext);
        uint256 dave = accountNamed("dave");
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        module.replaceState(dave, 0, 1234, 2, 0, 7, ciphertext);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 3));
        module.replaceState(erin, commitment, 1234, 3, 0, 7, ciphertext);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        module.replaceState(erin, commitment, 1234, 2, 0, 7, new uint256[](4));
        deposit("erin tops up at round 2");
        commitment = commitmentOf(erin);
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        module.replaceState(erin, commitment, 1234, 1, 0, 7, ciphertext);
    }

    /// @dev What the account's owner had proven starts from a state that is gone.
    function test_noProofActsOnAStateThatAModuleReplaced() public {
        module.replaceState(bob, commitmentOf(bob), 1234, 2, 0, 7, new uint256[](5));
        uint64 third = postBookRound(1);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.callWithdraw("bob withdraws a little", third);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function useGate(IAccountGate other) private {
        vm.startPrank(owner);
        BOOK.announceGate(other);
        skip(2 days);
        BOOK.activateGate();
        vm.stopPrank();
    }

    function callDeposit(string calldata name) external {
        BookRow memory row = step(name);
        deposit(row, 0);
    }

    function callWithdraw(string calldata name, uint64 roundId) external {
        withdraw(step(name), roundId);
    }

    function activeTime() private view returns (uint48) {
        return uint48(breaker.activeTime(Level.NoFlags));
    }

    function callFlag(string calldata name, uint64 roundId) external {
        flag(erin, name, roundId);
    }
}

/// @notice What a module cannot do in the middle of a transfer, with a token that calls it.
contract MarginBookReportsCallbacksTest is BookGateFixture {
    TestModule private module;
    ReentrantToken private token;

    function bookTokens() internal override returns (address[] memory tokens) {
        tokens = super.bookTokens();
        token = new ReentrantToken();
        tokens[USDC] = address(token);
    }

    function deployFirstGate() internal override {
        super.deployFirstGate();
        module = new TestModule(BOOK);
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](1);
        named[0] = address(module);
    }

    function test_noFlagIsSetAndNoStateReplacedWithinATransfer() public {
        uint256 bob = accountNamed("bob");
        uint256 commitment = commitmentOf(bob);
        bytes[5] memory calls = [
            abi.encodeCall(module.recordFlag, (bob, commitment, Ground.Maintenance, 1, address(0))),
            abi.encodeCall(module.replaceState, (bob, commitment, 1234, 1, 0, 7, new uint256[](5))),
            abi.encodeCall(module.moveAccount, (bob, commitment, openingOf(find(openings, "carol")))),
            abi.encodeCall(module.closeAccount, (bob, commitment)),
            abi.encodeCall(module.queueWithdrawal, (bob, 1e18, RECIPIENT))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 before = vm.snapshotState();
            token.callBack(address(module), calls[i]);
            deposit("erin deposits more");
            assertFalse(token.succeeded());
            assertEq(bytes4(token.answer()), ReentrancyGuard.ReentrancyGuardReentrantCall.selector);
            assertEq(commitmentOf(bob), commitment);
            // solhint-disable-next-line avoid-low-level-calls
            (bool isGood,) = address(module).call(calls[i]);
            assertTrue(isGood, "would have failed anyhow");
            vm.revertToState(before);
        }
    }
}

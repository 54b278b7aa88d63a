// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {BookRegistrar} from "../../src/BookRegistrar.sol";
import {Margin13Verifier} from "../../src/generated/Margin13Verifier.sol";
import {Permission} from "../../src/interfaces/IAccountGate.sol";
import {IBookRegistrar} from "../../src/interfaces/IBookRegistrar.sol";
import {IMarginBook} from "../../src/interfaces/IMarginBook.sol";
import {SolvencyGate} from "../../src/SolvencyGate.sol";
import {BookRow, MarginBookFixture} from "../utils/MarginBookFixture.sol";

/// @notice A gate on the accounts of a book. Erin, long two BTC on a thin cushion, falls below maintenance margin at
///         round 2.
contract BookRegistrarTest is MarginBookFixture {
    SolvencyGate private solvencyGate;
    BookRegistrar private registrar;
    uint256 private erin;

    function setUp() public override {
        super.setUp();
        solvencyGate = new SolvencyGate(owner, address(0), rounds, new Margin13Verifier(), MAX_PROOF_AGE, 0);
        registrar = new BookRegistrar(BOOK, solvencyGate);
        bytes32 role = solvencyGate.REGISTRAR_ROLE();
        vm.startPrank(owner);
        solvencyGate.grantRole(role, address(registrar));
        BOOK.announceGate(registrar);
        skip(2 days);
        BOOK.activateGate();
        vm.stopPrank();
        rewind(2 days);

        erin = accountNamed("erin");
        open("erin");
        deposit("erin deposits");
        open("alice");
        deposit("alice deposits");
        settle("erin buys much", "alice sells much");
    }

    function test_takesTheBooksCommitments() public {
        assertEq(registrar.addressOf(erin), address(0));
        vm.expectEmit(address(registrar));
        emit IBookRegistrar.Synced(erin, address(1), BOOK.commitmentOf(erin));
        registrar.sync(erin);
        assertEq(solvencyGate.accountState(address(1)).commitment, BOOK.commitmentOf(erin));
        registrar.sync(accountNamed("alice"));
        assertEq(registrar.addressOf(accountNamed("alice")), address(2));
        vm.expectRevert(abi.encodeWithSelector(IBookRegistrar.AlreadyInStep.selector, erin));
        registrar.sync(erin);
        vm.expectRevert(abi.encodeWithSelector(IBookRegistrar.UnknownAccount.selector, 7));
        registrar.sync(7);
    }

    function test_solvencyIsThatOfThePresentState() public {
        assertFalse(registrar.isSolvent(erin, 1 hours));
        registrar.sync(erin);
        BookRow memory row = find(margins, "erin is solvent");
        solvencyGate.proveSolvent(address(1), 1, address(0), row.proof);
        assertTrue(registrar.isSolvent(erin, 1 hours));
        deposit("erin deposits more");
        assertFalse(registrar.isSolvent(erin, 1 hours));
        assertTrue(solvencyGate.isSolvent(address(1), 1 hours)); // the gate by itself does not know yet
        registrar.sync(erin);
        assertFalse(registrar.isSolvent(erin, 1 hours));
    }

    function test_aFlaggedAccountIsFrozenButForACure() public {
        registrar.sync(erin);
        uint64 second = postBookRound(2);
        flag();
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.CureOnly));
        vm.expectRevert(IMarginBook.NotPermitted.selector);
        this.callDeposit("erin deposits more", 1);
        vm.expectRevert(abi.encodeWithSelector(IBookRegistrar.AlreadyInStep.selector, erin));
        registrar.sync(erin);

        this.callDeposit("erin cures at round 2", second);
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Free));
        registrar.sync(erin);
        assertFalse(solvencyGate.accountState(address(1)).flagged);
        assertEq(solvencyGate.accountState(address(1)).commitment, BOOK.commitmentOf(erin));
    }

    function test_aFlagOnAnEarlierStateDoesNotFreeze() public {
        registrar.sync(erin);
        deposit("erin deposits more");
        postBookRound(2);
        flag();
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Free));
        registrar.sync(erin);
        assertFalse(solvencyGate.accountState(address(1)).flagged);
    }

    function flag() private {
        solvencyGate.flag(address(1), 2, address(0), find(margins, "erin is liquidatable").proof);
    }

    function callDeposit(string calldata name, uint64 roundId) external {
        deposit(step(name), roundId);
    }
}

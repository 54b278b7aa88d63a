// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IAccountGate, Permission} from "../../../src/interfaces/IAccountGate.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {Claim, IMarginBook, Settlement} from "../../../src/interfaces/IMarginBook.sol";
import {TestGate} from "../../mocks/TestGate.sol";
import {MarginBookFixture, BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice What breaker and gate stop, and what they never stop.
contract MarginBookPermissionsTest is MarginBookFixture {
    bytes4 private immutable REASON = IMarginBook.NotPermitted.selector;
    TestGate private gate;

    function setUp() public override {
        super.setUp();
        string[3] memory names = ["alice", "bob", "carol"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
        gate = new TestGate();
    }

    function test_everyLevelStopsWithdrawalsAndNewRisk() public {
        settle("alice buys", "bob sells");
        uint256 before = vm.snapshotState();
        for (uint8 level = 1; level <= 3; ++level) {
            raiseTo(Level(level));
            assertEq(uint8(BOOK.permissionOf(accountNamed("alice"))), uint8(Permission.NoNewRisk));
            settle("bob buys back", "alice sells back"); // reduces risk
            refuses(trade("alice buys more", "bob sells more")); // meets initial margin
            vm.revertToState(before);
        }
    }

    function test_noLevelStopsDepositsAndOpenings() public {
        uint256 before = vm.snapshotState();
        for (uint8 level = 1; level <= 3; ++level) {
            raiseTo(Level(level));
            refusesWithdrawal();
            open("dave");
            deposit("weth in");
            deposit("alice deposits more");
            vm.revertToState(before);
        }
    }

    function test_aLevelStopsNewRiskWithinABatch() public {
        settle("alice buys", "bob sells");
        raiseTo(Level.NoWithdrawals);
        Settlement[] memory deals = new Settlement[](2);
        deals[0] = trade("bob buys back", "alice sells back"); // reduces risk
        deals[1] = trade("alice buys more", "bob sells more"); // goes on from there
        vm.expectEmit(address(BOOK));
        emit IMarginBook.SettlementDropped(deals[1].ticket, 1, REASON);
        assertEq(BOOK.settleBatch(1, deals), 1);
        assertTrue(isSettled(deals[0]));
        assertFalse(isSettled(deals[1]));

        deals = batchOf(deals[1]);
        vm.expectRevert(IMarginBook.NothingSettled.selector);
        BOOK.settleBatch(1, deals);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        assertEq(BOOK.settleBatch(1, deals), 1);
    }

    function test_everythingGoesOnWhenTheLevelIsLowered() public {
        raiseTo(Level.NoWithdrawals);
        refusesWithdrawal();
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        assertEq(uint8(BOOK.permissionOf(accountNamed("bob"))), uint8(Permission.Free));
        withdraw("alice withdraws");
    }

    /// @dev Whatever the proof says: the claim alone is refused.
    function test_nothingElseClaimsToTopUp() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.seller.claim = Claim.TopsUp;
        refuses(deal);
        BookRow memory row = step("alice withdraws");
        row.inputs[7] = uint256(Claim.TopsUp);
        vm.expectRevert(REASON);
        this.callWithdraw(row);
    }

    function test_aGateIsInForceAfterItsDelayOnly() public {
        gate.set(accountNamed("alice"), Permission.Frozen);
        vm.prank(owner);
        vm.expectRevert(IMarginBook.GateNotDue.selector);
        BOOK.activateGate();

        vm.expectEmit(address(BOOK));
        emit IMarginBook.GateAnnounced(gate, uint64(block.timestamp + 2 days));
        vm.prank(owner);
        BOOK.announceGate(gate);
        skip(2 days - 1);
        vm.prank(owner);
        vm.expectRevert(IMarginBook.GateNotDue.selector);
        BOOK.activateGate();
        assertEq(uint8(BOOK.permissionOf(accountNamed("alice"))), uint8(Permission.Free));

        skip(1);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.GateSet(gate);
        vm.prank(owner);
        BOOK.activateGate();
        assertEq(uint8(BOOK.permissionOf(accountNamed("alice"))), uint8(Permission.Frozen));

        vm.prank(owner);
        vm.expectRevert(IMarginBook.GateNotDue.selector);
        BOOK.activateGate();
    }

    function test_aGateThatWasForgottenDoesNotComeBack() public {
        vm.startPrank(owner);
        BOOK.announceGate(gate);
        vm.warp(BOOK.gateDueAt() + 14 days + 1);
        vm.expectRevert(IMarginBook.GateExpired.selector);
        BOOK.activateGate();
        BOOK.announceGate(gate);
        vm.warp(BOOK.gateDueAt() + 14 days);
        BOOK.activateGate();
        assertEq(address(BOOK.gate()), address(gate));
    }

    function test_onlyTheOwnerChangesTheGate() public {
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this));
        vm.expectRevert(reason);
        BOOK.announceGate(gate);
        vm.expectRevert(reason);
        BOOK.activateGate();
    }

    function test_aGateNeedsCode() public {
        vm.startPrank(owner);
        BOOK.announceGate(IAccountGate(makeAddr("no contract")));
        skip(2 days);
        vm.expectRevert(abi.encodeWithSelector(IMarginBook.NotAContract.selector, makeAddr("no contract")));
        BOOK.activateGate();
    }

    function test_noNewRisk() public {
        settle("alice buys", "bob sells");
        useGate();
        permit("alice", Permission.NoNewRisk);
        settle("bob buys back", "alice sells back");
        refuses(trade("alice buys more", "bob sells more"));
        permit("alice", Permission.Free);
        settle("alice buys more", "bob sells more");
    }

    function test_noNewRiskIsEnoughForADeposit() public {
        useGate();
        permit("alice", Permission.NoNewRisk);
        refusesWithdrawal();
        refuses(trade("alice buys", "bob sells"));
        deposit("alice deposits more");
    }

    function test_aFlaggedAccountIsCuredByADepositThatMeetsInitialMargin() public {
        useGate();
        permit("alice", Permission.CureOnly);
        refusesWithdrawal();
        refusesDeposit("alice deposits more");
        refuses(trade("alice buys and meets initial margin", "bob sells"));
        deposit("alice deposits and meets initial margin");
    }

    /// @dev A deposit of a flagged account has to say what it does: one without a claim would hide that.
    function test_aToppedUpAccountMakesAClaimWithItsDeposit() public {
        useGate();
        permit("alice", Permission.TopUpOnly);
        refusesWithdrawal();
        refusesDeposit("alice deposits more");
        refuses(trade("alice buys and meets initial margin", "bob sells"));
        deposit("alice deposits and meets initial margin");
    }

    function test_noTradeReducesRiskWhileOnlyATopUpIsLeft() public {
        settle("alice buys", "bob sells");
        useGate();
        permit("alice", Permission.TopUpOnly);
        refuses(trade("bob buys back", "alice sells back"));
    }

    function test_aFrozenAccountStays() public {
        useGate();
        permit("alice", Permission.Frozen);
        refusesWithdrawal();
        refusesDeposit("alice deposits and meets initial margin");
        refuses(trade("alice buys", "bob sells"));
        withdraw("bob withdraws a little"); // the others go on
    }

    function test_theCounterpartyMayBeStoppedToo() public {
        useGate();
        permit("bob", Permission.NoNewRisk);
        refuses(trade("alice buys", "bob sells"));
        settle("alice buys", "carol sells");
    }

    function test_theStricterOfBreakerAndGateHolds() public {
        useGate();
        uint256 alice = accountNamed("alice");
        permit("alice", Permission.CureOnly);
        raiseTo(Level.NoWithdrawals);
        assertEq(uint8(BOOK.permissionOf(alice)), uint8(Permission.CureOnly));
        permit("alice", Permission.Free);
        assertEq(uint8(BOOK.permissionOf(alice)), uint8(Permission.NoNewRisk));
    }

    function test_aBatchLeavesOutWhoIsStopped() public {
        useGate();
        permit("bob", Permission.Frozen);
        Settlement[] memory deals = new Settlement[](2);
        deals[0] = trade("alice buys", "bob sells");
        deals[1] = trade("alice buys", "carol sells");
        vm.expectEmit(address(BOOK));
        emit IMarginBook.SettlementDropped(deals[0].ticket, 0, REASON);
        assertEq(BOOK.settleBatch(1, deals), 1);
    }

    function useGate() private {
        vm.startPrank(owner);
        BOOK.announceGate(gate);
        vm.warp(BOOK.gateDueAt());
        BOOK.activateGate();
        vm.stopPrank();
        rewind(2 days);
    }

    function batchOf(Settlement memory deal) private pure returns (Settlement[] memory deals) {
        deals = new Settlement[](1);
        deals[0] = deal;
    }

    function permit(string memory name, Permission permission) private {
        gate.set(accountNamed(name), permission);
    }

    function refuses(Settlement memory deal) private {
        vm.expectRevert(REASON);
        BOOK.settle(1, deal);
    }

    function refusesDeposit(string memory name) private {
        BookRow memory row = step(name);
        vm.expectRevert(REASON);
        this.callDeposit(row);
    }

    function refusesWithdrawal() private {
        BookRow memory row = step("alice withdraws");
        vm.expectRevert(REASON);
        this.callWithdraw(row);
    }

    function callDeposit(BookRow calldata row) external {
        deposit(row, 0);
    }

    function callWithdraw(BookRow calldata row) external {
        withdraw(row, 0);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {LedgerFixture} from "../utils/LedgerFixture.sol";

/// @notice Gas of the calls of a ledger, without the 21,000 and the calldata of a transaction. Nothing is warm; debt was
///         written off before, claims were paid, and the fund was drawn from.
contract LedgerGasTest is LedgerFixture {
    string private constant GROUP = "shortfall-ledger";

    function setUp() public override {
        super.setUp();
        deposit(USDC, 10_000e6);
        join(bob, 1_000e6);
        assertEq(shortfalls.spotScale(), 1e18);
        shortfalls.cover(1_000e18);
        payTo(alice, 1_000e6);
        recapitalise(owner, 100e6);
        claimBy(alice);
        recapitalise(owner, 100e6);
        nextRound();
        requestDue(100e6, alice);
        usdc.mint(PAYER, 100e6);
        vm.startPrank(PAYER);
        usdc.approve(address(shortfalls), 100e6);
        usdc.approve(address(vault), 100e6);
        shortfalls.acceptHaircut(0.5e18);
        vm.stopPrank();
    }

    modifier fromCold() {
        vm.cool(address(shortfalls));
        vm.cool(address(vault));
        vm.cool(address(usdc));
        vm.cool(address(fund));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(shortfalls.book());
        _;
    }

    function test_cover() public fromCold {
        shortfalls.cover(50e18);
        vm.snapshotGasLastCall(GROUP, "cover");
    }

    function test_coverBeyondTheFund() public fromCold {
        shortfalls.cover(500e18);
        vm.snapshotGasLastCall(GROUP, "cover beyond the fund");
    }

    function test_coverWithoutAFund() public {
        shortfalls.cover(500e18);
        coverAgain();
    }

    function coverAgain() private fromCold {
        shortfalls.cover(500e18);
        vm.snapshotGasLastCall(GROUP, "cover, fund drawn out");
    }

    function test_recordPayOut() public fromCold {
        vm.prank(address(vault));
        shortfalls.recordPayOut(alice, 100e6);
        vm.snapshotGasLastCall(GROUP, "recordPayOut");
    }

    function test_recordPayOutToANewRecipient() public fromCold {
        vm.prank(address(vault));
        shortfalls.recordPayOut(bob, 100e6);
        vm.snapshotGasLastCall(GROUP, "recordPayOut to a new recipient");
    }

    function test_recordPayOutWithoutAShortfall() public {
        recapitalise(owner, 10_000e6);
        recordAgain();
    }

    function recordAgain() private fromCold {
        vm.prank(address(vault));
        shortfalls.recordPayOut(alice, 100e6);
        vm.snapshotGasLastCall(GROUP, "recordPayOut without a shortfall");
    }

    function test_recapitalise() public fromCold {
        vm.prank(PAYER);
        shortfalls.recapitalise(100e6);
        vm.snapshotGasLastCall(GROUP, "recapitalise");
    }

    function test_drawFund() public fromCold {
        shortfalls.drawFund();
        vm.snapshotGasLastCall(GROUP, "drawFund");
    }

    function test_claim() public fromCold {
        vm.prank(alice);
        shortfalls.claim(alice);
        vm.snapshotGasLastCall(GROUP, "claim");
    }

    function test_acceptHaircut() public fromCold {
        vm.prank(alice);
        shortfalls.acceptHaircut(0.9e18);
        vm.snapshotGasLastCall(GROUP, "acceptHaircut");
    }

    function test_spotScale() public fromCold {
        shortfalls.spotScale();
        vm.snapshotGasLastCall(GROUP, "spotScale, with a shortfall");
    }

    function test_collectWithAShortfall() public fromCold {
        vault.collect(USDC, 100e6, PAYER);
        vm.snapshotGasLastCall("book-vault", "collect, with a shortfall");
    }

    function test_payOutWithAShortfall() public fromCold {
        vault.payOut(USDC, 1);
        vm.snapshotGasLastCall("book-vault", "payOut, with a shortfall");
    }
}

/// @notice What a ledger costs while it has nothing to share. Nothing is warm.
contract IdleLedgerGasTest is LedgerFixture {
    string private constant GROUP = "shortfall-ledger";

    function test_spotScale() public {
        vm.cool(address(shortfalls));
        shortfalls.spotScale();
        vm.snapshotGasLastCall(GROUP, "spotScale");
    }

    function test_collectWithoutAShortfall() public {
        deposit(USDC, 1_000e6);
        usdc.mint(PAYER, 100e6);
        vm.prank(PAYER);
        usdc.approve(address(vault), 100e6);
        vm.cool(address(vault));
        vm.cool(address(usdc));
        vm.cool(address(shortfalls));
        vault.collect(USDC, 100e6, PAYER);
        vm.snapshotGasLastCall("book-vault", "collect, with a ledger");
    }
}

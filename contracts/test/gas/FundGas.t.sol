// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {FundFixture} from "../utils/FundFixture.sol";

/// @notice Gas of the calls of an insurance fund, without the 21,000 and the calldata of a transaction. Nothing is warm; the
///         fund has other shares, and was drawn from before.
contract FundGasTest is FundFixture {
    string private constant GROUP = "insurance-fund";

    function setUp() public override {
        super.setUp();
        join(alice, 1_000e6);
        join(bob, 1_000e6);
        requestAll(alice);
        draw(1e6);
        skip(COOLDOWN);
        nextRound();
        usdc.mint(alice, 100e6);
        vm.prank(alice);
        usdc.approve(address(fund), type(uint256).max);
        vm.prank(bob);
        fund.approve(alice, type(uint256).max);
    }

    modifier fromCold() {
        vm.cool(address(fund));
        vm.cool(address(usdc));
        vm.cool(address(breaker));
        vm.cool(address(source));
        vm.cool(address(rounds));
        _;
    }

    function test_deposit() public fromCold {
        vm.prank(alice);
        fund.deposit(10e6, alice);
        vm.snapshotGasLastCall(GROUP, "deposit");
    }

    function test_mint() public fromCold {
        vm.prank(alice);
        fund.mint(10e12, alice);
        vm.snapshotGasLastCall(GROUP, "mint");
    }

    function test_requestRedeem() public fromCold {
        vm.prank(bob);
        fund.requestRedeem(10e12);
        vm.snapshotGasLastCall(GROUP, "requestRedeem");
    }

    function test_redeem() public fromCold {
        vm.prank(alice);
        fund.redeem(10e12, alice, alice);
        vm.snapshotGasLastCall(GROUP, "redeem");
    }

    function test_withdraw() public fromCold {
        vm.prank(alice);
        fund.withdraw(10e6, alice, alice);
        vm.snapshotGasLastCall(GROUP, "withdraw");
    }

    function test_draw() public fromCold {
        draw(1e6);
        vm.snapshotGasLastCall(GROUP, "draw");
    }

    function test_approve() public fromCold {
        vm.prank(alice);
        fund.approve(bob, 1);
        vm.snapshotGasLastCall(GROUP, "approve");
    }

    function test_transfer() public fromCold {
        vm.prank(bob);
        fund.transfer(alice, 1);
        vm.snapshotGasLastCall(GROUP, "transfer");
    }

    function test_transferFrom() public fromCold {
        vm.prank(alice);
        fund.transferFrom(bob, alice, 1);
        vm.snapshotGasLastCall(GROUP, "transferFrom");
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IInsuranceFund} from "../../../src/interfaces/IInsuranceFund.sol";
import {TestPriceSource} from "../../mocks/TestPriceSource.sol";
import {FeeToken, ReentrantToken, TestToken} from "../../mocks/Tokens.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {FundFixture} from "../../utils/FundFixture.sol";

/// @notice ZS-93: shares, requests and their windows.
contract InsuranceFundTest is FundFixture {
    function test_theFundKnowsItsParts() public view {
        assertEq(fund.asset(), address(usdc));
        assertEq(fund.ledger(), address(this));
        assertEq(address(fund.rounds()), address(rounds));
        assertEq(address(fund.breaker()), address(breaker));
        assertEq(fund.cooldown(), COOLDOWN);
        assertEq(fund.CLAIM_WINDOW(), CLAIM_WINDOW);
        assertEq(fund.decimals(), 12);
    }

    function test_refusesACooldownThatIsNoneOrALock() public {
        uint64[2] memory wrong = [uint64(2 days - 1), 90 days + 1];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.CooldownOutOfRange.selector, wrong[i]));
            Deploy.insuranceFund(usdc, address(this), rounds, breaker, wrong[i]);
        }
        Deploy.insuranceFund(usdc, address(this), rounds, breaker, 2 days);
        Deploy.insuranceFund(usdc, address(this), rounds, breaker, 90 days);
    }

    function test_aShareIsAShareOfWhatIsThere() public {
        uint256 shares = join(alice, 100e6);
        assertEq(fund.convertToAssets(shares), 100e6);
        draw(10e6);
        assertEq(fund.convertToAssets(shares), 90e6);
        assertApproxEqRel(join(bob, 90e6), shares, 1e12);
        assertEq(fund.convertToAssets(shares), 90e6);
        assertEq(fund.totalAssets(), 180e6);
    }

    function test_sharesAreRedeemedAfterARequestOnly() public {
        uint256 shares = join(alice, 100e6);
        assertEq(fund.maxRedeem(alice), 0);
        assertEq(fund.maxWithdraw(alice), 0);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, alice, shares, 0));
        fund.redeem(shares, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, alice, 1, 0));
        fund.withdraw(1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.RequestTooLarge.selector, shares));
        fund.requestRedeem(shares + 1);
        uint48 dueAt = uint48(breaker.activeTime(Level.NoFlags) + COOLDOWN);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.RedeemRequested(alice, shares, dueAt);
        fund.requestRedeem(shares);
        vm.stopPrank();
        (uint256 requested, uint48 due) = fund.requestOf(alice);
        assertEq(requested, shares);
        assertEq(due, dueAt);

        skip(COOLDOWN - 1);
        assertEq(fund.maxRedeem(alice), 0);
        skip(1);
        assertEq(fund.maxRedeem(alice), shares);
        assertEq(fund.maxWithdraw(alice), 100e6);
        vm.expectEmit(address(fund));
        emit IERC4626.Withdraw(alice, bob, alice, 100e6, shares);
        vm.prank(alice);
        fund.redeem(shares, bob, alice);
        assertEq(usdc.balanceOf(bob), 100e6);
        (requested,) = fund.requestOf(alice);
        assertEq(requested, 0);
    }

    function test_aRequestCanBeUsedInPartsWithinItsWindow() public {
        uint256 shares = join(alice, 100e6);
        vm.startPrank(alice);
        fund.requestRedeem(shares / 2);
        skip(COOLDOWN);
        assertEq(fund.maxRedeem(alice), shares / 2);
        fund.withdraw(20e6, alice, alice);
        assertEq(fund.maxWithdraw(alice), 30e6);
        skip(CLAIM_WINDOW);
        fund.redeem(shares / 10, alice, alice);
        assertEq(fund.maxWithdraw(alice), 20e6);
        skip(1);
        assertEq(fund.maxRedeem(alice), 0);
        assertEq(fund.maxWithdraw(alice), 0);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, alice, 1, 0));
        fund.redeem(1, alice, alice);
        fund.requestRedeem(fund.balanceOf(alice));
        assertEq(fund.maxRedeem(alice), 0);
    }

    function test_aNewRequestBeginsFromTheStart() public {
        uint256 shares = join(alice, 100e6);
        requestAll(alice);
        skip(COOLDOWN);
        assertEq(fund.maxRedeem(alice), shares);
        requestAll(alice);
        assertEq(fund.maxRedeem(alice), 0);
        skip(COOLDOWN);
        assertEq(fund.maxRedeem(alice), shares);
        vm.prank(alice);
        fund.requestRedeem(0);
        assertEq(fund.maxRedeem(alice), 0);
        skip(COOLDOWN);
        assertEq(fund.maxRedeem(alice), 0);
    }

    function test_requestedSharesAreLocked() public {
        uint256 shares = join(alice, 100e6);
        uint256 part = shares / 4;
        vm.startPrank(alice);
        fund.requestRedeem(shares - part);
        fund.transfer(bob, part);
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.SharesLocked.selector, shares - part));
        fund.transfer(bob, 1);
        skip(COOLDOWN + CLAIM_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.SharesLocked.selector, shares - part));
        fund.transfer(bob, 1);
        fund.redeem(part, alice, alice);
        skip(1);
        fund.transfer(bob, shares - 2 * part);
        assertEq(fund.balanceOf(alice), 0);
        assertEq(fund.maxRedeem(alice), 0);
    }

    function test_aRequestThatIsWithdrawnUnlocks() public {
        uint256 shares = join(alice, 100e6);
        requestAll(alice);
        vm.startPrank(alice);
        fund.requestRedeem(0);
        fund.transfer(bob, shares);
    }

    function test_requestedSharesBearLosses() public {
        join(alice, 100e6);
        requestAll(alice);
        draw(10e6);
        skip(COOLDOWN);
        assertEq(redeemAll(alice), 90e6);
    }

    function test_anotherAddressRedeemsWithinItsAllowanceOnly() public {
        uint256 shares = join(alice, 100e6);
        requestAll(alice);
        skip(COOLDOWN);
        vm.prank(alice);
        fund.approve(bob, shares / 2);
        vm.startPrank(bob);
        fund.redeem(shares / 2, bob, alice);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, bob, 0, 1));
        fund.redeem(1, bob, alice);
    }

    // ------------------------------------------------------------------------------------------------ draws

    /// @dev ZS-94.
    function test_onlyTheLedgerDraws() public {
        join(alice, 100e6);
        address[3] memory thieves = [thief, owner, alice];
        for (uint256 i = 0; i < thieves.length; ++i) {
            vm.prank(thieves[i]);
            vm.expectRevert(IInsuranceFund.NotTheLedger.selector);
            draw(1);
        }
        vm.expectEmit(address(fund));
        emit IInsuranceFund.Drawn(1, 10e6);
        draw(10e6);
        assertEq(usdc.balanceOf(address(this)), 10e6);
    }

    function test_aRoundDrawsATenthInAnyParts() public {
        assertEq(fund.drawable(), 0);
        join(alice, 100e6);
        assertEq(fund.drawable(), 10e6);
        assertEq(draw(4e6), 4e6);
        assertEq(fund.drawable(), 6e6);
        assertEq(draw(6e6 + 1), 6e6);
        assertEq(fund.drawable(), 0);
        assertEq(draw(1), 0);
        assertEq(usdc.balanceOf(address(this)), 10e6);
        nextRound();
        assertEq(fund.drawable(), 9e6);
    }

    function test_aDayDrawsThreeTenths() public {
        join(alice, 100e6);
        for (uint256 i = 0; i < 10; ++i) {
            draw(fund.drawable());
            nextRound();
        }
        assertEq(usdc.balanceOf(address(this)), 30e6);
        assertEq(fund.drawable(), 0);
        // What was drawn is forgotten at the speed of three tenths of what is there a day.
        skip(6 hours);
        assertEq(fund.drawable(), uint256(70e6 + 30e6 - 5.25e6) * 3 / 10 - (30e6 - 5.25e6));
        skip(3 days);
        assertEq(fund.drawable(), 7e6);
    }

    /// @dev A limit L of the fund at the beginning: at most L at once, and at most L (1 + t / 1 day) within t.
    function testFuzz_whatIsDrawnIsBounded(uint256[24] calldata waits, uint256[24] calldata amounts) public {
        join(alice, 100_000e6);
        uint256 drawn = 0;
        uint256 begin = block.timestamp;
        for (uint256 i = 0; i < waits.length; ++i) {
            skip(bound(waits[i], 0, 8 hours));
            nextRound();
            uint256 amount = bound(amounts[i], 0, fund.drawable());
            assertEq(draw(amount), amount);
            drawn += amount;
            assertLe(drawn, 30_000e6 + 30_000e6 * (block.timestamp - begin) / 1 days);
        }
    }
}

/// @notice Thefts from those who hold the other shares of a fund.
contract InsuranceFundTheftsTest is FundFixture {
    /// @dev The first share made dear by a gift, so that the next deposit buys none.
    function testFuzz_theFirstDepositIsNotInflated(uint256 first, uint256 gift, uint256 deposit) public {
        first = bound(first, 1, 1e12);
        gift = bound(gift, 0, 1e15);
        deposit = bound(deposit, 1, 1e12);
        join(thief, first);
        usdc.mint(address(fund), gift);
        join(bob, deposit);
        requestAll(thief);
        skip(COOLDOWN);
        if (fund.maxRedeem(thief) != 0) redeemAll(thief);
        assertLe(usdc.balanceOf(thief), first + gift);
        // What bob lacks, the thief has paid a million times, but for a unit of rounding.
        uint256 worth = fund.convertToAssets(fund.balanceOf(bob));
        if (worth + 1 < deposit) assertGe((first + gift - usdc.balanceOf(thief)) * 2, deposit - worth);
    }

    /// @dev A loss is seen, and the draw is to come.
    function test_noShareLeavesBeforeADrawThatIsSeen() public {
        uint256 shares = join(thief, 100e6);
        join(alice, 100e6);
        vm.startPrank(thief);
        fund.requestRedeem(shares);
        skip(2 hours); // the lifetime of a flag, by which the debt is written off
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, thief, shares, 0));
        fund.redeem(shares, thief, thief);
        vm.stopPrank();
        draw(20e6);
        assertEq(fund.convertToAssets(shares), 90e6);
    }

    /// @dev Who renews its request in each window has one open for 2 days of 9: no address is always free to go.
    function test_whoAlwaysRequestsIsFreeForTwoDaysOfNine() public {
        join(thief, 100e6);
        requestAll(thief);
        uint256 free = 0;
        for (uint256 hour = 0; hour < 90 * 24; ++hour) {
            skip(1 hours);
            (, uint48 dueAt) = fund.requestOf(thief);
            if (fund.maxRedeem(thief) != 0) ++free;
            if (breaker.activeTime(Level.NoFlags) >= dueAt + CLAIM_WINDOW) requestAll(thief);
        }
        assertApproxEqAbs(free, 20 * 24, 10);
    }

    /// @dev An address with a window that is always open would lend it to the shares of others.
    function test_aWindowIsNotLentToOtherShares() public {
        join(thief, 1e6);
        uint256 shares = join(alice, 100e6);
        requestAll(thief);
        skip(COOLDOWN);
        vm.prank(alice);
        fund.transfer(thief, shares);
        assertEq(fund.maxWithdraw(thief), 1e6);
    }

    /// @dev Prices have moved far, and guardians stop flags: what is seen cannot be written off.
    function test_noShareLeavesWhileFlagsAreStopped() public {
        uint256 shares = join(thief, 100e6);
        requestAll(thief);
        skip(COOLDOWN);
        raiseTo(Level.NoFlags);
        skip(1 hours);
        assertEq(fund.maxRedeem(thief), 0);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, thief, shares, 0));
        vm.prank(thief);
        fund.redeem(shares, thief, thief);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        assertEq(fund.maxRedeem(thief), shares, "the window stood still, too");
    }

    /// @dev As above, with a cooldown that would pass meanwhile.
    function test_noRequestBecomesDueWhileFlagsAreStopped() public {
        join(thief, 100e6);
        requestAll(thief);
        raiseTo(Level.NoFlags);
        skip(COOLDOWN);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        assertEq(fund.maxRedeem(thief), 0);
        skip(RESUME_GRACE + COOLDOWN - 1);
        assertEq(fund.maxRedeem(thief), 0);
        skip(1);
        assertGt(fund.maxRedeem(thief), 0);
    }

    /// @dev Other markets have crashed, and the reporters of this one are silent.
    function test_noShareLeavesWhilePricesAreSilent() public {
        source = new TestPriceSource(breaker, 1 hours);
        vm.prank(owner);
        breaker.setPriceSource(source);
        join(thief, 100e6);
        requestAll(thief);
        skip(COOLDOWN);
        source.record();
        skip(1 hours);
        assertGt(fund.maxRedeem(thief), 0);
        skip(1);
        assertEq(fund.maxRedeem(thief), 0);
        source.record();
        assertGt(fund.maxRedeem(thief), 0);
        vm.prank(owner);
        breaker.setPriceSource(TestPriceSource(address(0)));
        assertGt(fund.maxRedeem(thief), 0);
    }

    /// @dev An insolvent account is written off in parts, one for each round: the day bounds them all.
    function test_drawsSplitOverRoundsTakeNoMoreThanADayAllows() public {
        join(alice, 100e6);
        uint256 drawn = 0;
        for (uint256 i = 0; i < 60; ++i) {
            nextRound();
            uint256 amount = fund.drawable();
            draw(amount);
            drawn += amount;
            skip(60);
        }
        assertLe(drawn, 30e6 + 30e6 / 24);
    }

    /// @dev Who joins after a loss does not pay for it, and who joins before it does.
    function test_joiningAroundADrawGainsNothing() public {
        join(alice, 100e6);
        uint256 before = join(thief, 100e6);
        draw(20e6);
        uint256 later = join(thief, 90e6);
        assertApproxEqAbs(fund.convertToAssets(before), 90e6, 1);
        assertApproxEqAbs(fund.convertToAssets(later), 90e6, 1);
        assertLe(fund.convertToAssets(before) + fund.convertToAssets(later), 180e6);
    }
}

/// @notice A token that calls back. What a nested call moves is missed by the check of the outer one.
contract InsuranceFundReentrancyTest is FundFixture {
    function settlementToken() internal override returns (TestToken) {
        return new ReentrantToken();
    }

    function test_nothingMovesMeanwhile() public {
        ReentrantToken token = ReentrantToken(address(usdc));
        join(alice, 200e6);
        join(bob, 100e6);
        requestAll(alice);
        skip(COOLDOWN);
        uint256 shares = fund.maxRedeem(alice) / 2;
        vm.prank(alice);
        fund.approve(address(token), type(uint256).max);
        usdc.mint(address(token), 10e6);
        vm.startPrank(address(token));
        usdc.approve(address(fund), 10e6);
        vm.stopPrank();
        bytes[2] memory calls =
            [abi.encodeCall(fund.redeem, (shares, thief, alice)), abi.encodeCall(fund.deposit, (10e6, thief))];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 before = vm.snapshotState();
            token.callBack(address(fund), calls[i]);
            vm.expectRevert(IBookVault.InexactTransfer.selector);
            draw(5e6);
            vm.revertToState(before);
            token.callBack(address(fund), calls[i]);
            vm.prank(alice);
            vm.expectRevert(IBookVault.InexactTransfer.selector);
            fund.redeem(shares, alice, alice);
            vm.revertToState(before);
            usdc.mint(bob, 5e6);
            vm.startPrank(bob);
            usdc.approve(address(fund), 5e6);
            token.callBack(address(fund), calls[i]);
            vm.expectRevert(IBookVault.InexactTransfer.selector);
            fund.deposit(5e6, bob);
            vm.stopPrank();
            vm.revertToState(before);
        }
    }
}

/// @notice A token that takes fees: the holders of the other shares do not pay them.
contract InsuranceFundFeesTest is FundFixture {
    function settlementToken() internal override returns (TestToken) {
        return new FeeToken();
    }

    function test_refusesWhatArrivesShort() public {
        FeeToken(address(usdc)).charge(address(fund), false);
        usdc.mint(alice, 100e6);
        vm.startPrank(alice);
        usdc.approve(address(fund), 100e6);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        fund.deposit(100e6, alice);
    }

    function test_paysNoFeeOnTop() public {
        join(alice, 100e6);
        join(bob, 100e6);
        requestAll(alice);
        skip(COOLDOWN);
        FeeToken(address(usdc)).charge(address(fund), true);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        draw(1e6);
        uint256 shares = fund.maxRedeem(alice);
        vm.prank(alice);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        fund.redeem(shares, alice, alice);
    }

    /// @dev A transfer of the fund to itself moves nothing, and burns the shares.
    function test_noRedemptionIsLost() public {
        join(alice, 100e6);
        requestAll(alice);
        skip(COOLDOWN);
        uint256 shares = fund.maxRedeem(alice);
        vm.prank(alice);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        fund.redeem(shares, address(fund), alice);
    }
}

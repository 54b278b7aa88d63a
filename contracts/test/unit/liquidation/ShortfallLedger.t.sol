// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {ICircuitBreaker, Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {InsuranceFund} from "../../../src/liquidation/InsuranceFund.sol";
import {VaultsBook} from "../../mocks/Books.sol";
import {TestToken} from "../../mocks/Tokens.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {FineLedgerFixture, LedgerFixture} from "../../utils/LedgerFixture.sol";

/// @notice The ledger with a token of 6 decimals: ZS-90 pay-outs, ZS-91 write-offs and spot, ZS-92 claims.
contract ShortfallLedgerTest is LedgerFixture {
    uint256 private constant DEBT = 700000000000000123456789;

    function test_theLedgerKnowsItsParts() public view {
        assertEq(address(VaultsBook(shortfalls.book()).vault()), address(vault));
        assertEq(address(vault.ledger()), address(shortfalls));
        assertEq(fund.ledger(), address(shortfalls));
        assertEq(address(shortfalls.fund()), address(fund));
        assertEq(shortfalls.engine(), address(this));
        assertEq(shortfalls.shortfall(), 0);
        assertEq(shortfalls.claims(), 0);
        assertEq(shortfalls.fraction(), 1e18);
        assertEq(shortfalls.spotScale(), 1e18);
    }

    /// @dev The numbers of the reference, to the last unit.
    function test_theNumbersOfTheReference() public {
        deposit(USDC, 9_500_000e6);
        join(bob, 3_000_000e6);
        vm.expectEmit(address(shortfalls));
        emit IShortfallLedger.DebtCovered(DEBT, 300_000e6, 400000000000000123456789);
        assertEq(shortfalls.cover(DEBT), 300_000e6);
        assertEq(vault.backing(), 9_800_000e6);
        assertEq(shortfalls.shortfall(), 400000000000000123456789);
        assertEq(fund.totalAssets(), 2_700_000e6);
        uint256 fraction = shortfalls.fraction();
        assertEq(fraction, uint256(9.8e24) * 1e18 / (9.8e24 + 400000000000000123456789));

        requestDue(1_000_000e6, alice);
        vm.expectEmit(address(shortfalls));
        emit IShortfallLedger.ClaimRecorded(alice, 39215686275, 360784313725000123456789);
        vault.payOut(USDC, 1);
        assertEq(usdc.balanceOf(alice), 960784313725);
        assertEq(owedTo(alice), 39215686275);
        assertEq(shortfalls.claims(), 39215686275);
        assertEq(shortfalls.shortfall(), 360784313725000123456789);
        assertGe(shortfalls.fraction(), fraction);

        usdc.mint(bob, 200_000e6);
        vm.startPrank(bob);
        usdc.approve(address(shortfalls), 200_000e6);
        vm.expectEmit(address(shortfalls));
        emit IShortfallLedger.Recapitalised(bob, 19607843137, 180392156863, 180392156862000123456789);
        assertEq(shortfalls.recapitalise(200_000e6), 200_000e6);
        vm.stopPrank();
        assertEq(shortfalls.claims(), 19607843138);
        assertEq(dueTo(alice), 19607843137);
        assertEq(vault.backing(), 9_800_000e6 - 960784313725 + 180392156863);
        assertEq(usdc.balanceOf(address(shortfalls)), 19607843137);
    }

    // ------------------------------------------------------------------------------------------------ write-offs

    function test_onlyTheEngineWritesOff() public {
        address[3] memory others = [thief, address(vault), address(fund)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(IShortfallLedger.NotTheEngine.selector);
            shortfalls.cover(1);
        }
    }

    /// @dev Else a part of a unit would refuse the deposits of all who accept no shortfall.
    function test_theFundPaysAPartOfAUnitWhole() public {
        deposit(USDC, 1_000e6);
        join(bob, 1_000e6);
        assertEq(shortfalls.cover(5e18 + 1), 5e6 + 1);
        assertEq(shortfalls.shortfall(), 0);
        assertEq(vault.backing(), 1_005e6 + 1);
        deposit(USDC, 1);
    }

    function test_aDrawIsWithinTheLimitsOfTheFund() public {
        deposit(USDC, 1_000e6);
        assertEq(shortfalls.cover(50e18), 0, "an empty fund");
        join(bob, 100e6);
        assertEq(shortfalls.cover(50e18), 10e6);
        assertEq(shortfalls.shortfall(), 90e18);
        assertEq(shortfalls.cover(50e18), 0, "the round is over");
        nextRound();
        assertEq(shortfalls.cover(5e18), 5e6);
        assertEq(shortfalls.shortfall(), 140e18);
        assertEq(vault.backing(), 1_015e6);
    }

    // ------------------------------------------------------------------------------------------------ pay-outs

    function test_onlyTheVaultReportsPayOuts() public {
        deposit(USDC, 1_000e6);
        assertEq(shortfalls.recordPayOut(thief, 5), 5, "nothing is recorded without a shortfall");
        shortfalls.cover(100e18);
        address[3] memory others = [thief, address(this), address(fund)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(IBookVault.NotTheVault.selector);
            shortfalls.recordPayOut(thief, 5);
        }
        assertEq(shortfalls.claims(), 0);
    }

    function test_withoutAShortfallAllIsPaid() public {
        deposit(USDC, 1_000e6);
        assertEq(payTo(alice, 300e6), 300e6);
        assertEq(shortfalls.claims(), 0);
    }

    function test_whileNothingIsThereAllIsAClaim() public {
        shortfalls.cover(100e18);
        assertEq(shortfalls.fraction(), 0);
        assertEq(payTo(alice, 60e6), 0);
        assertEq(owedTo(alice), 60e6);
        assertEq(shortfalls.shortfall(), 40e18);
        assertEq(payTo(alice, 40e6), 0);
        assertEq(shortfalls.shortfall(), 0);
        assertEq(shortfalls.fraction(), 1e18);
    }

    /// @dev A shortfall below one unit ends with the first pay-out, whose claim is rounded up.
    function test_aShortfallIsNeverBelowZero() public {
        deposit(USDC, 1_000e6);
        shortfalls.cover(1);
        assertLt(shortfalls.fraction(), 1e18);
        assertEq(payTo(alice, 100e6), 100e6 - 1);
        assertEq(owedTo(alice), 1);
        assertEq(shortfalls.shortfall(), 0);
    }

    function test_aCreditBacksNothingAndIsNotCutAgain() public {
        deposit(USDC, 1_000e6);
        shortfalls.cover(250e18);
        requestDue(100e6, alice);
        vm.mockCallRevert(address(usdc), abi.encodeCall(IERC20.transfer, (alice, 80e6)), "");
        vault.payOut(USDC, 1);
        vm.clearMockedCalls();
        assertEq(vault.creditOf(USDC, alice), 80e6);
        assertEq(vault.backing(), 920e6);
        assertEq(shortfalls.fraction(), 0.8e18);
        vm.prank(alice);
        vault.claimCredit(USDC, alice);
        assertEq(usdc.balanceOf(alice), 80e6);
        assertEq(shortfalls.fraction(), 0.8e18);
    }

    // ------------------------------------------------------------------------------------------------ deposits

    function test_aDepositNeedsTheConsentOfItsPayer() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        usdc.mint(PAYER, 100e6);
        vm.startPrank(PAYER);
        usdc.approve(address(vault), 100e6);
        assertEq(shortfalls.leastFractionOf(PAYER), 1e18);
        vm.stopPrank();
        refusesDeposit(1e18);

        vm.prank(PAYER);
        shortfalls.acceptHaircut(0.8e18 + 1);
        refusesDeposit(0.8e18 + 1);
        vm.expectEmit(address(shortfalls));
        emit IShortfallLedger.HaircutAccepted(PAYER, 0.8e18);
        vm.startPrank(PAYER);
        shortfalls.acceptHaircut(0.8e18);
        vm.expectRevert(abi.encodeWithSelector(IShortfallLedger.FractionOutOfRange.selector, 1e18 + 1));
        shortfalls.acceptHaircut(1e18 + 1);
        vm.stopPrank();
        vault.collect(USDC, 50e6, PAYER);
        assertEq(vault.backing(), 850e6);

        // A write-off between consent and deposit.
        shortfalls.cover(100e18);
        assertEq(shortfalls.leastFractionOf(PAYER), 0.8e18);
        refusesDeposit(0.8e18);
        recapitalise(bob, 300e6);
        vault.collect(USDC, 50e6, PAYER);
    }

    function test_spotComesInWithoutConsent() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        deposit(WBTC, 1e8);
    }

    // ------------------------------------------------------------------------------------------------ spot

    function test_spotIsPricedInSteps() public {
        deposit(USDC, 1_000e6);
        uint256[5] memory debts = [uint256(1e18 - 1), 1, 1e18 - 1, 1, 7.998e18];
        uint256[5] memory scales = [uint256(1e18), 1.001e18, 1.001e18, 1.002e18, 1.009e18];
        for (uint256 i = 0; i < debts.length; ++i) {
            shortfalls.cover(debts[i]);
            assertEq(shortfalls.spotScale(), scales[i]);
        }
        recapitalise(bob, 1e6); // S / T is 8.998 / 1001
        assertEq(shortfalls.spotScale(), 1.008e18);
        depositAnyway(10_000e6);
        assertEq(shortfalls.spotScale(), 1e18);
    }

    function test_theScaleOfSpotIsBounded() public {
        deposit(USDC, 1_000e6);
        shortfalls.cover(8_999e18);
        assertEq(shortfalls.spotScale(), 9.999e18);
        shortfalls.cover(1e18);
        assertEq(shortfalls.spotScale(), 10e18);
        shortfalls.cover(1e30);
        assertEq(shortfalls.spotScale(), 10e18);
        payTo(alice, vault.backing());
        assertEq(shortfalls.spotScale(), 10e18);
    }

    function test_spotIsScaledWhereNothingIsThere() public {
        shortfalls.cover(1);
        assertEq(shortfalls.spotScale(), 10e18);
    }

    // ------------------------------------------------------------------------------------------------ claims

    function test_aRecapitalisationTakesNoMoreThanIsOwed() public {
        deposit(USDC, 800e6);
        vm.expectRevert(IShortfallLedger.NothingOwed.selector);
        shortfalls.recapitalise(1);
        shortfalls.cover(200e18 + 1);
        payTo(alice, 100e6);
        vm.expectRevert(IShortfallLedger.NothingOwed.selector);
        shortfalls.recapitalise(0);
        assertEq(recapitalise(bob, 1_000e6), 200e6 + 1);
        assertEq(shortfalls.shortfall(), 0);
        assertEq(shortfalls.claims(), 0);
        assertEq(shortfalls.fraction(), 1e18);
        assertEq(dueTo(alice), 20e6 + 1);
        assertEq(claimBy(alice), 20e6 + 1);
        assertEq(usdc.balanceOf(address(shortfalls)), 0);
        deposit(USDC, 1);
    }

    /// @dev What the limits of the fund kept back is drawn in later rounds: by any caller, for claims and shortfall alike.
    function test_theFundPaysLaterWhatItsLimitsKeptBack() public {
        deposit(USDC, 800e6);
        join(bob, 1_000e6);
        vm.expectRevert(IShortfallLedger.NothingOwed.selector);
        shortfalls.drawFund();
        shortfalls.cover(300e18);
        vm.expectRevert(IShortfallLedger.NothingDrawn.selector);
        shortfalls.drawFund();
        assertEq(payTo(alice, 550e6), 450e6);
        nextRound();
        skip(1 days);
        vm.expectEmit(address(shortfalls));
        emit IShortfallLedger.Recapitalised(address(fund), 45e6, 45e6, 55e18);
        vm.prank(thief);
        assertEq(shortfalls.drawFund(), 90e6);
        assertEq(fund.totalAssets(), 810e6);
        assertEq(vault.backing(), 495e6);
        assertEq(shortfalls.shortfall(), 55e18);
        assertEq(dueTo(alice), 45e6);
        nextRound();
        assertEq(shortfalls.drawFund(), 81e6);
        skip(1 days);
        nextRound();
        assertEq(shortfalls.drawFund(), 29e6, "no more than is owed");
        assertEq(shortfalls.fraction(), 1e18);
        assertEq(claimBy(alice), 100e6);
        assertEq(usdc.balanceOf(address(shortfalls)), 0);
        vm.expectRevert(IShortfallLedger.NothingOwed.selector);
        shortfalls.drawFund();
    }

    function test_claimsArePaidWhenNoShortfallIsLeft() public {
        shortfalls.cover(100e18);
        payTo(alice, 100e6);
        assertEq(shortfalls.shortfall(), 0);
        assertEq(recapitalise(bob, 30e6), 30e6);
        assertEq(dueTo(alice), 30e6);
        assertEq(recapitalise(bob, 100e6), 70e6);
        assertEq(claimBy(alice), 100e6);
    }

    /// @dev By what each is owed at that time, not by what it was owed at first.
    function test_claimsArePaidInProportion() public {
        deposit(USDC, 500e6);
        shortfalls.cover(500e18);
        payTo(alice, 200e6); // a claim of 100 of 500
        recapitalise(owner, 250e6); // one half of all
        assertEq(dueTo(alice), 50e6);
        assertEq(shortfalls.fraction(), uint256(600e18) * 1e18 / 800e18);
        payTo(bob, 400e6); // a claim of 100, beside the 50 that alice is owed still
        assertEq(owedTo(alice), 50e6);
        assertEq(owedTo(bob), 100e6);
        recapitalise(owner, 125e6); // one half of all again
        assertEq(dueTo(alice), 75e6);
        assertEq(dueTo(bob), 50e6);
        payTo(alice, 100e6);
        assertEq(owedTo(alice), 25e6 + (100e6 - uint256(100e6) * 350e6 / 400e6));
        assertEq(claimBy(alice), 75e6);
        assertEq(claimBy(bob), 50e6);
    }

    function test_aClaimIsTakenOnceToTheAddressThatItsOwnerNames() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        payTo(alice, 100e6);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IShortfallLedger.NothingToClaim.selector, alice));
        shortfalls.claim(alice);
        vm.stopPrank();
        recapitalise(owner, 100e6);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IShortfallLedger.NothingToClaim.selector, thief));
        shortfalls.claim(thief);

        address[5] memory lost = [address(0), address(shortfalls), address(vault), address(usdc), shortfalls.book()];
        vm.startPrank(alice);
        for (uint256 i = 0; i < lost.length; ++i) {
            vm.expectRevert(IBookVault.InvalidRecipient.selector);
            shortfalls.claim(lost[i]);
        }
        vm.expectEmit(address(shortfalls));
        emit IShortfallLedger.ClaimPaid(alice, bob, 10e6);
        assertEq(shortfalls.claim(bob), 10e6);
        assertEq(usdc.balanceOf(bob), 10e6);
        vm.expectRevert(abi.encodeWithSelector(IShortfallLedger.NothingToClaim.selector, alice));
        shortfalls.claim(bob);
        assertEq(owedTo(alice), 10e6);
    }

    /// @dev As it stops pay-outs and credits: claims are money that leaves a book.
    function test_theBreakerStopsClaims() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        payTo(alice, 100e6);
        recapitalise(owner, 200e6);
        raiseTo(Level.NoTakeovers);
        uint256 before = vm.snapshotState();
        assertEq(claimBy(alice), 20e6);
        vm.revertToState(before);
        raiseTo(Level.NoWithdrawals);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoWithdrawals));
        claimBy(alice);
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function test_refusesAFundOfAnotherLedger() public {
        address book = shortfalls.book();
        vm.expectRevert(IShortfallLedger.NotTheFundsLedger.selector);
        Deploy.shortfallLedger(book, address(this), fund);
    }

    function test_refusesATokenThatIsFinerThanTheCurrency() public {
        TestToken token = Deploy.testToken("FINE", 19);
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        InsuranceFund other = Deploy.insuranceFund(token, predicted, rounds, breaker, COOLDOWN);
        address book = shortfalls.book();
        vm.expectRevert(IShortfallLedger.TokenTooFine.selector);
        Deploy.shortfallLedger(book, address(this), other);
    }

    function refusesDeposit(uint256 least) private {
        bytes memory reason =
            abi.encodeWithSelector(IShortfallLedger.HaircutNotAccepted.selector, shortfalls.fraction(), least);
        vm.expectRevert(reason);
        vault.collect(USDC, 50e6, PAYER);
    }
}

/// @notice The same with 18 decimals, where nothing is finer than a unit.
contract FineShortfallLedgerTest is FineLedgerFixture {
    function test_theNumbersOfTheReference() public {
        deposit(USDC, 9.5e24);
        join(bob, 3e24);
        assertEq(shortfalls.cover(700000000000000123456789), 3e23);
        assertEq(shortfalls.shortfall(), 400000000000000123456789);
        uint256 paid = uint256(1e24) * 9.8e24 / (9.8e24 + 400000000000000123456789);
        assertEq(payTo(alice, 1e24), paid);
        assertEq(owedTo(alice), 1e24 - paid);
        assertEq(shortfalls.shortfall(), 400000000000000123456789 - (1e24 - paid));
        uint256 all = 400000000000000123456789;
        assertEq(recapitalise(bob, 2e23), 2e23);
        uint256 toClaims = uint256(2e23) * (1e24 - paid) / all;
        assertEq(dueTo(alice), toClaims);
        assertEq(shortfalls.shortfall(), all - (1e24 - paid) - (2e23 - toClaims));
    }

    function test_theFundPaysToTheLastUnit() public {
        deposit(USDC, 1_000e18);
        join(bob, 1_000e18);
        assertEq(shortfalls.cover(5e18 + 1), 5e18 + 1);
        assertEq(shortfalls.shortfall(), 0);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {Asset, IRiskParameters} from "../../../src/interfaces/IRiskParameters.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {FeeToken, ReentrantToken, TestToken} from "../../mocks/Tokens.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {LedgerFixture} from "../../utils/LedgerFixture.sol";

/// @notice Ways to bear less of a shortfall than others, or to take what recapitalises it.
contract ShortfallTheftsTest is LedgerFixture {
    uint24 private constant MAX_LAMBDA_PPM = 100_000; // of RiskParameters

    /// @dev Accounts are owed 1,000 and 800 are there. Each of ten asks for a tenth: the first and the last get the same.
    function test_whoLeavesFirstGainsNothing() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        for (uint256 i = 0; i < 10; ++i) {
            address who = address(uint160(0xA0 + i));
            assertEq(payTo(who, 100e6), 80e6);
            assertEq(owedTo(who), 20e6);
        }
        assertEq(vault.backing(), 0);
        assertEq(shortfalls.shortfall(), 0);
    }

    /// @dev T S' <= T' S, which is f' >= f. Any amounts, by any parts.
    function testFuzz_noPayOutLowersTheFraction(uint256 held, uint256 debt, uint256[8] calldata amounts) public {
        held = bound(held, 1, 1e15);
        debt = bound(debt, 1, 2 * held * 1e12);
        deposit(USDC, held);
        shortfalls.cover(debt);
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 backing = vault.backing();
            uint256 uncovered = shortfalls.shortfall();
            uint256 most = backing + uncovered / 1e12;
            if (most == 0) break;
            uint256 amount = bound(amounts[i], 1, most);
            if (i == 3) amount = 1;
            uint256 paid = payTo(alice, amount);
            assertLe(paid * (backing * 1e12 + uncovered), amount * backing * 1e12, "no more than w f");
            assertLe(backing * shortfalls.shortfall(), vault.backing() * uncovered, "LEDGER-1");
        }
    }

    /// @dev Debited = paid + claims + credits + queued; what is owed to accounts and queue is T + S.
    function testFuzz_whatIsDebitedIsAccountedFor(uint256[9] calldata seeds) public {
        deposit(USDC, 1_000e6);
        join(bob, 200e6);
        uint256 debited = 0;
        uint256 owedInBook = 1_000e18;
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256 seed = seeds[i];
            if (seed % 3 == 0) {
                uint256 debt = bound(seed, 1, 100e18);
                shortfalls.cover(debt);
                owedInBook += debt;
                nextRound();
            } else if (seed % 3 == 1) {
                uint256 amount = bound(seed, 1, vault.backing() / 3);
                payTo(alice, amount);
                debited += amount;
                owedInBook -= amount * 1e12;
            } else if (shortfalls.claims() + shortfalls.shortfall() != 0) {
                recapitalise(owner, bound(seed, 1, 50e6));
            }
            (uint256 owed, uint256 due) = shortfalls.claimOf(alice);
            assertApproxEqAbs(usdc.balanceOf(alice) + owed + due, debited, i + 1);
            assertEq(usdc.balanceOf(alice) + shortfalls.claims() + usdc.balanceOf(address(shortfalls)), debited);
            uint256 backed = vault.backing() * 1e12 + shortfalls.shortfall();
            assertGe(backed, owedInBook);
            assertLt(backed - owedInBook, (i + 1) * 1e12, "parts of units, rounded for the book");
        }
    }

    /// @dev The thief asks before a write-off that it sees coming. What is due after it is cut like all.
    function test_aWithdrawalThatWaitsIsCutLikeAllOthers() public {
        deposit(USDC, 1_000e6);
        request(USDC, 500e6, thief);
        skip(DELAY - 1);
        shortfalls.cover(250e18);
        skip(1);
        vault.payOut(USDC, 1);
        assertEq(usdc.balanceOf(thief), 400e6);
        assertEq(payTo(alice, 500e6), 400e6);
    }

    /// @dev Coming back after the write-off, the same money is worth less.
    function test_comingBackAfterAWriteOffGainsNothing() public {
        deposit(USDC, 1_000e6);
        payTo(thief, 500e6);
        shortfalls.cover(100e18);
        vm.startPrank(thief);
        usdc.approve(address(vault), 500e6);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IShortfallLedger.HaircutNotAccepted.selector, 833333333333333333, 1e18));
        vault.collect(USDC, 500e6, thief);
        vm.prank(thief);
        shortfalls.acceptHaircut(0.8e18);
        vault.collect(USDC, 500e6, thief);
        recapitalise(owner, 50e6);
        assertLt(payTo(thief, 500e6), 500e6);
        recapitalise(owner, 1_000e6);
        claimBy(thief);
        assertLe(usdc.balanceOf(thief), 500e6);
    }

    /// @dev A large deposit raises f before a pay-out of the thief, and leaves after it. The thief bears what the others
    ///      are spared, so it gets less than by waiting in the queue.
    function test_raisingTheFractionCostsMoreThanItGains() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        requestDue(500e6, thief);
        uint256 before = vm.snapshotState();
        vault.payOut(USDC, 1);
        uint256 plain = usdc.balanceOf(thief);
        vm.revertToState(before);

        depositAnyway(9_000e6); // of the thief
        vault.payOut(USDC, 1);
        payTo(thief, 9_000e6);
        assertLt(usdc.balanceOf(thief) - plain, 9_000e6);
        assertEq(usdc.balanceOf(thief) + owedTo(thief), 9_500e6);
        // The other 500 are worth more than the 400 they were.
        assertGt(payTo(alice, 500e6), 400e6);
    }

    /// @dev A withdrawal is paid just before a recapitalisation, or stays in the book: what it gets in the end is the same.
    function test_aRecapitalisationPaysTheSameBeforeAndAfterAPayOut() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        requestDue(100e6, thief);
        uint256 before = vm.snapshotState();
        vault.payOut(USDC, 1);
        recapitalise(owner, 100e6);
        claimBy(thief);
        uint256 early = usdc.balanceOf(thief);
        vm.revertToState(before);
        recapitalise(owner, 100e6);
        vault.payOut(USDC, 1);
        assertEq(early, 90e6);
        assertEq(usdc.balanceOf(thief), 90e6);
    }

    /// @dev A unit paid in front of it would refuse a recapitalisation of exactly what is owed.
    function test_noUnitInFrontStopsARecapitalisation() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        recapitalise(thief, 1);
        assertEq(recapitalise(owner, 200e6), 200e6 - 1);
        assertEq(shortfalls.shortfall(), 0);
    }

    /// @dev In the least parts, whose share for claims is rounded down each time, they lose a unit a call.
    function test_aRecapitalisationInPartsLosesLittle() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        payTo(alice, 500e6);
        for (uint256 i = 0; i < 100; ++i) {
            recapitalise(thief, 3);
        }
        assertEq(dueTo(alice), 100);
        assertEq(shortfalls.shortfall(), 100e18 - 200e12);
        recapitalise(owner, 200e6);
        assertEq(claimBy(alice), 100e6);
    }

    /// @dev A debt that is one account's, or that of ten in ten rounds: the fund pays the same, once it was drawn for what its
    ///      limits kept back. In between it pays no faster.
    function test_howADebtIsSplitDoesNotMatter() public {
        deposit(USDC, 1_000e6);
        join(bob, 1_000e6);
        uint256 before = vm.snapshotState();
        for (uint256 i = 0; i < 10; ++i) {
            shortfalls.cover(50e18);
            nextRound();
            skip(8 hours);
        }
        assertEq(fund.totalAssets(), 500e6);
        assertEq(shortfalls.shortfall(), 0);
        vm.revertToState(before);
        shortfalls.cover(500e18);
        assertEq(fund.totalAssets(), 900e6);
        for (uint256 i = 0; i < 9; ++i) {
            nextRound();
            skip(8 hours);
            if (shortfalls.shortfall() != 0) shortfalls.drawFund();
        }
        assertEq(fund.totalAssets(), 500e6);
        assertEq(shortfalls.shortfall(), 0);
    }

    /// @dev While the fund has money, no debt of dust makes a shortfall that refuses deposits.
    function test_dustClosesNoDeposits() public {
        deposit(USDC, 1_000e6);
        join(bob, 1_000e6);
        for (uint256 i = 1; i < 50; ++i) {
            shortfalls.cover(i);
        }
        assertEq(shortfalls.shortfall(), 0);
        deposit(USDC, 1);
    }

    /// @dev Money that is worth f buys spot at its price times the scale, and leaves with it: worth no more than f, but for a step.
    function testFuzz_moneyThatIsWorthLessBuysNoSpotAtPar(uint256 debt) public {
        deposit(USDC, 1_000e6);
        shortfalls.cover(bound(debt, 1, 8_999e18));
        uint256 spot = 1e36 / shortfalls.spotScale(); // for 1 of quote [1e-18]
        uint256 fraction = shortfalls.fraction();
        assertGe(spot + 1, fraction, "collateral is not worth more than it is");
        assertLe(spot * 1e18, (fraction + 1) * 1.001e18);
    }

    /// @dev An owner of spot owes all that it may at the scaled price, and leaves. The shortfall is paid, and its claim too: it
    ///      has no more than the spot that it leaves behind.
    function testFuzz_noLoanAgainstScaledSpotExceedsTheSpot(uint256 debt) public {
        deposit(USDC, 1_000e6);
        shortfalls.cover(bound(debt, 1e18, 1e30));
        assertLe(takenByALoan(100e6, MAX_LAMBDA_PPM), 100e6);
    }

    /// @dev At a larger lambda it would have more.
    function test_noBookLendsMoreThanTheScaleAllows() public {
        deposit(USDC, 1_000e6);
        shortfalls.cover(9_000e18);
        assertGt(takenByALoan(100e6, MAX_LAMBDA_PPM + 1), 100e6);
        Asset[] memory none = new Asset[](0);
        Deploy.riskParameters(owner, 1, 1 days, 50_000, MAX_LAMBDA_PPM, none);
        vm.expectRevert(IRiskParameters.LambdasOutOfRange.selector);
        Deploy.riskParameters(owner, 1, 1 days, 50_000, MAX_LAMBDA_PPM + 1, none);
    }

    /// @dev Pay-outs of one unit each: nothing is paid of them, and all is a claim.
    function test_payOutsOfDustArePaidNoMore() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        uint256 fraction = shortfalls.fraction();
        for (uint256 i = 0; i < 50; ++i) {
            request(USDC, 1, thief);
        }
        skip(DELAY);
        vault.payOut(USDC, 50);
        assertEq(usdc.balanceOf(thief), 0);
        assertEq(owedTo(thief), 50);
        assertGe(shortfalls.fraction(), fraction);
    }

    /// @dev A thief who has no claim when a recapitalisation comes gets nothing of it by claiming later.
    function test_aLaterClaimTakesNothingOfAnEarlierPayment() public {
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        payTo(alice, 250e6);
        recapitalise(owner, 100e6);
        payTo(thief, 250e6);
        assertEq(dueTo(thief), 0);
        assertEq(claimBy(alice), 25e6);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(IShortfallLedger.NothingToClaim.selector, thief));
        shortfalls.claim(thief);
    }

    /// @dev What a borrower gets out of a loan once all is paid.
    /// @param spot What its spot is worth at the price of the market.
    /// @param lambdaPpm How much of that it may owe.
    function takenByALoan(uint256 spot, uint256 lambdaPpm) private returns (uint256) {
        uint256 loan = spot * shortfalls.spotScale() * lambdaPpm / 1e24;
        uint256 paid = payTo(thief, loan);
        recapitalise(owner, shortfalls.claims() + shortfalls.shortfall() / grain() + 1);
        return dueTo(thief) == 0 ? paid : paid + claimBy(thief);
    }
}

/// @notice A token that begins to take fees.
contract ShortfallFeesTest is LedgerFixture {
    FeeToken private token;

    function settlementToken() internal override returns (TestToken) {
        token = new FeeToken();
        return token;
    }

    function setUp() public override {
        super.setUp();
        deposit(USDC, 800e6);
        shortfalls.cover(200e18);
        payTo(alice, 500e6);
        payTo(bob, 100e6);
        recapitalise(owner, 100e6);
        join(owner, 1_000e6);
    }

    /// @dev What is counted as paid is there: in the vault as in the ledger.
    function test_nothingCountsThatDidNotArrive() public {
        usdc.mint(owner, 10e6);
        vm.prank(owner);
        usdc.approve(address(shortfalls), 10e6);
        token.charge(address(vault), false);
        vm.expectRevert(IBookVault.HoldingsShort.selector);
        shortfalls.cover(10e18);
        vm.prank(owner);
        vm.expectRevert(IBookVault.HoldingsShort.selector);
        shortfalls.recapitalise(10e6);
        vm.expectRevert(IBookVault.HoldingsShort.selector);
        shortfalls.drawFund();
        token.charge(address(shortfalls), false);
        vm.prank(owner);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        shortfalls.recapitalise(10e6);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        shortfalls.drawFund();
    }

    /// @dev Else a claim would be paid by the tokens of others.
    function test_noClaimTakesFromOthers() public {
        token.charge(address(shortfalls), true);
        vm.prank(alice);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        shortfalls.claim(alice);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        shortfalls.drawFund();
    }
}

/// @notice A token that calls back.
contract ShortfallReentrancyTest is LedgerFixture {
    ReentrantToken private token;

    function settlementToken() internal override returns (TestToken) {
        token = new ReentrantToken();
        return token;
    }

    /// @dev In the middle of a write-off or a recapitalisation, f is of one side alone.
    function test_nothingIsPaidOrClaimedMeanwhile() public {
        deposit(USDC, 800e6);
        join(bob, 1_000e6);
        shortfalls.cover(300e18);
        payTo(alice, 100e6);
        recapitalise(owner, 10e6);
        requestDue(100e6, thief);
        nextRound();
        bytes[3] memory calls = [
            abi.encodeCall(IBookVault.payOut, (USDC, 1)),
            abi.encodeCall(IShortfallLedger.recapitalise, (1)),
            abi.encodeCall(IShortfallLedger.drawFund, ())
        ];
        address[3] memory targets = [address(vault), address(shortfalls), address(shortfalls)];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 before = vm.snapshotState();
            token.callBack(targets[i], calls[i]);
            shortfalls.cover(10e18);
            requireRefused();
            vm.revertToState(before);

            usdc.mint(owner, 10e6);
            vm.startPrank(owner);
            usdc.approve(address(shortfalls), 10e6);
            token.callBack(targets[i], calls[i]);
            shortfalls.recapitalise(10e6);
            vm.stopPrank();
            requireRefused();
            vm.revertToState(before);

            token.callBack(targets[i], calls[i]);
            shortfalls.drawFund();
            requireRefused();
            vm.revertToState(before);

            token.callBack(targets[i], calls[i]);
            claimBy(alice);
            requireRefused();
            vm.revertToState(before);
        }
    }

    function requireRefused() private view {
        assertFalse(token.succeeded());
        assertEq(bytes4(token.answer()), ReentrancyGuard.ReentrancyGuardReentrantCall.selector);
        assertEq(usdc.balanceOf(thief), 0);
    }
}

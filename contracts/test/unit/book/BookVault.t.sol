// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IBookVault, VaultTerms, QueuedWithdrawal} from "../../../src/interfaces/IBookVault.sol";
import {ICircuitBreaker, Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {VaultFixture} from "../../utils/VaultFixture.sol";

/// @notice The queue of the vault (ZS-65) and its outflow limit (ZS-66), with tokens that behave. What it does with the others is in VaultThefts.t.sol and
///         MarginBookTokens.t.sol.
contract BookVaultTest is VaultFixture {
    function test_theVaultKnowsItsParts() public view {
        assertEq(vault.book(), address(this));
        assertEq(address(vault.breaker()), address(breaker));
        assertEq(address(vault.ledger()), address(0));
        assertEq(vault.withdrawalDelay(), DELAY);
        assertEq(vault.outflowPpm(), OUTFLOW_PPM);
        assertEq(vault.leastOutflowOf(USDC), LEAST_OUTFLOW);
        assertEq(vault.tokenOf(USDC), address(usdc));
        assertEq(vault.tokenOf(PERP), address(0));
        assertEq(vault.tokenOf(99), address(0));
        assertEq(vault.holdingsOf(USDC), 0);
    }

    /// @dev A book cannot be made to use a vault that obeys another caller.
    function test_theFactoryCreatesTheVaultOfItsCaller() public {
        IBookVault created = Deploy.bookVaultFactory().create(tokens, breaker, terms());
        assertEq(created.book(), address(this));
        assertEq(address(created).code.length, address(vault).code.length);
        assertEq(created.tokenOf(USDC), address(usdc));
        assertEq(created.withdrawalDelay(), DELAY);
    }

    /// @dev Depositors approve the vault: a stranger who could call it would take the tokens of all of them.
    function test_onlyTheBookMovesTokens() public {
        deposit(USDC, 100e6);
        address[3] memory thieves = [owner, PAYER, address(usdc)];
        for (uint256 i = 0; i < thieves.length; ++i) {
            vm.startPrank(thieves[i]);
            vm.expectRevert(IBookVault.NotTheBook.selector);
            vault.collect(USDC, 1, PAYER);
            vm.expectRevert(IBookVault.NotTheBook.selector);
            vault.enqueue(USDC, 1, thieves[i]);
            vm.expectRevert(IBookVault.NotTheVault.selector);
            vault.transferExactly(IERC20(address(usdc)), thieves[i], 1);
            vm.stopPrank();
        }
        vm.expectRevert(IBookVault.NotTheVault.selector);
        vault.transferExactly(IERC20(address(usdc)), alice, 1);
        assertEq(usdc.balanceOf(address(vault)), 100e6);
    }

    function test_aWithdrawalWaitsForItsDelay() public {
        deposit(USDC, 500e6);
        assertEq(request(USDC, 100e6, alice), 0);
        QueuedWithdrawal memory queued = vault.withdrawalAt(USDC, 0);
        assertEq(queued.recipient, alice);
        assertEq(queued.amount, 100e6);
        assertEq(queued.dueAt, DELAY);
        assertEq(vault.queuedOf(USDC), 100e6);
        assertEq(vault.holdingsOf(USDC), 500e6);

        skip(DELAY - 1);
        vm.expectRevert(IBookVault.NothingDue.selector);
        vault.payOut(USDC, 1);
        skip(1);
        vm.expectEmit(address(vault));
        emit IBookVault.PaidOut(USDC, 0, alice, 100e6, 100e6);
        vm.prank(makeAddr("any caller"));
        assertEq(vault.payOut(USDC, 1), 100e6);
        assertEq(usdc.balanceOf(alice), 100e6);
        assertEq(vault.queuedOf(USDC), 0);
        assertEq(vault.holdingsOf(USDC), 400e6);
        assertEq(vault.withdrawalAt(USDC, 0).amount, 0);
        assertEq(vault.withdrawalAt(USDC, 0).recipient, address(0));

        vm.expectRevert(IBookVault.NothingDue.selector);
        vault.payOut(USDC, 1);
    }

    function test_queuesAreOfOneAssetEach() public {
        deposit(USDC, 500e6);
        deposit(WBTC, 1e8);
        request(USDC, 100e6, alice);
        assertEq(request(WBTC, 1e7, alice), 0);
        skip(DELAY);
        vault.payOut(WBTC, 1);
        assertEq(vault.queuedOf(USDC), 100e6);
        assertEq(vault.queuedOf(WBTC), 0);
        (uint256 next, uint256 end) = vault.queueOf(WBTC);
        assertEq(next, 1);
        assertEq(end, 1);
        uint256[2] memory without = [PERP, USDC + 1];
        for (uint256 i = 0; i < without.length; ++i) {
            vm.expectRevert(IBookVault.NothingDue.selector);
            vault.payOut(without[i], 1);
            vm.expectRevert(IBookVault.NoCredit.selector);
            vault.claimCredit(without[i], alice);
        }
    }

    function test_firstInFirstOutAsManyAsTheCallerSays() public {
        deposit(USDC, 500e6);
        for (uint256 i = 0; i < 3; ++i) {
            request(USDC, 10e6, address(uint160(0xA0 + i)));
            skip(1);
        }
        skip(DELAY - 2); // the last one is not due
        vm.expectRevert(IBookVault.NothingDue.selector);
        vault.payOut(USDC, 0);
        assertEq(vault.payOut(USDC, 1), 10e6);
        assertEq(usdc.balanceOf(address(0xA0)), 10e6);
        assertEq(usdc.balanceOf(address(0xA1)), 0);
        assertEq(vault.payOut(USDC, type(uint256).max), 10e6);
        assertEq(usdc.balanceOf(address(0xA1)), 10e6);
        assertEq(usdc.balanceOf(address(0xA2)), 0);
        skip(1);
        assertEq(vault.payOut(USDC, type(uint256).max), 10e6);
    }

    /// @dev While nothing can be flagged, the account that owes what this withdrawal takes cannot be either.
    function test_theDelayStandsStillWhileFlagsAreStopped() public {
        deposit(USDC, 500e6);
        request(USDC, 100e6, alice);
        skip(DELAY / 2);
        raiseTo(Level.NoFlags);
        skip(10 * DELAY);
        lowerTo(Level.Open);
        skip(RESUME_GRACE + DELAY / 2 - 1);
        vm.expectRevert(IBookVault.NothingDue.selector);
        vault.payOut(USDC, 1);
        skip(1);
        vault.payOut(USDC, 1);
    }

    function test_theBreakerStopsWhatLeaves() public {
        deposit(USDC, 500e6);
        request(USDC, 100e6, alice);
        skip(DELAY);
        raiseTo(Level.NoWithdrawals);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoWithdrawals));
        vault.payOut(USDC, 1);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoWithdrawals));
        vault.claimCredit(USDC, alice);
        lowerTo(Level.NoTakeovers);
        vault.payOut(USDC, 1); // was due before
    }

    function test_refusesRecipientsThatWouldLoseIt() public {
        deposit(USDC, 500e6);
        address[4] memory lost = [address(0), address(this), address(vault), address(usdc)];
        for (uint256 i = 0; i < lost.length; ++i) {
            vm.expectRevert(IBookVault.InvalidRecipient.selector);
            vault.enqueue(USDC, 1, lost[i]);
        }
    }

    function test_refusesMoreThanIsHeldBeyondTheQueue() public {
        deposit(USDC, 500e6);
        request(USDC, 400e6, alice);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.enqueue(USDC, 100e6 + 1, bob);
        request(USDC, 100e6, bob);
        skip(DELAY);
        assertEq(vault.payOut(USDC, 2), 500e6);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.enqueue(USDC, 1, bob);
    }

    function test_refusesMoreThanItCanCount() public {
        deposit(USDC, type(uint128).max);
        usdc.mint(PAYER, 1);
        vm.expectRevert(IBookVault.TooMuchHeld.selector);
        vault.collect(USDC, 1, PAYER);
        request(USDC, type(uint128).max, alice);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.enqueue(USDC, 1, alice);
    }

    function test_whatIsSentUnaskedBelongsToNoAccount() public {
        deposit(USDC, 500e6);
        usdc.mint(address(vault), 500e6);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.enqueue(USDC, 500e6 + 1, alice);
        request(USDC, 500e6, alice);
        skip(DELAY);
        vault.payOut(USDC, 1);
        assertEq(usdc.balanceOf(address(vault)), 500e6);
    }

    // ------------------------------------------------------------------------------------------------ outflow

    function test_theLimitPaysPartsAndForgetsWithinAnHour() public {
        deposit(USDC, 100_000e6);
        request(USDC, 25_000e6, alice);
        request(USDC, 1e6, bob);
        skip(DELAY);
        assertEq(vault.outflowLeft(USDC), 10_000e6);
        vm.expectEmit(address(vault));
        emit IBookVault.PaidOut(USDC, 0, alice, 10_000e6, 10_000e6);
        assertEq(vault.payOut(USDC, 2), 10_000e6);
        assertEq(vault.withdrawalAt(USDC, 0).amount, 15_000e6);
        assertEq(vault.outflowLeft(USDC), 0);
        (uint256 next,) = vault.queueOf(USDC);
        assertEq(next, 0, "the rest is still the first");
        vm.expectRevert(IBookVault.NothingDue.selector);
        vault.payOut(USDC, 2);

        // Half of 10 % of 90,000 is forgotten, so 5,500 count still: 10 % of 95,500 less that.
        skip(30 minutes);
        assertEq(vault.payOut(USDC, 2), 4_050e6);
        skip(10 hours);
        assertEq(vault.outflowLeft(USDC), 8_595e6, "no more than a limit, however long nothing left");
        vault.payOut(USDC, 2);
        assertEq(usdc.balanceOf(bob), 0);
        skip(2 hours);
        vault.payOut(USDC, 2);
        assertEq(usdc.balanceOf(alice), 25_000e6);
        assertEq(usdc.balanceOf(bob), 1e6);
    }

    /// @dev A share alone would never let the last of a token out.
    function test_theLeastLetsTheLastOut() public {
        deposit(USDC, 1_500e6);
        request(USDC, 1_500e6, alice);
        skip(DELAY);
        assertEq(vault.payOut(USDC, 1), 1_000e6);
        skip(1 hours);
        assertEq(vault.payOut(USDC, 1), 500e6);
        assertEq(vault.holdingsOf(USDC), 0);
    }

    /// @dev Paid at once or one by one: the limit does not fall with what it lets out.
    function test_theLimitDoesNotDependOnTheNumberOfCalls() public {
        deposit(USDC, 100_000e6);
        for (uint256 i = 0; i < 4; ++i) {
            request(USDC, 3_000e6, alice);
        }
        skip(DELAY);
        uint256 before = vm.snapshotState();
        uint256 once = vault.payOut(USDC, 4);
        vm.revertToState(before);
        uint256 sum = 0;
        for (uint256 i = 0; i < 4; ++i) {
            sum += vault.payOut(USDC, 1);
        }
        assertEq(sum, once);
        assertEq(sum, 10_000e6);
    }

    /// @dev Of a limit L, at most L leaves at once, and within t at most L (1 + t / 1 h).
    function testFuzz_whatLeavesIsBounded(uint256[12] calldata waits) public {
        deposit(USDC, 100_000e6);
        request(USDC, 100_000e6, alice);
        skip(DELAY);
        uint256 begin = block.timestamp;
        for (uint256 i = 0; i < waits.length; ++i) {
            skip(waits[i] % 20 minutes);
            if (vault.outflowLeft(USDC) == 0) continue;
            vault.payOut(USDC, 1);
            uint256 elapsed = block.timestamp - begin;
            assertLe(usdc.balanceOf(alice), 10_000e6 + 10_000e6 * elapsed / 1 hours);
        }
    }

    // ------------------------------------------------------------------------------------------------ sequences

    /// @dev Any requests, paid by any number of calls: in their order, each in full, and nothing else.
    function testFuzz_allArePaidInTheirOrder(uint96[6] calldata amounts, uint256[8] calldata counts) public {
        uint256 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 amount = bound(amounts[i], 1, 5_000e6);
            deposit(USDC, amount);
            assertEq(request(USDC, amount, address(uint160(0xA0 + i))), i);
            sum += amount;
        }
        skip(DELAY);
        uint256 paid = 0;
        for (uint256 i = 0; paid < sum; ++i) {
            paid += vault.payOut(USDC, bound(counts[i % 8], 1, 4));
            (uint256 next,) = vault.queueOf(USDC);
            for (uint256 k = 0; k < amounts.length; ++k) {
                uint256 due = bound(amounts[k], 1, 5_000e6);
                uint256 got = usdc.balanceOf(address(uint160(0xA0 + k)));
                if (k < next) assertEq(got, due, "VAULT-3: first in, first out");
                else assertEq(got, due - vault.withdrawalAt(USDC, k).amount);
                if (k > next) assertEq(got, 0, "VAULT-3: first in, first out");
            }
            assertEq(vault.queuedOf(USDC), sum - paid);
            requireSums(USDC);
            skip(1 hours);
        }
        assertEq(vault.holdingsOf(USDC), 0);
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function test_refusesTermsThatLockOrFreeEverything() public {
        VaultTerms memory made = terms();
        made.delay = 1 minutes - 1;
        refuses(made, abi.encodeWithSelector(IBookVault.WithdrawalDelayOutOfRange.selector, made.delay));
        made.delay = 7 days + 1;
        refuses(made, abi.encodeWithSelector(IBookVault.WithdrawalDelayOutOfRange.selector, made.delay));
        made.delay = 7 days;
        made.outflowPpm = 1_000_001;
        refuses(made, abi.encodeWithSelector(IBookVault.WrongOutflowLimit.selector));
        made.outflowPpm = 1_000_000;
        made.leastOutflows[USDC] = 0;
        refuses(made, abi.encodeWithSelector(IBookVault.WrongOutflowLimit.selector));
        made.leastOutflows[USDC] = 1 << 128;
        refuses(made, abi.encodeWithSelector(IBookVault.WrongOutflowLimit.selector));
        made.leastOutflows = new uint256[](2);
        refuses(made, abi.encodeWithSelector(IBookVault.WrongOutflowLimit.selector));
        made = terms();
        made.ledger = IShortfallLedger(makeAddr("nothing"));
        refuses(made, abi.encodeWithSelector(IBookVault.LedgerWithoutCode.selector));
        made = terms();
        made.delay = 1 minutes;
        made.outflowPpm = 0;
        Deploy.bookVault(tokens, breaker, made);
    }

    function test_refusesABondThatItCannotCount() public {
        VaultTerms memory made = terms();
        made.openingBond = type(uint96).max;
        assertEq(Deploy.bookVault(tokens, breaker, made).openingBond(), type(uint96).max);
        ++made.openingBond;
        refuses(made, abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, made.openingBond));
    }

    function refuses(VaultTerms memory made, bytes memory reason) private {
        vm.expectRevert(reason);
        Deploy.bookVault(tokens, breaker, made);
    }
}

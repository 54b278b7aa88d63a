// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {TestLedger} from "../../mocks/TestLedger.sol";
import {BlockingToken, FeeToken, ReentrantToken, SharedToken, TestToken} from "../../mocks/Tokens.sol";
import {VaultFixture} from "../../utils/VaultFixture.sol";

/// @notice Ways to be paid more, sooner, or at the expense of others, with tokens that behave.
contract VaultRacesTest is VaultFixture {
    address private thief = makeAddr("thief");

    /// @dev The thief's withdrawal is second. Whatever it calls, and however often, alice is paid before it, and both together
    ///      get no more than the limit.
    function test_aLaterWithdrawalCannotPassAnEarlierOne() public {
        deposit(USDC, 100_000e6);
        request(USDC, 9_000e6, alice);
        request(USDC, 9_000e6, thief);
        skip(DELAY);
        vm.startPrank(thief);
        vault.payOut(USDC, 1);
        vault.payOut(USDC, 1);
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(IBookVault.NothingDue.selector);
            vault.payOut(USDC, i);
        }
        vm.stopPrank();
        assertEq(usdc.balanceOf(alice), 9_000e6);
        assertEq(usdc.balanceOf(thief), 1_000e6);
    }

    /// @dev Windows that end would let a limit out at the end of one, and another a second later.
    function test_noBoundaryLetsTheLimitOutTwice() public {
        deposit(USDC, 100_000e6);
        request(USDC, 100_000e6, thief);
        skip(DELAY + 59 minutes + 59 seconds);
        vault.payOut(USDC, 1);
        skip(1);
        vault.payOut(USDC, 1);
        assertEq(usdc.balanceOf(thief), 10_000e6 + uint256(9_000e6) / 3600 * 9 / 10, "one second of 90 %");
    }

    /// @dev What the thief deposits raises the limit by its share only, and waits itself.
    function test_depositingDoesNotFreeMoreThanItBrings() public {
        deposit(USDC, 100_000e6);
        request(USDC, 50_000e6, thief);
        skip(DELAY);
        vault.payOut(USDC, 1);
        deposit(USDC, 20_000e6);
        request(USDC, 20_000e6, thief);
        vault.payOut(USDC, 2);
        assertEq(usdc.balanceOf(thief), 12_000e6);
    }

    /// @dev Each withdrawal of the least amount costs its sender a proof and 370,000 gas. Paying it costs a tenth. The caller says how
    ///      many, so no number of them makes a call too large.
    function test_aQueueStuffedWithDustCostsItsStufferMore() public {
        deposit(USDC, 100_000e6);
        for (uint256 i = 0; i < 200; ++i) {
            request(USDC, 1, thief);
        }
        request(USDC, 5_000e6, alice);
        skip(DELAY);
        uint256 gas = gasleft();
        vault.payOut(USDC, 150);
        assertLt(gas - gasleft(), 150 * 60_000);
        vault.payOut(USDC, 51);
        assertEq(usdc.balanceOf(alice), 5_000e6);
    }

    /// @dev A caller pays alice in the least parts that the limit lets out: she gets the same.
    function test_partsLoseNothing() public {
        deposit(USDC, 100_000e6);
        request(USDC, 12_000e6, alice);
        skip(DELAY);
        vault.payOut(USDC, 1);
        for (uint256 i = 0; i < 100; ++i) {
            skip(1);
            vault.payOut(USDC, 1);
        }
        skip(1 hours);
        vault.payOut(USDC, 1);
        assertEq(usdc.balanceOf(alice), 12_000e6);
        assertEq(vault.holdingsOf(USDC), 88_000e6);
        requireSums(USDC);
    }
}

/// @notice ZS-67: a recipient that its token pays no more.
contract VaultBlockedRecipientTest is VaultFixture {
    BlockingToken private token;

    function settlementToken() internal override returns (TestToken) {
        token = new BlockingToken();
        return token;
    }

    function setUp() public override {
        super.setUp();
        deposit(USDC, 10_000e6);
        request(USDC, 100e6, alice);
        request(USDC, 200e6, bob);
        skip(DELAY);
    }

    function test_aBlockedRecipientStopsNoOtherOne() public {
        BlockingToken.How[3] memory ways =
            [BlockingToken.How.Reverts, BlockingToken.How.BurnsItsGas, BlockingToken.How.RevertsWithALot];
        for (uint256 i = 0; i < ways.length; ++i) {
            uint256 before = vm.snapshotState();
            token.setBlocked(alice, ways[i]);
            vm.expectEmit(address(vault));
            emit IBookVault.Credited(USDC, alice, 100e6);
            uint256 gas = gasleft();
            vault.payOut(USDC, 2);
            assertLt(gas - gasleft(), 600_000, "a bounded cost for the caller");
            assertEq(usdc.balanceOf(bob), 200e6);
            assertEq(vault.creditOf(USDC, alice), 100e6);
            assertEq(vault.creditedOf(USDC), 100e6);
            assertEq(vault.queuedOf(USDC), 0);
            assertEq(vault.holdingsOf(USDC), 9_800e6);
            vm.revertToState(before);
        }
    }

    function test_aCreditIsPaidOnceToTheAddressThatItsOwnerNames() public {
        token.setBlocked(alice, BlockingToken.How.Reverts);
        vault.payOut(USDC, 2);
        address other = makeAddr("other");
        vm.expectRevert(IBookVault.NoCredit.selector);
        vault.claimCredit(USDC, other); // of the caller, who has none

        vm.startPrank(alice);
        vm.expectRevert(BlockingToken.Blocked.selector);
        vault.claimCredit(USDC, alice);
        address[4] memory lost = [address(0), address(this), address(vault), address(usdc)];
        for (uint256 i = 0; i < lost.length; ++i) {
            vm.expectRevert(IBookVault.InvalidRecipient.selector);
            vault.claimCredit(USDC, lost[i]);
        }
        vm.expectEmit(address(vault));
        emit IBookVault.CreditClaimed(USDC, alice, other, 100e6);
        vault.claimCredit(USDC, other);
        assertEq(usdc.balanceOf(other), 100e6);
        vm.expectRevert(IBookVault.NoCredit.selector);
        vault.claimCredit(USDC, other);
        assertEq(vault.creditedOf(USDC), 0);
        assertEq(vault.holdingsOf(USDC), 9_700e6);
    }

    /// @dev Else the first to claim would be paid at the expense of the others.
    function test_noCreditIsPaidWhileLessIsThereThanCameIn() public {
        token.setBlocked(alice, BlockingToken.How.Reverts);
        vault.payOut(USDC, 2);
        token.burn(address(vault), 1);
        vm.startPrank(alice);
        vm.expectRevert(IBookVault.HoldingsShort.selector);
        vault.claimCredit(USDC, bob);
        token.mint(address(vault), 1);
        vault.claimCredit(USDC, bob);
    }

    function test_noAccountCanTakeWhatIsCredited() public {
        token.setBlocked(alice, BlockingToken.How.Reverts);
        vault.payOut(USDC, 2);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.enqueue(USDC, 9_700e6 + 1, bob);
        request(USDC, 9_700e6, bob);
    }

    /// @dev Else any caller could turn a withdrawal into a credit, which a contract may not be able to claim.
    function test_noCallerStarvesATransfer() public {
        bytes memory call_ = abi.encodeCall(IBookVault.payOut, (USDC, 1));
        uint256 refused = 0;
        for (uint256 i = 0; i < 80; ++i) {
            uint256 gas = 20_000 + 5_000 * i;
            uint256 before = vm.snapshotState();
            // solhint-disable-next-line avoid-low-level-calls
            (bool success,) = address(vault).call{gas: gas}(call_);
            assertEq(vault.creditOf(USDC, alice), 0, "a starved transfer became a credit");
            if (!success) ++refused;
            else assertEq(usdc.balanceOf(alice), 100e6);
            vm.revertToState(before);
        }
        assertGt(refused, 3);
    }

    /// @dev A thief has withdrawn a unit to alice, which the token refuses. So her slots are warm when her own withdrawal is
    ///      paid, and another credit would need less gas than a starved transfer leaves.
    function test_noCallerStarvesATransferAfterACredit() public {
        request(USDC, 1, alice);
        request(USDC, 100e6, alice);
        skip(DELAY);
        vault.payOut(USDC, 2);
        token.setBlocked(alice, BlockingToken.How.NeedsMuchGas);
        bytes memory call_ = abi.encodeCall(IBookVault.payOut, (USDC, 2));
        uint256 refused = 0;
        for (uint256 i = 0; i < 300; ++i) {
            uint256 gas = 300_000 + 1_000 * i;
            uint256 before = vm.snapshotState();
            // solhint-disable-next-line avoid-low-level-calls
            (bool success,) = address(vault).call{gas: gas}(call_);
            assertLe(vault.creditOf(USDC, alice), 1, "a starved transfer became a credit");
            if (!success) ++refused;
            else assertEq(usdc.balanceOf(alice), 200e6);
            vm.revertToState(before);
        }
        assertGt(refused, 3);
        assertLt(refused, 290);
    }

    /// @dev A credit has left the queue, and counts as left: credits cannot be heaped up beyond the limit.
    function test_creditsCountInTheLimit() public {
        token.setBlocked(alice, BlockingToken.How.Reverts);
        request(USDC, 9_000e6, alice);
        skip(DELAY);
        vault.payOut(USDC, 3);
        assertEq(vault.outflowLeft(USDC), 0);
        assertEq(vault.creditedOf(USDC), 1_000e6 - 200e6);
    }
}

/// @notice A token that calls back.
contract VaultReentrancyTest is VaultFixture {
    uint96 private constant BOND = 0.01 ether;

    ReentrantToken private token;

    function bond() internal pure override returns (uint96) {
        return BOND;
    }

    function settlementToken() internal override returns (TestToken) {
        token = new ReentrantToken();
        return token;
    }

    function test_noEntryCanBeCalledFromAPayOut() public {
        deposit(USDC, 10_000e6);
        request(USDC, 100e6, alice);
        request(USDC, 100e6, alice);
        skip(DELAY);
        bytes[2] memory calls =
            [abi.encodeCall(IBookVault.payOut, (USDC, 1)), abi.encodeCall(IBookVault.claimCredit, (USDC, alice))];
        for (uint256 i = 0; i < calls.length; ++i) {
            token.callBack(address(vault), calls[i]);
            vault.payOut(USDC, 1);
            assertFalse(token.succeeded());
            assertEq(bytes4(token.answer()), ReentrancyGuard.ReentrancyGuardReentrantCall.selector);
            assertEq(usdc.balanceOf(alice), (i + 1) * 100e6);
        }
        assertEq(vault.holdingsOf(USDC), 9_800e6);
        requireSums(USDC);
    }

    /// @dev The vault's book is the test: its own calls are refused while a token is being moved.
    function test_theBookCannotBeMadeToMoveTokensMeanwhile() public {
        deposit(USDC, 10_000e6);
        request(USDC, 100e6, alice);
        skip(DELAY);
        vault.postBond{value: BOND}(7, address(this));
        bytes[3] memory calls = [
            abi.encodeCall(this.requestAgain, ()),
            abi.encodeCall(this.collectAgain, ()),
            abi.encodeCall(this.payBond, ())
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 before = vm.snapshotState();
            token.callBack(address(this), calls[i]);
            vault.payOut(USDC, 1);
            assertFalse(token.succeeded());
            assertEq(bytes4(token.answer()), ReentrancyGuard.ReentrancyGuardReentrantCall.selector);
            vm.revertToState(before);
        }
        this.requestAgain();
        this.collectAgain();
        this.payBond();
    }

    function requestAgain() external {
        request(USDC, 100e6, alice);
    }

    function collectAgain() external {
        vault.collect(USDC, 0, PAYER);
    }

    function payBond() external {
        vault.payBond(7, alice);
    }
}

/// @notice A token that takes a fee of its receiver: each transfer is exact for the vault.
contract VaultFeeTokenTest is VaultFixture {
    function settlementToken() internal override returns (TestToken) {
        return new FeeToken();
    }

    function test_aFeeOnTopStopsNoOtherOne() public {
        deposit(USDC, 10_000e6);
        request(USDC, 100e6, alice);
        request(USDC, 100e6, bob);
        skip(DELAY);
        FeeToken(address(usdc)).charge(address(vault), true);
        vault.payOut(USDC, 1);
        FeeToken(address(usdc)).charge(address(0), true);
        vault.payOut(USDC, 1);
        assertEq(vault.creditOf(USDC, alice), 100e6);
        assertEq(usdc.balanceOf(bob), 100e6);
        requireSums(USDC);
    }
}

/// @notice One token in two slots, by both of its addresses: each slot pays no more than came in by it.
contract VaultTwoAddressesTest is VaultFixture {
    SharedToken private token;

    function settlementToken() internal override returns (TestToken) {
        token = new SharedToken();
        return token;
    }

    function spotToken() internal override returns (TestToken) {
        return TestToken(address(token.secondAddress()));
    }

    function test_neitherAddressPaysWhatCameInByTheOther() public {
        deposit(USDC, 500e6);
        token.mint(PAYER, 300e6);
        vault.collect(WBTC, 300e6, PAYER);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.enqueue(WBTC, 300e6 + 1, alice);
        request(WBTC, 300e6, alice);
        request(USDC, 500e6, bob);
        skip(DELAY);
        for (uint256 i = 0; i < 10; ++i) {
            if (vault.queuedOf(WBTC) != 0) vault.payOut(WBTC, 1);
            if (vault.queuedOf(USDC) != 0) vault.payOut(USDC, 1);
            skip(1 hours);
        }
        assertEq(token.balanceOf(alice), 300e6);
        assertEq(token.balanceOf(bob), 500e6);
        assertEq(token.balanceOf(address(vault)), 0);
    }
}

/// @notice ZS-68: a vault with a ledger, which shares a shortfall of the settlement currency.
contract VaultLedgerTest is VaultFixture {
    TestLedger private theLedger;

    function ledger() internal override returns (IShortfallLedger) {
        if (address(theLedger) == address(0)) theLedger = new TestLedger();
        return IShortfallLedger(address(theLedger));
    }

    function test_aPayOutIsCutAndTheRestIsAClaim() public {
        deposit(USDC, 800e6);
        request(USDC, 100e6 + 1, alice);
        skip(DELAY);
        theLedger.setFraction(0.8e18);
        vm.expectEmit(address(vault));
        emit IBookVault.PaidOut(USDC, 0, alice, 100e6 + 1, 80e6);
        vault.payOut(USDC, 1);
        assertEq(usdc.balanceOf(alice), 80e6);
        assertEq(theLedger.claimOf(alice), 20e6 + 1);
        assertEq(vault.holdingsOf(USDC), 720e6);
        assertEq(vault.queuedOf(USDC), 0);
    }

    /// @dev A deposit is booked in full, and worth what a pay-out is paid at: its sender has to know.
    function test_aDepositOfMoneyNeedsTheConsentOfItsPayer() public {
        theLedger.refuse(PAYER);
        usdc.mint(PAYER, 1);
        vm.prank(PAYER);
        usdc.approve(address(vault), 1);
        vm.expectRevert(TestLedger.Refused.selector);
        vault.collect(USDC, 1, PAYER);
        deposit(WBTC, 1e8);
    }

    function test_aContributionBacksWhatIsOwedAlready() public {
        deposit(USDC, 800e6);
        usdc.mint(address(vault), 50e6);
        vm.expectEmit(address(vault));
        emit IBookVault.Contributed(50e6);
        theLedger.contribute(vault, 50e6);
        assertEq(vault.holdingsOf(USDC), 850e6);
        assertEq(vault.backing(), 850e6);
        vm.expectRevert(IBookVault.HoldingsShort.selector);
        theLedger.contribute(vault, 1);
        vm.expectRevert(IBookVault.TooMuchHeld.selector);
        theLedger.contribute(vault, type(uint128).max);
    }

    /// @dev Tokens that were sent unasked belong to no account.
    function test_onlyTheLedgerContributes() public {
        deposit(USDC, 800e6);
        address[3] memory thieves = [address(this), PAYER, owner];
        for (uint256 i = 0; i < thieves.length; ++i) {
            vm.prank(thieves[i]);
            vm.expectRevert(IBookVault.NotTheLedger.selector);
            vault.contribute(1);
        }
    }

    /// @dev What is credited is owed in full, and backs nothing else.
    function test_whatIsCreditedBacksNothing() public {
        deposit(USDC, 800e6);
        request(USDC, 100e6, alice);
        skip(DELAY);
        vm.mockCallRevert(address(usdc), abi.encodeCall(IERC20.transfer, (alice, 100e6)), "");
        vault.payOut(USDC, 1);
        assertEq(vault.creditOf(USDC, alice), 100e6);
        assertEq(vault.backing(), 700e6);
    }

    function test_spotTokensAreNotCut() public {
        deposit(WBTC, 5e8);
        request(WBTC, 1e8, alice);
        skip(DELAY);
        theLedger.setFraction(0);
        vault.payOut(WBTC, 1);
        assertEq(TestToken(tokens[WBTC]).balanceOf(alice), 1e8);
        assertEq(theLedger.claims(), 0);
    }

    /// @dev Accounts are owed 1,000 and 800 are there: the first to ask is not paid in full, and the last is not left with nothing.
    function test_theLastIsPaidLikeTheFirst() public {
        deposit(USDC, 800e6);
        request(USDC, 500e6, alice);
        request(USDC, 500e6, bob); // more than is held beyond the queue
        skip(DELAY);
        theLedger.setFraction(0.8e18);
        vault.payOut(USDC, 2);
        assertEq(usdc.balanceOf(alice), 400e6);
        assertEq(usdc.balanceOf(bob), 400e6);
        assertEq(vault.holdingsOf(USDC), 0);
        assertEq(theLedger.claims(), 200e6);
    }

    function test_nothingPaidIsNoTransfer() public {
        deposit(USDC, 800e6);
        request(USDC, 100e6, alice);
        skip(DELAY);
        theLedger.setFraction(0);
        vault.payOut(USDC, 1);
        assertEq(theLedger.claimOf(alice), 100e6);
        assertEq(vault.holdingsOf(USDC), 800e6);
        assertEq(vault.outflowLeft(USDC), LEAST_OUTFLOW);
    }

    function test_noLedgerPaysMoreThanItIsWorthOrIsThere() public {
        deposit(USDC, 800e6);
        request(USDC, 900e6, alice);
        skip(DELAY);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        vault.payOut(USDC, 1);
        theLedger.setFraction(1.1e18);
        vm.expectRevert(IBookVault.LedgerOverpays.selector);
        vault.payOut(USDC, 1);
        assertEq(vault.queuedOf(USDC), 900e6);
    }

    /// @dev VAULT-4: withdrawn = paid + claims + credits + queued, whatever the fraction.
    function testFuzz_whatIsWithdrawnIsAccountedFor(uint64[5] calldata amounts, uint256[5] calldata fractions) public {
        deposit(USDC, 50_000e6);
        uint256 withdrawn = 0;
        for (uint256 i = 0; i < 5; ++i) {
            uint256 amount = bound(amounts[i], 1, 10_000e6);
            request(USDC, amount, alice);
            withdrawn += amount;
        }
        skip(DELAY);
        for (uint256 i = 0; i < 5; ++i) {
            theLedger.setFraction(bound(fractions[i], 0, 1e18));
            vault.payOut(USDC, 1);
            uint256 out = usdc.balanceOf(alice) + theLedger.claims() + vault.creditedOf(USDC);
            assertEq(out + vault.queuedOf(USDC), withdrawn);
            skip(1 hours);
            if (vault.queuedOf(USDC) == 0) break;
        }
    }
}

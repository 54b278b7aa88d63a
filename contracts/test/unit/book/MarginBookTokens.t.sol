// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {StdStorage, stdStorage} from "forge-std/Test.sol";

import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {Settlement} from "../../../src/interfaces/IMarginBook.sol";
import {FalseToken, FeeToken, ReentrantToken, ShareToken, SilentToken} from "../../mocks/Tokens.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {MarginBookFixture, BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice Tokens that do not do as they are told, as settlement currency.
abstract contract MarginBookTokensTest is MarginBookFixture {
    function bookTokens() internal override returns (address[] memory tokens) {
        tokens = super.bookTokens();
        tokens[USDC] = settlementToken();
    }

    function settlementToken() internal virtual returns (address);

    function setUp() public override {
        super.setUp();
        open("alice");
        open("bob");
        deposit("alice deposits");
    }

    function refusesDeposit(bytes4 reason) internal {
        vm.expectRevert(reason);
        this.callDeposit(step("bob deposits"));
        assertEq(commitmentOf(accountNamed("bob")), find(openings, "bob").inputs[0]);
        assertEq(vault().holdingsOf(USDC), 100_000e6);
    }

    /// @dev A withdrawal moves nothing, so it is queued; its pay-out is refused, and loses nothing.
    function refusesPayOut(bytes4 reason) internal {
        uint256 before = vm.snapshotState();
        withdraw("alice withdraws");
        skip(withdrawalDelay());
        IBookVault vault_ = vault();
        vm.expectRevert(reason);
        vault_.payOut(USDC, 1);
        assertEq(vault_.queuedOf(USDC), 40_000e6);
        assertEq(vault_.holdingsOf(USDC), 100_000e6);
        vm.revertToState(before);
    }

    function withdrawAndPayOut() internal {
        withdraw("alice withdraws");
        payOut(USDC);
    }

    /// @dev The token is called, and what it does is undone.
    function creditsPayOut() internal {
        withdrawAndPayOut();
        assertEq(vault().queuedOf(USDC), 0);
        assertEq(vault().creditOf(USDC, RECIPIENT), 40_000e6);
        assertEq(vault().holdingsOf(USDC), 100_000e6);
        assertEq(usdc.balanceOf(address(vault())), 100_000e6);
    }

    function callDeposit(BookRow calldata row) external {
        deposit(row, 0);
    }

    function callWithdraw(BookRow calldata row) external {
        withdraw(row, 0);
    }
}

contract MarginBookFeeTokenTest is MarginBookTokensTest {
    function settlementToken() internal override returns (address) {
        return address(new FeeToken());
    }

    function test_refusesWhatArrivesShort() public {
        FeeToken(address(usdc)).charge(address(vault()), false);
        refusesDeposit(IBookVault.InexactTransfer.selector);
    }

    /// @dev The others would pay it. The credit is paid when the fee is gone.
    function test_paysNoFeeOnTop() public {
        FeeToken(address(usdc)).charge(address(vault()), true);
        creditsPayOut();
        IBookVault vault_ = vault();
        vm.startPrank(RECIPIENT);
        vm.expectRevert(IBookVault.InexactTransfer.selector);
        vault_.claimCredit(USDC, RECIPIENT);
        FeeToken(address(usdc)).charge(address(0), true);
        vault_.claimCredit(USDC, RECIPIENT);
        assertEq(usdc.balanceOf(RECIPIENT), 40_000e6);
        assertEq(vault_.holdingsOf(USDC), 60_000e6);
    }
}

contract MarginBookRebasingTokenTest is MarginBookTokensTest {
    using stdStorage for StdStorage;

    function settlementToken() internal override returns (address) {
        return address(Deploy.testToken("REBASE", 6));
    }

    function test_refusesToMoveWhileItHoldsLessThanCameIn() public {
        usdc.burn(address(vault()), 1);
        refusesDeposit(IBookVault.HoldingsShort.selector);
        refusesPayOut(IBookVault.HoldingsShort.selector);

        usdc.mint(address(vault()), 1); // any address can make good for it
        withdrawAndPayOut();
        deposit("bob deposits");
    }

    /// @dev As when others have taken out what this account's counterparties could not pay.
    function test_paysNoMoreThanCameIn() public {
        stdstore.target(address(vault())).sig(IBookVault.holdingsOf.selector).with_key(USDC).checked_write(40_000e6 - 1);
        vm.expectRevert(IBookVault.HoldingsExhausted.selector);
        this.callWithdraw(step("alice withdraws"));
        stdstore.target(address(vault())).sig(IBookVault.holdingsOf.selector).with_key(USDC).checked_write(40_000e6);
        withdrawAndPayOut();
        assertEq(vault().holdingsOf(USDC), 0);
    }

    function test_whatIsAddedBelongsToNobody() public {
        usdc.mint(address(vault()), 10_000e6);
        withdrawAndPayOut();
        assertEq(usdc.balanceOf(RECIPIENT), 40_000e6);
        assertEq(vault().holdingsOf(USDC), 60_000e6);
    }
}

/// @notice A token that rebases is not told from another before it does, and can do so at any time.
contract MarginBookShareTokenTest is MarginBookTokensTest {
    uint256 private constant PAR = 1e9;

    function settlementToken() internal override returns (address) {
        return address(new ShareToken());
    }

    function test_aRebaseUpwardsIsCreditedToNoAccountAndStopsNothing() public {
        rebase(PAR * 5 / 4); // in which every amount here is a whole number of shares
        assertEq(usdc.balanceOf(address(vault())), 125_000e6);
        withdrawAndPayOut();
        assertEq(usdc.balanceOf(RECIPIENT), 40_000e6, "the amount, not the shares that came in for it");
        deposit("bob deposits");
        assertEq(vault().holdingsOf(USDC), 160_000e6);
        assertEq(usdc.balanceOf(address(vault())), 185_000e6);
    }

    function test_aRebaseDownwardsStopsTheTokenUntilItIsMadeGoodFor() public {
        rebase(PAR - 1);
        refusesDeposit(IBookVault.HoldingsShort.selector);
        refusesPayOut(IBookVault.HoldingsShort.selector);

        rebase(PAR);
        withdrawAndPayOut();
        deposit("bob deposits");
    }

    /// @dev No recipient is paid in full at the expense of later ones.
    function test_afterALossNothingMovesWhateverIsLeft() public {
        rebase(PAR / 2);
        refusesPayOut(IBookVault.HoldingsShort.selector);
        usdc.mint(address(vault()), 50_000e6 - 1);
        refusesPayOut(IBookVault.HoldingsShort.selector);
        usdc.mint(address(vault()), 1);
        withdrawAndPayOut();
        assertEq(vault().holdingsOf(USDC), usdc.balanceOf(address(vault())));
    }

    /// @dev Where shares do not divide: a unit less arrives than was sent, or a unit less is gone.
    function test_refusesWhatSharesCannotExpress() public {
        rebase(PAR * 3 / 2);
        refusesDeposit(IBookVault.InexactTransfer.selector);
        uint256 before = usdc.balanceOf(address(vault()));
        withdrawAndPayOut();
        assertEq(vault().creditOf(USDC, RECIPIENT), 40_000e6);
        assertEq(usdc.balanceOf(address(vault())), before);
    }

    /// @dev Whatever it is worth: what moves is exact, and covered.
    function testFuzz_whateverSharesAreWorth(uint256 worth) public {
        worth = bound(worth, PAR / 10, PAR * 10);
        rebase(worth);
        uint256 before = usdc.balanceOf(address(vault()));
        withdraw("alice withdraws");
        skip(withdrawalDelay());
        try vault().payOut(USDC, 1) {
            uint256 paid = before - usdc.balanceOf(address(vault()));
            assertEq(paid + vault().creditOf(USDC, RECIPIENT), 40_000e6);
            assertEq(vault().holdingsOf(USDC), 100_000e6 - paid);
            assertGe(usdc.balanceOf(address(vault())), vault().holdingsOf(USDC));
        } catch (bytes memory reason) {
            assertLt(before, 100_000e6);
            assertEq(bytes4(reason), IBookVault.HoldingsShort.selector);
            assertEq(vault().holdingsOf(USDC), 100_000e6);
            assertEq(vault().queuedOf(USDC), 40_000e6);
        }
    }

    function rebase(uint256 worth) private {
        ShareToken(address(usdc)).rebase(worth);
    }
}

contract MarginBookFalseTokenTest is MarginBookTokensTest {
    function settlementToken() internal override returns (address) {
        return address(new FalseToken());
    }

    function test_aTransferThatSaysFalseFails() public {
        FalseToken(address(usdc)).turnFalse();
        bytes memory reason = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(usdc));
        vm.expectRevert(reason);
        this.callDeposit(step("bob deposits"));
        creditsPayOut();
    }
}

contract MarginBookSilentTokenTest is MarginBookTokensTest {
    function settlementToken() internal override returns (address) {
        return address(new SilentToken());
    }

    function test_takesATokenThatSaysNothing() public {
        deposit("bob deposits");
        withdrawAndPayOut();
        assertEq(vault().holdingsOf(USDC), 160_000e6);
    }
}

contract MarginBookReentrantTokenTest is MarginBookTokensTest {
    function settlementToken() internal override returns (address) {
        return address(new ReentrantToken());
    }

    function test_noEntryCanBeCalledFromADeposit() public {
        bytes[5] memory calls = entries();
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 before = vm.snapshotState();
            ReentrantToken(address(usdc)).callBack(address(BOOK), calls[i]);
            deposit("bob deposits");
            wasRefused();
            assertEq(vault().holdingsOf(USDC), 200_000e6);
            vm.revertToState(before);
        }
    }

    /// @dev So that the proofs still serve when alice is paid.
    function withdrawalDelay() internal pure override returns (uint64) {
        return CURE_WINDOW + 1;
    }

    /// @dev Both calls are good before the pay-out and after it. A proof needs more gas than a transfer gets; the guard of the
    ///      vault refuses what would come after it (VaultThefts.t.sol).
    function test_noTokenMovesWithinAPayOut() public {
        deposit("bob deposits");
        withdraw("alice withdraws");
        bytes memory withdrawal =
            abi.encodeCall(BOOK.withdraw, (1, USDC, 1e18, RECIPIENT, updateOf(step("bob withdraws a little"))));
        uint256 before = vm.snapshotState();
        payOutMeanwhile(address(BOOK), withdrawal);
        assertEq(commitmentOf(accountNamed("bob")), commitmentNamed("bob deposits"));
        vm.revertToState(before);
        payOutMeanwhile(address(vault()), abi.encodeCall(IBookVault.payOut, (USDC, 1)));
        wasRefused();
    }

    function payOutMeanwhile(address target, bytes memory call_) private {
        uint256 before = vm.snapshotState();
        skip(withdrawalDelay());
        (bool isGood,) = callAsPayer(target, call_);
        assertTrue(isGood, "would have failed anyhow");
        vm.revertToState(before);

        ReentrantToken(address(usdc)).callBack(target, call_);
        payOut(USDC);
        assertEq(usdc.balanceOf(RECIPIENT) + vault().creditOf(USDC, RECIPIENT), 40_000e6, "paid once");
        assertEq(usdc.balanceOf(address(vault())), vault().holdingsOf(USDC), "BOOK-1");
        assertEq(vault().queuedOf(USDC), 0);
    }

    function test_payOutsAreWrittenBeforeTheTokenIsCalled() public {
        ReentrantToken token = ReentrantToken(address(usdc));
        withdraw("alice withdraws");
        token.callBack(address(vault()), abi.encodeCall(IBookVault.holdingsOf, (USDC)));
        payOut(USDC);
        assertEq(abi.decode(token.answer(), (uint256)), 60_000e6);

        token.callBack(address(vault()), abi.encodeCall(IBookVault.holdingsOf, (USDC)));
        deposit("bob deposits");
        assertEq(abi.decode(token.answer(), (uint256)), 160_000e6);
    }

    function wasRefused() private view {
        ReentrantToken token = ReentrantToken(address(usdc));
        assertFalse(token.succeeded());
        assertEq(bytes4(token.answer()), ReentrancyGuard.ReentrancyGuardReentrantCall.selector);
    }

    function callAsPayer(address target, bytes memory call_) private returns (bool success, bytes memory answer) {
        vm.prank(PAYER);
        // solhint-disable-next-line avoid-low-level-calls
        return target.call(call_);
    }

    function entries() private view returns (bytes[5] memory) {
        return [
            abi.encodeCall(BOOK.open, (openingOf(find(openings, "carol")))),
            abi.encodeCall(BOOK.deposit, (1, USDC, 1e18, updateOf(step("alice deposits more")))),
            abi.encodeCall(BOOK.withdraw, (1, USDC, 40_000e18, RECIPIENT, updateOf(step("alice withdraws")))),
            abi.encodeCall(BOOK.settle, (1, trade("alice buys", "bob sells"))),
            abi.encodeCall(BOOK.settleBatch, (1, batchOfOne()))
        ];
    }

    function batchOfOne() private view returns (Settlement[] memory batch) {
        batch = new Settlement[](1);
        batch[0] = trade("alice buys", "bob sells");
    }
}

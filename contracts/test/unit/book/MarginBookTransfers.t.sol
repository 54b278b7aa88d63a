// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {TestToken} from "../../mocks/Tokens.sol";
import {MarginBookFixture, BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice Deposits and withdrawals, with tokens that behave.
contract MarginBookTransfersTest is MarginBookFixture {
    function setUp() public override {
        super.setUp();
        open("alice");
        open("bob");
        open("dave");
        deposit("alice deposits");
    }

    function test_depositMovesTheTokensAndTheState() public {
        BookRow memory row = step("bob deposits");
        StateUpdate memory change = updateOf(row);
        uint256 account = accountNamed("bob");
        vm.expectEmit(address(BOOK));
        emit IMarginBook.StateChanged(account, change.newCommitment, 1, change.rho, change.ciphertext);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.Deposited(account, USDC, 100_000e18, PAYER);
        uint256 before = usdc.balanceOf(PAYER);
        deposit(row, 1);

        assertEq(before - usdc.balanceOf(PAYER), 100_000e6);
        assertEq(usdc.balanceOf(address(vault())), 200_000e6);
        assertEq(vault().holdingsOf(USDC), 200_000e6);
        assertEq(commitmentOf(account), change.newCommitment);
    }

    function test_withdrawalPaysTheRecipientOfTheProof() public {
        vm.expectEmit(address(BOOK));
        emit IMarginBook.WithdrawalRequested(accountNamed("alice"), USDC, 40_000e18, RECIPIENT, 0);
        withdraw("alice withdraws");
        assertEq(commitmentOf(accountNamed("alice")), commitmentNamed("alice withdraws"));
        assertEq(usdc.balanceOf(RECIPIENT), 0);
        assertEq(vault().queuedOf(USDC), 40_000e6);
        assertEq(vault().withdrawalAt(USDC, 0).recipient, RECIPIENT);
        payOut(USDC);
        assertEq(usdc.balanceOf(RECIPIENT), 40_000e6);
        assertEq(vault().holdingsOf(USDC), 60_000e6);
    }

    function test_noOtherAddressIsPaid() public {
        BookRow memory row = step("alice withdraws");
        row.inputs[8] = uint160(makeAddr("thief"));
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callWithdraw(row, 1);
    }

    function test_decimalsOfEachTokenAreScaled() public {
        string[3] memory names = ["weth", "wbtc", "sol"];
        uint256[3] memory amounts = [uint256(2e18 + 1e9), 1e8 + 1, 5e6 + 1];
        uint256[3] memory assets = [WETH, WBTC, SOL];
        for (uint256 i = 0; i < 3; ++i) {
            TestToken token = TestToken(vault().tokenOf(assets[i]));
            deposit(string.concat(names[i], " in"));
            assertEq(token.balanceOf(address(vault())), amounts[i]);
            assertEq(vault().holdingsOf(assets[i]), amounts[i]);
            withdraw(string.concat(names[i], " out"));
            payOut(assets[i]);
            assertEq(token.balanceOf(RECIPIENT), amounts[i]);
            assertEq(vault().holdingsOf(assets[i]), 0);
        }
    }

    /// @dev Stale at the round of the proof, or at the newest round. The settlement currency is never stale.
    function test_noAssetWithAStalePriceIsDeposited() public {
        BookRow memory row = step("weth in");
        vm.mockCall(address(rounds), abi.encodeCall(rounds.reduceOnly, (1)), abi.encode(1 << WETH));
        vm.expectRevert(IMarginBook.AssetIsReduceOnly.selector);
        this.callDeposit(row, 1);
        vm.clearMockedCalls();
        deposit(row, 1);
    }

    /// @dev A trade may leave what the token cannot express. It stays in the account until it is traded on.
    function test_spotAssetsThatAreBoughtAreTakenOut() public {
        string[3] memory deposits = ["frank deposits weth", "frank deposits wbtc", "grace deposits"];
        open("frank");
        open("grace");
        for (uint256 i = 0; i < deposits.length; ++i) {
            deposit(deposits[i]);
        }
        settle("grace buys weth", "frank sells weth");
        settle("grace buys wbtc", "frank sells wbtc");
        assertEq(vault().holdingsOf(WETH), 2e18 + 1e9);
        assertEq(vault().holdingsOf(WBTC), 1e8 + 1);

        vm.expectRevert(IMarginBook.AmountDoesNotScale.selector);
        this.callWithdraw(step("grace withdraws all wbtc"), 1);
        withdraw("grace withdraws wbtc");
        payOut(WBTC);
        assertEq(TestToken(vault().tokenOf(WBTC)).balanceOf(RECIPIENT), 5e7 + 1);
        withdraw("grace withdraws weth");
        payOut(WETH);
        assertEq(TestToken(vault().tokenOf(WETH)).balanceOf(RECIPIENT), 1e18 + 1e9);
        withdraw("frank withdraws the rest of weth");
        payOut(WETH);
        assertEq(vault().holdingsOf(WETH), 0);
        assertEq(vault().holdingsOf(WBTC), 5e7, "what frank kept, and what no token expresses");
    }

    function test_refusesAmountsThatDoNotScale() public {
        string[2] memory names = ["alice deposits half a cent of a cent of a cent", "alice deposits half a satoshi"];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(IMarginBook.AmountDoesNotScale.selector);
            this.callDeposit(step(names[i]), 1);
        }
        vm.expectRevert(IMarginBook.AmountDoesNotScale.selector);
        this.callWithdraw(step("alice withdraws less than a cent of a cent of a cent"), 1);
    }

    function test_refusesNothing() public {
        vm.expectRevert(IMarginBook.ZeroAmount.selector);
        this.callDeposit(step("alice deposits nothing"), 1);
    }

    function test_refusesAssetsWithoutAToken() public {
        vm.expectRevert(IMarginBook.NoToken.selector);
        this.callDeposit(step("alice deposits a perpetual"), 1);
        BookRow memory row = step("alice withdraws");
        for (uint256 asset = BTC_PERP; asset < 300; ++asset) {
            if (asset == USDC) continue;
            row.inputs[4] = asset;
            vm.expectRevert(IMarginBook.NoToken.selector);
            this.callWithdraw(row, 1);
        }
    }

    function test_refusesAHiddenTrade() public {
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callDeposit(step("alice deposits and trades"), 1);
    }

    function test_aDepositIsNoWithdrawal() public {
        BookRow memory row = step("alice deposits more");
        row.inputs[8] = uint160(RECIPIENT);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callWithdraw(row, 1);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callDeposit(step("alice withdraws"), 1);
    }

    function test_noProofActsTwice() public {
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.callDeposit(step("alice deposits"), 1);
        deposit("alice deposits more");
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.callDeposit(step("alice deposits more"), 1);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.callWithdraw(step("alice withdraws"), 1);
    }

    function test_refusesAccountsThatAreNotOpen() public {
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        this.callDeposit(step("carol deposits"), 1);
        BookRow memory row = step("carol deposits");
        row.inputs[0] = 0; // what is stored of an account that is not open
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        this.callDeposit(row, 1);
    }

    function test_refusesAnUpdateOfAnotherAccount() public {
        StateUpdate memory change = updateOf(step("alice deposits more"));
        change.account = accountNamed("bob");
        vm.prank(PAYER);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        BOOK.deposit(1, USDC, 1e18, change);
    }

    function test_refusesTheNewestRoundOnceItIsOld() public {
        vm.warp(rounds.roundTimestamp(1) + MAX_PROOF_AGE + 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        this.callDeposit(step("alice deposits more"), 1);
        rewind(1);
        deposit("alice deposits more");
    }

    /// @dev Spec ZS-57. Who knows the next prices has a free option on the old ones. A deposit at an old price could undo
    ///      a flag.
    function test_nothingIsMovedAtPricesThatAreKnownToBeOld() public {
        uint64 second = postBookRound(2);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callWithdraw(step("alice withdraws"), 1);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callDeposit(step("alice deposits more"), 1);

        uint256 before = vm.snapshotState();
        withdraw(step("alice withdraws at round 2"), second);
        vm.revertToState(before);
        deposit(step("alice deposits more at round 2"), second);
    }

    function test_refusesRoundsThatDoNotExist() public {
        BookRow memory row = step("alice deposits more");
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 2));
        this.callDeposit(row, 2);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 99));
        this.callDeposit(row, 99);
    }

    function test_aTransferIsDatedWithTheNewestRound() public {
        uint64 second = postBookRound(2);
        withdraw(step("alice withdraws at round 2"), second);
        assertEq(BOOK.accountState(accountNamed("alice")).changedAtRound, second);
    }

    function test_refusesRoundsBeforeTheLastChange() public {
        uint64 second = postBookRound(1); // a calm round, so that the one before still serves trades
        deposit(step("bob deposits"), second);
        assertEq(BOOK.accountState(accountNamed("bob")).changedAtRound, second);
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        this.callSettle("alice buys", "bob sells", 1);
    }

    function test_aProofIsForThePricesOfItsRound() public {
        uint64 second = postBookRound(2);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callDeposit(step("alice deposits more"), second);
        deposit(step("alice deposits more at round 2"), second);
    }

    function test_theFirstProofPreparesItsRound() public {
        uint64 second = postBookRound(2);
        assertTrue(BOOK.prepared(1));
        assertFalse(BOOK.prepared(second));
        vm.expectEmit(address(BOOK));
        emit IMarginBook.RoundPrepared(second);
        BOOK.prepareRound(second);
        assertTrue(BOOK.prepared(second));
        vm.recordLogs();
        BOOK.prepareRound(second);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_refusesADepositThatIsNotPaid() public {
        StateUpdate memory change = updateOf(step("alice deposits more"));
        vm.prank(makeAddr("pauper"));
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(vault()), 0, 1e6)
        );
        BOOK.deposit(1, USDC, 1e18, change);
    }

    function test_refusesCiphertextsOfAnotherLength() public {
        StateUpdate memory change = updateOf(step("alice deposits more"));
        for (uint256 length = 0; length < 12; ++length) {
            if (length == 5) continue;
            change.ciphertext = new uint256[](length);
            vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
            BOOK.deposit(1, USDC, 1e18, change);
        }
    }

    function test_whatIsSentUnaskedStopsNothing() public {
        usdc.mint(address(vault()), 12_345);
        deposit("bob deposits");
        withdraw("alice withdraws");
        payOut(USDC);
        assertEq(vault().holdingsOf(USDC), 160_000e6);
        assertEq(usdc.balanceOf(address(vault())), 160_000e6 + 12_345);
    }

    /// @dev All but the old commitment, and what the book writes itself: ticket, side, isWithdrawal, reduceOnly.
    function testFuzz_noOtherSignalsPass(uint256 where, uint256 by, bool isDeposit) public {
        BookRow memory row = step(isDeposit ? "alice deposits more" : "alice withdraws");
        uint256[5] memory plain = [uint256(1), 4, 5, 7, 8];
        where = bound(where, isDeposit ? 1 : 0, row.inputs.length - 6);
        where = where < 5 ? plain[4 - where] : where + 4; // rho and ciphertext follow
        uint256 present = row.inputs[where];
        if (where == 4) row.inputs[where] = by % 3; // any other asset that has a token
        else if (where == 5) row.inputs[where] = other(present / 1e12, by, 1 << 104) * 1e12; // the token can express it
        else if (where == 7) row.inputs[where] = other(present, by, 3);
        else if (where == 8) row.inputs[where] = other(present, by, 1 << 160);
        else row.inputs[where] = otherSignal(present, by);
        vm.assume(row.inputs[5] != 0 && (where != 8 || row.inputs[8] != 0));
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        if (isDeposit) this.callDeposit(row, 1);
        else this.callWithdraw(row, 1);
    }

    function testFuzz_refusesSignalsBeyondTheField(uint256 where, uint256 value, bool isDeposit) public {
        BookRow memory row = step(isDeposit ? "alice deposits more" : "alice withdraws");
        where = bound(where, 8, row.inputs.length - 2);
        if (where == 8) where = 1;
        row.inputs[where] = bound(value, R, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, where));
        if (isDeposit) this.callDeposit(row, 1);
        else this.callWithdraw(row, 1);
    }

    function testFuzz_refusesAnyOtherOldCommitment(uint256 by, bool isDeposit) public {
        BookRow memory row = step(isDeposit ? "alice deposits more" : "alice withdraws");
        row.inputs[0] = otherSignal(row.inputs[0], by);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        if (isDeposit) this.callDeposit(row, 1);
        else this.callWithdraw(row, 1);
    }

    /// @dev Any number below a limit but one.
    function other(uint256 present, uint256 by, uint256 limit) private pure returns (uint256) {
        return addmod(present, bound(by, 1, limit - 1), limit);
    }

    function callDeposit(BookRow calldata row, uint64 roundId) external {
        deposit(row, roundId);
    }

    function callWithdraw(BookRow calldata row, uint64 roundId) external {
        withdraw(row, roundId);
    }

    function callSettle(string calldata buyer, string calldata seller, uint64 roundId) external {
        BOOK.settle(roundId, trade(buyer, seller));
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Permission} from "../../../src/interfaces/IAccountGate.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Settlement} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {ISolvencyGate} from "../../../src/interfaces/ISolvencyGate.sol";
import {BookGateFixture} from "../../utils/BookGateFixture.sol";
import {MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice No used commitment is remembered (spec ZS-43). An owner who seals an old state again under its old rho, as no client does, goes
///         back to an old commitment: judy does, and karl. The proofs that start there act again. Each is a whole step
///         that their owners signed. So the tests check that no account gains by it, and that a trade repeats only
///         when both sides went back.
contract MarginBookReturnsTest is MarginBookFixture {
    uint256 private judy;
    uint256 private start;

    function setUp() public override {
        super.setUp();
        string[3] memory names = ["judy", "karl", "lena"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
        judy = accountNamed("judy");
        start = commitmentOf(judy);
    }

    /// @dev Round and round: each time the deposit is paid, and each time the withdrawal is debited.
    function test_whatComesBackIsPaidForAgain() public {
        for (uint256 i = 1; i <= 3; ++i) {
            uint256 before = usdc.balanceOf(PAYER);
            deposit("judy deposits a dollar");
            assertEq(before - usdc.balanceOf(PAYER), 1e6);
            assertEq(vault().holdingsOf(USDC), 300_001e6);
            vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
            this.callDeposit("judy deposits a dollar");

            withdraw("judy takes the dollar back"); // it pays the recipient that judy named, for any caller
            assertEq(commitmentOf(judy), start);
            payOut(USDC);
            assertEq(usdc.balanceOf(RECIPIENT), i * 1e6);
            assertEq(vault().holdingsOf(USDC), 300_000e6);
            vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
            this.callWithdraw("judy takes the dollar back");
        }
    }

    function test_aReturnIsDatedLikeAnyChange() public {
        deposit("judy deposits a dollar");
        uint64 second = postBookRound(1);
        withdraw(step("judy takes the dollar back"), second);
        assertEq(commitmentOf(judy), start);
        assertEq(BOOK.accountState(judy).changedAtRound, second);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callDeposit("judy deposits a dollar"); // at round 1
    }

    /// @dev Judy went back, by a trade with lena. Karl's proof of the first trade is used up, so it cannot be made again.
    function test_oneSideThatGoesBackRepeatsNoTrade() public {
        settle("judy buys", "karl sells");
        settle("lena takes over", "judy sells back");
        assertEq(commitmentOf(judy), start);
        uint256 karls = commitmentOf(accountNamed("karl"));
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.callSettle("judy buys", "karl sells");
        assertEq(commitmentOf(judy), start);
        assertEq(commitmentOf(accountNamed("karl")), karls);
    }

    /// @dev Both went back, by the trade that undoes theirs: each has signed every step that is repeated.
    function test_aTradeIsRepeatedWhereBothSidesWentBack() public {
        settle("judy buys", "karl sells");
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.callSettle("judy buys", "karl sells");
        settle("karl buys back", "judy sells back");
        assertEq(commitmentOf(judy), start);
        settle("judy buys", "karl sells");
        assertNotEq(commitmentOf(judy), start);
        assertEq(vault().holdingsOf(USDC), 300_000e6);
    }

    function test_aBatchMayGoBackAndForth() public {
        Settlement[] memory deals = new Settlement[](4);
        deals[0] = trade("judy buys", "karl sells");
        deals[1] = deals[0]; // its commitments are used up by now
        deals[2] = trade("karl buys back", "judy sells back");
        deals[3] = deals[0];
        vm.expectEmit(address(BOOK));
        emit IMarginBook.SettlementDropped(deals[1].ticket, 1, IMarginBook.CommitmentNotCurrent.selector);
        assertEq(BOOK.settleBatch(1, deals), 3);
        assertEq(commitmentOf(judy), deals[0].buyer.newCommitment);
    }

    /// @dev These proofs are good, of a trade of nothing under the old rho: brought again and again, they would date an
    ///      account with ever newer rounds, and void every flag that is on its way.
    function test_everyUpdateChangesTheCommitment() public {
        Settlement memory deal = trade("judy stays", "karl stays");
        assertEq(deal.buyer.newCommitment, deal.buyer.oldCommitment);
        vm.expectRevert(IMarginBook.CommitmentUnchanged.selector);
        BOOK.settle(1, deal);
        Settlement[] memory deals = new Settlement[](1);
        deals[0] = deal;
        vm.expectRevert(IMarginBook.NothingSettled.selector);
        BOOK.settleBatch(1, deals);
    }

    function callDeposit(string calldata name) external {
        deposit(name);
    }

    function callWithdraw(string calldata name) external {
        withdraw(name);
    }

    function callSettle(string calldata buyer, string calldata seller) external {
        settle(buyer, seller);
    }
}

/// @notice Erin is flagged, cures, and goes back to the commitment that was flagged.
contract BookGateReturnsTest is BookGateFixture {
    uint256 private flagged;

    function setUp() public override {
        super.setUp();
        flagged = commitmentOf(erin);
        postBookRound(2);
        flag(erin, "erin is liquidatable", 2);
        deposit("erin cures at round 2");
        postBookRound(1);
        withdraw(step("erin goes back"), 3);
        assertEq(commitmentOf(erin), flagged);
    }

    /// @dev Kept under the commitment, flag and proof of solvency would come back with it.
    function test_noFlagComesBackWithItsCommitment() public view {
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.Free));
        assertEq(gate.accountState(erin).flaggedAtRound, 0);
        assertEq(gate.accountState(erin).solventAtRound, 3);
    }

    function test_noProofOfAnEarlierRoundActsAgain() public {
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        this.callFlag(2);
        uint64 later = postBookRound(1); // at whose prices she is solvent
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callFlag(later);
    }

    /// @dev The same prices again: the proof fits, and what it says is true.
    function test_atTheSamePricesTheSameProofIsAsTrueAsBefore() public {
        uint64 later = postBookRound(2);
        flag(erin, "erin is liquidatable", later);
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(Permission.TopUpOnly));
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, erin));
        this.callFlag(later);
    }

    function callFlag(uint64 roundId) external {
        flag(erin, "erin is liquidatable", roundId);
    }
}

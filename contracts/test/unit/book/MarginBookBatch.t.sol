// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IMarginBook, Settlement} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {MarginBookFixture, BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice Many settlements at once.
contract MarginBookBatchTest is MarginBookFixture {
    uint256 private constant PAIRS = 16;

    function setUp() public override {
        vm.warp(START);
        readRows("book-batch");
        deployBook(bookTokens());
        postBookRound(1);
        for (uint256 i = 0; i < 2 * PAIRS; ++i) {
            BOOK.open{value: BOND}(openingOf(openings[i]));
            deposit(updates[i], 0);
        }
    }

    function test_settlesAFullBatch() public {
        assertEq(BOOK.settleBatch(1, batch(PAIRS)), PAIRS);
        for (uint256 i = 0; i < 2 * PAIRS; ++i) {
            BookRow memory row = updates[2 * PAIRS + i];
            assertEq(commitmentOf(openings[i].inputs[1]), row.inputs[1]);
        }
    }

    function test_settlesABatchOfOne() public {
        assertEq(BOOK.settleBatch(1, batch(1)), 1);
    }

    function test_refusesOtherSizes() public {
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongBatchSize.selector, 0));
        BOOK.settleBatch(1, new Settlement[](0));
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongBatchSize.selector, PAIRS + 1));
        BOOK.settleBatch(1, new Settlement[](PAIRS + 1));
    }

    function test_refusesOldRounds() public {
        skip(MAX_PROOF_AGE + 1);
        Settlement[] memory deals = batch(2);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        BOOK.settleBatch(1, deals);
    }

    function test_aWrongProofIsLeftOutWhereverItStands() public {
        uint256 before = vm.snapshotState();
        for (uint256 bad = 0; bad < 5; ++bad) {
            Settlement[] memory deals = batch(5);
            deals[bad].seller.rho ^= 1;
            dropped(deals[bad].ticket, bad, IMarginBook.ProofRefused.selector);
            assertEq(BOOK.settleBatch(1, deals), 4);
            for (uint256 k = 0; k < 5; ++k) {
                assertEq(isSettled(deals[k]), k != bad);
            }
            vm.revertToState(before);
        }
    }

    function test_severalWrongProofsAreLeftOut() public {
        Settlement[] memory deals = batch(8);
        deals[0].buyer.newCommitment ^= 1; // of no proof
        deals[3].buyer.rho = type(uint256).max; // not in the field
        deals[4].seller.proof.a.x ^= 1; // off the curve
        deals[6].ticket ^= 1; // of another trade
        uint256[4] memory bad = [uint256(0), 3, 4, 6];
        for (uint256 i = 0; i < 4; ++i) {
            dropped(deals[bad[i]].ticket, bad[i], IMarginBook.ProofRefused.selector);
        }
        assertEq(BOOK.settleBatch(1, deals), 4);
    }

    /// @dev Such a point makes the precompile burn all gas that the verifier was given.
    function test_aPointOutsideTheSubgroupStopsNobody() public {
        Settlement[] memory deals = batch(PAIRS);
        deals[9].buyer.proof.b = outsideTheSubgroup();
        dropped(deals[9].ticket, 9, IMarginBook.ProofRefused.selector);
        assertEq(BOOK.settleBatch{gas: 15_000_000}(1, deals), PAIRS - 1);
    }

    function test_whatTheChainHasOvertakenIsLeftOut() public {
        Settlement[] memory deals = batch(6);
        BOOK.settle(1, deals[1]); // settled meanwhile
        deals[2].ticket = 0;
        deals[3].buyer.ciphertext = new uint256[](4);
        deals[4].seller.oldCommitment ^= 1;
        deals[5] = deals[0]; // twice in the batch
        dropped(deals[1].ticket, 1, IMarginBook.CommitmentNotCurrent.selector);
        dropped(0, 2, IMarginBook.ZeroTicket.selector);
        dropped(deals[3].ticket, 3, IProofErrors.WrongCiphertextLength.selector);
        dropped(deals[4].ticket, 4, IMarginBook.CommitmentNotCurrent.selector);
        dropped(deals[5].ticket, 5, IMarginBook.CommitmentNotCurrent.selector);
        assertEq(BOOK.settleBatch(1, deals), 1);
    }

    function test_refusesABatchAtASupersededRound() public {
        Settlement[] memory deals = batch(2);
        uint64 second = postBookRound(1);
        skip(TRADE_GRACE + 1);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        BOOK.settleBatch(1, deals);
        assertEq(BOOK.settleBatch(second, deals), 2);
    }

    function test_aBatchIsDatedWithTheNewestRound() public {
        Settlement[] memory deals = batch(1);
        uint64 second = postBookRound(1);
        BOOK.settleBatch(1, deals);
        assertEq(BOOK.accountState(deals[0].buyer.account).changedAtRound, second);
    }

    function test_refusesABatchThatSettlesNothing() public {
        Settlement[] memory deals = batch(3);
        BOOK.settleBatch(1, deals);
        vm.expectRevert(IMarginBook.NothingSettled.selector);
        BOOK.settleBatch(1, deals);
    }

    /// @dev With any gas, the batch fails as a whole or settles as with all the gas there is: no sender can leave an
    ///      account out for lack of gas.
    function testFuzz_noAccountIsLeftOutForLackOfGas(uint256 gas) public {
        Settlement[] memory deals = batch(4);
        gas = bound(gas, 100_000, 3_000_000);
        try BOOK.settleBatch{gas: gas}(1, deals) returns (uint256 settled) {
            assertEq(settled, 4);
        } catch {
            assertFalse(isSettled(deals[0]));
        }
    }

    /// @dev The same where one proof is wrong, and each settlement is verified on its own: a sender that starves the last of
    ///      these calls must not have its settlement dropped as if its proof were wrong.
    function testFuzz_noAccountIsLeftOutBesideAWrongProof(uint256 gas) public {
        Settlement[] memory deals = batch(3);
        deals[0].buyer.proof = deals[1].buyer.proof;
        BOOK.prepareRound(1);
        gas = bound(gas, 1_500_000, 3_500_000);
        try BOOK.settleBatch{gas: gas}(1, deals) returns (uint256 settled) {
            assertEq(settled, 2);
        } catch {
            assertFalse(isSettled(deals[1]));
        }
    }

    function test_saysWhenTheGasDoesNotSuffice() public {
        Settlement[] memory deals = batch(1);
        BOOK.prepareRound(1);
        vm.expectRevert(IMarginBook.NotEnoughGas.selector);
        BOOK.settleBatch{gas: 350_000}(1, deals);
    }

    function dropped(uint256 ticket, uint256 index, bytes4 reason) private {
        vm.expectEmit(address(BOOK));
        emit IMarginBook.SettlementDropped(ticket, index, reason);
    }

    function batch(uint256 size) private view returns (Settlement[] memory deals) {
        deals = new Settlement[](size);
        for (uint256 k = 0; k < size; ++k) {
            deals[k] = trade(updates[2 * (PAIRS + k)], updates[2 * (PAIRS + k) + 1]);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IGroth16Verifier.sol";
import {Opening, Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {BookRow, MarginBookFixture} from "../utils/MarginBookFixture.sol";

/// @notice Gas of single calls, without the 21,000 and the calldata of a transaction. The round is prepared; every
///         contract, slot and account is cold.
contract MarginBookGasTest is MarginBookFixture {
    string private constant GROUP = "book";
    uint256 private constant PAIRS = 32;

    function setUp() public override {
        vm.warp(START);
        readRows("book-batch");
        deployBook(bookTokens());
        postBookRound(1);
        BOOK.prepareRound(1);
        for (uint256 i = 1; i < 2 * PAIRS; ++i) {
            openAndFund(i);
        }
        usdc.mint(RECIPIENT, 1); // has some already
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    modifier fromCold() {
        vm.cool(address(BOOK));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(address(openVerifier));
        vm.cool(address(updateVerifier));
        vm.cool(address(usdc));
        _;
    }

    function test_open() public {
        openFromCold(openingOf(openings[0]));
        vm.snapshotGasLastCall(GROUP, "open");
    }

    function test_deposit() public {
        BOOK.open(openingOf(openings[0]));
        depositFromCold(updateOf(updates[0]));
        vm.snapshotGasLastCall(GROUP, "deposit");
    }

    function test_withdraw() public {
        openAndFund(0);
        BOOK.settle(1, batch(1)[0]);
        withdrawFromCold(updateOf(updates[4 * PAIRS]));
        vm.snapshotGasLastCall(GROUP, "withdraw");
    }

    function test_settle() public {
        openAndFund(0);
        settleFromCold(batch(1)[0]);
        vm.snapshotGasLastCall(GROUP, "settle");
    }

    function test_settleBatch() public {
        openAndFund(0);
        uint256 before = vm.snapshotState();
        uint256[3] memory sizes = [uint256(2), 8, 32];
        for (uint256 i = 0; i < 3; ++i) {
            batchFromCold(batch(sizes[i]));
            uint256 gas = vm.snapshotGasLastCall(GROUP, string.concat("settleBatch ", label(sizes[i]), " total"));
            vm.snapshotValue(GROUP, string.concat("settleBatch ", label(sizes[i]), " per settlement"), gas / sizes[i]);
            vm.revertToState(before);
        }
    }

    function test_settleBatchWithAWrongProof() public {
        openAndFund(0);
        Settlement[] memory deals = batch(32);
        deals[17].buyer.rho ^= 1;
        batchFromCold(deals);
        vm.snapshotGasLastCall(GROUP, "settleBatch 32 with a wrong proof total");
    }

    function test_prepareRound() public {
        prepareFromCold(postBookRound(2));
        vm.snapshotGasLastCall(GROUP, "prepareRound");
    }

    function test_verify() public {
        BookRow memory row = updates[0];
        uint256[] memory round = roundInputs(1);
        G1Point memory point = updateVerifier.computeRoundPoint(round);
        vm.snapshotGasLastCall(GROUP, "update-13 computeRoundPoint");
        updateVerifier.verify(row.proof, row.inputs, point);
        vm.snapshotGasLastCall(GROUP, "update-13 verify");
        row = openings[0];
        point = openVerifier.computeRoundPoint(new uint256[](0));
        openVerifier.verify(row.proof, row.inputs, point);
        vm.snapshotGasLastCall(GROUP, "open-13 verify");
    }

    function openAndFund(uint256 index) private {
        BOOK.open(openingOf(openings[index]));
        deposit(updates[index], 0);
    }

    function openFromCold(Opening memory opening) private fromCold {
        BOOK.open(opening);
    }

    function depositFromCold(StateUpdate memory change) private fromCold {
        vm.prank(PAYER);
        BOOK.deposit(1, USDC, 100_000e18, change);
    }

    function withdrawFromCold(StateUpdate memory change) private fromCold {
        BOOK.withdraw(1, USDC, 1_000e18, RECIPIENT, change);
    }

    function settleFromCold(Settlement memory deal) private fromCold {
        BOOK.settle(1, deal);
    }

    function batchFromCold(Settlement[] memory deals) private fromCold {
        BOOK.settleBatch(1, deals);
    }

    function prepareFromCold(uint64 roundId) private fromCold {
        BOOK.prepareRound(roundId);
    }

    function batch(uint256 size) private view returns (Settlement[] memory deals) {
        deals = new Settlement[](size);
        for (uint256 k = 0; k < size; ++k) {
            deals[k] = trade(updates[2 * (PAIRS + k)], updates[2 * (PAIRS + k) + 1]);
        }
    }

    function label(uint256 size) private pure returns (string memory) {
        return string.concat(size < 10 ? "0" : "", vm.toString(size));
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

import {MarginBook} from "../../src/book/MarginBook.sol";
import {BookAccount} from "../../src/interfaces/ICommitments.sol";
import {MarginBookHandler} from "./MarginBookHandler.sol";

/// @title BookInvariants
/// @notice What no sequence of calls may break. The handler checks besides that each call succeeds when it is due, and
///         only then.
library BookInvariants {
    string internal constant TOKENS_COVER_THE_ACCOUNTS =
        "BOOK-1: the book holds at least what came in of each token less what went out";
    string internal constant COMMITMENTS_COME_FROM_PROOFS =
        "BOOK-2: an account has the commitment of the last statement that was verified for it, and no other";
    string internal constant COMMITMENTS_ARE_USED_ONCE = "BOOK-3: a commitment belongs to one account, for ever";
    string internal constant TICKETS_ARE_SETTLED_ONCE = "BOOK-4: no ticket is settled twice";
    string internal constant CHANGES_ARE_DATED =
        "BOOK-5: an account's next proof needs a round from its last change or later";
}

contract MarginBookInvariants is Test {
    MarginBookHandler private handler;
    MarginBook private book;

    function setUp() public {
        handler = new MarginBookHandler();
        handler.begin();
        book = handler.bookUnderTest();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = MarginBookHandler.postRound.selector;
        selectors[1] = MarginBookHandler.open.selector;
        selectors[2] = MarginBookHandler.bringNext.selector;
        selectors[3] = MarginBookHandler.bringAny.selector;
        selectors[4] = MarginBookHandler.bringAltered.selector;
        selectors[5] = MarginBookHandler.bringBatch.selector;
        selectors[6] = MarginBookHandler.interfere.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_tokens() public view {
        for (uint256 asset = 0; asset <= 13; ++asset) {
            address token = book.tokenOf(asset);
            if (token == address(0)) continue;
            uint256 holdings = book.holdingsOf(asset);
            assertEq(int256(holdings), handler.netTransfers(asset), BookInvariants.TOKENS_COVER_THE_ACCOUNTS);
            assertGe(IERC20(token).balanceOf(address(book)), holdings, BookInvariants.TOKENS_COVER_THE_ACCOUNTS);
        }
    }

    /// @dev Without interference every step of the walk is accepted: what the runs above try is real.
    function test_theWalkCanBeWalked() public {
        uint256 steps = handler.walk();
        assertGt(steps, 60);
        assertEq(handler.acceptedSteps() + handler.acceptedTrades(), steps);
    }

    /// @dev At the end of each run, for there are many of them: the handler has compared every call as it was made.
    function afterInvariant() public {
        checkStates();
        if (!handler.addRun("book")) return;
        string[] memory kinds = new string[](12);
        kinds[0] = "open";
        kinds[1] = "deposit";
        kinds[2] = "deposit, superseded round";
        kinds[3] = "withdraw";
        kinds[4] = "settle";
        kinds[5] = "settle, both reduce risk";
        kinds[6] = "settle, both reduce risk, superseded round";
        kinds[7] = "settleBatch";
        kinds[8] = "a trade within a batch";
        kinds[9] = "withdraw, superseded round";
        kinds[10] = "settle, superseded round";
        kinds[11] = "settle, altered";
        handler.writeDown("book", kinds);
        handler.requireAccepted("book", "deposit", 200);
        handler.requireAccepted("book", "deposit, superseded round", 10);
        handler.requireAccepted("book", "settle", 80);
        handler.requireAccepted("book", "settle, both reduce risk", 2);
        handler.requireAccepted("book", "a trade within a batch", 20);
    }

    function checkStates() private view {
        for (uint256 i = 0; i < handler.accountCount(); ++i) {
            uint256 account = handler.accountAt(i);
            uint256 expected = handler.commitmentExpected(account);
            BookAccount memory state = book.accountState(account);
            assertEq(state.commitment, expected, BookInvariants.COMMITMENTS_COME_FROM_PROOFS);
            assertEq(state.changedAtRound, handler.changedAtExpected(account), BookInvariants.CHANGES_ARE_DATED);
        }
        for (uint256 i = 0; i < handler.commitmentCount(); ++i) {
            uint256 commitment = handler.commitmentAt(i);
            uint256 account = book.accountOf(commitment);
            assertEq(account, handler.creator(commitment), BookInvariants.COMMITMENTS_ARE_USED_ONCE);
            assertNotEq(account, 0, BookInvariants.COMMITMENTS_ARE_USED_ONCE);
        }
        for (uint256 i = 0; i < handler.tradeCount(); ++i) {
            uint256 ticket = handler.ticketAt(i);
            uint256 times = handler.timesSettled(ticket);
            assertLe(times, 1, BookInvariants.TICKETS_ARE_SETTLED_ONCE);
            assertEq(book.ticketSettled(ticket), times == 1, BookInvariants.TICKETS_ARE_SETTLED_ONCE);
        }
    }
}

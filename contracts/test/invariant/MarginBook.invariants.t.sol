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
        "BOOK-1: the vault holds at least what came in of each token less what went out";
    string internal constant COMMITMENTS_COME_FROM_PROOFS =
        "BOOK-2: an account has the commitment of the last statement that was verified for it, and no other";
    string internal constant ACCOUNTS_ARE_COUNTED =
        "BOOK-3: the book counts every account that was opened, and no other";
    string internal constant TRADES_ARE_SETTLED_ONCE = "BOOK-4: no trade is settled twice";
    string internal constant CHANGES_ARE_DATED =
        "BOOK-5: an account's next proof needs a round from its last change or later";
    string internal constant PROOFS_ARE_DATED = "BOOK-6: an account was proven last at the round of its last proof";
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
        selectors[2] = MarginBookHandler.submitNext.selector;
        selectors[3] = MarginBookHandler.submitAny.selector;
        selectors[4] = MarginBookHandler.submitAltered.selector;
        selectors[5] = MarginBookHandler.submitBatch.selector;
        selectors[6] = MarginBookHandler.interfere.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_tokens() public view {
        for (uint256 asset = 0; asset <= 13; ++asset) {
            address token = book.vault().tokenOf(asset);
            if (token == address(0)) continue;
            uint256 holdings = book.vault().holdingsOf(asset);
            int256 ofAccounts = int256(holdings) - int256(book.vault().queuedOf(asset));
            assertEq(ofAccounts, handler.netTransfers(asset), BookInvariants.TOKENS_COVER_THE_ACCOUNTS);
            assertGe(IERC20(token).balanceOf(address(book.vault())), holdings, BookInvariants.TOKENS_COVER_THE_ACCOUNTS);
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
        kinds[5] = "settle, superseded round";
        kinds[6] = "settle, both reduce risk";
        kinds[7] = "settleBatch";
        kinds[8] = "a trade within a batch";
        kinds[9] = "withdraw, superseded round";
        kinds[10] = "settle, both reduce risk, superseded round";
        kinds[11] = "settle, altered";
        handler.writeDown("book", kinds);
        handler.requireAccepted("book", "deposit", 200);
        handler.requireAccepted("book", "settle, superseded round", 2);
        handler.requireAccepted("book", "settle", 80);
        handler.requireAccepted("book", "settle, both reduce risk", 2);
        handler.requireAccepted("book", "a trade within a batch", 20);
    }

    function checkStates() private view {
        assertEq(book.accountCount(), handler.openedExpected(), BookInvariants.ACCOUNTS_ARE_COUNTED);
        for (uint256 i = 0; i < handler.accountCount(); ++i) {
            uint256 account = handler.accountAt(i);
            uint256 expected = handler.commitmentExpected(account);
            BookAccount memory state = book.accountState(account);
            assertEq(state.commitment, expected, BookInvariants.COMMITMENTS_COME_FROM_PROOFS);
            assertEq(state.changedAtRound, handler.changedAtExpected(account), BookInvariants.CHANGES_ARE_DATED);
            assertEq(state.provenAtRound, handler.provenAtExpected(account), BookInvariants.PROOFS_ARE_DATED);
        }
        for (uint256 i = 0; i < handler.tradeCount(); ++i) {
            uint256 ticket = handler.ticketAt(i);
            assertLe(handler.timesSettled(ticket), 1, BookInvariants.TRADES_ARE_SETTLED_ONCE);
        }
    }
}

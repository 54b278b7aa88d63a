// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {MarginBook} from "../../src/book/MarginBook.sol";
import {BookGate} from "../../src/gate/BookGate.sol";
import {Permission} from "../../src/interfaces/IAccountGate.sol";
import {BookAccount} from "../../src/interfaces/ICommitments.sol";
import {AccountState} from "../../src/interfaces/ISolvencyGate.sol";
import {BookGateHandler} from "./BookGateHandler.sol";
import {MarginBookHandler} from "./MarginBookHandler.sol";

/// @title BookGateInvariantNames
/// @notice What no sequence of calls to a book and its gate may break. The handler checks besides that each call succeeds
///         when it is due, and only then: so a flagged account changes by a cure alone.
library BookGateInvariantNames {
    string internal constant STATES_ARE_THE_BOOKS = "BOOKGATE-1: an account has the commitment that the book has";
    string internal constant STANDING_IS_OF_THE_LAST_PROOF =
        "BOOKGATE-2: an account is solvent, or flagged, by its last proof of solvency, its last update or its flag";
    string internal constant A_FLAG_OUTLIVES_ITS_GATE =
        "BOOKGATE-3: an account is flagged in the book until it is cured";
    string internal constant FLAGGED_IS_LEFT_ITS_CURE =
        "BOOKGATE-4: a flagged account may be topped up for a time, and cured";
}

contract BookGateInvariants is Test {
    BookGateHandler private handler;
    BookGate private gate;
    MarginBook private book;

    function setUp() public {
        handler = new BookGateHandler();
        gate = handler.solvencyGate();
        book = handler.bookUnderTest();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = MarginBookHandler.postRound.selector;
        selectors[1] = MarginBookHandler.open.selector;
        selectors[2] = MarginBookHandler.submitNext.selector;
        selectors[3] = MarginBookHandler.submitAny.selector;
        selectors[4] = BookGateHandler.proveSolvent.selector;
        selectors[5] = BookGateHandler.flag.selector;
        selectors[6] = BookGateHandler.proveBatch.selector;
        selectors[7] = BookGateHandler.walkToACure.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_standing() public view {
        for (uint256 i = 0; i < handler.accountCount(); ++i) {
            uint256 account = handler.accountAt(i);
            AccountState memory state = gate.accountState(account);
            uint256 commitment = handler.commitmentExpected(account);
            assertEq(state.commitment, commitment, BookGateInvariantNames.STATES_ARE_THE_BOOKS);
            uint64 changedAt = handler.changedAtExpected(account);
            assertEq(state.changedAtRound, changedAt, BookGateInvariantNames.STATES_ARE_THE_BOOKS);

            uint64 flaggedAt = handler.flaggedExpected(account);
            uint64 provenAt = handler.provenAtExpected(account);
            uint64 solventAt = flaggedAt == 0 ? provenAt : 0;
            assertEq(state.solventAtRound, solventAt, BookGateInvariantNames.STANDING_IS_OF_THE_LAST_PROOF);
            assertEq(state.flaggedAtRound, flaggedAt, BookGateInvariantNames.STANDING_IS_OF_THE_LAST_PROOF);
            bool solvent = gate.isSolvent(account, type(uint256).max);
            assertEq(solvent, solventAt != 0, BookGateInvariantNames.STANDING_IS_OF_THE_LAST_PROOF);
            BookAccount memory known = book.accountState(account);
            bool flagged = known.maintenanceFlaggedAt != 0;
            assertEq(flagged, flaggedAt != 0, BookGateInvariantNames.A_FLAG_OUTLIVES_ITS_GATE);
            assertEq(known.provenAtRound, provenAt, BookGateInvariantNames.STANDING_IS_OF_THE_LAST_PROOF);
            Permission expected = handler.permissionExpected(account);
            assertEq(
                uint8(book.permissionOf(account)), uint8(expected), BookGateInvariantNames.FLAGGED_IS_LEFT_ITS_CURE
            );
        }
    }

    function afterInvariant() public {
        if (!handler.addRun("book gate")) return;
        string[] memory kinds = new string[](10);
        kinds[0] = "proveSolvent";
        kinds[1] = "flag";
        kinds[2] = "a cure";
        kinds[3] = "proveSolventBatch";
        kinds[4] = "a proof within a batch";
        kinds[5] = "deposit";
        kinds[6] = "settle";
        kinds[7] = "settle, superseded round";
        kinds[8] = "a flag by its own deposit";
        kinds[9] = "a top-up";
        handler.writeDown("book gate", kinds);
        handler.requireAccepted("book gate", "proveSolvent", 40);
        handler.requireAccepted("book gate", "a proof within a batch", 80);
        handler.requireAccepted("book gate", "flag", 8);
        handler.requireAccepted("book gate", "a cure", 3);
        handler.requireAccepted("book gate", "deposit", 30);
        handler.requireAccepted("book gate", "settle", 20);
    }

    /// @dev With every account flagged before its cure, the whole walk is accepted: what the runs above try is real.
    function test_theWalkCanBeWalked() public {
        uint256 steps = handler.walk();
        assertEq(handler.acceptedSteps() + handler.acceptedTrades(), steps);
        assertGt(handler.flags(), 5);
        assertEq(handler.cures(), handler.flags());
    }
}

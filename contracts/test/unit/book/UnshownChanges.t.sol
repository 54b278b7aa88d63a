// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {Ground} from "../../../src/interfaces/ICommitments.sol";
import {Claim, IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {Call, Entry, RulesFixture} from "../../utils/RulesFixture.sol";

/// @notice Spec ZS-100. An overdrawn account that meets its maintenance margin could change in each block, before the flag
///         for its overdraft, which then names an old commitment. So its changes in a row are counted.
contract UnshownChangesTest is RulesFixture {
    bytes4 private constant REASON = IMarginBook.InitialMarginNotShown.selector;

    /// @dev As many changes as it may make, of several kinds.
    function spend() private {
        Entry[5] memory kinds =
            [Entry.Deposit, Entry.SettleAsBuyer, Entry.SettleAsSeller, Entry.BatchAsBuyer, Entry.BatchAsSeller];
        for (uint256 i = 0; !BOOK.mustShowMargin(alice); ++i) {
            Call memory item = callOf(kinds[i % 5]);
            if (i % 2 == 1) item.change.claim = Claim.Unsaid;
            act(item);
            assertLt(i, BOOK.MAX_UNSHOWN(), "no end");
        }
    }

    function refusesAllThatShowsNothing() private {
        Entry[] memory all = updatesOfAll();
        for (uint256 i = 0; i < all.length; ++i) {
            Call memory item = callOf(all[i]);
            if (item.entry == Entry.Withdraw) continue;
            refuses(item, REASON);
            item.change.claim = Claim.Unsaid;
            refuses(item, REASON);
        }
        refuses(callOf(Entry.MoveAccount), REASON);
    }

    function acceptsAllThatShowsMargin() private {
        Entry[] memory all = updatesOfAll();
        for (uint256 i = 0; i < all.length; ++i) {
            Call memory item = callOf(all[i]);
            item.change.claim = item.entry == Entry.Withdraw ? Claim.Unsaid : Claim.MeetsInitialMargin;
            accepts(item);
        }
    }

    function test_fourChangesInARowThatShowNothingAreTheLast() public {
        assertEq(BOOK.MAX_UNSHOWN(), 4);
        skipRounds(2);
        for (uint256 i = 0; i < 4; ++i) {
            assertFalse(BOOK.mustShowMargin(alice));
            act(callOf(Entry.Deposit));
        }
        assertTrue(BOOK.mustShowMargin(alice));
        refusesAllThatShowsNothing();
        acceptsAllThatShowsMargin();
    }

    function test_everyKindOfChangeCounts() public {
        spend();
        refusesAllThatShowsNothing();
    }

    /// @dev It flags the account: what comes then is limited by its flag.
    function test_aTopUpIsTaken() public {
        spend();
        Call memory item = callOf(Entry.Deposit);
        item.change.claim = Claim.TopsUp;
        accepts(item);
    }

    function test_oneThatShowsMarginEndsThem() public {
        Call memory item = callOf(Entry.SettleAsSeller);
        for (uint256 i = 0; i < 2; ++i) {
            spend();
            item = callOf(i == 0 ? Entry.SettleAsSeller : Entry.Withdraw);
            item.change.claim = i == 0 ? Claim.MeetsInitialMargin : Claim.Unsaid;
            act(item);
            for (uint256 k = 0; k < 4; ++k) {
                assertFalse(BOOK.mustShowMargin(alice));
                act(callOf(Entry.Deposit));
            }
            refusesAllThatShowsNothing();
        }
    }

    /// @dev A round that came in the middle of them is no rest: the account may have changed just before it.
    function test_aWholeRoundOfRestEndsThem() public {
        spend();
        skipRounds(1);
        refusesAllThatShowsNothing();
        skipRounds(1);
        assertFalse(BOOK.mustShowMargin(alice));
        act(callOf(Entry.Deposit));
        for (uint256 i = 0; i < 3; ++i) {
            assertFalse(BOOK.mustShowMargin(alice));
            act(callOf(Entry.Deposit));
        }
        refusesAllThatShowsNothing();
    }

    /// @dev One change in each round voids one flag in each.
    function test_oneChangeInEachRoundIsNoRest() public {
        skipRounds(2);
        for (uint256 i = 0; i < 4; ++i) {
            act(callOf(Entry.Deposit));
            skipRounds(1);
        }
        refusesAllThatShowsNothing();
    }

    /// @dev What modules do counts for nothing, and is no rest.
    function test_noModuleIsStopped() public {
        spend();
        skipRounds(1);
        act(callOf(Entry.ReplaceState));
        skipRounds(1);
        refusesAllThatShowsNothing();
        accepts(callOf(Entry.ReplaceState));
        accepts(callOf(Entry.CloseAccount));
    }

    function test_noMoveToAnotherIdentityEndsThem() public {
        skipRounds(2);
        for (uint256 i = 0; i < 3; ++i) {
            act(callOf(Entry.Deposit));
        }
        act(callOf(Entry.MoveAccount));
        assertTrue(BOOK.mustShowMargin(accountNamed("heidi")));
    }

    function test_aFlaggedAccountTopsUpAsOftenAsItMay() public {
        spend();
        for (uint256 ground = 0; ground < 2; ++ground) {
            uint256 before = vm.snapshotState();
            module.recordFlag(alice, commitmentOf(alice), Ground(ground), rounds.latestRoundId(), address(0));
            assertFalse(BOOK.mustShowMargin(alice));
            for (uint256 i = 0; i < 5; ++i) {
                act(callOf(Entry.Deposit));
            }
            module.clearFlag(alice, commitmentOf(alice), Ground(ground), rounds.latestRoundId());
            refusesAllThatShowsNothing();
            vm.revertToState(before);
        }
    }

    function test_nothingHasToBeShownWhileFlagsAreStopped() public {
        spend();
        for (uint8 level = 1; level <= 3; ++level) {
            raiseTo(Level(level));
            assertFalse(BOOK.mustShowMargin(alice));
            for (uint256 i = 0; i < 5; ++i) {
                act(callOf(Entry.SettleAsSeller));
            }
            accepts(callOf(Entry.MoveAccount));
        }
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        refusesAllThatShowsNothing();
    }

    function skipRounds(uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            postBookRound(1);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ICircuitBreaker, Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {Round} from "../../../src/interfaces/IPriceRounds.sol";
import {OracleFixture} from "../../utils/OracleFixture.sol";

/// @notice Prices beyond a limit: held, confirmed, discarded, replaced; and rounds that do not come.
contract CandidatesTest is OracleFixture {
    uint256 private constant FAR = BTC_PRICE * 7 / 10;

    function setUp() public override {
        super.setUp();
        vm.warp(START + 100);
    }

    // ------------------------------------------------------------------------------------------------ held

    function test_pricesThatAreTooFarAreHeldAndTripTheBreaker() public {
        uint64 now_ = uint64(block.timestamp);
        uint256[] memory far = pricesWith(BTC, FAR);
        far[PUT] = 30e9;
        uint64 slots = uint64(bit(BTC) | bit(PUT));
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.CandidateHeld(now_, slots);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.Tripped(now_ + 15 minutes);
        assertEq(post(far, fundingOf(ETH, 1e9)), 0);

        assertEq(rounds.latestRoundId(), 1);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
        (uint64 timestamp, uint64 since, uint64 stale, Round memory held) = rounds.candidate();
        assertEq(timestamp, now_);
        assertEq(since, now_);
        assertEq(stale, 0);
        assertEq(held.timestamp, now_);
        assertEq(held.prices, far);
        assertEq(held.effectivePrices[ETH], int256(ETH_PRICE) - 1e9);
    }

    function test_aCandidateShowsWhichOfItsSlotsAreStale() public {
        postOn(uint64(bit(BTC)), pricesWith(BTC, FAR));
        (,, uint64 stale, Round memory held) = rounds.candidate();
        assertEq(stale, ALL ^ 1);
        assertEq(held.prices, pricesWith(BTC, FAR));
    }

    function test_withoutACandidateEverythingIsZero() public view {
        (uint64 timestamp, uint64 since, uint64 stale, Round memory held) = rounds.candidate();
        assertEq(timestamp | since | stale | held.timestamp, 0);
        assertEq(held.prices.length + held.effectivePrices.length, 0);
    }

    function test_theTripLapsesWithTheCandidate() public {
        post(pricesWith(BTC, FAR));
        skip(15 minutes - 1);
        assertTrue(isStopped());
        skip(1);
        assertFalse(isStopped());
    }

    function test_aSourceThatTheBreakerDoesNotListenToHoldsNothing() public {
        makeSource(IGuardedPriceRounds(address(0)));
        refuses(
            unanimous(3, pricesWith(BTC, FAR), noFunding()),
            abi.encodeWithSelector(ICircuitBreaker.NotPriceSource.selector, address(rounds))
        );
        assertEq(post(prices()), 2, "but it records rounds");
    }

    // ------------------------------------------------------------------------------------------------ confirmed

    function test_aSecondSetAMinuteLaterConfirms() public {
        post(pricesWith(BTC, FAR));
        skip(60);
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.CandidateConfirmed(2);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.TripCleared();
        assertEq(post(pricesWith(BTC, FAR + 1e9)), 2);

        assertEq(priceOf(BTC), FAR + 1e9, "the new price, within the limit of the candidate's");
        assertFalse(isStopped());
        assertEq(heldAt(), 0);
        assertEq(rounds.referenceRoundId(), 2);
        skip(1);
        assertEq(post(pricesWith(BTC, FAR)), 3, "the limit counts from there");
    }

    function test_aSetThatComesWithinAMinuteIsRefused() public {
        uint256 start = block.timestamp;
        post(pricesWith(BTC, FAR));
        skip(1);
        refusesTooYoung(pricesWith(BTC, FAR), start + 60);
        skip(58);
        refusesTooYoung(pricesWith(BTC, FAR), start + 60);
        skip(1);
        assertEq(post(pricesWith(BTC, FAR)), 2);
    }

    /// @dev The candidate's reports were signed before they were posted.
    function test_bothClocksMustHavePassed() public {
        uint64 seen = uint64(block.timestamp);
        skip(40);
        postRound(reportsAt(seen, pricesWith(BTC, FAR)));
        vm.warp(seen + 60);
        refuses(
            reportsAt(seen + 60, pricesWith(BTC, FAR)),
            abi.encodeWithSelector(IGuardedPriceRounds.CandidateTooYoung.selector, seen + 100)
        );
        vm.warp(seen + 100);
        refuses(
            reportsAt(seen + 59, pricesWith(BTC, FAR)),
            abi.encodeWithSelector(IGuardedPriceRounds.CandidateTooYoung.selector, seen + 100)
        );
        assertEq(postRound(reportsAt(seen + 60, pricesWith(BTC, FAR))), 2);
    }

    /// @dev Beyond the limit of the candidate's price on the same side: the nearer price counts.
    function test_ofTwoPricesOnOneSideTheNearerCounts() public {
        uint256[4] memory held = [uint256(70e9), 50e9, 130e9, 200e9];
        uint256[4] memory come = [uint256(50e9), 70e9, 200e9, 130e9];
        uint256[4] memory counted = [uint256(70e9), 70e9, 130e9, 130e9];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 before = vm.snapshotState();
            post(pricesWith(BTC, held[i]));
            skip(60);
            assertEq(post(pricesWith(BTC, come[i]), fundingOf(BTC, 5e9)), 2);
            assertEq(priceOf(BTC), counted[i]);
            assertEq(effectiveOf(BTC), int256(counted[i]) - 5e9, "with the funding of the new set");
            vm.revertToState(before);
        }
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_whatAConfirmationRecords(uint256 held, uint256 price) public {
        held = bound(held, BTC_PRICE / 3, 3 * BTC_PRICE);
        price = bound(price, BTC_PRICE / 3, 3 * BTC_PRICE);
        vm.assume(isFar(BTC_PRICE, held) && isFar(BTC_PRICE, price));
        post(pricesWith(BTC, held));
        skip(60);
        bool isNear = !isFar(held, price);
        bool isSameSide = (held > BTC_PRICE) == (price > BTC_PRICE);
        uint64 id = post(pricesWith(BTC, price));
        assertEq(id, isNear || isSameSide ? 2 : 0);
        if (id == 0) return;
        uint256 nearer = (held > price) == (price > BTC_PRICE) ? price : held;
        assertEq(priceOf(BTC), isNear ? price : nearer);
    }

    function test_aSetOnTheOtherSideReplacesTheCandidate() public {
        post(pricesWith(BTC, FAR));
        skip(60);
        assertEq(post(pricesWith(BTC, 130e9)), 0);
        assertEq(heldAt(), block.timestamp);
        assertEq(breaker.trippedUntil(), block.timestamp + 15 minutes);
        (,,, Round memory held) = rounds.candidate();
        assertEq(held.prices[BTC], 130e9);
        skip(60);
        assertEq(post(pricesWith(BTC, 130e9)), 2);
    }

    function test_aSlotThatTheCandidateDoesNotHaveFarIsNotConfirmed() public {
        post(pricesWith(BTC, FAR));
        skip(60);
        uint256[] memory both = pricesWith(BTC, FAR / 2);
        both[ETH] = ETH_PRICE / 2;
        assertEq(post(both), 0, "ETH was near in the candidate");
        (,,, Round memory held) = rounds.candidate();
        assertEq(held.prices, both, "as they were posted, no price made nearer");
        skip(60);
        assertEq(post(both), 2);
    }

    function test_aSlotThatIsWithinItsLimitNowNeedsNoConfirmation() public {
        uint256[] memory both = pricesWith(BTC, FAR);
        both[ETH] = ETH_PRICE / 2;
        post(both);
        skip(60);
        assertEq(post(pricesWith(BTC, FAR)), 2);
        assertEq(priceOf(ETH), ETH_PRICE);
    }

    /// @dev Near the candidate's price and beyond the limit of the reference's, though the candidate's is not.
    function test_aPriceThatCreepsOverTheLimitIsConfirmedByOneJustWithinIt() public {
        uint256[] memory both = pricesWith(BTC, BTC_PRICE - LIMIT);
        both[ETH] = ETH_PRICE / 2;
        post(both);
        skip(60);
        --both[BTC];
        assertEq(post(both), 2);
        assertEq(priceOf(BTC), BTC_PRICE - LIMIT - 1);
    }

    function test_aSlotThatIsStaleInTheCandidateIsNotConfirmed() public {
        uint256[] memory both = pricesWith(BTC, FAR);
        both[ETH] = ETH_PRICE / 2;
        postOn(ALL ^ uint64(bit(ETH)), both);
        skip(60);
        assertEq(post(both), 0);
        skip(60);
        assertEq(post(both), 2);
    }

    /// @dev The candidate keeps the price of the latest round in a stale slot. That one was within its limit, and is near to a
    ///      price that is not.
    function test_thePriceThatAStaleSlotKeepsConfirmsNothing() public {
        post(prices());
        skip(1);
        uint256 limit = ETH_PRICE / 10;
        assertEq(post(pricesWith(ETH, ETH_PRICE + limit)), 3);
        skip(1);
        uint256[] memory both = pricesWith(BTC, FAR);
        both[ETH] = ETH_PRICE + limit + 1;
        postOn(ALL ^ uint64(bit(ETH)), both);
        skip(60);
        assertEq(post(both), 0);
    }

    function test_aSlotThatIsStaleNowNeedsNoConfirmation() public {
        uint256[] memory both = pricesWith(BTC, FAR);
        both[ETH] = ETH_PRICE / 2;
        post(both);
        skip(60);
        assertEq(postOn(ALL ^ uint64(bit(ETH)), both), 2);
        assertEq(staleSlots(), bit(ETH));
        assertEq(priceOf(ETH), ETH_PRICE, "of the latest round, not of the candidate");
    }

    function test_aStaleSlotThatComesBackFarAwayIsConfirmedLikeAnother() public {
        uint256[] memory list_ = pricesWith(ETH, 3 * ETH_PRICE);
        for (uint256 i = 0; i < 3; ++i) {
            assertGt(postOn(ALL ^ uint64(bit(ETH)), list_), 1);
            skip(60);
        }
        assertEq(post(list_), 0);
        skip(60);
        assertEq(post(list_), 5);
        assertEq(priceOf(ETH), 3 * ETH_PRICE);
        assertEq(staleSlots(), 0);
    }

    // ------------------------------------------------------------------------------------------------ discarded

    function test_aSetWithinTheLimitsDiscardsTheCandidate() public {
        post(pricesWith(BTC, FAR));
        skip(1);
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.CandidateDiscarded();
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.TripCleared();
        assertEq(post(pricesWith(BTC, BTC_PRICE - LIMIT)), 2);
        assertEq(heldAt(), 0);
        assertFalse(isStopped());

        skip(60);
        assertEq(post(pricesWith(BTC, FAR)), 0, "nothing is confirmed any more");
    }

    function test_aRoundWithoutACandidateDiscardsNone() public {
        vm.recordLogs();
        post(prices());
        assertEq(vm.getRecordedLogs().length, 1);
    }

    function test_aCandidateIsConfirmedWithinItsLifetimeOnly() public {
        uint256 start = block.timestamp;
        post(pricesWith(BTC, FAR));
        uint256 before = vm.snapshotState();
        vm.warp(start + 15 minutes);
        assertEq(post(pricesWith(BTC, FAR)), 2);
        vm.revertToState(before);
        vm.warp(start + 15 minutes + 1);
        assertFalse(isStopped());
        assertEq(post(pricesWith(BTC, FAR)), 0, "another candidate");
        assertEq(heldAt(), block.timestamp);
        assertTrue(isStopped());
        skip(60);
        assertEq(post(pricesWith(BTC, FAR)), 2);
    }

    function test_guardiansKeepTheirLevelThroughATrip() public {
        vm.prank(guardian);
        breaker.raiseTo(Level.NoFlags);
        post(pricesWith(BTC, FAR));
        skip(60);
        post(pricesWith(BTC, FAR));
        assertEq(uint8(breaker.level()), uint8(Level.NoFlags));
    }

    // ------------------------------------------------------------------------------------------------ silence

    function test_anyCallerTripsWhenRoundsAreStale() public {
        vm.warp(START + STALE_AFTER);
        assertEq(rounds.silentSince(), 0);
        vm.expectRevert(IGuardedPriceRounds.RoundsAreFresh.selector);
        rounds.tripIfStale();
        skip(1);
        assertEq(rounds.silentSince(), START + STALE_AFTER);
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.RoundsStale(1);
        vm.prank(stranger);
        rounds.tripIfStale();
        skip(365 days);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
        assertEq(uint8(breaker.raisedLevel()), uint8(Level.Open));

        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.SilenceEnded(uint64(START + STALE_AFTER));
        assertEq(post(prices()), 2);
        assertFalse(isStopped());
    }

    function test_aCandidateDoesNotEndTheTripOfSilence() public {
        vm.warp(START + STALE_AFTER + 1);
        rounds.tripIfStale();
        post(pricesWith(BTC, FAR));
        skip(16 minutes);
        assertTrue(isStopped());
        assertGt(rounds.silentSince(), 0, "a candidate is no round");
        post(prices());
        assertFalse(isStopped());
    }

    function test_clocksStandStillForSilenceAndAGraceWithoutATrip() public {
        vm.warp(START + STALE_AFTER);
        uint64 active = breaker.activeTime(Level.NoFlags);
        vm.warp(START + 2 days);
        assertEq(breaker.activeTime(Level.NoFlags), active);
        post(prices());
        skip(RESUME_GRACE);
        post(prices());
        assertEq(breaker.activeTime(Level.NoFlags), active);
        skip(7);
        assertEq(breaker.activeTime(Level.NoFlags), active + 7);
    }

    function test_nothingIsStaleBeforeTheFirstRound() public {
        deployRounds(3, 2);
        skip(365 days);
        assertEq(rounds.silentSince(), 0);
        vm.expectRevert(IGuardedPriceRounds.RoundsAreFresh.selector);
        rounds.tripIfStale();
    }

    function test_aSourceThatWasReplacedGoesOnRecording() public {
        post(pricesWith(BTC, FAR));
        makeSource(IGuardedPriceRounds(address(0)));
        skip(1);
        assertEq(post(prices()), 2, "after a trip");
        skip(2 * STALE_AFTER);
        assertEq(post(prices()), 3, "after silence");
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function isFar(uint256 from, uint256 to) private pure returns (bool) {
        uint256 moved = from > to ? from - to : to - from;
        return moved > from / 10;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {IPriceRounds, Round} from "../../../src/interfaces/IPriceRounds.sol";
import {Asset} from "../../../src/interfaces/IRiskParameters.sol";
import {ISignedPriceRounds, Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {OracleFixture} from "../../utils/OracleFixture.sol";

/// @notice Which prices count, which slots are stale, and how fast a price may move.
contract PriceLimitsTest is OracleFixture {
    // ------------------------------------------------------------------------------------------------ limits

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_aMoveWithinTheLimitIsRecorded(uint256 price, uint256 putPrice) public {
        uint256[] memory list = prices();
        list[BTC] = bound(price, BTC_PRICE - LIMIT, BTC_PRICE + LIMIT);
        uint256 putLimit = PUT_PRICE * 333_333 / 1e6;
        list[PUT] = bound(putPrice, PUT_PRICE - putLimit, PUT_PRICE + putLimit);
        assertEq(post(list), 2);
        assertEq(rounds.round(2).prices, list);
        assertFalse(isStopped());
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_aMoveBeyondTheLimitIsNotRecorded(uint256 moved, bool up) public {
        moved = bound(moved, LIMIT + 1, BTC_PRICE - LEAST_PRICE);
        assertEq(post(pricesWith(BTC, up ? BTC_PRICE + moved : BTC_PRICE - moved)), 0);
        assertEq(rounds.latestRoundId(), 1);
        assertEq(rounds.newestTimestamp(), block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 2));
        rounds.round(2);
    }

    function test_theLimitItselfIsWithinIt() public {
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT)), 2);
        skip(1);
        assertEq(post(pricesWith(BTC, BTC_PRICE - LIMIT)), 3);
        skip(1);
        uint256 before = vm.snapshotState();
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT + 1)), 0);
        vm.revertToState(before);
        assertEq(post(pricesWith(BTC, BTC_PRICE - LIMIT - 1)), 0);
    }

    function test_ppmOfALargePriceAreMoreThanTheAmount() public {
        Asset memory entry = risk.asset(PUT);
        entry.deviationPpm = 1;
        list(PUT, entry);
        assertEq(post(pricesWith(PUT, PUT_PRICE - 6000)), 2, "1 ppm of 6e9");
        skip(60);
        assertEq(post(pricesWith(PUT, PUT_PRICE - 12_000)), 0, "and not 6000 from one that is less");
    }

    function test_zeroIsAPriceLikeAnyOther() public {
        walkThePutTo(0);
        skip(60);
        assertEq(post(pricesWith(PUT, 501)), 0);
        skip(1);
        assertGt(post(pricesWith(PUT, 500)), 0);
        assertEq(priceOf(PUT), 500);
        assertEq(staleSlots(), 0);
    }

    /// @dev From the bottom of one minute to the top of the next: one initial margin.
    function test_aPriceMovesByThreeLimitsInTwoMinutesAtMost() public {
        assertEq(post(pricesWith(BTC, BTC_PRICE - LIMIT)), 2);
        vm.warp(START + 59);
        assertEq(post(pricesWith(BTC, BTC_PRICE - LIMIT)), 3);
        vm.warp(START + 60);
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT)), 4);
        skip(1);
        uint256 top = BTC_PRICE + LIMIT + (BTC_PRICE + LIMIT) / 10;
        assertEq(post(pricesWith(BTC, top)), 5);
        skip(58);
        assertEq(post(pricesWith(BTC, top + 1)), 0);
    }

    function test_aRoundAMinuteYoungerReplacesTheReference() public {
        assertEq(rounds.referenceRoundId(), 1);
        vm.warp(START + 59);
        post(prices());
        assertEq(rounds.referenceRoundId(), 1);
        vm.warp(START + 60);
        post(prices());
        assertEq(rounds.referenceRoundId(), 3);
        vm.warp(START + 119);
        post(prices());
        assertEq(rounds.referenceRoundId(), 3);
    }

    /// @dev Steps within a minute do not add up.
    function test_limitsCountFromTheReferenceRound() public {
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT)), 2);
        skip(1);
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT + 1)), 0);
    }

    function test_theLimitsOfTheMomentCount() public {
        Asset memory entry = risk.asset(BTC);
        entry.deviationPpm = 50_000;
        list(BTC, entry);
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT / 2 + 1)), 0);
        skip(1);
        assertEq(post(pricesWith(BTC, BTC_PRICE + LIMIT / 2)), 2);
    }

    // ------------------------------------------------------------------------------------------------ stale slots

    function test_aSlotThatAQuorumOmitsIsStaleAndStopsNoOther() public {
        uint256[] memory list_ = pricesWith(BTC, BTC_PRICE + 1);
        list_[ETH] = 1;
        vm.expectEmit(address(rounds));
        emit IPriceRounds.RoundPosted(2, uint64(block.timestamp), uint64(bit(ETH)));
        assertEq(postOn(ALL ^ uint64(bit(ETH)), list_), 2);
        Round memory round = rounds.round(2);
        assertEq(round.prices[BTC], BTC_PRICE + 1);
        assertEq(round.prices[ETH], ETH_PRICE, "as before");
        assertEq(round.effectivePrices[ETH], int256(ETH_PRICE));
        assertEq(staleSlots(), bit(ETH));
        skip(1);
        assertEq(post(prices()), 3);
        assertEq(staleSlots(), 0, "live again");
    }

    function test_aStaleSlotKeepsItsEffectivePrice() public {
        post(prices(), fundingOf(ETH, 1e9));
        skip(1);
        assertEq(postOn(1, prices()), 3);
        skip(1);
        assertEq(postOn(1, prices()), 4);
        assertEq(effectiveOf(ETH), int256(ETH_PRICE) - 1e9);
        assertEq(staleSlots(), ALL ^ 1);
    }

    /// @dev Such a round would hide that the source is silent: clocks would run while no price is fresh.
    function test_aSetWithoutAPriceThatCountsIsRefused() public {
        bytes memory reason = abi.encodeWithSelector(IGuardedPriceRounds.NothingPriced.selector);
        refuses(unanimousOn(3, 0, prices(), noFunding()), reason);
        uint256[] memory beyond = prices();
        for (uint256 slot = 0; slot < beyond.length; ++slot) {
            beyond[slot] = 0;
        }
        refuses(unanimousOn(3, uint64(bit(BTC)), beyond, noFunding()), reason);
        assertEq(postOn(uint64(bit(BTC)), prices()), 2);
        assertEq(staleSlots(), ALL ^ bit(BTC));
        assertEq(rounds.round(2).prices, rounds.round(1).prices);
    }

    /// @dev Of five, three must omit a slot: with fewer a quorum could still price it.
    function test_aSetThatLeavesASlotUndecidedIsRefused() public {
        for (uint256 count = 3; count <= 5; ++count) {
            for (uint256 omitting = 0; omitting <= count; ++omitting) {
                uint256 before = vm.snapshotState();
                Report[] memory reports = omittedBy(omitting, count, ETH);
                if (count - omitting >= 3) {
                    assertEq(postRound(reports), 2);
                    assertEq(staleSlots(), 0);
                } else if (omitting >= 3) {
                    assertEq(postRound(reports), 2);
                    assertEq(staleSlots(), bit(ETH));
                } else {
                    refuses(reports, abi.encodeWithSelector(ISignedPriceRounds.SlotUndecided.selector, ETH));
                }
                vm.revertToState(before);
            }
        }
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_aSlotIsStaleOnlyWhenNoQuorumCouldPriceIt(uint256 n, uint256 t, uint256 count, uint256 omitting)
        public
    {
        n = bound(n, 1, 9);
        t = bound(t, n / 2 + 1, n);
        count = bound(count, t, n);
        omitting = bound(omitting, 0, count);
        vm.prank(governance);
        rounds.setReporters(reporterSet(n), t);
        Report[] memory reports = omittedBy(omitting, count, ETH);
        bool isLive = count - omitting >= t;
        bool isStale = n - omitting < t; // even if all others price it
        if (isLive || isStale) {
            assertEq(postRound(reports), 2);
            assertEq(staleSlots(), isLive ? 0 : bit(ETH));
        } else {
            refuses(reports, abi.encodeWithSelector(ISignedPriceRounds.SlotUndecided.selector, ETH));
        }
    }

    function test_theMedianOfASlotIsThatOfTheReportsThatPriceIt() public {
        Report[] memory reports = new Report[](5);
        uint256[5] memory eth = [uint256(51e9), 1, 49e9, 52e9, 53e9];
        for (uint256 k = 0; k < 5; ++k) {
            uint64 priced = k == 1 ? ALL ^ uint64(bit(ETH)) : ALL;
            int256[] memory paid = fundingOf(ETH, int256(k == 1 ? 1e18 : k));
            reports[k] = reportOn(k, uint64(block.timestamp), priced, pricesWith(ETH, eth[k]), paid);
        }
        assertEq(postRound(reports), 2);
        assertEq(priceOf(ETH), 51e9, "the lower of the two in the middle of four");
        assertEq(effectiveOf(ETH), 51e9 - 2);
    }

    function test_thePosterCannotNameAReportThatDoesNotPriceTheSlot() public {
        Report[] memory reports = new Report[](4);
        for (uint256 k = 0; k < 4; ++k) {
            uint64 priced = k == 3 ? ALL ^ uint64(bit(ETH)) : ALL;
            uint256[] memory list_ = pricesWith(ETH, ETH_PRICE + (k == 3 ? 1e9 : k));
            reports[k] = reportOn(k, uint64(block.timestamp), priced, list_, noFunding());
        }
        bytes memory medians = mediansOf(reports);
        assertEq(medians[1 + ETH], bytes1(uint8(1)));
        medians[1 + ETH] = 0x03;
        vm.expectRevert(abi.encodeWithSelector(ISignedPriceRounds.NotMedian.selector, 1 + ETH));
        rounds.postRound(reports, medians);
    }

    function test_theBytesOfAStaleSlotMayBeAnything() public {
        Report[] memory reports = unanimousOn(3, ALL ^ uint64(bit(ETH)), prices(), noFunding());
        bytes memory medians = mediansOf(reports);
        (medians[1 + ETH], medians[1 + SLOTS + ETH]) = (0xff, 0x09);
        assertEq(rounds.postRound(reports, medians), 2);
    }

    function test_aReportOutOfRangeRefusesTheSetThoughItsSlotIsStale() public {
        Report[] memory reports = omittedBy(3, 4, ETH);
        reports[3] = reportOf(3, pricesWith(ETH, 1 << 64), noFunding());
        refuses(reports, abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, ETH));
        reports[3] = reportOf(3, prices(), fundingOf(ETH, int256(ETH_PRICE + (1 << 64))));
        refuses(reports, abi.encodeWithSelector(IPriceRounds.EffectivePriceOutOfRange.selector, ETH));
    }

    function test_aPriceBeyondTheLeastOrTheGreatestMakesItsSlotStale() public {
        Asset memory entry = risk.asset(BTC);
        (entry.leastPrice, entry.greatestPrice) = (95e9, 105e9);
        list(BTC, entry);
        uint256[4] memory candidates = [uint256(95e9 - 1), 105e9 + 1, 95e9, 105e9];
        for (uint256 i = 0; i < 4; ++i) {
            uint256[] memory list_ = pricesWith(BTC, candidates[i]);
            list_[ETH] += i;
            uint64 id = post(list_);
            assertEq(id, 2 + i);
            assertEq(staleSlots(), i < 2 ? bit(BTC) : 0);
            assertEq(priceOf(BTC), i < 2 ? BTC_PRICE : candidates[i]);
            assertEq(priceOf(ETH), ETH_PRICE + i);
            skip(1);
        }
    }

    function test_spotWithFundingIsStale() public {
        for (int256 paid = -1; paid <= 1; ++paid) {
            assertGt(post(pricesWith(GOLD, GOLD_PRICE + 1), fundingOf(GOLD, paid)), 1);
            assertEq(staleSlots(), paid == 0 ? 0 : bit(GOLD));
            assertEq(effectiveOf(GOLD), int256(paid == -1 ? GOLD_PRICE : GOLD_PRICE + 1));
            skip(1);
        }
    }

    // ------------------------------------------------------------------------------------------------ funding

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_fundingMovesByTheLimitAtMost(int256 paid) public {
        paid = bound(paid, -int256(2 * LIMIT), int256(2 * LIMIT));
        assertEq(post(prices(), fundingOf(BTC, paid)), 2);
        bool isStale = paid > int256(LIMIT) || paid < -int256(LIMIT);
        assertEq(staleSlots(), isStale ? bit(BTC) : 0);
        assertEq(effectiveOf(BTC), int256(BTC_PRICE) - (isStale ? int256(0) : paid));
    }

    function test_theFundingLimitItselfIsWithinIt() public {
        assertEq(post(prices(), fundingOf(BTC, int256(LIMIT))), 2);
        assertEq(staleSlots(), 0);
        skip(1);
        assertEq(post(prices(), fundingOf(BTC, -int256(LIMIT))), 3);
        assertEq(staleSlots(), 0);
        skip(1);
        assertEq(post(prices(), fundingOf(BTC, -int256(LIMIT) - 1)), 4);
        assertEq(staleSlots(), bit(BTC));
    }

    function test_fundingIsWalkedBackALimitAMinute() public {
        int256 limit = int256(LIMIT);
        for (int256 i = 1; i <= 3; ++i) {
            skip(60);
            post(prices(), fundingOf(BTC, i * limit));
            assertEq(staleSlots(), 0);
        }
        skip(60);
        post(prices());
        assertEq(staleSlots(), bit(BTC), "3 limits at once");
        for (int256 i = 2; i >= 0; --i) {
            skip(60);
            post(prices(), fundingOf(BTC, i * limit));
            assertEq(staleSlots(), 0);
        }
    }

    /// @dev A price that is too far and a funding that leaps: the slot is stale, so that nothing is too far.
    function test_aSlotWhosePriceDoesNotCountIsNotTooFar() public {
        assertEq(post(pricesWith(BTC, 2 * BTC_PRICE), fundingOf(BTC, int256(LIMIT) + 1)), 2);
        assertEq(staleSlots(), bit(BTC));
        assertEq(priceOf(BTC), BTC_PRICE);
    }

    // ------------------------------------------------------------------------------------------------ first prices

    function test_aSlotThatNeverHadAPriceIsStale() public {
        list(EMPTY, perpetual(4, 100_000, 300_000));
        assertEq(postOn(ALL, prices()), 2);
        assertEq(staleSlots(), bit(EMPTY));
        assertEq(priceOf(EMPTY), 0);
        assertEq(effectiveOf(EMPTY), 0);
    }

    function test_anEmptySlotIsNotStale() public {
        assertEq(post(prices()), 2);
        assertEq(staleSlots(), 0);
    }

    function test_theFirstPriceHasNoLimitBesideTheLeastAndTheGreatest() public {
        Asset memory entry = perpetual(4, 100_000, 300_000);
        (entry.leastPrice, entry.greatestPrice) = (10e9, 1000e9);
        list(EMPTY, entry);
        assertEq(post(pricesWith(EMPTY, 10e9 - 1)), 2);
        assertEq(staleSlots(), bit(EMPTY));
        assertEq(priceOf(EMPTY), 0);
        skip(1);
        assertEq(post(pricesWith(EMPTY, 1000e9 + 1)), 3);
        assertEq(staleSlots(), bit(EMPTY));
        skip(1);
        int256 paid = -1e18;
        assertEq(post(pricesWith(EMPTY, 1000e9), fundingOf(EMPTY, paid)), 4);
        assertEq(staleSlots(), 0);
        assertEq(effectiveOf(EMPTY), 1000e9 - paid);
    }

    /// @dev The reference round is older than the listing.
    function test_untilTheReferenceHasAPriceTheLatestRoundLimits() public {
        list(EMPTY, perpetual(4, 100_000, 300_000));
        postOn(ALL, prices());
        skip(1);
        post(pricesWith(EMPTY, 1e9));
        assertEq(rounds.referenceRoundId(), 2);
        skip(1);
        assertEq(post(pricesWith(EMPTY, 1.1e9 + 1)), 0);
        skip(1);
        assertEq(post(pricesWith(EMPTY, 1.1e9)), 4);
        skip(1);
        assertEq(post(pricesWith(EMPTY, 1.21e9)), 5);
        assertEq(rounds.referenceRoundId(), 2);
    }

    /// @dev Omitted in the first rounds, so that it stays without a price through changes of the reference.
    function test_aSlotFirstPricedLongAfterItsListingHasNoLimit() public {
        list(EMPTY, perpetual(4, 100_000, 300_000));
        for (uint256 i = 0; i < 3; ++i) {
            skip(60);
            postOn(ALL, prices());
        }
        skip(1);
        assertEq(post(pricesWith(EMPTY, 1e15)), 5);
        assertEq(priceOf(EMPTY), 1e15);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    /// @dev Reports of the first `count` reporters, the first of which omit a slot.
    function omittedBy(uint256 omitting, uint256 count, uint256 slot) private view returns (Report[] memory reports) {
        reports = unanimous(count, prices(), noFunding());
        for (uint256 k = 0; k < omitting; ++k) {
            reports[k].pricedSlots ^= uint64(bit(slot));
            sign(reports[k], k);
        }
    }

    /// @dev A third of the price a minute, then the last 500 units at once.
    function walkThePutTo(uint256 target) private {
        for (uint256 price = PUT_PRICE; price > target;) {
            uint256 limit = price * 333_333 / 1e6;
            if (limit < 500) limit = 500;
            price = price < target + limit ? target : price - limit;
            skip(60);
            assertGt(post(pricesWith(PUT, price)), 0);
            assertEq(priceOf(PUT), price);
        }
    }
}

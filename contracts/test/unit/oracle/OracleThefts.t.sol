// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {ISignedPriceRounds, Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {OracleFixture} from "../../utils/OracleFixture.sol";

/// @notice What a thief tries who posts reports, or holds the keys of two reporters of five. With one honest report beside
///         theirs in a set of three they choose the median: what stops them then are limits, time and the next honest set.
contract OracleTheftsTest is OracleFixture {
    uint256 private constant HONEST = BTC_PRICE;

    // ------------------------------------------------------------------------------------------------ posters

    /// @dev Five honest reports of different prices and times. The poster keeps any three or four: the price stays within
    ///      what honest reporters saw, and so does the time.
    function test_aPosterWhoPicksReportsStaysWithinHonestOnes() public {
        skip(20);
        Report[] memory all = honestReports();
        for (uint256 chosen = 0; chosen < 32; ++chosen) {
            Report[] memory reports = pick(all, chosen);
            if (reports.length < 3) continue;
            uint256 before = vm.snapshotState();
            assertEq(postRound(reports), 2);
            assertGe(priceOf(BTC), HONEST - 2e9);
            assertLe(priceOf(BTC), HONEST + 2e9);
            assertGe(rounds.roundTimestamp(2), block.timestamp - 8);
            vm.revertToState(before);
        }
    }

    /// @dev The poster posts the newer reports first, to go back to the older prices when that pays.
    function test_aPosterCannotGoBackToOlderReports() public {
        skip(20);
        Report[] memory older = unanimous(3, pricesWith(BTC, HONEST + 1e9), noFunding());
        skip(1);
        assertEq(post(prices()), 2);
        refuses(
            older,
            abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, block.timestamp, block.timestamp - 1)
        );
        // Nor with one of them among newer ones, which would move the median.
        skip(1);
        Report[] memory mixed = unanimous(3, prices(), noFunding());
        mixed[0] = older[0];
        refuses(
            mixed,
            abi.encodeWithSelector(
                IGuardedPriceRounds.RoundOutOfOrder.selector, block.timestamp - 1, block.timestamp - 2
            )
        );
    }

    /// @dev Two honest reporters have no price of ETH. The poster, who is short of ETH, wants the slot stale.
    function test_aPosterCannotMakeASlotStaleByTheChoiceOfReports() public {
        Report[] memory all = unanimous(5, prices(), noFunding());
        for (uint256 k = 0; k < 2; ++k) {
            all[k].pricedSlots ^= uint64(bit(ETH));
            sign(all[k], k);
        }
        for (uint256 chosen = 0; chosen < 32; ++chosen) {
            Report[] memory reports = pick(all, chosen);
            if (reports.length < 3) continue;
            uint256 before = vm.snapshotState();
            bytes memory medians = mediansOf(reports);
            try rounds.postRound(reports, medians) {
                assertEq(staleSlots(), 0);
            } catch (bytes memory reason) {
                assertEq(bytes4(reason), ISignedPriceRounds.SlotUndecided.selector);
            }
            vm.revertToState(before);
        }
    }

    /// @dev A wick of one second was held. The poster posts the very same reports again, to have it confirmed.
    function test_aCandidateIsNotConfirmedByItsOwnReports() public {
        Report[] memory wick = unanimous(3, pricesWith(BTC, HONEST / 2), noFunding());
        uint256 seen = block.timestamp;
        assertEq(postRound(wick), 0);
        skip(30);
        refuses(wick, abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, seen, seen));
        // Nor by the other reports of that second.
        Report[] memory others = new Report[](3);
        for (uint256 k = 0; k < 3; ++k) {
            others[k] = reportAt(2 + k, uint64(seen), pricesWith(BTC, HONEST / 2), noFunding());
        }
        refuses(others, abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, seen, seen));
    }

    /// @dev Two sets a minute apart, kept back and posted in one block: no trader saw the first of them.
    function test_candidateAndConfirmationDoNotFitInOneBlock() public {
        vm.warp(START + 200);
        Report[] memory first = reportsAt(uint64(START + 140), pricesWith(BTC, HONEST / 2));
        Report[] memory second = reportsAt(uint64(START + 200), pricesWith(BTC, HONEST / 2));
        assertEq(postRound(first), 0);
        refuses(second, abi.encodeWithSelector(IGuardedPriceRounds.CandidateTooYoung.selector, START + 260));
        // By the time the block is old enough, so are the reports.
        vm.warp(START + 260);
        assertEq(postRound(second), 2, "posted at the last moment");
        vm.warp(START + 261);
    }

    // ------------------------------------------------------------------------------------------------ two of five

    /// @dev Two colluders and one honest report: the median is the colluder's that is nearer to the honest one.
    function test_twoColludersChooseAPriceWithinTheLimitOnly() public {
        assertEq(collude(HONEST + LIMIT), 2);
        assertEq(priceOf(BTC), HONEST + LIMIT);
        skip(1);
        assertEq(collude(HONEST + LIMIT + 1), 0);
        // The next honest set ends it: of two sets the later counts.
        skip(1);
        assertEq(post(prices()), 3);
        assertEq(priceOf(BTC), HONEST);
        assertFalse(isStopped());
    }

    /// @dev They alternate between the lowest and the highest price that is recorded, as often as they can, for ten minutes
    ///      in which no honest set is posted. Within a minute they get from one limit below a reference price to two limits
    ///      above it, or the other way round: three limits l, which are an initial margin of the reference price. As the
    ///      limits compound, a long loses 1 - (1 - l)^2 / (1 + l) of its entry at most, a short (1 + l)^2 / (1 - l) - 1.
    function test_whatTwoColludersWhoAlternateGain() public {
        uint256[] memory series = new uint256[](120);
        for (uint256 i = 0; i < series.length; ++i) {
            skip(5);
            uint256 base = rounds.round(rounds.referenceRoundId()).prices[BTC];
            // References rise for two minutes and fall for two, with a swing to the other side at each step between.
            bool becomesReference = block.timestamp >= rounds.roundTimestamp(rounds.referenceRoundId()) + 60;
            bool up = (i / 24 % 2 == 0) == (becomesReference || i % 2 == 0);
            assertGt(collude(up ? base + base / 10 : base - base / 10), 0);
            series[i] = priceOf(BTC);
        }
        (uint256 rise, uint256 fall) = widestMoves(series, 12);
        assertLe(rise, 344_445, "more than (1 + l)^2 / (1 - l)");
        assertLe(fall, 263_637, "more than (1 - l)^2 / (1 + l)");
        assertGt(rise, 344_400, "they could do more");
        assertGt(fall, 263_600, "they could do more");
    }

    /// @dev They hold a wick of half the price, and hope that nothing comes for a minute. One honest set is enough.
    function test_anHonestSetDiscardsTheWickOfTwoColluders() public {
        vm.warp(START + 100);
        assertEq(collude(HONEST / 2), 0);
        assertTrue(isStopped());
        skip(10);
        assertEq(post(prices()), 2);
        assertFalse(isStopped());
        vm.warp(START + 160);
        assertEq(collude(HONEST / 2), 0, "another candidate, not a round");
        assertEq(rounds.latestRoundId(), 2);
    }

    /// @dev Two wicks fourteen minutes apart are within the lifetime of a candidate. Any honest set in between ends the first.
    function test_twoWicksFourteenMinutesApartConfirmNothing() public {
        vm.warp(START + 100);
        assertEq(collude(HONEST / 2), 0);
        skip(7 minutes);
        assertEq(post(prices()), 2);
        skip(7 minutes);
        assertEq(collude(HONEST / 2), 0);
        assertEq(rounds.latestRoundId(), 2);
        assertEq(priceOf(BTC), HONEST);
    }

    /// @dev If reporters are silent in between, the second wick makes the price: the nearer of the two. Level 3 was reached
    ///      all the time, so that no position could be opened or closed at the candidate.
    function test_twoWicksConfirmTheNearerWhenNoHonestReportIsThere() public {
        vm.warp(START + 100);
        assertEq(collude(HONEST / 2), 0);
        skip(14 minutes);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
        assertEq(collude(HONEST * 3 / 4), 2);
        assertEq(priceOf(BTC), HONEST * 3 / 4);
    }

    /// @dev They trip the breaker as often as they can. Each honest set ends the trip, and clocks go on without a grace.
    function test_tripsOfTwoColludersLastUntilTheNextHonestSet() public {
        uint64 before = breaker.activeTime(Level.NoFlags);
        uint256 began = block.timestamp;
        for (uint256 i = 0; i < 20; ++i) {
            skip(9);
            assertEq(collude(HONEST * 2), 0);
            skip(1);
            assertEq(post(prices()), 2 + i);
        }
        assertEq(block.timestamp - began, 200);
        assertEq(breaker.activeTime(Level.NoFlags) - before, 180, "all but a second of each trip");
    }

    /// @dev A crash is held, and before it can be confirmed two colluders post a set of the old price with one honest report:
    ///      it discards the candidate, each minute again. A threshold of t withstands (t - 1) / 2 liars: three of five one.
    function test_twoColludersOfFiveCanKeepACrashFromBeingConfirmed() public {
        uint256[] memory crash = pricesWith(BTC, HONEST * 7 / 10);
        for (uint256 i = 0; i < 5; ++i) {
            skip(1);
            assertEq(post(crash), 0);
            skip(59);
            assertEq(postRound(colluding(prices(), noFunding(), crash)), 2 + i);
        }
        assertEq(priceOf(BTC), HONEST);
    }

    /// @dev With a threshold of five of nine, two colluders choose nothing, whichever honest reports they add.
    function test_aThresholdOfFiveWithstandsTwoColluders() public {
        vm.prank(governance);
        rounds.setReporters(reporterSet(9), 5);
        uint256[] memory crash = pricesWith(BTC, HONEST * 7 / 10);
        skip(1);
        assertEq(postRound(unanimous(5, crash, noFunding())), 0);
        skip(60);
        Report[] memory reports = unanimous(5, crash, noFunding());
        for (uint256 k = 0; k < 2; ++k) {
            reports[k] = reportOf(k, prices(), noFunding());
        }
        assertEq(postRound(reports), 2, "confirmed with the colluders in the set");
        assertEq(priceOf(BTC), HONEST * 7 / 10);
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_oneColluderOfFiveMovesNothing(uint256 lie, uint256 chosen, uint256 liar) public {
        skip(20);
        Report[] memory all = honestReports();
        liar = liar % 5;
        all[liar] = reportOf(liar, pricesWith(BTC, bound(lie, 0, type(uint64).max)), noFunding());
        Report[] memory reports = pick(all, chosen % 32);
        vm.assume(reports.length >= 3);
        assertEq(postRound(reports), 2);
        assertGe(priceOf(BTC), HONEST - 2e9);
        assertLe(priceOf(BTC), HONEST + 2e9);
    }

    /// @dev Two colluders omit ETH: no set of three holds two of them beside one honest report any more.
    function test_twoColludersCannotMakeASlotStale() public {
        Report[] memory reports = new Report[](5);
        for (uint256 k = 0; k < 5; ++k) {
            uint64 priced = k < 2 ? ALL ^ uint64(bit(ETH)) : ALL;
            reports[k] = reportOn(k, uint64(block.timestamp), priced, prices(), noFunding());
        }
        refuses(pick(reports, 7), abi.encodeWithSelector(ISignedPriceRounds.SlotUndecided.selector, ETH));
        assertEq(postRound(pick(reports, 28)), 2, "the honest three");
        assertEq(staleSlots(), 0);
    }

    /// @dev Their funding index moves within the limit, and an honest set moves it back.
    function test_twoColludersMoveFundingWithinTheLimitOnly() public {
        int256 paid = int256(LIMIT);
        assertEq(postRound(colluding(prices(), fundingOf(BTC, paid), prices())), 2);
        assertEq(effectiveOf(BTC), int256(HONEST) - paid);
        skip(1);
        assertEq(postRound(colluding(prices(), fundingOf(BTC, paid + 1), prices())), 3);
        assertEq(staleSlots(), bit(BTC), "stale, and as before");
        assertEq(effectiveOf(BTC), int256(HONEST) - paid);
        skip(1);
        assertEq(post(prices()), 4);
        assertEq(effectiveOf(BTC), int256(HONEST));
    }

    // ------------------------------------------------------------------------------------------------ helpers

    /// @dev Posts a price of BTC that two of five agree on, with one honest report.
    function collude(uint256 price) private returns (uint64) {
        return postRound(colluding(pricesWith(BTC, price), noFunding(), prices()));
    }

    /// @dev The widest rise and fall of a price within so many steps [ppm of the price before].
    function widestMoves(uint256[] memory series, uint256 steps) private pure returns (uint256 rise, uint256 fall) {
        for (uint256 i = 0; i < series.length; ++i) {
            for (uint256 k = i; k < series.length && k <= i + steps; ++k) {
                (uint256 from, uint256 to) = (series[i], series[k]);
                uint256 moved = (to > from ? to - from : from - to) * 1e6 / from;
                if (to > from && moved > rise) rise = moved;
                if (to < from && moved > fall) fall = moved;
            }
        }
    }

    /// @param lie What the two say.
    /// @param truth What the honest reporter says, without funding.
    function colluding(uint256[] memory lie, int256[] memory funding, uint256[] memory truth)
        private
        view
        returns (Report[] memory reports)
    {
        reports = new Report[](3);
        for (uint256 k = 0; k < 2; ++k) {
            reports[k] = reportOf(k, lie, funding);
        }
        reports[2] = reportOf(2, truth, noFunding());
    }

    function honestReports() private view returns (Report[] memory reports) {
        reports = new Report[](5);
        for (uint256 k = 0; k < 5; ++k) {
            uint64 seen = uint64(block.timestamp - 2 * k);
            reports[k] = reportAt(k, seen, pricesWith(BTC, HONEST + k * 1e9 - 2e9), noFunding());
        }
    }

    /// @dev The reports whose bit is set.
    function pick(Report[] memory all, uint256 chosen) private pure returns (Report[] memory reports) {
        uint256 count = 0;
        for (uint256 k = 0; k < all.length; ++k) {
            count += chosen >> k & 1;
        }
        reports = new Report[](count);
        for (uint256 k = all.length; k > 0; --k) {
            if (chosen >> (k - 1) & 1 == 1) reports[--count] = all[k - 1];
        }
    }
}

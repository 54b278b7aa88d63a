// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {FeedFault, IChainlinkRounds} from "../../../src/interfaces/IChainlinkRounds.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IPriceFeed} from "../../../src/interfaces/IPriceFeed.sol";
import {Round} from "../../../src/interfaces/IPriceRounds.sol";
import {Asset} from "../../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {ChainlinkRounds} from "../../../src/oracle/ChainlinkRounds.sol";
import {MockChainlinkFeed} from "../../mocks/MockChainlinkFeed.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {ReporterFixture} from "../../utils/ReporterFixture.sol";

/// @notice The stories on which the reference of the posting rules and the contracts must agree, step by step.
contract PriceRoundVectorsTest is ReporterFixture {
    string private constant TYPE = "Story(string name,uint256 reporters,uint256 threshold,Step[] steps)"
        "ReportVector(uint256 reporter,uint256 timestamp,uint256 pricedSlots,uint256[] prices,int256[] funding)"
        "RoundVector(uint256 id,uint256 timestamp,uint256[] prices,int256[] effectivePrices,uint256 stale)"
        "Step(string action,uint256 time,uint256 level,ReportVector[] reports,bytes medians,string error,string fate,"
        "RoundVector latest,uint256 longOnly,uint256 referenceId,uint256 newest,uint256 heldAt,RoundVector candidate,"
        "uint256 stopped,uint256[] active)";
    string private constant SLOT_TYPE = "SlotVector(bool isSpot,uint256 deviationPpm,uint256 deviationAmount,"
        "uint256 leastPrice,uint256 greatestPrice)";
    string private constant FEED_TYPE = "FeedVector(uint256 roundId,int256 answer,uint256 updatedAt,"
        "uint256 answeredInRound,uint256 decimals,uint256 maxAge,uint256 fault,uint256 price)";
    uint256 private constant SLOTS = 5;
    uint256 private constant FEED_SECONDS = 100; // of the feeds' answers, after the deployment
    uint256 private constant UNDERLYING = 1;
    uint256 private constant OPTION = 2;

    struct SlotVector {
        bool isSpot;
        uint256 deviationPpm;
        uint256 deviationAmount;
        uint256 leastPrice;
        uint256 greatestPrice;
    }

    struct FeedVector {
        uint256 roundId;
        int256 answer;
        uint256 updatedAt;
        uint256 answeredInRound;
        uint256 decimals;
        uint256 maxAge;
        uint256 fault;
        uint256 price;
    }

    struct ReportVector {
        uint256 reporter;
        uint256 timestamp;
        uint256 pricedSlots;
        uint256[] prices;
        int256[] funding;
    }

    struct RoundVector {
        uint256 id;
        uint256 timestamp;
        uint256[] prices;
        int256[] effectivePrices;
        uint256 stale;
    }

    struct Step {
        string action;
        uint256 time;
        uint256 level;
        ReportVector[] reports;
        bytes medians;
        string error;
        string fate;
        RoundVector latest;
        uint256 longOnly;
        uint256 referenceId;
        uint256 newest;
        uint256 heldAt;
        RoundVector candidate;
        uint256 stopped;
        uint256[] active;
    }

    struct Story {
        string name;
        uint256 reporters;
        uint256 threshold;
        Step[] steps;
    }

    function test_everyStory() public {
        string memory json = vm.readFile("../tests/vectors/price-rounds.json");
        Asset[] memory assets = listing(abi.decode(vm.parseJsonTypeArray(json, ".slots", SLOT_TYPE), (SlotVector[])));
        uint64 minInterval = uint64(vm.parseJsonUint(json, ".settings.minInterval"));
        Story[] memory stories = abi.decode(vm.parseJsonTypeArray(json, ".stories", TYPE), (Story[]));
        assertGt(stories.length, 15);
        for (uint256 i = 0; i < stories.length; ++i) {
            deployBook(SLOTS, assets);
            deployRounds(stories[i].reporters, stories[i].threshold, minInterval);
            for (uint256 k = 0; k < stories[i].steps.length; ++k) {
                string memory name = string.concat(stories[i].name, ", step ", vm.toString(k));
                follow(stories[i].steps[k], name);
                check(stories[i].steps[k], name);
            }
        }
        assertEq(vm.parseJsonUint(json, ".settings.deployedAt"), START);
        assertEq(vm.parseJsonUint(json, ".settings.staleAfter"), rounds.staleAfter());
        assertEq(vm.parseJsonUint(json, ".settings.maxReportAge"), rounds.maxReportAge());
        assertEq(vm.parseJsonUint(json, ".settings.resumeGrace"), breaker.resumeGrace());
    }

    function test_everyFeed() public {
        string memory json = vm.readFile("../tests/vectors/price-rounds.json");
        FeedVector[] memory vectors = abi.decode(vm.parseJsonTypeArray(json, ".feeds", FEED_TYPE), (FeedVector[]));
        assertGt(vectors.length, 30);
        Asset[] memory assets = new Asset[](2);
        (assets[0], assets[1]) = (perpetual(0, 25_000, 300_000), option(1, 0, 0)); // an option takes any feed
        for (uint256 i = 0; i < vectors.length; ++i) {
            FeedVector memory v = vectors[i];
            deployBook(2, assets);
            ChainlinkRounds source =
                Deploy.chainlinkRounds(governance, risk, breaker, STALE_AFTER, MIN_INTERVAL, IPriceFeed(address(0)), 0);
            makeSource(source);
            MockChainlinkFeed feed = new MockChainlinkFeed(uint8(v.decimals));
            feed.set(uint80(v.roundId), v.answer, v.updatedAt, v.updatedAt, uint80(v.answeredInRound));
            MockChainlinkFeed other = new MockChainlinkFeed(9);
            vm.startPrank(governance);
            source.setFeed(1, IPriceFeed(address(feed)), uint32(v.maxAge));
            source.setFeed(0, IPriceFeed(address(other)), type(uint32).max); // a round needs one price
            vm.stopPrank();
            vm.warp(START + FEED_SECONDS);
            other.answer(1e9);
            if (v.fault != 0) {
                vm.expectEmit(address(source));
                emit IChainlinkRounds.FeedUnusable(1, FeedFault(v.fault));
            }
            source.postRound();
            assertEq(source.reduceOnly(1) >> 1, v.fault == 0 ? 0 : 1, vm.toString(i));
            assertEq(source.round(1).prices[1], v.price, vm.toString(i));
        }
    }

    /// @dev Margins take no part, but bound the limits.
    function listing(SlotVector[] memory slots) private pure returns (Asset[] memory assets) {
        assets = new Asset[](slots.length);
        for (uint256 i = 0; i < slots.length; ++i) {
            assets[i] = slots[i].isSpot ? spot("SPOT", 9) : perpetual(i, 25_000, 300_000);
            if (i == OPTION) assets[i] = option(i, uint8(UNDERLYING), 100e9);
            SlotVector memory v = slots[i];
            (assets[i].deviationPpm, assets[i].deviationAmount) = (uint32(v.deviationPpm), uint64(v.deviationAmount));
            (assets[i].leastPrice, assets[i].greatestPrice) = (uint64(v.leastPrice), uint64(v.greatestPrice));
        }
    }

    function follow(Step memory step, string memory name) private {
        vm.warp(step.time);
        if (equal(step.action, "raise")) {
            vm.prank(guardian);
            breaker.raiseTo(Level(step.level));
        } else if (equal(step.action, "lower")) {
            vm.prank(governance);
            breaker.lowerTo(Level(step.level));
        } else if (equal(step.action, "trip")) {
            try rounds.tripIfStale() {
                assertEq(step.error, "", name);
            } catch (bytes memory reason) {
                assertEq(bytes4(reason), selectorOf(step.error), name);
            }
        } else {
            try rounds.postRound(signed(step.reports), step.medians) returns (uint64 id) {
                assertEq(step.error, "", name);
                assertEq(id == 0, equal(step.fate, "held"), name);
            } catch (bytes memory reason) {
                assertEq(bytes4(reason), selectorOf(step.error), name);
            }
        }
    }

    function signed(ReportVector[] memory vectors) private view returns (Report[] memory reports) {
        reports = new Report[](vectors.length);
        for (uint256 k = 0; k < vectors.length; ++k) {
            ReportVector memory v = vectors[k];
            reports[k] = reportOn(v.reporter, uint64(v.timestamp), uint64(v.pricedSlots), v.prices, v.funding);
        }
    }

    function check(Step memory step, string memory name) private view {
        uint64 latest = rounds.latestRoundId();
        assertEq(latest, step.latest.id, name);
        if (latest != 0) {
            checkRound(rounds.round(latest), step.latest, name);
            assertEq(rounds.reduceOnly(latest), step.latest.stale, name);
            assertEq(rounds.longOnly(latest), step.longOnly, name);
        }
        assertEq(rounds.referenceRoundId(), step.referenceId, name);
        assertEq(rounds.newestTimestamp(), step.newest, name);
        (uint64 timestamp, uint64 heldAt, uint64 stale, Round memory held) = rounds.candidate();
        assertEq(heldAt, step.heldAt, name);
        assertEq(timestamp, step.candidate.timestamp, name);
        assertEq(stale, step.candidate.stale, name);
        if (heldAt != 0) checkRound(held, step.candidate, name);
        assertEq(uint8(breaker.level()), step.stopped, name);
        for (uint256 level = 1; level <= 3; ++level) {
            assertEq(breaker.activeTime(Level(level)), step.active[level - 1], name);
        }
    }

    function checkRound(Round memory found, RoundVector memory v, string memory name) private pure {
        assertEq(found.timestamp, v.timestamp, name);
        assertEq(found.prices, v.prices, name);
        assertEq(found.effectivePrices, v.effectivePrices, name);
    }

    /// @dev Selector of an error by its name; 0 for none.
    function selectorOf(string memory refusal) private pure returns (bytes4) {
        string[12] memory signatures = [
            "WrongReportCount(uint256)",
            "NotReporter(address)",
            "DuplicateReporter(address)",
            "RoundOutOfOrder(uint64,uint64)",
            "ReportFromFuture(address,uint64)",
            "ReportTooOld(address,uint64)",
            "SlotIsEmpty(uint256)",
            "PriceOutOfRange(uint256)",
            "EffectivePriceOutOfRange(uint256)",
            "SlotUndecided(uint256)",
            "TooSoon(uint64,uint64)",
            "CandidateTooYoung(uint64)"
        ];
        for (uint256 i = 0; i < signatures.length; ++i) {
            if (equal(vm.split(signatures[i], "(")[0], refusal)) return bytes4(keccak256(bytes(signatures[i])));
        }
        return equal(refusal, "RoundsAreFresh") ? bytes4(keccak256("RoundsAreFresh()")) : bytes4(0);
    }

    function equal(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}

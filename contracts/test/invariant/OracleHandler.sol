// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {Round, VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {Asset, AssetKind} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {RiskParameters} from "../../src/oracle/RiskParameters.sol";
import {RoundReader} from "../utils/RoundReader.sol";
import {OracleInvariantNames} from "./OracleInvariantNames.sol";
import {OracleRecord} from "./OracleRecord.sol";
import {Tally} from "./Tally.sol";

/// @title OracleHandler
/// @notice Calls every entry of rounds, parameters and breaker, and keeps its own record of what must come of it.
///         Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract OracleHandler is OracleRecord, Tally {
    uint256 private constant MAX_SET = 6;
    uint256 private constant SPOT = 1;
    uint256 private constant OPTION = 2;
    uint256 private constant UNLISTED = 3;

    enum Fault {
        None,
        MalleableSignature,
        OtherSigner,
        Duplicate,
        Stranger,
        TooFew,
        Stale,
        Future,
        OutOfRange,
        EmptySlot,
        NoMedian
    }

    Level public raised;
    uint32 public version = 1;
    mapping(uint64 roundId => bytes32) public roundDigests;
    mapping(uint64 roundId => uint64) public timestamps;
    mapping(uint64 roundId => uint256) public signatures;
    mapping(uint64 roundId => uint256) public thresholds;
    mapping(uint32 version => bytes32) public versionDigests;
    mapping(uint256 slot => uint256) public announcedAt;

    /// @dev Active time of each level at the last call.
    uint64[4] private _active;
    uint256 private _watchedAt;

    /// @dev Active time never falls, and grows by no more than the time that passes. Seconds that pass while a level is
    ///      stopped do not count.
    modifier watched(uint256 seconds_) {
        bool[4] memory wereStopped;
        for (uint8 i = 1; i <= 3; ++i) {
            wereStopped[i] = uint8(raised) >= i || trippedUntil == type(uint64).max;
        }
        skip(seconds_);
        watch(wereStopped);
        _;
        watch(wereStopped);
    }

    constructor() {
        // Slot 3 has no asset until governance lists one.
        Asset[] memory assets = perpetuals(3);
        (assets[0].floorPpm, assets[0].ceilingPpm) = (10_000, 300_000);
        (assets[SPOT], assets[OPTION]) = (spot("GOLD", 6), option(OPTION, 0, 0));
        assets[0].leastPrice = 1e9;
        deployBook(SLOTS, assets);
        (reporterCount, threshold) = (4, 3);
        deployRounds(reporterCount, threshold, INTERVAL);
        versionDigests[1] = versionDigest(1);
        _watchedAt = block.timestamp;
    }

    /// @dev Every report says the same but the last of three or more, which lies. Some omit slots.
    function postRound(uint256 seed, uint8 fault_, uint256 lie) external watched(waitFrom(seed)) {
        Fault fault = fault_ % 4 == 0 ? Fault(fault_ / 4 % 11) : Fault.None;
        uint256 count = bound(seed >> 8, threshold, reporterCount);
        if (fault == Fault.TooFew) count = threshold - 1;
        Report[] memory reports = reportsFrom(seed, count, lie);
        if (count > 0) spoil(reports, seed % count, fault);

        bytes memory medians = mediansOf(reports);
        if (fault == Fault.NoMedian) spoilMedians(medians, reports, seed);
        Fate fate = Fate.Refused;
        Sheet memory sheet;
        if (fault == Fault.None) (fate, sheet) = judge(reports);
        try rounds.postRound(reports, medians) returns (uint64 recorded) {
            assertTrue(fate != Fate.Refused, "a set was posted that must not");
            assertEq(recorded, fate == Fate.Held ? 0 : lastRoundId + 1, OracleInvariantNames.FAR_PRICES_WAIT);
            tallyFate(fate, sheet);
            note(fate, sheet);
            if (recorded != 0) noteRound(recorded, reports);
            compare(fate == Fate.Held);
        } catch {
            assertTrue(fate == Fate.Refused, "a set was not posted");
        }
    }

    function setReporters(uint256 count, uint256 threshold_, bool asGovernance) external {
        count = bound(count, 0, MAX_SET);
        threshold_ = bound(threshold_, 0, MAX_SET);
        bool due = asGovernance && count > 0 && threshold_ <= count && 2 * threshold_ > count;
        vm.prank(asGovernance ? governance : stranger);
        try rounds.setReporters(reporterSet(count), threshold_) {
            assertTrue(due, "a set was replaced against the rules");
            (reporterCount, threshold) = (count, threshold_);
        } catch {
            assertFalse(due, "a set was not replaced");
        }
    }

    function tripIfStale(uint256 seconds_) external watched(bound(seconds_, 0, 2 * STALE_AFTER)) {
        bool due = isSilent();
        try rounds.tripIfStale() {
            assertTrue(due, "tripped while rounds are fresh");
            trippedUntil = type(uint64).max;
        } catch {
            assertFalse(due, "did not trip");
        }
        tally("tripIfStale", due);
    }

    function raise(uint8 to, uint8 caller) external watched(caller) {
        Level wanted = Level(to % 4);
        bool due = caller % 3 == 0;
        vm.prank(due ? guardian : caller % 3 == 1 ? governance : stranger);
        try breaker.raiseTo(wanted) {
            assertTrue(due, "raised by no guardian");
            if (wanted > raised) raised = wanted;
        } catch {
            assertFalse(due, "the guardian could not raise");
        }
    }

    function lower(uint8 to, uint8 caller) external watched(caller) {
        Level wanted = Level(to % 4);
        bool due = caller % 3 != 0 && wanted < raised;
        vm.prank(caller % 3 == 0 ? guardian : governance);
        try breaker.lowerTo(wanted) {
            assertTrue(due, OracleInvariantNames.ONLY_GOVERNANCE_LOWERS);
            raised = wanted;
        } catch {
            assertFalse(due, "governance could not lower");
        }
    }

    function announce(uint256 slot, uint24 maintenance, uint24 initial, bool asGovernance) external {
        slot = slot % SLOTS;
        Asset memory entry = risk.asset(slot);
        if (entry.symbol == 0) entry = perpetual(slot, 0, 0);
        entry.maintenancePpm = uint24(bound(maintenance, 0, 1_000_000));
        entry.initialPpm = uint24(bound(initial, 0, 1_000_000));
        bool due = asGovernance && isWithinBounds(entry);
        vm.prank(asGovernance ? governance : steward);
        try risk.announce(slot, entry) {
            assertTrue(due, "announced against the rules");
            announcedAt[slot] = block.timestamp;
        } catch {
            assertFalse(due, "could not announce");
        }
    }

    function execute(uint256 slot, uint256 seconds_, bool asGovernance)
        external
        watched(bound(seconds_, 0, 2 * DELAY))
    {
        slot = slot % SLOTS;
        uint256 since = announcedAt[slot];
        bool due = asGovernance && since != 0 && block.timestamp >= since + DELAY
            && block.timestamp <= since + DELAY + 14 days;
        vm.prank(asGovernance ? governance : steward);
        try risk.execute(slot) {
            assertTrue(due, OracleInvariantNames.LOOSENING_WAITS);
            announcedAt[slot] = 0;
            noteVersion();
        } catch {
            assertFalse(due, "could not execute");
        }
    }

    function cancel(uint256 slot, bool asGovernance) external {
        slot = slot % SLOTS;
        bool due = asGovernance && announcedAt[slot] != 0;
        vm.prank(asGovernance ? governance : stranger);
        try risk.cancel(slot) {
            assertTrue(due, "cancelled against the rules");
            announcedAt[slot] = 0;
        } catch {
            assertFalse(due, "could not cancel");
        }
    }

    /// @dev Half of the tries raise both fractions by a little.
    function tighten(uint256 slot, uint24 maintenance, uint24 initial, bool small, bool asSteward) external {
        slot = slot % SLOTS;
        Asset memory before = risk.asset(slot);
        Asset memory entry = risk.asset(slot);
        entry.maintenancePpm = small ? before.maintenancePpm + maintenance % 5000 : uint24(bound(maintenance, 0, 1e6));
        entry.initialPpm = small ? before.initialPpm + initial % 5000 : uint24(bound(initial, 0, 1e6));
        bool isTighter = entry.maintenancePpm >= before.maintenancePpm && entry.initialPpm >= before.initialPpm
            && (entry.maintenancePpm > before.maintenancePpm || entry.initialPpm > before.initialPpm);
        bool due = asSteward && before.symbol != 0 && isTighter && isWithinBounds(entry);
        vm.prank(asSteward ? steward : governance);
        try risk.tighten(slot, fractionsOf(entry)) {
            assertTrue(due, OracleInvariantNames.LOOSENING_WAITS);
            announcedAt[slot] = 0;
            noteVersion();
        } catch {
            assertFalse(due, "the steward could not tighten");
        }
    }

    function underTest() external view returns (PriceRounds, RiskParameters, CircuitBreaker) {
        return (rounds, risk, breaker);
    }

    function digest(uint64 roundId) public view returns (bytes32) {
        return keccak256(
            abi.encode(
                rounds.round(roundId),
                rounds.reduceOnly(roundId),
                rounds.longOnly(roundId),
                RoundReader.inputs(rounds, roundId, VectorKind.Maintenance),
                RoundReader.inputs(rounds, roundId, VectorKind.Initial)
            )
        );
    }

    function versionDigest(uint32 version_) public view returns (bytes32) {
        return keccak256(abi.encode(risk.parametersAt(version_)));
    }

    function isSilent() public view returns (bool) {
        return lastRoundId != 0 && block.timestamp > _latest.timestamp + STALE_AFTER;
    }

    /// @dev The level that the breaker must have.
    function level() external view returns (Level) {
        return block.timestamp < trippedUntil ? Level.NoWithdrawals : raised;
    }

    function isWithinBounds(Asset memory entry) public pure returns (bool) {
        bool isOrdered = entry.floorPpm <= entry.maintenancePpm && entry.maintenancePpm <= entry.initialPpm
            && entry.initialPpm <= entry.ceilingPpm && entry.ceilingPpm <= 1e6;
        bool isCovered = entry.kind == AssetKind.Option
            ? entry.maintenancePpm <= entry.shortMaintenancePpm && entry.initialPpm <= entry.shortInitialPpm
            : entry.initialPpm >= 3 * entry.deviationPpm;
        return isOrdered && isCovered && entry.maintenancePpm > 0;
    }

    /// @dev What was recorded or held is what the record says.
    function compare(bool isHeld) private view {
        (uint64 timestamp, uint64 since, uint64 stale, Round memory round) = rounds.candidate();
        assertEq(since, heldAt, OracleInvariantNames.FAR_PRICES_WAIT);
        Sheet memory sheet = isHeld ? _candidate : _latest;
        if (!isHeld) {
            round = rounds.round(lastRoundId);
            (timestamp, stale) = (round.timestamp, uint64(rounds.reduceOnly(lastRoundId)));
        }
        assertEq(timestamp, sheet.timestamp, OracleInvariantNames.ROUNDS_ARE_MONOTONIC);
        for (uint256 i = 0; i < SLOTS; ++i) {
            Quote memory quote = sheet.quotes[i];
            assertEq(stale >> i & 1 == 1, quote.isStale, OracleInvariantNames.STALE_SLOTS_KEEP_THEIR_PRICE);
            assertEq(round.prices[i], quote.price, OracleInvariantNames.STALE_SLOTS_KEEP_THEIR_PRICE);
            int256 e = int256(quote.price) - quote.funding;
            assertEq(round.effectivePrices[i], e, OracleInvariantNames.STALE_SLOTS_KEEP_THEIR_PRICE);
        }
    }

    function watch(bool[4] memory wereStopped) private {
        uint256 passed = block.timestamp - _watchedAt;
        _watchedAt = block.timestamp;
        for (uint8 i = 1; i <= 3; ++i) {
            uint64 active = breaker.activeTime(Level(i));
            assertGe(active, _active[i], OracleInvariantNames.ACTIVE_TIME_NEVER_FALLS);
            uint256 most = wereStopped[i] ? 0 : passed;
            assertLe(active - _active[i], most, OracleInvariantNames.STOPPED_TIME_DOES_NOT_COUNT);
            _active[i] = active;
        }
    }

    function tallyFate(Fate fate, Sheet memory sheet) private {
        tally("recorded", fate == Fate.Recorded);
        tally("confirmed", fate == Fate.Confirmed);
        tally("held", fate == Fate.Held && heldAt == 0);
        tally("replaced", fate == Fate.Held && heldAt != 0);
        tally("discarded", fate == Fate.Recorded && heldAt != 0);
        tally("after silence", fate != Fate.Held && isSilent());
        bool hasStale = false;
        for (uint256 i = 0; i < SLOTS; ++i) {
            hasStale = hasStale || sheet.quotes[i].isStale;
        }
        tally("with a stale slot", fate != Fate.Held && hasStale);
    }

    /// @dev Counts the signatures by itself, over the digest that EIP-712 gives.
    function noteRound(uint64 roundId, Report[] memory reports) private {
        timestamps[roundId] = _latest.timestamp;
        roundDigests[roundId] = digest(roundId);
        thresholds[roundId] = threshold;
        for (uint256 i = 0; i < reporterCount; ++i) {
            for (uint256 k = 0; k < reports.length; ++k) {
                (bytes32 r, bytes32 s) = abi.decode(reports[k].signature, (bytes32, bytes32));
                uint8 v = uint8(reports[k].signature[64]);
                if (ecrecover(digestOf(hashOf(reports[k])), v, r, s) == reporterAt(i)) {
                    ++signatures[roundId];
                    break;
                }
            }
        }
    }

    function noteVersion() private {
        ++version;
        versionDigests[version] = versionDigest(version);
    }

    function reportsFrom(uint256 seed, uint256 count, uint256 lie) private view returns (Report[] memory reports) {
        uint256[] memory prices = pricesFrom(seed);
        int256[] memory funding = fundingFrom(seed);
        uint64 listed = listedSlots();
        uint64 omitted = seed >> 40 & 7 == 0 ? uint64(seed >> 44) & listed : 0;
        uint256 omitting = bound(seed >> 52, 0, count);
        reports = new Report[](count);
        for (uint256 k = 0; k < count; ++k) {
            uint64 priced = k < omitting ? listed ^ omitted : listed;
            uint64 seen = uint64(block.timestamp - (seed >> 60 & 1) * k);
            if (seen <= newest) seen = uint64(block.timestamp);
            uint256[] memory said = k >= 2 && k == count - 1 ? liesFrom(lie) : prices;
            reports[k] = reportOn(k, seen, priced, said, funding);
        }
    }

    function spoil(Report[] memory reports, uint256 who, Fault fault) private view {
        uint64 nowTime = uint64(block.timestamp);
        Report memory report = reports[who];
        if (fault == Fault.MalleableSignature) {
            report.signature = malleated(report.signature);
        } else if (fault == Fault.OtherSigner) {
            sign(report, who + 1);
        } else if (fault == Fault.Duplicate) {
            // With one reporter a second report is one too many; with more it takes the place of another's.
            if (reports.length == 1) (report.reporter, report.signature) = (reporterAt(MAX_SET), "");
            else reports[who] = reports[(who + 1) % reports.length];
        } else if (fault == Fault.Stranger) {
            report.reporter = reporterAt(MAX_SET);
            sign(report, MAX_SET);
        } else if (fault == Fault.Stale) {
            report.timestamp = nowTime - MAX_REPORT_AGE - 1;
            sign(report, who);
        } else if (fault == Fault.Future) {
            report.timestamp = nowTime + 1;
            sign(report, who);
        } else if (fault == Fault.OutOfRange) {
            (report.pricedSlots, report.prices[0]) = (report.pricedSlots | 1, 1 << 64);
            sign(report, who);
        } else if (fault == Fault.EmptySlot) {
            report.pricedSlots |= uint64(1 << SLOTS);
            sign(report, who);
        }
    }

    /// @dev Names the report that lies where there is one, or a report that does not exist.
    function spoilMedians(bytes memory medians, Report[] memory reports, uint256 seed) private pure {
        uint256 place = seed >> 16 & 1 == 0 ? 0 : 1; // the time, or the price of a slot that every report may price
        if (reports[0].pricedSlots & 1 == 0 || reports[reports.length - 1].pricedSlots & 1 == 0) place = 0;
        uint256 last = reports.length - 1;
        bool lies = valueAt(reports[last], place, SLOTS) != valueAt(reports[0], place, SLOTS);
        uint256 none = bound(seed >> 24, reports.length, type(uint8).max);
        medians[place] = bytes1(uint8(lies && reports.length >= 3 ? last : none));
    }

    /// @dev A minute as often as less or more: that is what limits and candidates wait for.
    function waitFrom(uint256 seed) private pure returns (uint256) {
        if (seed % 3 == 0) return 60;
        return seed % 3 == 1 ? seed / 3 % 20 + 1 : seed / 3 % 200 + 1;
    }

    /// @dev Most move by a little from the reference, some go where the candidate is, some jump, some leave their bounds.
    function pricesFrom(uint256 seed) private view returns (uint256[] memory prices) {
        prices = new uint256[](SLOTS);
        bool follows = heldAt != 0 && seed % 2 == 0;
        bool jumps = seed % 5 == 0;
        for (uint256 i = 0; i < SLOTS; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            Quote memory from = follows ? _candidate.quotes[i] : before(i);
            prices[i] = from.isPriced ? from.price : 1e12;
            if (draw % 16 == 0) prices[i] = i == OPTION ? 0 : 1;
            else if (jumps && draw % 2 == 0) prices[i] = prices[i] * bound(draw, 600_000, 1_500_000) / 1e6;
            else prices[i] = prices[i] * bound(draw, 950_000, 1_050_000) / 1e6 + draw % 3;
            // So that no series leaves the range for good.
            if (prices[i] > 1e15) prices[i] = 1e12;
        }
    }

    function fundingFrom(uint256 seed) private view returns (int256[] memory funding) {
        funding = new int256[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i, "funding")));
            if (i == SPOT) {
                funding[i] = draw % 16 == 0 ? int256(1) : int256(0);
                continue;
            }
            uint256 most = before(i).price / (draw % 8 == 0 ? 4 : 100);
            funding[i] = before(i).funding + int256(bound(draw, 0, 2 * most)) - int256(most);
            if (draw % 32 == 1) funding[i] = 0;
        }
    }

    function liesFrom(uint256 lie) private pure returns (uint256[] memory lies) {
        lies = new uint256[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            lies[i] = bound(lie, 0, 1 << 62);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {PriceRounds} from "../../src/PriceRounds.sol";
import {RiskParameters} from "../../src/RiskParameters.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";
import {OracleInvariantNames} from "./OracleInvariantNames.sol";

/// @title OracleHandler
/// @notice Does to rounds, parameters and breaker whatever anybody may do, and keeps its own record of what must come of
///         it. Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract OracleHandler is ReporterFixture {
    uint256 public constant SLOTS = 3;
    uint256 private constant MAX_SET = 6;

    enum Fault {
        None,
        MalleableSignature,
        OtherSigner,
        Duplicate,
        Stranger,
        TooFew,
        Stale,
        Future,
        Skipped,
        ZeroPrice,
        NoMedian
    }

    uint64 public lastRoundId;
    uint64 public newest;
    Level public level;
    uint32 public version = 1;
    mapping(uint64 roundId => bytes32) public roundDigests;
    mapping(uint64 roundId => uint64) public timestamps;
    mapping(uint64 roundId => uint256) public signatures;
    mapping(uint64 roundId => uint256) public thresholds;
    mapping(uint32 version => bytes32) public versionDigests;
    mapping(uint256 slot => uint256) public announcedAt;
    mapping(uint64 roundId => mapping(uint256 slot => uint256)) private _allowed;

    uint256[] private _lastPrices = new uint256[](SLOTS);
    uint256 public reporterCount;
    uint256 public threshold;

    constructor() {
        // Slot 2 has no asset until governance lists one.
        Asset[] memory assets = perpetuals(2);
        (assets[0].floorPpm, assets[0].ceilingPpm) = (10_000, 300_000);
        deployBook(SLOTS, assets);
        (reporterCount, threshold) = (4, 3);
        deployRounds(reporterCount, threshold);
        versionDigests[1] = versionDigest(1);
    }

    /// @dev Every report says the same but the last of three or more, which lies.
    function postRound(uint256 seed, uint8 fault_, uint256 lie) external {
        skip(seed % 40 + 1);
        Fault fault = fault_ % 3 == 0 ? Fault(fault_ / 3 % 11) : Fault.None;
        uint64 roundId = lastRoundId + 1 + (fault == Fault.Skipped ? 1 : 0);
        uint256 count = bound(seed >> 8, threshold, reporterCount);
        if (fault == Fault.TooFew) count = threshold - 1;
        uint256[] memory prices = pricesFrom(seed);
        Report[] memory reports = new Report[](count);
        for (uint256 k = 0; k < count; ++k) {
            reports[k] = reportOf(k, roundId, prices, new int256[](SLOTS));
        }
        if (count >= 3) {
            reports[count - 1] = reportOf(count - 1, roundId, liesFrom(prices, lie), new int256[](SLOTS));
        }
        if (count > 0) spoil(reports, seed % count, fault, roundId, prices);

        bytes memory medians = mediansOf(reports);
        if (fault == Fault.NoMedian) spoilMedians(medians, reports, seed);
        try rounds.postRound(roundId, reports, medians) returns (uint64 recorded) {
            assertTrue(fault == Fault.None, "a round was posted that must not");
            newest = uint64(block.timestamp);
            bool deviates = movesTooFar(prices);
            assertEq(recorded, deviates ? 0 : roundId, OracleInvariantNames.NO_ROUND_DEVIATES);
            if (deviates) level = Level.NoWithdrawals;
            else noteRound(roundId, reports, prices);
        } catch {
            assertTrue(fault != Fault.None, "a round was not posted");
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

    function allowDeviation(uint256 slot, uint32 deviationPpm, bool asGovernance) external {
        slot = slot % SLOTS;
        deviationPpm = uint32(bound(deviationPpm, 0, 2_000_000));
        vm.prank(asGovernance ? governance : guardian);
        try rounds.allowDeviation(lastRoundId + 1, slot, deviationPpm) {
            assertTrue(asGovernance, "a deviation was allowed against the rules");
            _allowed[lastRoundId + 1][slot] = deviationPpm;
        } catch {
            assertFalse(asGovernance, "a deviation was not allowed");
        }
    }

    function tripIfStale(uint256 seconds_) external {
        skip(bound(seconds_, 0, 2 * STALE_AFTER));
        bool due = lastRoundId != 0 && block.timestamp > timestamps[lastRoundId] + STALE_AFTER;
        try rounds.tripIfStale() {
            assertTrue(due, "tripped while rounds are fresh");
            level = Level.NoWithdrawals;
        } catch {
            assertFalse(due, "did not trip");
        }
    }

    function raise(uint8 to, uint8 caller) external {
        Level wanted = Level(to % 4);
        bool due = caller % 3 == 0;
        vm.prank(due ? guardian : caller % 3 == 1 ? governance : stranger);
        try breaker.raiseTo(wanted) {
            assertTrue(due, "raised by no guardian");
            if (wanted > level) level = wanted;
        } catch {
            assertFalse(due, "the guardian could not raise");
        }
    }

    function lower(uint8 to, uint8 caller) external {
        Level wanted = Level(to % 4);
        bool due = caller % 3 != 0 && wanted < level;
        vm.prank(caller % 3 == 0 ? guardian : governance);
        try breaker.lowerTo(wanted) {
            assertTrue(due, OracleInvariantNames.ONLY_GOVERNANCE_LOWERS);
            level = wanted;
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

    function execute(uint256 slot, uint256 seconds_, bool asGovernance) external {
        skip(bound(seconds_, 0, 2 * DELAY));
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
                rounds.roundInputs(roundId, VectorKind.Maintenance),
                rounds.roundInputs(roundId, VectorKind.Initial)
            )
        );
    }

    function versionDigest(uint32 version_) public view returns (bytes32) {
        return keccak256(abi.encode(risk.parametersAt(version_)));
    }

    function isWithinBounds(Asset memory entry) public pure returns (bool) {
        bool isOrdered = entry.floorPpm <= entry.maintenancePpm && entry.maintenancePpm <= entry.initialPpm
            && entry.initialPpm <= entry.ceilingPpm && entry.ceilingPpm <= 1e6;
        return isOrdered && entry.maintenancePpm > 0 && entry.initialPpm >= 3 * entry.deviationPpm;
    }

    /// @dev Counts the signatures by itself, over the digest that EIP-712 gives.
    function noteRound(uint64 roundId, Report[] memory reports, uint256[] memory prices) private {
        lastRoundId = roundId;
        _lastPrices = prices;
        timestamps[roundId] = uint64(block.timestamp);
        roundDigests[roundId] = digest(roundId);
        thresholds[roundId] = threshold;
        bytes32 domain = domainOf("zksolvency PriceRounds", block.chainid, address(rounds));
        for (uint256 i = 0; i < reporterCount; ++i) {
            for (uint256 k = 0; k < reports.length; ++k) {
                (bytes32 r, bytes32 s) = abi.decode(reports[k].signature, (bytes32, bytes32));
                uint8 v = uint8(reports[k].signature[64]);
                if (ecrecover(digestOf(reports[k], roundId, domain), v, r, s) == reporterAt(i)) {
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

    function spoil(Report[] memory reports, uint256 who, Fault fault, uint64 roundId, uint256[] memory prices)
        private
        view
    {
        int256[] memory none = new int256[](SLOTS);
        uint64 nowTime = uint64(block.timestamp);
        if (fault == Fault.MalleableSignature) {
            reports[who].signature = malleated(reports[who].signature);
        } else if (fault == Fault.OtherSigner) {
            sign(reports[who], who + 1, roundId);
        } else if (fault == Fault.Duplicate) {
            // With one reporter a second report is one too many; with more it takes the place of another's.
            if (reports.length == 1) reports[0] = reportOf(MAX_SET, roundId, prices, none);
            else reports[who] = reports[(who + 1) % reports.length];
        } else if (fault == Fault.Stranger) {
            reports[who] = reportOf(MAX_SET, roundId, prices, none);
        } else if (fault == Fault.Stale) {
            reports[who] = reportAt(who, roundId, nowTime - MAX_REPORT_AGE - 1, prices, none);
        } else if (fault == Fault.Future) {
            reports[who] = reportAt(who, roundId, nowTime + 1, prices, none);
        } else if (fault == Fault.ZeroPrice) {
            uint256[] memory zeros = new uint256[](SLOTS);
            reports[who] = reportOf(who, roundId, zeros, none);
        }
    }

    /// @dev Names the report that lies where there is one, or a report that does not exist.
    function spoilMedians(bytes memory medians, Report[] memory reports, uint256 seed) private pure {
        uint256 place = (seed >> 16) % medians.length;
        uint256 last = reports.length - 1;
        bool lies = valueAt(reports[last], place, SLOTS) != valueAt(reports[0], place, SLOTS);
        uint256 none = bound(seed >> 24, reports.length, type(uint8).max);
        medians[place] = bytes1(uint8(lies && reports.length >= 3 ? last : none));
    }

    /// @dev One in eight jumps; the others move by up to 9 %.
    function pricesFrom(uint256 seed) private view returns (uint256[] memory prices) {
        prices = new uint256[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (risk.asset(i).symbol == 0) continue;
            uint256 last = _lastPrices[i];
            if (last == 0) {
                prices[i] = 1e12;
            } else {
                uint256 step = uint256(keccak256(abi.encode(seed, i)));
                uint256 ppm = step % 8 == 0 ? bound(step, 300_000, 1_800_000) : bound(step, 910_000, 1_090_000);
                prices[i] = bound(last * ppm / 1e6, 1e9, 1e15);
            }
        }
    }

    function liesFrom(uint256[] memory prices, uint256 lie) private pure returns (uint256[] memory lies) {
        lies = new uint256[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (prices[i] != 0) lies[i] = bound(lie, 1, type(uint64).max);
        }
    }

    function movesTooFar(uint256[] memory prices) private view returns (bool) {
        for (uint256 i = 0; i < SLOTS; ++i) {
            uint256 last = _lastPrices[i];
            if (last == 0) continue;
            uint256 moved = prices[i] > last ? prices[i] - last : last - prices[i];
            uint256 allowed = _allowed[lastRoundId + 1][i];
            if (allowed < DEVIATION) allowed = DEVIATION;
            if (moved * 1e6 > allowed * last) return true;
        }
        return false;
    }
}

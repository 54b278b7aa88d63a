// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Test} from "forge-std/Test.sol";

import {ICircuitBreaker, Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IPriceClock} from "../../../src/interfaces/IPriceClock.sol";
import {CircuitBreaker} from "../../../src/oracle/CircuitBreaker.sol";
import {TestPriceSource} from "../../mocks/TestPriceSource.sol";
import {Deploy} from "../../utils/Deploy.sol";

contract CircuitBreakerTest is Test {
    uint64 private constant GRACE = 10 minutes;
    uint64 private constant STALE_AFTER = 1 hours;
    uint256 private constant START = 1_700_000_000;

    address private governance = makeAddr("governance");
    address private guardian = makeAddr("guardian");
    CircuitBreaker private breaker;
    TestPriceSource private source;
    bytes32 private guardianRole;

    function setUp() public {
        vm.warp(START);
        breaker = Deploy.circuitBreaker(governance, GRACE);
        guardianRole = breaker.GUARDIAN_ROLE();
        source = new TestPriceSource(breaker, STALE_AFTER);
        vm.startPrank(governance);
        breaker.grantRole(guardianRole, guardian);
        breaker.setPriceSource(source);
        vm.stopPrank();
        source.record();
    }

    function test_beginsOpen() public view {
        assertEq(uint8(breaker.level()), uint8(Level.Open));
    }

    function test_guardianRaisesStepByStepOrAtOnce() public {
        for (uint8 to = 1; to <= 3; ++to) {
            vm.expectEmit(address(breaker));
            emit ICircuitBreaker.LevelRaised(Level(to - 1), Level(to), guardian);
            raise(Level(to));
            assertEq(uint8(breaker.level()), to);
        }
        setUp();
        raise(Level.NoWithdrawals);
        assertEq(uint8(breaker.level()), 3);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_raisingNeverLowers(uint8 first, uint8 second) public {
        (Level a, Level b) = (Level(first % 4), Level(second % 4));
        raise(a);
        vm.recordLogs();
        raise(b);
        assertEq(uint8(breaker.level()), uint8(a > b ? a : b));
        assertEq(vm.getRecordedLogs().length, b > a ? 1 : 0, "an event for nothing, or none for something");
    }

    function test_onlyGuardiansRaise() public {
        for (uint256 i = 0; i < 2; ++i) {
            address caller = i == 0 ? governance : makeAddr("stranger");
            vm.expectRevert(
                abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, guardianRole)
            );
            vm.prank(caller);
            breaker.raiseTo(Level.NoFlags);
        }
    }

    function test_onlyGovernanceLowers() public {
        raise(Level.NoTakeovers);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, guardian, bytes32(0))
        );
        vm.prank(guardian);
        breaker.lowerTo(Level.Open);

        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.LevelLowered(Level.NoTakeovers, Level.NoFlags);
        lower(Level.NoFlags);
        assertEq(uint8(breaker.level()), uint8(Level.NoFlags));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_loweringNeverRaises(uint8 first, uint8 second) public {
        (Level a, Level b) = (Level(first % 4), Level(second % 4));
        raise(a);
        if (b >= a) vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.NotLower.selector, a, b));
        lower(b);
        assertEq(uint8(breaker.level()), uint8(b >= a ? a : b));
    }

    function test_aLevelStopsWhatItNamesAndWhatComesBefore() public {
        for (uint8 now_ = 0; now_ <= 3; ++now_) {
            raise(Level(now_));
            for (uint8 stopping = 1; stopping <= 3; ++stopping) {
                if (now_ >= stopping) {
                    vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level(now_)));
                }
                breaker.requireBelow(Level(stopping));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ trips

    function test_aTripStopsEverythingUntilItLapses() public {
        uint64 until = uint64(START + 15 minutes);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.Tripped(until);
        source.trip(until);
        assertEq(breaker.trippedUntil(), until);
        assertEq(uint8(breaker.raisedLevel()), uint8(Level.Open));
        vm.warp(until - 1);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoWithdrawals));
        breaker.requireBelow(Level.NoFlags);
        vm.warp(until);
        assertEq(uint8(breaker.level()), uint8(Level.Open));
        breaker.requireBelow(Level.NoFlags);
    }

    function test_aTripIsMadeLongerNeverShorter() public {
        source.trip(uint64(START + 100));
        source.trip(uint64(START + 99));
        assertEq(breaker.trippedUntil(), START + 100);
        source.trip(uint64(START + 101));
        assertEq(breaker.trippedUntil(), START + 101);
    }

    function test_aTripThatHasLapsedAlreadyIsNone() public {
        vm.recordLogs();
        source.trip(uint64(START));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(breaker.trippedUntil(), 0);
        source.trip(uint64(START + 1));
        assertEq(breaker.trippedUntil(), START + 1);
    }

    function test_theSourceClearsItsTripAndNothingElse() public {
        raise(Level.NoTakeovers);
        source.trip(type(uint64).max);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.TripCleared();
        source.clear();
        assertEq(uint8(breaker.level()), uint8(Level.NoTakeovers));
        vm.recordLogs();
        source.clear();
        assertEq(vm.getRecordedLogs().length, 0, "nothing to clear");
    }

    function test_governanceLowersNoTrip() public {
        raise(Level.NoFlags);
        source.trip(type(uint64).max);
        lower(Level.Open);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.NotLower.selector, Level.Open, Level.Open));
        lower(Level.Open);
    }

    function test_onlyTheSourceTripsClearsAndEndsSilence() public {
        address[3] memory callers = [governance, guardian, makeAddr("stranger")];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(ICircuitBreaker.NotPriceSource.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(reason);
            breaker.trip(type(uint64).max);
            vm.expectRevert(reason);
            breaker.clear();
            vm.expectRevert(reason);
            breaker.endSilence();
            vm.stopPrank();
        }
    }

    function test_onlyGovernanceSetsTheSource() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, guardian, bytes32(0))
        );
        vm.prank(guardian);
        breaker.setPriceSource(source);
    }

    function test_aNewSourceEndsTheTripOfTheOldOne() public {
        source.trip(type(uint64).max);
        TestPriceSource next = new TestPriceSource(breaker, STALE_AFTER);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.PriceSourceSet(next);
        setSource(next);
        assertEq(address(breaker.priceSource()), address(next));
        assertEq(uint8(breaker.level()), uint8(Level.Open));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.NotPriceSource.selector, address(source)));
        source.trip(type(uint64).max);
        next.trip(type(uint64).max);
    }

    function test_aSourceMustAnswer() public {
        vm.expectRevert();
        setSource(IPriceClock(makeAddr("no code")));
        setSource(IPriceClock(address(0)));
        raise(Level.NoFlags);
        skip(365 days);
        lower(Level.Open);
    }

    // ------------------------------------------------------------------------------------------------ active time

    function test_activeTimeCountsFromDeployment() public {
        skip(30 minutes);
        for (uint8 stopped = 1; stopped <= 3; ++stopped) {
            assertEq(breaker.activeTime(Level(stopped)), 30 minutes);
        }
        assertEq(breaker.activeTime(Level.Open), 0);
    }

    function test_aRaisedLevelStopsItsClockAndThoseBelow() public {
        skip(100);
        raise(Level.NoTakeovers);
        skip(50);
        assertActive(100, 100, 150);
        lower(Level.NoFlags);
        skip(GRACE + 7);
        assertActive(100, 107, 157 + GRACE);
        lower(Level.Open);
        skip(GRACE - 1);
        assertActive(100, 107 + GRACE - 1, 157 + 2 * GRACE - 1);
        skip(2);
        assertActive(101, 107 + GRACE + 1, 157 + 2 * GRACE + 1);
    }

    function test_raisingFurtherKeepsTheClocksThatStand() public {
        raise(Level.NoFlags);
        skip(10);
        raise(Level.NoWithdrawals);
        skip(10);
        assertActive(0, 10, 10);
    }

    function test_noGraceAfterATrip() public {
        skip(100);
        source.trip(uint64(START + 160));
        skip(70);
        assertActive(110, 110, 110);
        source.trip(uint64(START + 300));
        skip(20);
        source.clear();
        skip(5);
        assertActive(115, 115, 115);
    }

    function test_silenceStopsClocksWithoutACall() public {
        skip(STALE_AFTER);
        assertActive(STALE_AFTER, STALE_AFTER, STALE_AFTER);
        skip(5 hours);
        assertActive(STALE_AFTER, STALE_AFTER, STALE_AFTER);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.SilenceEnded(uint64(START + STALE_AFTER));
        source.record();
        skip(GRACE + 9);
        assertActive(STALE_AFTER + 9, STALE_AFTER + 9, STALE_AFTER + 9);
    }

    function test_callsDuringSilenceCountNothing() public {
        skip(STALE_AFTER + 100);
        raise(Level.NoFlags);
        skip(100);
        lower(Level.Open);
        skip(GRACE + 100);
        source.trip(type(uint64).max);
        skip(100);
        source.clear();
        assertActive(STALE_AFTER, STALE_AFTER, STALE_AFTER);
    }

    function test_silenceEndsOnlyWhereThereIsSome() public {
        skip(STALE_AFTER);
        vm.expectRevert(ICircuitBreaker.NotSilent.selector);
        source.endSilence();
        skip(1);
        source.endSilence();
    }

    function test_aSourceThatReplacesASilentOneWaitsForTheGrace() public {
        skip(STALE_AFTER + 100);
        TestPriceSource next = new TestPriceSource(breaker, STALE_AFTER);
        next.record();
        setSource(next);
        skip(GRACE + 1);
        assertActive(STALE_AFTER + 1, STALE_AFTER + 1, STALE_AFTER + 1);
    }

    function test_aSourceThatWasSilentLongBeforeTakesNothingBack() public {
        TestPriceSource next = new TestPriceSource(breaker, 1);
        next.record();
        skip(1000);
        setSource(next);
        skip(1000);
        assertActive(1000, 1000, 1000);
        next.record();
        skip(GRACE + 1);
        assertActive(1000, 1000, 1000);
    }

    function test_theGraceIsBounded() public {
        assertEq(breaker.resumeGrace(), GRACE);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.ResumeGraceOutOfRange.selector, 1 days + 1));
        Deploy.circuitBreaker(governance, 1 days + 1);
        Deploy.circuitBreaker(governance, 1 days);
        Deploy.circuitBreaker(governance, 0);
    }

    function assertActive(uint256 flags, uint256 takeovers, uint256 withdrawals) private view {
        assertEq(breaker.activeTime(Level.NoFlags), flags, "flags");
        assertEq(breaker.activeTime(Level.NoTakeovers), takeovers, "takeovers");
        assertEq(breaker.activeTime(Level.NoWithdrawals), withdrawals, "withdrawals");
    }

    function setSource(IPriceClock next) private {
        vm.prank(governance);
        breaker.setPriceSource(next);
    }

    function raise(Level to) private {
        vm.prank(guardian);
        breaker.raiseTo(to);
    }

    function lower(Level to) private {
        vm.prank(governance);
        breaker.lowerTo(to);
    }
}

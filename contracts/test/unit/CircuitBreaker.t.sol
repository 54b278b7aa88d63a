// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Test} from "forge-std/Test.sol";

import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {ICircuitBreaker, Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {Deploy} from "../utils/Deploy.sol";

contract CircuitBreakerTest is Test {
    address private governance = makeAddr("governance");
    address private guardian = makeAddr("guardian");
    CircuitBreaker private breaker;
    bytes32 private guardianRole;

    function setUp() public {
        breaker = Deploy.circuitBreaker(governance);
        guardianRole = breaker.GUARDIAN_ROLE();
        vm.prank(governance);
        breaker.grantRole(guardianRole, guardian);
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

    function raise(Level to) private {
        vm.prank(guardian);
        breaker.raiseTo(to);
    }

    function lower(Level to) private {
        vm.prank(governance);
        breaker.lowerTo(to);
    }
}

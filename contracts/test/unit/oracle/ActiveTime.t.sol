// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {CircuitBreaker} from "../../../src/oracle/CircuitBreaker.sol";
import {TestPriceSource} from "../../mocks/TestPriceSource.sol";
import {Deploy} from "../../utils/Deploy.sol";

/// @notice Active time against a reference that goes through each second. No sequence of calls makes it fall.
contract ActiveTimeTest is Test {
    uint64 private constant GRACE = 7;
    uint64 private constant STALE_AFTER = 11;
    uint256 private constant LEVELS = 3;

    CircuitBreaker private breaker;
    TestPriceSource[2] private sources;

    // The reference: what is in force from this second on, and the seconds counted so far.
    uint256 private source;
    uint256 private raised;
    uint256 private trippedUntil;
    uint256[2] private latest;
    uint256[LEVELS + 1] private graceUntil;
    uint256[LEVELS + 1] private active;

    function setUp() public {
        vm.warp(1_700_000_000);
        breaker = Deploy.circuitBreaker(address(this), GRACE);
        breaker.grantRole(breaker.GUARDIAN_ROLE(), address(this));
        (sources[0], sources[1]) =
        (new TestPriceSource(breaker, STALE_AFTER), new TestPriceSource(breaker, STALE_AFTER));
        breaker.setPriceSource(sources[0]);
    }

    /// forge-config: default.fuzz.runs = 300
    function testFuzz_countsTheSecondsThatAReferenceCounts(bytes32 calls, bytes32 waits) public {
        for (uint256 i = 0; i < 32; ++i) {
            act(uint8(calls[i]));
            check();
            for (uint256 wait = uint8(waits[i]) % 16; wait > 0; --wait) {
                second();
                check();
            }
        }
    }

    function act(uint256 choice) private {
        uint256 argument = choice / 8;
        choice = choice % 8;
        if (choice == 0) {
            raise(argument % 4);
        } else if (choice == 1) {
            lower(argument % 4);
        } else if (choice == 2) {
            uint256 until = argument == 31 ? type(uint64).max : block.timestamp + argument;
            sources[source].trip(uint64(until));
            if (until > trippedUntil && argument != 0) trippedUntil = until;
        } else if (choice == 3) {
            sources[source].clear();
            trippedUntil = 0;
        } else if (choice == 4 && argument < 8) {
            if (isSilent()) graceFor(0, LEVELS);
            breaker.setPriceSource(sources[argument % 2]);
            (source, trippedUntil) = (argument % 2, 0);
        } else if (choice == 5 && argument < 16) {
            // A source that is not the breaker's says nothing to it.
            sources[1 - source].record();
            latest[1 - source] = block.timestamp;
        } else {
            if (isSilent()) graceFor(0, LEVELS);
            sources[source].record();
            latest[source] = block.timestamp;
        }
    }

    function raise(uint256 to) private {
        breaker.raiseTo(Level(to));
        if (to > raised) raised = to;
    }

    function lower(uint256 to) private {
        if (to >= raised) return;
        breaker.lowerTo(Level(to));
        graceFor(to, raised);
        raised = to;
    }

    function graceFor(uint256 below, uint256 upTo) private {
        for (uint256 i = below + 1; i <= upTo; ++i) {
            graceUntil[i] = block.timestamp + GRACE;
        }
    }

    /// @dev Whether a round that comes now ends silence.
    function isSilent() private view returns (bool) {
        return latest[source] != 0 && block.timestamp > latest[source] + STALE_AFTER;
    }

    /// @dev Lives through one second.
    function second() private {
        uint256 now_ = block.timestamp;
        bool fallsSilent = latest[source] != 0 && now_ >= latest[source] + STALE_AFTER;
        for (uint256 i = 1; i <= LEVELS; ++i) {
            bool isStopped = raised >= i || now_ < trippedUntil || now_ < graceUntil[i] || fallsSilent;
            if (!isStopped) ++active[i];
        }
        skip(1);
    }

    function check() private view {
        for (uint256 i = 1; i <= LEVELS; ++i) {
            assertEq(breaker.activeTime(Level(i)), active[i]);
        }
        assertEq(uint8(breaker.level()), block.timestamp < trippedUntil ? LEVELS : raised);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {RiskParameters} from "../../src/oracle/RiskParameters.sol";
import {OracleHandler} from "./OracleHandler.sol";
import {OracleInvariantNames} from "./OracleInvariantNames.sol";

contract OracleInvariants is Test {
    OracleHandler private handler;
    PriceRounds private rounds;
    RiskParameters private risk;
    CircuitBreaker private breaker;

    function setUp() public {
        handler = new OracleHandler();
        (rounds, risk, breaker) = handler.underTest();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](16);
        selectors[0] = OracleHandler.postRound.selector;
        selectors[1] = OracleHandler.setReporters.selector;
        selectors[2] = OracleHandler.tripIfStale.selector;
        selectors[3] = OracleHandler.raise.selector;
        selectors[4] = OracleHandler.lower.selector;
        selectors[5] = OracleHandler.announce.selector;
        selectors[6] = OracleHandler.execute.selector;
        selectors[7] = OracleHandler.cancel.selector;
        selectors[8] = OracleHandler.tighten.selector;
        // Rounds are what the rest is about.
        for (uint256 i = 9; i < 16; ++i) {
            selectors[i] = OracleHandler.postRound.selector;
        }
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_latest() public view {
        assertEq(rounds.latestRoundId(), handler.lastRoundId(), OracleInvariantNames.ROUNDS_ARE_MONOTONIC);
        assertEq(rounds.newestTimestamp(), handler.newest(), OracleInvariantNames.ROUNDS_ARE_MONOTONIC);
        assertEq(rounds.referenceRoundId(), handler.referenceId(), OracleInvariantNames.FAR_PRICES_WAIT);
        assertEq(breaker.trippedUntil(), handler.trippedUntil(), OracleInvariantNames.ONLY_GOVERNANCE_LOWERS);
        assertEq(uint8(breaker.raisedLevel()), uint8(handler.raised()), OracleInvariantNames.ONLY_GOVERNANCE_LOWERS);
        assertEq(uint8(breaker.level()), uint8(handler.level()), OracleInvariantNames.ONLY_GOVERNANCE_LOWERS);
        assertEq(risk.version(), handler.version(), OracleInvariantNames.VERSIONS_NEVER_CHANGE);
        for (uint256 slot = 0; slot < handler.SLOTS(); ++slot) {
            Asset memory entry = risk.asset(slot);
            assertTrue(
                entry.symbol == 0 || handler.isWithinBounds(entry), OracleInvariantNames.PARAMETERS_WITHIN_BOUNDS
            );
            (, uint64 executableAt) = risk.announced(slot);
            uint256 announcedAt = handler.announcedAt(slot);
            uint256 expected = announcedAt == 0 ? 0 : announcedAt + risk.delay();
            assertEq(executableAt, expected, OracleInvariantNames.LOOSENING_WAITS);
        }
    }

    /// @dev Every round and version as it was when it came, at the end of each run: there are many of them.
    function afterInvariant() public {
        checkHistory();
        if (!handler.addRun("oracle")) return;
        string[] memory kinds = new string[](8);
        kinds[0] = "recorded";
        kinds[1] = "confirmed";
        kinds[2] = "held";
        kinds[3] = "replaced";
        kinds[4] = "discarded";
        kinds[5] = "with a stale slot";
        kinds[6] = "after silence";
        kinds[7] = "tripIfStale";
        handler.writeDown("oracle", kinds);
        handler.requireAccepted("oracle", "recorded", 250);
        handler.requireAccepted("oracle", "confirmed", 12);
        handler.requireAccepted("oracle", "held", 40);
        handler.requireAccepted("oracle", "replaced", 8);
        handler.requireAccepted("oracle", "discarded", 25);
        handler.requireAccepted("oracle", "with a stale slot", 60);
        handler.requireAccepted("oracle", "after silence", 40);
    }

    function checkHistory() private view {
        uint64 previous = 0;
        for (uint64 id = 1; id <= handler.lastRoundId(); ++id) {
            uint64 timestamp = rounds.roundTimestamp(id);
            assertGt(timestamp, previous, OracleInvariantNames.ROUNDS_ARE_MONOTONIC);
            previous = timestamp;
            assertEq(handler.digest(id), handler.roundDigests(id), OracleInvariantNames.ROUNDS_NEVER_CHANGE);
            assertGe(handler.signatures(id), handler.thresholds(id), OracleInvariantNames.A_QUORUM_SIGNED);
        }
        for (uint32 version = 1; version <= handler.version(); ++version) {
            bytes32 first = handler.versionDigests(version);
            assertEq(handler.versionDigest(version), first, OracleInvariantNames.VERSIONS_NEVER_CHANGE);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RegistrarGate} from "../../../src/gate/RegistrarGate.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {Asset, MarginFractions} from "../../../src/interfaces/IRiskParameters.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {Fixture, FixtureRound, ProvenClaim} from "../../utils/Fixture.sol";
import {ReporterFixture} from "../../utils/ReporterFixture.sol";

/// @notice The gate takes real proofs at signed rounds as it does at those of an owner.
contract GateOnSignedRoundsTest is Fixture, ReporterFixture {
    /// @dev Healthy at round 1 and liquidatable at round 2.
    uint256 private constant WEAK = 33;

    Instance private margin;
    RegistrarGate private gate;
    uint256 private constant ACCOUNT = 7;

    function setUp() public {
        store(readFixture("margin-13"), margin);
        Asset[] memory assets = new Asset[](13);
        MarginFractions[] memory fractions = fractionsOf(margin.fractions);
        for (uint256 i = 0; i < 13; ++i) {
            assets[i] = assetOf(i, fractions[i]);
        }
        deployBook(13, assets);
        deployRounds(3, 2);
        post(1);
        gate =
            Deploy.registrarGate(governance, address(this), rounds, Deploy.verifier("Margin13Verifier"), 10 minutes, 0);
        gate.register(ACCOUNT, margin.commitments[WEAK]);
    }

    function test_provenSolventAndThenFlagged() public {
        prove(1);
        assertTrue(gate.isSolvent(ACCOUNT, 1 minutes));
        skip(1 minutes);
        assertEq(post(2), 0, "BTC falls by more than its limit");
        skip(1 minutes);
        assertEq(post(2), 2, "and that is confirmed");
        ProvenClaim memory claim = find(margin, WEAK, 2);
        gate.flag(ACCOUNT, 2, claim.recipient, claim.proof);
        assertEq(gate.accountState(ACCOUNT).flaggedAtRound, 2);
    }

    function test_theAgeOfAProofCountsFromTheReports() public {
        skip(10 minutes + 1);
        ProvenClaim memory claim = find(margin, WEAK, 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        gate.proveSolvent(ACCOUNT, 1, claim.recipient, claim.proof);
    }

    function test_noAccountIsFlaggedAtACandidate() public {
        skip(1 minutes);
        assertEq(post(2), 0);
        ProvenClaim memory claim = find(margin, WEAK, 2);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 2));
        gate.flag(ACCOUNT, 2, claim.recipient, claim.proof);
    }

    function prove(uint64 roundId) private {
        ProvenClaim memory claim = find(margin, WEAK, roundId);
        gate.proveSolvent(ACCOUNT, roundId, claim.recipient, claim.proof);
    }

    /// @dev Posts the prices of a round of the fixture.
    function post(uint64 item) private returns (uint64 recordedId) {
        FixtureRound memory round = margin.rounds[item - 1];
        return postRound(unanimous(2, round.prices, round.funding));
    }

    /// @dev An asset with these fractions, and the widest limit that they allow.
    function assetOf(uint256 slot, MarginFractions memory fractions) private pure returns (Asset memory entry) {
        bool isOption = fractions.underlyingMaintenancePpm != 0;
        entry = isOption ? option(slot, fractions.underlying, fractions.strike) : perpetual(slot, 1, 1);
        (entry.maintenancePpm, entry.initialPpm) = (fractions.maintenancePpm, fractions.initialPpm);
        (entry.shortMaintenancePpm, entry.shortInitialPpm) = (fractions.shortMaintenancePpm, fractions.shortInitialPpm);
        entry.underlyingMaintenancePpm = fractions.underlyingMaintenancePpm;
        entry.underlyingInitialPpm = fractions.underlyingInitialPpm;
        entry.deviationPpm = entry.initialPpm / 3;
    }
}

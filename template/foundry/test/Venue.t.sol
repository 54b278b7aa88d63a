// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MockVerifier} from "@zksolvency/contracts/test-utils/MockVerifier.sol";
import {ProvenMargin, SolvencyFixture, SolvencyFixtures} from "@zksolvency/contracts/test-utils/SolvencyFixtures.sol";
import {SolvencyTest} from "@zksolvency/contracts/test-utils/SolvencyTest.sol";
import {IGroth16Verifier} from "@zksolvency/contracts/src/interfaces/IGroth16Verifier.sol";
import {ISolvencyGate} from "@zksolvency/contracts/src/interfaces/ISolvencyGate.sol";

import {Venue} from "../src/Venue.sol";
import {Margin13Verifier} from "../src/verifiers/Margin13Verifier.sol";

/// @notice The venue with the real verifier, and the proofs and rounds of test/fixtures/margin.json.
contract VenueTest is SolvencyTest {
    address private trader = makeAddr("trader");
    Venue private venue;

    function setUp() public {
        SolvencyFixture memory fixture = SolvencyFixtures.read("test/fixtures/margin.json");
        deployGate(fixture.fractions, new Margin13Verifier());
        venue = new Venue(gate);
        gate.register(uint160(trader), fixture.proofs[0].commitment);
        postRound(fixture.rounds[0]);
    }

    function test_anAccountActsOnceItIsProvenSolvent() public {
        vm.expectRevert(abi.encodeWithSelector(Venue.NotProvenSolvent.selector, trader));
        vm.prank(trader);
        venue.act();

        ProvenMargin memory proven = SolvencyFixtures.read("test/fixtures/margin.json").proofs[0];
        gate.proveSolvent(uint160(trader), 1, proven.recipient, proven.proof);
        vm.expectEmit(address(venue));
        emit Venue.Acted(trader);
        vm.prank(trader);
        venue.act();
    }

    function test_anAccountIsFlaggedOnceItIsBelowMaintenanceMargin() public {
        SolvencyFixture memory fixture = SolvencyFixtures.read("test/fixtures/margin.json");
        ProvenMargin memory proven = fixture.proofs[1];
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector); // at round 1 it is solvent
        gate.flag(uint160(trader), 1, proven.recipient, proven.proof);

        postRound(fixture.rounds[1]);
        gate.flag(uint160(trader), 2, proven.recipient, proven.proof);
        assertEq(gate.accountState(uint160(trader)).flaggedAtRound, 2);
    }
}

/// @notice The same without proofs: a mock says which statements hold.
contract VenueWithoutProofsTest is SolvencyTest {
    uint256 private constant COMMITMENT = 1234;

    function test_anAccountActsOnceAMockSaysThatItIsSolvent() public {
        SolvencyFixture memory fixture = SolvencyFixtures.read("test/fixtures/margin.json");
        MockVerifier verifier = newMockVerifier(fixture.fractions.length);
        deployGate(fixture.fractions, verifier);
        Venue venue = new Venue(gate);
        gate.register(uint160(address(this)), COMMITMENT);
        uint64 roundId = postRound(fixture.rounds[0]);

        ProvenMargin memory anyProof;
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        gate.proveSolvent(uint160(address(this)), roundId, address(0), anyProof.proof);

        allowMargin(verifier, roundId, COMMITMENT, true, address(0));
        gate.proveSolvent(uint160(address(this)), roundId, address(0), anyProof.proof);
        venue.act();

        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.RoundNotNewer.selector, roundId, roundId));
        gate.proveSolvent(uint160(address(this)), roundId, address(0), anyProof.proof);
    }
}

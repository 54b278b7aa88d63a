// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {ISolvencyGate, SolvencyClaim} from "../../../src/interfaces/ISolvencyGate.sol";
import {GateFixture} from "../../utils/GateFixture.sol";

contract GateBatchTest is GateFixture {
    uint256 private constant SIZE = 4;

    function setUp() public override {
        super.setUp();
        for (uint256 k = 0; k < STRONG_COUNT; ++k) {
            register(k);
        }
        register(WEAK);
        postUpTo(2);
    }

    function test_provesAFullBatch() public {
        assertEq(gate.proveSolventBatch(2, solvencyClaims(gate.MAX_BATCH())), 32);
        for (uint256 k = 0; k < 32; ++k) {
            assertEq(gate.accountState(accountAt(k)).solventAtRound, 2);
            assertTrue(gate.isSolvent(accountAt(k), 0));
        }
    }

    function test_provesABatchOfOne() public {
        vm.expectEmit(address(gate));
        emit ISolvencyGate.ProvenSolvent(accountAt(1), 2);
        assertEq(gate.proveSolventBatch(2, solvencyClaims(1)), 1);
    }

    function test_refusesOtherSizes() public {
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongBatchSize.selector, 0));
        gate.proveSolventBatch(2, new SolvencyClaim[](0));
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongBatchSize.selector, 33));
        gate.proveSolventBatch(2, new SolvencyClaim[](33));
    }

    function test_oneBadProofFailsTheBatch() public {
        SolvencyClaim[] memory claims = solvencyClaims(SIZE);
        for (uint256 bad = 0; bad < SIZE; ++bad) {
            claims = solvencyClaims(SIZE);
            claims[bad].recipient = makeAddr("thief");
            vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
            gate.proveSolventBatch(2, claims);
            assertEq(gate.accountState(claims[(bad + 1) % SIZE].account).solventAtRound, 0);
        }
    }

    function test_refusesALiquidatableAccount() public {
        SolvencyClaim[] memory claims = solvencyClaims(SIZE);
        claims[1] = solvencyClaim(WEAK, 2);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        gate.proveSolventBatch(2, claims);
    }

    function test_leavesOutWhatTheChainHasOvertaken() public {
        SolvencyClaim[] memory claims = solvencyClaims(8);
        proveSolvent(2, 2); // proven meanwhile
        vm.prank(registrar);
        gate.register(accountAt(4), 7); // changed meanwhile
        claims[4] = solvencyClaim(WEAK, 2); // flagged meanwhile
        flag(WEAK, 2);
        claims[5].account = 7; // never registered
        claims[6] = claims[0]; // twice in the batch
        claims[6].proof = rerandomised(claims[0].proof);

        for (uint256 skipped = 1; skipped < 7; skipped += skipped == 1 ? 2 : 1) {
            vm.expectEmit(address(gate));
            emit ISolvencyGate.ClaimSkipped(claims[skipped].account, 2);
        }
        assertEq(gate.proveSolventBatch(2, claims), 3);
        assertEq(gate.accountState(accountAt(1)).solventAtRound, 2);
        assertEq(gate.accountState(accountAt(3)).solventAtRound, 2);
        assertEq(gate.accountState(accountAt(8)).solventAtRound, 2);
        assertEq(gate.accountState(accountAt(4)).solventAtRound, 0);
        assertFalse(gate.isSolvent(accountAt(WEAK), type(uint256).max));
    }

    function test_refusesABatchThatChangesNothing() public {
        gate.proveSolventBatch(2, solvencyClaims(SIZE));
        SolvencyClaim[] memory claims = solvencyClaims(SIZE);
        vm.expectRevert(ISolvencyGate.NothingToProve.selector);
        gate.proveSolventBatch(2, claims);
    }

    function test_aClaimForAnEmptyCommitmentIsLeftOut() public {
        SolvencyClaim[] memory claims = solvencyClaims(2);
        claims[0].account = 7;
        claims[0].commitment = 0;
        assertEq(gate.proveSolventBatch(2, claims), 1);
        assertEq(gate.accountState(claims[0].account).solventAtRound, 0);
    }

    function test_leavesOutCommitmentsNewerThanTheRound() public {
        postUpTo(3);
        vm.prank(registrar);
        gate.register(accountAt(50), margin.commitments[RECOVERING]);
        SolvencyClaim[] memory claims = solvencyClaims(2);
        claims[1] = solvencyClaim(RECOVERING, 1);
        claims[1].account = accountAt(50);
        assertEq(gate.proveSolventBatch(2, claims), 1);
    }

    function test_refusesRoundsThatAreTooOldOrUnknown() public {
        SolvencyClaim[] memory claims = solvencyClaims(SIZE);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 3));
        gate.proveSolventBatch(3, claims);
        skip(MAX_PROOF_AGE + 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        gate.proveSolventBatch(2, claims);
    }
}

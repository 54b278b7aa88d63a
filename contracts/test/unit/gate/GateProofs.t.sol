// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {ISolvencyGate} from "../../../src/interfaces/ISolvencyGate.sol";
import {ProvenClaim} from "../../utils/Fixture.sol";
import {GateFixture} from "../../utils/GateFixture.sol";

/// @notice Which proof may act on which account, with proveSolvent and flag alike (spec ZS-42).
contract GateProofsTest is GateFixture {
    bytes4 private immutable REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    function test_proveSolventRecordsRoundAndTime() public {
        postUpTo(1);
        register(STRONG);
        skip(5 minutes);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.ProvenSolvent(accountAt(STRONG), 1);
        proveSolvent(STRONG, 1);
        assertEq(gate.accountState(accountAt(STRONG)).solventAtRound, 1);
        assertEq(gate.accountState(accountAt(STRONG)).solventAt, rounds.roundTimestamp(1));
    }

    function test_solvencyAgesFromItsRoundNotFromItsProof() public {
        postUpTo(1);
        register(STRONG);
        skip(5 minutes);
        proveSolvent(STRONG, 1);
        assertFalse(gate.isSolvent(accountAt(STRONG), 5 minutes - 1));
        assertTrue(gate.isSolvent(accountAt(STRONG), 5 minutes));
        skip(1);
        assertFalse(gate.isSolvent(accountAt(STRONG), 5 minutes));
    }

    function test_flagEndsSolvency() public {
        postUpTo(1);
        register(WEAK);
        proveSolvent(WEAK, 1);
        postUpTo(2);
        ProvenClaim memory claim = claimOf(WEAK, 2);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.Flagged(accountAt(WEAK), 2, claim.recipient);
        flag(WEAK, 2);
        assertEq(gate.accountState(accountAt(WEAK)).flaggedAtRound, 2);
        assertFalse(gate.isSolvent(accountAt(WEAK), type(uint256).max));
    }

    function test_refusesAccountsThatAreNotRegistered() public {
        postUpTo(2);
        bytes memory reason = abi.encodeWithSelector(ISolvencyGate.UnknownAccount.selector, accountAt(WEAK));
        vm.expectRevert(reason);
        this.callProveSolvent(WEAK, 1);
        vm.expectRevert(reason);
        this.callFlag(WEAK, 2);
    }

    function test_refusesRoundsThatDoNotExist() public {
        register(STRONG);
        ProvenClaim memory claim = claimOf(STRONG, 1);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 1));
        gate.proveSolvent(accountAt(STRONG), 1, claim.recipient, claim.proof);
        postUpTo(1);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 2));
        gate.proveSolvent(accountAt(STRONG), 2, claim.recipient, claim.proof);
        // 0 is not newer than "never".
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.RoundNotNewer.selector, 0, 0));
        gate.flag(accountAt(STRONG), 0, claim.recipient, claim.proof);
    }

    function test_takesAnyRoundWithinTheProofAge() public {
        postUpTo(1);
        register(STRONG);
        register(WEAK);
        vm.warp(rounds.roundTimestamp(1) + MAX_PROOF_AGE + 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        this.callProveSolvent(STRONG, 1);
        rewind(1);
        proveSolvent(STRONG, 1);

        postUpTo(2);
        vm.warp(rounds.roundTimestamp(2) + MAX_PROOF_AGE + 1);
        vm.expectRevert(IProofErrors.RoundTooOld.selector);
        this.callFlag(WEAK, 2);
        rewind(1);
        flag(WEAK, 2);
    }

    function test_solvencyMayBeProvenAtAnOlderRoundThanTheNewest() public {
        postUpTo(1);
        register(STRONG);
        register(WEAK);
        postUpTo(3);
        proveSolvent(STRONG, 1);
        vm.expectRevert(IProofErrors.RoundSuperseded.selector);
        this.callFlag(WEAK, 2);
    }

    function test_refusesRoundsBeforeTheChange() public {
        postUpTo(3);
        register(STRONG);
        register(WEAK);
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        this.callProveSolvent(STRONG, 2);
        vm.expectRevert(IProofErrors.RoundBeforeChange.selector);
        this.callFlag(WEAK, 2);
        proveSolvent(STRONG, 3);
        flag(WEAK, 3);
    }

    function test_noProofOfSolvencyActsTwice() public {
        postUpTo(2);
        register(STRONG);
        proveSolvent(STRONG, 2);
        bytes memory reason = abi.encodeWithSelector(ISolvencyGate.RoundNotNewer.selector, 2, 2);
        vm.expectRevert(reason);
        this.callProveSolvent(STRONG, 2);

        ProvenClaim memory claim = claimOf(STRONG, 2);
        Proof memory other = rerandomised(claim.proof);
        verifier.verify(other, inputsOf(claim), roundPoint(2)); // it is a valid proof
        vm.expectRevert(reason);
        gate.proveSolvent(accountAt(STRONG), 2, claim.recipient, other);
    }

    function test_noFlagActsTwice() public {
        postUpTo(2);
        register(WEAK);
        flag(WEAK, 2);
        bytes memory reason = abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, accountAt(WEAK));
        vm.expectRevert(reason);
        this.callFlag(WEAK, 2);

        ProvenClaim memory claim = claimOf(WEAK, 2);
        vm.expectRevert(reason);
        gate.flag(accountAt(WEAK), 2, claim.recipient, rerandomised(claim.proof));

        // Nor after the account was resolved: its commitment is another then, and the old one never comes back.
        vm.prank(registrar);
        gate.resolve(accountAt(WEAK), 7);
        vm.expectRevert(REFUSED);
        gate.flag(accountAt(WEAK), 2, claim.recipient, claim.proof);
    }

    function test_aFlagOlderThanAProofOfSolvencyIsStale() public {
        postUpTo(1);
        register(RECOVERING);
        postUpTo(3);
        proveSolvent(RECOVERING, 3);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.RoundNotNewer.selector, 2, 3));
        this.callFlag(RECOVERING, 2);
    }

    function test_anOldProofOfSolvencyDoesNotOutrunAFlag() public {
        postUpTo(1);
        register(RECOVERING);
        postUpTo(2);
        proveSolvent(RECOVERING, 1);
        flag(RECOVERING, 2);
        postUpTo(3);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, accountAt(RECOVERING)));
        this.callProveSolvent(RECOVERING, 3);
    }

    function test_refusesTheOtherSide() public {
        postUpTo(2);
        register(STRONG);
        register(WEAK);
        vm.expectRevert(REFUSED);
        this.callFlag(STRONG, 2);
        vm.expectRevert(REFUSED);
        this.callProveSolvent(WEAK, 2);
    }

    /// @dev Spec ZS-23.
    function test_refusesAnotherRecipient() public {
        postUpTo(2);
        register(STRONG);
        register(WEAK);
        ProvenClaim memory claim = claimOf(WEAK, 2);
        vm.expectRevert(REFUSED);
        gate.flag(accountAt(WEAK), 2, makeAddr("thief"), claim.proof);
        vm.expectRevert(REFUSED);
        gate.flag(accountAt(WEAK), 2, address(0), claim.proof);
        claim = claimOf(STRONG, 2);
        vm.expectRevert(REFUSED);
        gate.proveSolvent(accountAt(STRONG), 2, makeAddr("thief"), claim.proof);
    }

    function test_refusesAProofAtOtherPrices() public {
        postUpTo(2);
        register(STRONG);
        ProvenClaim memory claim = claimOf(STRONG, 1);
        vm.expectRevert(REFUSED);
        gate.proveSolvent(accountAt(STRONG), 2, claim.recipient, claim.proof);
    }

    function test_refusesTheProofOfAnotherAccount() public {
        postUpTo(2);
        register(STRONG);
        ProvenClaim memory claim = claimOf(STRONG + 1, 2);
        vm.expectRevert(REFUSED);
        gate.proveSolvent(accountAt(STRONG), 2, claim.recipient, claim.proof);
    }

    /// @dev Spec ZS-22.
    function test_refusesAProofOfMarginLean() public {
        Instance memory lean = readFixture("margin-lean-13");
        ProvenClaim memory claim = lean.proofs[0];
        postUpTo(claim.roundId);
        uint256 account = accountAt(0);
        vm.prank(registrar);
        gate.register(account, lean.commitments[claim.account]);
        vm.expectRevert(REFUSED);
        gate.proveSolvent(account, claim.roundId, claim.recipient, claim.proof);
    }

    function test_aRefusedProofChangesNothing() public {
        postUpTo(2);
        register(WEAK);
        vm.expectRevert(REFUSED);
        this.callProveSolvent(WEAK, 2);
        assertEq(gate.accountState(accountAt(WEAK)).solventAtRound, 0);
        assertFalse(gate.prepared(2));
    }

    function test_prepareRoundStoresOnce() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 1));
        gate.prepareRound(1);
        postUpTo(2);
        assertFalse(gate.prepared(1));
        vm.expectEmit(address(gate));
        emit ISolvencyGate.RoundPrepared(1);
        gate.prepareRound(1);
        assertTrue(gate.prepared(1));
        assertFalse(gate.prepared(2));

        vm.recordLogs();
        gate.prepareRound(1);
        assertEq(vm.getRecordedLogs().length, 0, "a second call does nothing");
    }

    /// @dev Spec ZS-41.
    function test_theFirstProofPreparesItsRound() public {
        postUpTo(1);
        register(STRONG);
        register(STRONG + 1);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.RoundPrepared(1);
        proveSolvent(STRONG, 1);
        assertTrue(gate.prepared(1));
        vm.expectCall(address(verifier), abi.encodeWithSelector(IGroth16Verifier.computeRoundPoint.selector), 0);
        proveSolvent(STRONG + 1, 1);
    }

    /// @dev External, so that an expected revert is that of the gate and not of a look-up before it.
    function callProveSolvent(uint256 index, uint64 roundId) external {
        proveSolvent(index, roundId);
    }

    function callFlag(uint256 index, uint64 roundId) external {
        flag(index, roundId);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {RegistrarGate} from "../../../src/gate/RegistrarGate.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {IRegistrarGate} from "../../../src/interfaces/IRegistrarGate.sol";
import {AccountState, ISolvencyGate} from "../../../src/interfaces/ISolvencyGate.sol";
import {OtherSplitVerifier} from "../../mocks/OtherSplitVerifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {GateFixture} from "../../utils/GateFixture.sol";

/// @notice Which commitments a registrar may set (spec ZS-43).
contract GateRegistrationTest is GateFixture {
    uint256 private alice = accountAt(0);
    address private stranger = makeAddr("stranger");

    function test_deploymentTakesMarginOfTheBooksSizeOnly() public {
        bytes4 wrong = IProofErrors.WrongStatement.selector;
        IGroth16Verifier lean = Deploy.verifier("MarginLean13Verifier");
        vm.expectRevert(abi.encodeWithSelector(wrong, "margin-13", "margin-lean-13"));
        Deploy.registrarGate(owner, registrar, rounds, lean, MAX_PROOF_AGE, TIP);

        IGroth16Verifier large = Deploy.verifier("Margin28Verifier");
        vm.expectRevert(abi.encodeWithSelector(wrong, "margin-13", "margin-28"));
        Deploy.registrarGate(owner, registrar, rounds, large, MAX_PROOF_AGE, TIP);
    }

    function test_deploymentTakesTheSignalsOfMarginOnly() public {
        refusesSplit(4, 39);
        refusesSplit(3, 40);
        refusesSplit(3, 38);
    }

    function test_deploymentRefusesAProofAgeOfZero() public {
        vm.expectRevert(IProofErrors.ZeroProofAge.selector);
        Deploy.registrarGate(owner, registrar, rounds, verifier, 0, TIP);
    }

    function test_deploymentGivesTheRolesOut() public {
        assertEq(gate.owner(), owner);
        assertTrue(gate.hasRole(gate.REGISTRAR_ROLE(), registrar));
        RegistrarGate without = Deploy.registrarGate(owner, address(0), rounds, verifier, MAX_PROOF_AGE, TIP);
        assertFalse(without.hasRole(without.REGISTRAR_ROLE(), address(0)));
    }

    function test_registerRecordsCommitmentAndRound() public {
        postUpTo(2);
        vm.expectEmit(address(gate));
        emit IRegistrarGate.Registered(alice, 7, 2);
        registerAs(alice, 7);

        AccountState memory state = gate.accountState(alice);
        assertEq(state.commitment, 7);
        assertEq(state.changedAtRound, 2);
        assertEq(state.solventAtRound, 0);
        assertEq(state.flaggedAtRound, 0);
        assertEq(gate.accountOf(7), alice);
        assertFalse(gate.isSolvent(alice, type(uint256).max), "registered is not solvent");
    }

    function test_aChangeVoidsTheProofOfSolvency() public {
        postUpTo(1);
        register(0);
        proveSolvent(0, 1);
        assertTrue(gate.isSolvent(alice, 0));
        registerAs(alice, 7);
        assertFalse(gate.isSolvent(alice, type(uint256).max));
        assertEq(gate.accountState(alice).solventAt, 0);
    }

    function test_onlyTheRegistrarRegisters() public {
        bytes32 role = gate.REGISTRAR_ROLE();
        bytes memory reason =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, stranger, role);
        vm.startPrank(stranger);
        vm.expectRevert(reason);
        gate.register(alice, 7);
        vm.expectRevert(reason);
        gate.resolve(alice, 7);
    }

    function test_refusesCommitmentsOutsideTheField() public {
        uint256[4] memory bad = [0, R, R + 1, type(uint256).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(IRegistrarGate.CommitmentNotInField.selector);
            registerAs(alice, bad[i]);
        }
        registerAs(alice, R - 1);
    }

    function test_accountsAreAddresses() public {
        uint256[3] memory bad = [uint256(0), 1 << 160, type(uint256).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRegistrarGate.InvalidAccount.selector, bad[i]));
            registerAs(bad[i], 7);
        }
        registerAs(type(uint160).max, 7);
        assertEq(gate.accountOf(7), type(uint160).max);
    }

    function test_refusesACommitmentThatWasEverUsed() public {
        registerAs(alice, 7);
        bytes4 reason = IRegistrarGate.CommitmentAlreadyUsed.selector;
        vm.expectRevert(reason);
        registerAs(accountAt(1), 7);
        vm.expectRevert(reason);
        registerAs(alice, 7);
        registerAs(alice, 8);
        vm.expectRevert(reason);
        registerAs(alice, 7);
    }

    function test_aFlaggedAccountChangesByResolveOnly() public {
        postUpTo(2);
        register(WEAK);
        flag(WEAK, 2);
        uint256 account = accountAt(WEAK);

        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, account));
        registerAs(account, 7);

        postUpTo(3);
        vm.expectEmit(address(gate));
        emit IRegistrarGate.Resolved(account, 7, 3);
        vm.prank(registrar);
        gate.resolve(account, 7);
        AccountState memory state = gate.accountState(account);
        assertEq(state.commitment, 7);
        assertEq(state.changedAtRound, 3);
        assertEq(state.flaggedAtRound, 0);
        assertFalse(gate.isSolvent(account, type(uint256).max), "resolved is not solvent");
    }

    function test_resolveNeedsANewCommitment() public {
        postUpTo(2);
        register(WEAK);
        flag(WEAK, 2);
        vm.expectRevert(IRegistrarGate.CommitmentAlreadyUsed.selector);
        vm.prank(registrar);
        gate.resolve(accountAt(WEAK), margin.commitments[WEAK]);
    }

    function test_resolveRefusesAnAccountThatIsNotFlagged() public {
        registerAs(alice, 7);
        vm.startPrank(registrar);
        vm.expectRevert(abi.encodeWithSelector(IRegistrarGate.AccountIsNotFlagged.selector, alice));
        gate.resolve(alice, 8);
        vm.expectRevert(abi.encodeWithSelector(IRegistrarGate.AccountIsNotFlagged.selector, accountAt(1)));
        gate.resolve(accountAt(1), 8);
    }

    function refusesSplit(uint256 proofInputs, uint256 roundInputs) private {
        IGroth16Verifier other =
            IGroth16Verifier(address(new OtherSplitVerifier("margin-13", proofInputs, roundInputs)));
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongSignals.selector, "margin-13"));
        Deploy.registrarGate(owner, registrar, rounds, other, MAX_PROOF_AGE, TIP);
    }

    function registerAs(uint256 account, uint256 commitment) private {
        vm.prank(registrar);
        gate.register(account, commitment);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {RegistrarGate} from "../../src/gate/RegistrarGate.sol";
import {AccountState} from "../../src/interfaces/ISolvencyGate.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {GateHandler} from "./GateHandler.sol";
import {Invariants} from "./Invariants.sol";

contract SolvencyGateInvariants is Test {
    GateHandler private handler;
    RegistrarGate private gate;
    OwnerPriceRounds private rounds;

    function setUp() public {
        handler = new GateHandler();
        gate = handler.gateUnderTest();
        rounds = handler.roundsUnderTest();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](9);
        selectors[0] = GateHandler.postRound.selector;
        selectors[1] = GateHandler.register.selector;
        selectors[2] = GateHandler.resolve.selector;
        selectors[3] = GateHandler.proveSolvent.selector;
        selectors[4] = GateHandler.flag.selector;
        selectors[5] = GateHandler.proveBatch.selector;
        selectors[6] = GateHandler.fundTips.selector;
        selectors[7] = GateHandler.withdrawTips.selector;
        selectors[8] = GateHandler.prepareRound.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_accountsAndTips() public view {
        checkAccounts();
        checkTips();
    }

    /// @dev At the end of each run: a round that changed is still another than when it was posted.
    function afterInvariant() public {
        checkRounds();
        if (!handler.addRun("gate")) return;
        string[] memory kinds = new string[](7);
        kinds[0] = "register";
        kinds[1] = "resolve";
        kinds[2] = "proveSolvent";
        kinds[3] = "flag";
        kinds[4] = "proveSolventBatch";
        kinds[5] = "a proof within a batch";
        kinds[6] = "withdrawTips";
        handler.writeDown("gate", kinds);
        handler.requireAccepted("gate", "register", 80);
        handler.requireAccepted("gate", "resolve", 20);
        handler.requireAccepted("gate", "proveSolvent", 40);
        handler.requireAccepted("gate", "a proof within a batch", 60);
        handler.requireAccepted("gate", "flag", 30);
    }

    function checkAccounts() private view {
        for (uint256 i = 0; i < handler.ACCOUNTS(); ++i) {
            uint256 account = handler.accountNumber(i);
            AccountState memory state = gate.accountState(account);
            (uint256 commitment, uint64 changedAtRound, uint64 solventAtRound, uint64 flaggedAtRound) =
                handler.expected(account);

            assertEq(state.commitment, commitment, Invariants.ONLY_THE_REGISTRAR_SETS_COMMITMENTS);
            assertEq(state.changedAtRound, changedAtRound, Invariants.ONLY_THE_REGISTRAR_SETS_COMMITMENTS);
            assertEq(state.flaggedAtRound, flaggedAtRound, Invariants.FLAGGED_BY_PROOF_CLEARED_BY_RESOLVE);
            assertEq(state.solventAtRound, solventAtRound, Invariants.SOLVENT_ROUND_NEVER_FALLS);

            bool solvent = gate.isSolvent(account, type(uint256).max);
            assertEq(solvent, solventAtRound != 0 && flaggedAtRound == 0, Invariants.FLAGGED_IS_NEVER_SOLVENT);
            if (state.commitment != 0) {
                assertEq(gate.accountOf(state.commitment), account, Invariants.COMMITMENT_HAS_ONE_ACCOUNT);
            }
            if (state.solventAtRound != 0) {
                assertGe(state.solventAtRound, state.changedAtRound, Invariants.PROVEN_AFTER_THE_CHANGE);
                uint64 timestamp = rounds.roundTimestamp(state.solventAtRound);
                assertEq(state.solventAt, timestamp, Invariants.SOLVENCY_AGES_FROM_ITS_ROUND);
            }
        }
    }

    function checkRounds() private view {
        assertEq(rounds.latestRoundId(), handler.lastRoundId(), Invariants.ROUND_IDS_COUNT);
        for (uint64 id = 1; id <= handler.lastRoundId(); ++id) {
            assertEq(handler.digest(id), handler.roundDigests(id), Invariants.ROUNDS_NEVER_CHANGE);
        }
    }

    function checkTips() private view {
        uint256 out = handler.paid() + handler.withdrawn();
        assertEq(address(gate).balance + out, handler.funded(), Invariants.TIPS_COME_FROM_THE_POT);
        assertLe(handler.paid(), handler.flags() * gate.tip(), Invariants.TIPS_COME_FROM_THE_POT);
    }
}

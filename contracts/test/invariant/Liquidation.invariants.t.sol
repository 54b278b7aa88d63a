// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {BookAccount} from "../../src/interfaces/ICommitments.sol";
import {LiquidationHandler} from "./LiquidationHandler.sol";

/// @title LiquidationInvariantNames
/// @notice What no sequence of calls may break. The handler checks besides that each call succeeds when it is due, and only
///         then; that no account is sold that meets its margin, and no victim's health falls; and that no takeover acts twice.
library LiquidationInvariantNames {
    string internal constant COMMITMENTS = "LIQ-1: an account has the state that its last true statement gave it";
    string internal constant FLAGS = "LIQ-2: a flag outlives each new state, until the account is cured or recovers";
    string internal constant PROVEN = "LIQ-3: an account looks proven at the round at which its margin was shown last";
    string internal constant MONEY =
        "LIQ-4: what a taker gets its victim loses, and the ledger has what was written off";
    string internal constant BONDS = "LIQ-5: the engine holds the bonds of the challenges that are open, and no more";
}

contract LiquidationInvariants is Test {
    LiquidationHandler private handler;

    function setUp() public {
        handler = new LiquidationHandler();
        handler.begin();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](20);
        selectors[0] = LiquidationHandler.postRound.selector;
        selectors[1] = LiquidationHandler.wait.selector;
        selectors[2] = LiquidationHandler.stopOrResume.selector;
        selectors[3] = LiquidationHandler.flag.selector;
        selectors[4] = LiquidationHandler.recover.selector;
        selectors[5] = LiquidationHandler.takeOver.selector;
        selectors[6] = LiquidationHandler.takeOver.selector;
        selectors[7] = LiquidationHandler.takeOver.selector;
        selectors[8] = LiquidationHandler.replay.selector;
        selectors[9] = LiquidationHandler.writeOff.selector;
        selectors[10] = LiquidationHandler.challenge.selector;
        selectors[11] = LiquidationHandler.answer.selector;
        selectors[12] = LiquidationHandler.endChallenge.selector;
        selectors[13] = LiquidationHandler.flagSilent.selector;
        selectors[14] = LiquidationHandler.refresh.selector;
        selectors[15] = LiquidationHandler.cure.selector;
        selectors[16] = LiquidationHandler.flag.selector;
        selectors[17] = LiquidationHandler.refresh.selector;
        selectors[18] = LiquidationHandler.postRound.selector;
        selectors[19] = LiquidationHandler.takeOver.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_bonds() public view {
        assertEq(handler.engineBalance(), 0.05 ether * handler.openChallenges(), LiquidationInvariantNames.BONDS);
    }

    /// @dev At the end of each run: the handler has compared every call as it was made.
    function afterInvariant() public {
        assertEq(handler.money(), handler.moneyExpected(), LiquidationInvariantNames.MONEY);
        assertEq(handler.debtCovered(), handler.debtExpected(), LiquidationInvariantNames.MONEY);
        for (uint256 i = 0; i < handler.accountCount(); ++i) {
            uint256 account = handler.accounts(i);
            BookAccount memory state = handler.stateOf(account);
            assertEq(state.commitment, handler.commitmentExpected(account), LiquidationInvariantNames.COMMITMENTS);
            assertEq(state.provenAtRound, handler.provenAtExpected(account), LiquidationInvariantNames.PROVEN);
            assertEq(state.maintenanceFlaggedAt, handler.flaggedExpected(account, 0), LiquidationInvariantNames.FLAGS);
            assertEq(state.overdraftFlaggedAt, handler.flaggedExpected(account, 1), LiquidationInvariantNames.FLAGS);
        }
        if (!handler.addRun("liquidation")) return;
        string[] memory kinds = new string[](16);
        kinds[0] = "flag";
        kinds[1] = "flag again";
        kinds[2] = "recover";
        kinds[3] = "takeOver";
        kinds[4] = "takeOver, cured";
        kinds[5] = "takeOver, overdraft";
        kinds[6] = "takeOver, early";
        kinds[7] = "takeOver, rate 0";
        kinds[8] = "takeOver, uncovered";
        kinds[9] = "writeOff";
        kinds[10] = "challenge";
        kinds[11] = "answer";
        kinds[12] = "endChallenge";
        kinds[13] = "flagSilent";
        kinds[14] = "cure";
        kinds[15] = "stop";
        handler.writeDown("liquidation", kinds);
        handler.requireAccepted("liquidation", "flag", 20);
        handler.requireAccepted("liquidation", "takeOver", 6);
        handler.requireAccepted("liquidation", "challenge", 25);
        handler.requireAccepted("liquidation", "answer", 10);
        handler.requireAccepted("liquidation", "cure", 3);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {LiquidationReplay} from "../../utils/LiquidationReplay.sol";

/// @notice Runs of flags, takeovers, challenges, write-offs, fund and claims: tests/vectors/market-runs-liquidation.json.
contract LiquidationRunsTest is LiquidationReplay {
    function runsFile() internal pure override returns (string memory) {
        return "market-runs-liquidation";
    }

    function test_accountsAreSoldForTheirMargin() public {
        replayLiquidation(0);
    }

    function test_aDebtIsInsuredAndShared() public {
        replayLiquidation(1);
    }

    function test_spotIsSoldForItsOverdraft() public {
        replayLiquidation(2);
    }

    function test_accountsAreChallenged() public {
        replayLiquidation(3);
    }

    function test_theFundIsRedeemed() public {
        replayLiquidation(4);
    }

    function test_accountsOfAnotherEpochAreLeftAlone() public {
        replayLiquidation(5);
    }

    function test_theFundPaysWithinItsLimits() public {
        replayLiquidation(6);
        assertFalse(vm.keyExistsJson(vectors(), ".runs[7]"), "a run has no test");
    }
}

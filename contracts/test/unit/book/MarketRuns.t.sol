// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarketReplay} from "../../utils/MarketReplay.sol";

/// @notice Runs of deposits, trades, withdrawals, flags and cures.
contract MarketRunsTest is MarketReplay {
    function test_run1() public {
        replay(0);
    }

    function test_run2() public {
        replay(1);
    }

    function test_run3() public {
        replay(2);
    }

    function test_run4() public {
        replay(3);
    }

    function test_run5() public {
        replay(4);
    }

    function test_run6() public {
        replay(5);
        assertFalse(vm.keyExistsJson(vectors(), ".runs[6]"), "a run has no test");
    }
}

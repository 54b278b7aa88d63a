// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ExpiryReplay} from "../../utils/ExpiryReplay.sol";

/// @notice Runs in which assets and accounts come and go, and a book winds down: tests/vectors/market-runs-expiry.json.
contract ExpiryRunsTest is ExpiryReplay {
    function runsFile() internal pure override returns (string memory) {
        return "market-runs-expiry";
    }

    function test_assetsAndAccountsLive() public {
        replayLife(0);
    }

    function test_theBookWindsDown() public {
        replayLife(1);
        assertFalse(vm.keyExistsJson(vectors(), ".runs[2]"), "a run has no test");
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {TestLedger} from "./TestLedger.sol";

/// @dev Keeps what it is told to cover.
contract TestDebtLedger is TestLedger {
    uint256 public covered;
    address public coveredBy;

    function cover(uint256 debt) external returns (uint256) {
        covered += debt;
        coveredBy = msg.sender;
        return 0;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";

/// @dev Pays a fraction that it is told, rounded down, and keeps the rest as claims.
contract TestLedger is IShortfallLedger {
    uint256 public constant ONE = 1e18;

    uint256 private _fraction = ONE;
    mapping(address recipient => uint256) public claimOf;
    uint256 public claims;
    uint256 public spotScale = ONE;

    function setFraction(uint256 fraction) external {
        _fraction = fraction;
    }

    function setSpotScale(uint256 scale) external {
        spotScale = scale;
    }

    function recordPayOut(address recipient, uint256 amount) external returns (uint256 paid) {
        paid = amount * _fraction / ONE;
        if (paid > amount) return paid;
        claimOf[recipient] += amount - paid;
        claims += amount - paid;
    }
}

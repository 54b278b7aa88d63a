// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IBookVault} from "../../src/interfaces/IBookVault.sol";

/// @dev What a vault asks of an IShortfallLedger: pays a fraction that it is told, rounded down, keeps the rest as claims, and
///      takes deposits of those alone who accept it.
contract TestLedger {
    uint256 public constant ONE = 1e18;

    uint256 private _fraction = ONE;
    mapping(address recipient => uint256) public claimOf;
    uint256 public claims;
    uint256 public spotScale = ONE;
    mapping(address depositor => bool) public isRefused;

    error Refused();

    function refuse(address depositor) external {
        isRefused[depositor] = true;
    }

    function contribute(IBookVault vault, uint256 amount) external {
        vault.contribute(amount);
    }

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

    function requireAccepted(address depositor) external view {
        if (isRefused[depositor]) revert Refused();
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccountGate, Permission} from "../../src/interfaces/IAccountGate.sol";

/// @dev Permits what it is told to.
contract TestGate is IAccountGate {
    mapping(uint256 account => Permission) public permissionOf;

    function set(uint256 account, Permission permission) external {
        permissionOf[account] = permission;
    }
}

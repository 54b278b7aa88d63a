// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccountGate, Permission} from "../../src/interfaces/IAccountGate.sol";

/// @dev Permits what it is told to.
contract TestGate is IAccountGate {
    mapping(uint256 account => Permission) private _permissions;

    function set(uint256 account, Permission permission) external {
        _permissions[account] = permission;
    }

    function permissionOf(uint256 account, uint64) external view returns (Permission) {
        return _permissions[account];
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccountGate, Permission} from "./interfaces/IAccountGate.sol";
import {IBookRegistrar} from "./interfaces/IBookRegistrar.sol";
import {ICommitments} from "./interfaces/ICommitments.sol";
import {ISolvencyGate} from "./interfaces/ISolvencyGate.sol";

/// @title BookRegistrar
/// @notice See IBookRegistrar.
contract BookRegistrar is IBookRegistrar {
    /// @inheritdoc IBookRegistrar
    ICommitments public immutable book;

    /// @inheritdoc IBookRegistrar
    ISolvencyGate public immutable solvencyGate;

    /// @inheritdoc IBookRegistrar
    mapping(uint256 account => address) public addressOf;

    uint160 private _count;

    /// @param book_ Where commitments are read.
    /// @param solvencyGate_ Must make this contract its only registrar.
    constructor(ICommitments book_, ISolvencyGate solvencyGate_) {
        book = book_;
        solvencyGate = solvencyGate_;
    }

    /// @inheritdoc IBookRegistrar
    function sync(uint256 account) external {
        uint256 commitment = book.commitmentOf(account);
        if (commitment == 0) revert UnknownAccount(account);
        address named = addressOf[account];
        if (named == address(0)) {
            named = address(++_count);
            addressOf[account] = named;
        } else if (solvencyGate.accountState(named).commitment == commitment) {
            revert AlreadyInStep(account);
        }
        emit Synced(account, named, commitment);
        // A flag was for the state before: the book let it change by a cure only, or it had changed already.
        if (solvencyGate.accountState(named).flagged) solvencyGate.resolve(named, commitment);
        else solvencyGate.register(named, commitment);
    }

    /// @inheritdoc IBookRegistrar
    function isSolvent(uint256 account, uint256 maxAge) external view returns (bool) {
        return _isInStep(account) && solvencyGate.isSolvent(addressOf[account], maxAge);
    }

    /// @inheritdoc IAccountGate
    function permissionOf(uint256 account) external view returns (Permission) {
        bool isFlagged = _isInStep(account) && solvencyGate.accountState(addressOf[account]).flagged;
        return isFlagged ? Permission.CureOnly : Permission.Free;
    }

    /// @dev Whether what the gate knows is about the account's present state.
    function _isInStep(uint256 account) private view returns (bool) {
        address named = addressOf[account];
        return named != address(0) && solvencyGate.accountState(named).commitment == book.commitmentOf(account);
    }
}

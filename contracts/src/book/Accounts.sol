// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookAccount, ICommitments} from "../interfaces/ICommitments.sol";
import {IMarginBook, StateUpdate} from "../interfaces/IMarginBook.sol";

/// @title Accounts
/// @notice Which commitment each account has, and every commitment that any account ever had: none is used twice.
/// @dev Commitments and identities are hashes that a proof has bound, so none is 0.
abstract contract Accounts is IMarginBook {
    /// @inheritdoc IMarginBook
    mapping(uint256 commitment => uint256 account) public accountOf;

    mapping(uint256 account => BookAccount) private _accounts;

    /// @inheritdoc ICommitments
    function accountState(uint256 account) external view returns (BookAccount memory) {
        return _accounts[account];
    }

    /// @dev Whether an account is open.
    function _isOpen(uint256 account) internal view returns (bool) {
        return _accounts[account].commitment != 0;
    }

    /// @dev Why an update at a round does not fit its account, as the selector of an error; 0 when it does.
    /// @return reason The selector.
    /// @return account The account that the update is of; 0 when there is none.
    function _mismatch(uint64 roundId, StateUpdate calldata update)
        internal
        view
        returns (bytes4 reason, uint256 account)
    {
        account = accountOf[update.oldCommitment];
        if (account == 0) return (UnknownCommitment.selector, 0);
        BookAccount storage state = _accounts[account];
        if (state.commitment != update.oldCommitment) return (CommitmentNotCurrent.selector, account);
        if (roundId < state.changedAtRound) return (RoundBeforeChange.selector, account);
        if (accountOf[update.newCommitment] != 0) return (CommitmentAlreadyUsed.selector, account);
    }

    /// @dev Gives an account a state that a proof has created.
    function _setState(
        uint256 account,
        uint256 commitment,
        uint64 latestRoundId,
        uint256 rho,
        uint256[] calldata ciphertext
    ) internal {
        accountOf[commitment] = account;
        _accounts[account] = BookAccount({commitment: commitment, changedAtRound: latestRoundId});
        emit StateChanged(account, commitment, latestRoundId, rho, ciphertext);
    }
}

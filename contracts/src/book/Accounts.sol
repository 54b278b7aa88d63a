// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookAccount, ICommitments} from "../interfaces/ICommitments.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {AccountWord} from "../libraries/PackedAccount.sol";

/// @title Accounts
/// @notice Which commitment each account has, since when, and what was proven of it: two words an account, and none for
///         each commitment or ticket.
/// @dev Why no used commitment has to be remembered: a proof acts only while its old commitment is the account's, and
///      each accepted proof replaces it by another one. Commitments bind the identity, so no two accounts ever share one.
///      An owner who seals an old state again under its old rho goes back to an old commitment, and the proofs that start
///      there may act again: each is a whole step that this owner has signed, and that is paid, debited or traded again
///      like the first time. So nothing may be kept under a commitment alone, here or in a gate.
///      Commitments and identities are hashes that a proof has bound, so none is 0.
abstract contract Accounts is IMarginBook {
    struct Stored {
        uint256 commitment;
        AccountWord word;
    }

    /// @inheritdoc ICommitments
    uint256 public accountCount;

    mapping(uint256 account => Stored) private _accounts;

    /// @inheritdoc ICommitments
    function accountState(uint256 account) external view returns (BookAccount memory) {
        Stored storage stored = _accounts[account];
        return stored.word.unpack(stored.commitment);
    }

    /// @inheritdoc ICommitments
    function commitmentsOf(uint256[] calldata accounts) external view returns (uint256[] memory commitments) {
        commitments = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            commitments[i] = _accounts[accounts[i]].commitment;
        }
    }

    /// @dev Whether an account of that identity is open, or was.
    function _isUsed(uint256 account) internal view returns (bool) {
        Stored storage stored = _accounts[account];
        return stored.commitment != 0 || AccountWord.unwrap(stored.word) != 0;
    }

    /// @dev Ends an account. A word that is not 0 is left of it, so that its identity stays used.
    function _retire(uint256 account, uint256 successor) internal {
        _accounts[account] = Stored({commitment: 0, word: AccountWord.wrap(0).withRounds(1, 0)});
        emit AccountClosed(account, successor);
    }

    /// @dev What the book knows of an account beside its commitment.
    function _wordOf(uint256 account) internal view returns (AccountWord) {
        return _accounts[account].word;
    }

    /// @dev Why an account cannot go from one commitment to another at a round, as the selector of an error; 0 when it can.
    /// @return reason The selector.
    /// @return word What the book knows of the account.
    function _mismatch(uint256 account, uint256 oldCommitment, uint256 newCommitment, uint64 roundId)
        internal
        view
        returns (bytes4 reason, AccountWord word)
    {
        Stored storage stored = _accounts[account];
        uint256 commitment = stored.commitment;
        word = stored.word;
        if (commitment == 0) reason = AccountNotOpen.selector;
        else if (commitment != oldCommitment) reason = CommitmentNotCurrent.selector;
        else if (commitment == newCommitment) reason = CommitmentUnchanged.selector;
        else if (roundId < word.changedAtRound()) reason = RoundBeforeChange.selector;
    }

    /// @dev As `_mismatch`, for what fails as a whole.
    function _requireCommitment(uint256 account, uint256 commitment, uint256 newCommitment, uint64 roundId)
        internal
        view
        returns (AccountWord word)
    {
        bytes4 reason;
        (reason, word) = _mismatch(account, commitment, newCommitment, roundId);
        if (reason != 0) _refuse(reason);
    }

    /// @dev Stores what is known of an account whose commitment stays.
    function _store(uint256 account, AccountWord word) internal {
        _accounts[account].word = word;
    }

    /// @dev Gives an account a state that a proof has created.
    function _setState(
        uint256 account,
        uint256 commitment,
        AccountWord word,
        uint256 rho,
        uint256[] calldata ciphertext
    ) internal {
        _accounts[account] = Stored({commitment: commitment, word: word});
        emit StateChanged(account, commitment, word.changedAtRound(), rho, ciphertext);
    }

    function _refuse(bytes4 reason) internal pure {
        assembly ("memory-safe") {
            mstore(0, reason)
            revert(0, 4)
        }
    }
}

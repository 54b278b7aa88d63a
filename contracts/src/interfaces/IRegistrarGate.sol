// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISolvencyGate} from "./ISolvencyGate.sol";
import {ITipPot} from "./ITipPot.sol";

/// @title IRegistrarGate
/// @notice A gate whose commitments a registrar sets: the protocol that keeps the accounts. It is trusted to register
///         states that are true. An account is named by an address, as a number. A flag is on the present commitment and
///         stays on it for ever: only another commitment ends it for the account. A pot pays the tips.
interface IRegistrarGate is ISolvencyGate, ITipPot {
    /// @notice Thrown when an account to be registered is not an address as a number, or is the zero address.
    /// @param account The account.
    error InvalidAccount(uint256 account);

    /// @notice Thrown when a commitment is 0 or not below r.
    error CommitmentNotInField();

    /// @notice Thrown when a commitment is, or was, some account's already: no honest state has the commitment of
    ///         another, and a copied one would come with its owner's proofs.
    error CommitmentAlreadyUsed();

    /// @notice Thrown when an account to be resolved is not flagged.
    /// @param account The account.
    error AccountIsNotFlagged(uint256 account);

    /// @notice An account's commitment was set or replaced.
    /// @param account The account.
    /// @param commitment Its commitment.
    /// @param changedAtRound The newest round: proofs need this one or a later one.
    event Registered(uint256 indexed account, uint256 commitment, uint64 changedAtRound);

    /// @notice A flagged account was liquidated or cured.
    /// @param account The account.
    /// @param commitment Its commitment from now on.
    /// @param changedAtRound The newest round: proofs need this one or a later one.
    event Resolved(uint256 indexed account, uint256 commitment, uint64 changedAtRound);

    /// @notice Sets the commitment of an account, for the first time or after its hidden state changed. The account has
    ///         to be proven solvent again. Only the registrar: a caller who replaces commitments could dodge a flag.
    /// @param account The account, not flagged.
    /// @param commitment A field element other than 0, never used before.
    function register(uint256 account, uint256 commitment) external;

    /// @notice Sets the commitment of a flagged account that was liquidated or cured. Only the registrar.
    /// @param account The account, flagged.
    /// @param commitment As in `register`.
    function resolve(uint256 account, uint256 commitment) external;

    /// @notice Whose commitment this is or was.
    /// @param commitment The commitment.
    /// @return The account; 0 for a commitment never used.
    function accountOf(uint256 commitment) external view returns (uint256);
}

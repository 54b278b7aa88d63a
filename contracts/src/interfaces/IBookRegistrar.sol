// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccountGate} from "./IAccountGate.sol";
import {ICommitments} from "./ICommitments.sol";
import {ISolvencyGate} from "./ISolvencyGate.sol";

/// @title IBookRegistrar
/// @notice Lets a SolvencyGate work on the accounts of a margin book: as the gate's registrar it gives it the book's
///         commitments and no others; as the book's gate it leaves a flagged account nothing but its cure.
/// @dev The gate names accounts by addresses, the book by field elements: an account is numbered at its first `sync`.
interface IBookRegistrar is IAccountGate {
    /// @notice Thrown when the book has no such account.
    error UnknownAccount(uint256 account);

    /// @notice Thrown when the gate has the account's present commitment already.
    error AlreadyInStep(uint256 account);

    /// @notice The gate has the present commitment of an account.
    event Synced(uint256 indexed account, address indexed named, uint256 commitment);

    /// @notice Gives the gate the present commitment of an account. Anybody may, and must after each change before the
    ///         account can be proven solvent or flagged, at rounds from then on. Clears a flag on an earlier state.
    function sync(uint256 account) external;

    /// @notice Whether the gate calls the account's present state solvent.
    function isSolvent(uint256 account, uint256 maxAge) external view returns (bool);

    /// @notice The name of an account in the gate; zero before its first `sync`.
    function addressOf(uint256 account) external view returns (address);

    /// @notice Where commitments are read.
    function book() external view returns (ICommitments);

    /// @notice The gate.
    function solvencyGate() external view returns (ISolvencyGate);
}

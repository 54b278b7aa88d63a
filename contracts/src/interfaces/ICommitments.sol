// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPriced} from "./IPriced.sol";

/// @notice What an account is flagged for.
enum Ground {
    /// It is below maintenance margin.
    Maintenance,
    /// It owes more of the settlement currency than its spot may back.
    Overdraft
}

/// @notice What the book knows of an account.
struct BookAccount {
    /// To its present state; 0 before it is opened.
    uint256 commitment;
    /// The newest round when the commitment was set: its next proof needs this one or a later one.
    uint64 changedAtRound;
    /// The newest round at which something was proven of its present state: that it meets maintenance margin, which every
    /// update proves, or, while the account is flagged, that it does not. 0 when nothing was, as after an expiry, and when an
    /// overdraft has ended.
    uint64 provenAtRound;
    /// How many expiries its state has been through: its proofs are at rounds of this epoch.
    uint32 epoch;
    /// When it was flagged for its maintenance margin, on the circuit breaker's clock of `NoFlags`; 0 when it is not.
    uint48 maintenanceFlaggedAt;
    /// When it was flagged for its overdraft, on that clock; 0 when it is not.
    uint48 overdraftFlaggedAt;
}

/// @title ICommitments
/// @notice Where the present commitments of accounts are read: a margin book, which takes each from a verified proof.
/// @dev A commitment belongs to one account. It may come back to it, where the owner seals an old state again under its old
///      rho, and a proof that starts there may then act again. So a reader keeps what it learns for an account, and
///      dates it with a round, and never for a commitment alone.
interface ICommitments is IPriced {
    /// @notice What the book knows of an account. Never reverts: a reader of many accounts must not fail for one.
    /// @param account Its identity.
    /// @return Its commitment, and what is known of it.
    function accountState(uint256 account) external view returns (BookAccount memory);

    /// @notice The present commitments of many accounts.
    /// @param accounts Their identities.
    /// @return One for each; 0 for an account that is not open.
    function commitmentsOf(uint256[] calldata accounts) external view returns (uint256[] memory);

    /// @notice How many accounts were ever opened: a reader who finds fewer openings in the logs was not shown all of them.
    /// @return The number.
    function accountCount() external view returns (uint256);

    /// @notice What the book multiplies the spot prices of a round with. Limits on prices compare them unscaled.
    /// @param roundId Any round.
    /// @return [1e-18], 1e18 for 1.
    function spotScale(uint64 roundId) external view returns (uint256);
}

/// @title IAccountReports
/// @notice What the gate in force, and the modules that were named at deployment, tell a book of its accounts. They verify;
///         the book believes them, keeps the result, and refuses all other reporters.
interface IAccountReports is ICommitments {
    /// @notice Thrown when the caller is neither the gate in force nor a module.
    error NotAReporter();

    /// @notice Thrown when an account is already flagged on that ground: its flag keeps its time.
    error AlreadyFlagged();

    /// @notice Thrown when a round is older than the newest one at which something was proven of the account.
    error RoundBeforeProof();

    /// @notice An account is flagged, by a report or by its own deposit: it can be cured, and do nothing else.
    /// @param account Its identity.
    /// @param ground What for.
    /// @param roundId The round of the proof.
    event FlagSet(uint256 indexed account, Ground indexed ground, uint64 roundId);

    /// @notice A flag has ended by a cure, or by a module.
    /// @param account Its identity.
    /// @param ground What it was flagged for.
    event FlagCleared(uint256 indexed account, Ground indexed ground);

    /// @notice Records that an account meets maintenance margin. Only the gate in force and modules.
    /// @param account Its identity.
    /// @param commitment To the state that this was proven of: the present one.
    /// @param roundId The round of the proof: not before the account's last change, nor before what was proven last.
    function recordSolvent(uint256 account, uint256 commitment, uint64 roundId) external;

    /// @notice Flags an account, and pays its bond to the recipient. Only the gate in force and modules. The flag belongs to
    ///         the book: it outlives the commitment and the gate, and ends by a cure or by a module.
    /// @param account Its identity.
    /// @param commitment To the state that this was proven of: the present one.
    /// @param ground What for.
    /// @param roundId The newest round.
    /// @param recipient Of the tip; zero leaves the bond to the account.
    function recordFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId, address recipient) external;
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

/// @notice What an account may do. Each allows less than the one before it.
enum Permission {
    /// Anything.
    Free,
    /// Deposits, and trades that show that they do not increase risk.
    NoNewRisk,
    /// Deposits after which it shows that it meets initial margin.
    CureOnly,
    /// Nothing.
    Frozen
}

/// @title IAccountGate
/// @notice What a margin book asks before an account changes: whether it is flagged, say, or was swept lately.
interface IAccountGate {
    /// @notice What an account may do now.
    /// @param account Its identity.
    function permissionOf(uint256 account) external view returns (Permission);
}

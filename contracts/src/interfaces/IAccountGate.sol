// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What an account may do. Each allows less than the one before it.
enum Permission {
    /// Anything.
    Free,
    /// Deposits, and trades that show that they do not increase risk.
    NoNewRisk,
    /// Deposits after which it shows that it meets initial margin, that it is no riskier than before, or that it is still
    /// below maintenance margin.
    TopUpOnly,
    /// Deposits after which it shows that it meets initial margin.
    CureOnly,
    /// Nothing.
    Frozen
}

/// @title IAccountGate
/// @notice What a margin book asks before an account changes: whether it is flagged, say, or was swept lately.
interface IAccountGate {
    /// @notice What an account may do now, by a proof at a round. The round matters: an account in trouble at one round
    ///         may have stood well at an earlier one, whose prices a proof may still use.
    /// @param account Its identity.
    /// @param roundId The round.
    /// @return What it may do.
    function permissionOf(uint256 account, uint64 roundId) external view returns (Permission);
}

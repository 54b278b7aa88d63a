// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

/// @title ICommitments
/// @notice Where the present commitments of accounts are read: a margin book, which takes each from a verified proof.
interface ICommitments {
    /// @notice The commitment to an account's present state; 0 before it is opened.
    /// @param account Its identity.
    function commitmentOf(uint256 account) external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPriced} from "./IPriced.sol";

/// @notice What the book knows of an account.
struct BookAccount {
    /// To its present state; 0 before it is opened.
    uint256 commitment;
    /// The newest round when the commitment was set: its next proof needs this one or a later one.
    uint64 changedAtRound;
}

/// @title ICommitments
/// @notice Where the present commitments of accounts are read: a margin book, which takes each from a verified proof. A
///         commitment that was replaced never comes back, to its account or to another.
interface ICommitments is IPriced {
    /// @notice What the book knows of an account. Never reverts: whoever asks for many at once must not fail for one.
    /// @param account Its identity.
    /// @return The commitment to its present state, and since which round it has been that.
    function accountState(uint256 account) external view returns (BookAccount memory);

    /// @notice What the book multiplies the spot prices of a round with. Limits on prices compare them unscaled.
    /// @param roundId Any round.
    /// @return [1e-18], 1e18 for 1.
    function spotScale(uint64 roundId) external view returns (uint256);
}

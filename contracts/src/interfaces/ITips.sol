// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title ITips
/// @notice Pays tips in ETH. No tip fails its caller: one that its recipient does not take is credited, and can be claimed.
interface ITips {
    /// @notice Thrown when no tip waits for an account.
    /// @param account The caller.
    error NothingToClaim(address account);

    /// @notice A tip was paid.
    /// @param recipient To whom.
    /// @param amount How much, wei.
    event TipPaid(address indexed recipient, uint256 amount);

    /// @notice ETH could not be delivered, or came unasked, and waits for `claimTip`.
    /// @param recipient Whose it is.
    /// @param amount How much, wei.
    event TipCredited(address indexed recipient, uint256 amount);

    /// @notice A credit was taken.
    /// @param recipient Whose it was.
    /// @param to Where it went.
    /// @param amount How much, wei.
    event TipClaimed(address indexed recipient, address indexed to, uint256 amount);

    /// @notice Takes the whole credit of the caller.
    /// @param to Where it goes.
    function claimTip(address payable to) external;

    /// @notice What waits for a recipient.
    /// @param recipient The recipient.
    /// @return Wei.
    function tipCredit(address recipient) external view returns (uint256);
}

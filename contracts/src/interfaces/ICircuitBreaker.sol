// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

/// @notice What is stopped. Each level stops what the ones before it stop, and more.
enum Level {
    /// Nothing.
    Open,
    /// New flags.
    NoFlags,
    /// And takeovers.
    NoTakeovers,
    /// And withdrawals.
    NoWithdrawals
}

/// @title ICircuitBreaker
/// @notice One switch for all contracts of a deployment. Whoever guards it may stop more at once; only governance lets
///         anything go on. It holds nothing and calls nobody: the others ask it before they act.
interface ICircuitBreaker {
    /// @notice Thrown when the level stops what was asked for.
    error Stopped(Level level);

    /// @notice Thrown when a level to be lowered to is not below the level there is.
    error NotLower(Level level, Level given);

    /// @notice More is stopped than before.
    event LevelRaised(Level from, Level to, address indexed by);

    /// @notice Less is stopped than before.
    event LevelLowered(Level from, Level to);

    /// @notice Stops at least what `to` stops. Only a guardian: a person on watch, or a contract that trips by rule.
    /// @dev Does nothing at that level or above it, so that a contract may trip twice.
    function raiseTo(Level to) external;

    /// @notice Lets go on what `to` does not stop. Only governance.
    function lowerTo(Level to) external;

    /// @notice The level there is.
    function level() external view returns (Level);

    /// @notice Reverts unless the level is below `stopping`, the first level that stops what the caller is about to do.
    function requireBelow(Level stopping) external view;
}

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
    /// @param level The level there is.
    error Stopped(Level level);

    /// @notice Thrown when a level to be lowered to is not below the level there is.
    /// @param level The level there is.
    /// @param given The level asked for.
    error NotLower(Level level, Level given);

    /// @notice More is stopped than before.
    /// @param from The level before.
    /// @param to The level from now on, above it.
    /// @param by The guardian who raised it.
    event LevelRaised(Level from, Level to, address indexed by);

    /// @notice Less is stopped than before.
    /// @param from The level before.
    /// @param to The level from now on, below it.
    event LevelLowered(Level from, Level to);

    /// @notice Stops at least what `to` stops. Only a guardian: a person on watch, or a contract that trips by rule.
    /// @dev Does nothing at that level or above it, so that a contract may trip twice.
    /// @param to The least level there is to be.
    function raiseTo(Level to) external;

    /// @notice Lets go on what `to` does not stop. Only governance.
    /// @param to A level below the one there is.
    function lowerTo(Level to) external;

    /// @notice What is stopped now.
    /// @return The level there is.
    function level() external view returns (Level);

    /// @notice Reverts unless the level is below `stopping`, the first level that stops what the caller is about to do.
    /// @param stopping `Open` always reverts.
    function requireBelow(Level stopping) external view;
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPriceClock} from "./IPriceClock.sol";

/// @notice What is stopped. Each level stops what the ones before it stop.
enum Level {
    /// Nothing.
    Open,
    /// New flags, takeovers, withdrawals and new risk.
    NoFlags,
    /// No more, where the engine of a book asks for NoFlags: for one that sells at NoFlags what was flagged before.
    NoTakeovers,
    /// And everything that leaves a book.
    NoWithdrawals
}

/// @title ICircuitBreaker
/// @notice One switch for all contracts of a deployment. The others ask it before they act.
///
///         Guardians raise its level, and only governance lowers it. The price source trips it: while it is tripped,
///         the level is NoWithdrawals. A trip lapses by itself at a time that the source names, or the source clears it.
///
///         Clocks of the deployment count in the active time of a level, so that they stand still while that level stops
///         what they are for, while prices are silent, and for `resumeGrace` after either.
interface ICircuitBreaker {
    /// @notice Thrown when the level stops what was asked for.
    /// @param level The present level.
    error Stopped(Level level);

    /// @notice Thrown when a level to be lowered to is not below the level that guardians raised.
    /// @param level The level that guardians raised.
    /// @param given The level asked for.
    error NotLower(Level level, Level given);

    /// @notice Thrown when the caller is not the price source.
    /// @param caller The caller.
    error NotPriceSource(address caller);

    /// @notice Thrown when the price source is not silent, so that there is no silence to end.
    error NotSilent();

    /// @notice Thrown at deployment when the grace is longer than `MAX_RESUME_GRACE`.
    /// @param grace As given, seconds.
    error ResumeGraceOutOfRange(uint64 grace);

    /// @notice A guardian raised the level.
    /// @param from The level before.
    /// @param to The level from now on, above it.
    /// @param by The guardian who raised it.
    event LevelRaised(Level from, Level to, address indexed by);

    /// @notice Governance lowered the level.
    /// @param from The level before.
    /// @param to The level from now on, below it.
    event LevelLowered(Level from, Level to);

    /// @notice The price source tripped the breaker, or made a trip last longer.
    /// @param until When the trip lapses by itself, Unix seconds.
    event Tripped(uint64 until);

    /// @notice A trip ended before it lapsed.
    event TripCleared();

    /// @notice Prices came back after silence: clocks stand still for `resumeGrace` from now on.
    /// @param since When the silence began, Unix seconds.
    event SilenceEnded(uint64 since);

    /// @notice Governance set the price source.
    /// @param source The new one; zero for none.
    event PriceSourceSet(IPriceClock indexed source);

    /// @notice Stops at least what `to` stops. Only a guardian.
    /// @dev Does nothing when guardians have raised that level or a higher one.
    /// @param to The least level from now on.
    function raiseTo(Level to) external;

    /// @notice Lets go on what `to` does not stop. Only governance. A trip goes on.
    /// @param to A level below the one that guardians raised.
    function lowerTo(Level to) external;

    /// @notice Sets the contract that trips the breaker, and whose silence stops clocks. Only governance.
    ///         Ends the trip and the silence of the source before it.
    /// @param source Trusted to answer `silentSince`; zero for none.
    function setPriceSource(IPriceClock source) external;

    /// @notice Trips the breaker. Only the price source. A trip is made longer by another one, never shorter.
    /// @param until When the trip lapses by itself, Unix seconds.
    function trip(uint64 until) external;

    /// @notice Ends the trip there is. Only the price source. Clocks go on at once.
    function clear() external;

    /// @notice Says that a silent source is about to record a round. Only the price source, while it is silent.
    function endSilence() external;

    /// @notice What is stopped now.
    /// @return The level that guardians raised; NoWithdrawals while the breaker is tripped.
    function level() external view returns (Level);

    /// @notice The level without trips.
    /// @return The level that guardians raised.
    function raisedLevel() external view returns (Level);

    /// @notice When the last trip lapses or lapsed.
    /// @return Unix seconds: the breaker is tripped before this time; 0 when the last trip was cleared.
    function trippedUntil() external view returns (uint64);

    /// @notice The contract that trips the breaker.
    /// @return The price source; zero for none.
    function priceSource() external view returns (IPriceClock);

    /// @notice How long clocks stand still after governance lowered a level that stopped them, and after silence.
    /// @return Seconds, at most `MAX_RESUME_GRACE`.
    function resumeGrace() external view returns (uint64);

    /// @notice For how long a level has not been stopped since deployment. Its clock pauses while guardians have
    ///         raised that level or a higher one, while the breaker is tripped, while the price source is silent, and for
    ///         `resumeGrace` after governance lowered the level and after silence. It never falls.
    /// @param stopped The level that stops what the clock is for.
    /// @return Seconds; 0 for `Open`, which is always reached.
    function activeTime(Level stopped) external view returns (uint64);

    /// @notice Reverts unless the level is below `stopping`, the first level that stops what the caller is about to do.
    /// @param stopping `Open` always reverts.
    function requireBelow(Level stopping) external view;
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IPriceClock
/// @notice What the circuit breaker asks its price source: whether rounds still come.
interface IPriceClock {
    /// @notice Since when the source is silent: the time of its latest round plus the age at which a round is stale.
    /// @return Unix seconds, in the past; 0 while the latest round is fresh, and before the first one.
    function silentSince() external view returns (uint64);
}

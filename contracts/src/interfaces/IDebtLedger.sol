// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IDebtLedger
/// @notice Where the debt of a written-off account goes.
interface IDebtLedger {
    /// @notice Pays a debt out of the insurance fund as far as that reaches, and records the rest as uncovered. Only the
    ///         liquidation engine.
    /// @param debt What an account owed [1e-18 of the settlement currency], above 0.
    function cover(uint256 debt) external;
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IShortfallLedger
/// @notice Shares a shortfall of the settlement currency: while accounts owe more than the vault holds, each pay-out is cut
///         by the same fraction, and the ledger keeps a claim for the rest.
interface IShortfallLedger {
    /// @notice Says how much of a pay-out is paid now, and records the rest as a claim of the recipient. Only the vault.
    /// @dev The vault trusts the ledger: when it reverts, no pay-out of the settlement currency is made.
    /// @param recipient The recipient of the pay-out, who will own the claim.
    /// @param amount What the pay-out is worth, in the token's own units, above 0.
    /// @return paid What the vault pays now, at most `amount`.
    function recordPayOut(address recipient, uint256 amount) external returns (uint256 paid);

    /// @notice What a book multiplies spot prices with: while accounts owe more than the vault holds, a unit of the settlement
    ///         currency is worth less, and spot as much more.
    /// @dev The book asks at each proof: when it reverts, nothing is proven.
    /// @return [1e-18], 1e18 while nothing is short, and never less.
    function spotScale() external view returns (uint256);

    /// @notice Reverts unless a depositor of the settlement currency accepts what a deposit is worth now.
    /// @dev The vault asks it for each deposit of the settlement currency: it is booked in full, and worth the fraction that
    ///      pay-outs are paid at.
    /// @param depositor The payer of the deposit.
    function requireAccepted(address depositor) external view;
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInsuranceFund} from "./IInsuranceFund.sol";

/// @title IShortfallLedger
/// @notice The bad debt of a book that is paid by no one yet, and who bears it. It is the shortfall S: accounts and queued
///         withdrawals are owed T + S, and the vault holds T that backs them, all in the settlement currency. Each unit that
///         they are owed is worth the fraction f = T / (T + S).
///
///         A pay-out of w is paid w f, rounded down, and its recipient has a claim for the rest. S falls by the claim, so no
///         pay-out lowers f: who leaves first gains nothing by it. Only a write-off lowers f.
///
///         A deposit is booked in full and worth f, so while S > 0 its payer has to accept that (`acceptHaircut`). What any
///         caller gives (`recapitalise`), or has the fund pay later (`drawFund`), pays claims and S, in proportion. Claims
///         cannot be transferred.
interface IShortfallLedger {
    // ---------------------------------------------------------------------------------------------- errors

    /// @notice Thrown at deployment when the fund names another ledger.
    error NotTheFundsLedger();

    /// @notice Thrown at deployment when the token of the fund is finer than the settlement currency: it has more than 18
    ///         decimals.
    error TokenTooFine();

    /// @notice Thrown when another caller than the engine writes debt off.
    error NotTheEngine();

    /// @notice Thrown when a deposit is worth less than its payer accepts. Call `acceptHaircut` with a fraction of at most what a
    ///         deposit is worth.
    /// @param fraction What a deposit of 1 is worth [1e-18].
    /// @param leastFraction What its payer accepts [1e-18].
    error HaircutNotAccepted(uint256 fraction, uint256 leastFraction);

    /// @notice Thrown when a fraction is above 1.
    /// @param fraction As given [1e-18].
    error FractionOutOfRange(uint256 fraction);

    /// @notice Thrown when there is nothing to pay: no claims, and no shortfall.
    error NothingOwed();

    /// @notice Thrown when nothing may be drawn of the fund now: it is empty, or at its limits.
    error NothingDrawn();

    /// @notice Thrown when the caller has no claim that was paid.
    /// @param account The caller.
    error NothingToClaim(address account);

    // ---------------------------------------------------------------------------------------------- events

    /// @notice Debt was written off.
    /// @param debt All of it [1e-18 USD].
    /// @param drawn What the fund paid, in the token's own units.
    /// @param shortfall S from now on [1e-18 USD].
    event DebtCovered(uint256 debt, uint256 drawn, uint256 shortfall);

    /// @notice A pay-out was cut, and its recipient has a claim for the rest.
    /// @param recipient The owner of the claim.
    /// @param amount What it was increased by, in the token's own units.
    /// @param shortfall S from now on [1e-18 USD].
    event ClaimRecorded(address indexed recipient, uint256 amount, uint256 shortfall);

    /// @notice Claims and shortfall were paid.
    /// @param from Who paid: a caller, or the fund.
    /// @param toClaims What the claims got, in the token's own units.
    /// @param toVault What the vault got, in the token's own units.
    /// @param shortfall S from now on [1e-18 USD].
    event Recapitalised(address indexed from, uint256 toClaims, uint256 toVault, uint256 shortfall);

    /// @notice What was paid of a claim was taken.
    /// @param recipient The owner of the claim.
    /// @param to Where it went.
    /// @param amount In the token's own units.
    event ClaimPaid(address indexed recipient, address to, uint256 amount);

    /// @notice A depositor said what it accepts.
    /// @param depositor Who.
    /// @param leastFraction What a deposit of 1 has to be worth [1e-18].
    event HaircutAccepted(address indexed depositor, uint256 leastFraction);

    // ---------------------------------------------------------------------------------------------- entries

    /// @notice Says how much of a pay-out is paid now, and records the rest as a claim of the recipient. Only the vault.
    /// @dev The vault trusts the ledger: when it reverts, no pay-out of the settlement currency is made. Without a shortfall
    ///      nothing is recorded, and any caller is told its amount.
    /// @param recipient The recipient of the pay-out, who will own the claim.
    /// @param amount What the pay-out is worth, in the token's own units, above 0.
    /// @return paid What the vault pays now, at most `amount`.
    function recordPayOut(address recipient, uint256 amount) external returns (uint256 paid);

    /// @notice Takes over the debt of an account that was written off: the fund pays what it may, and the rest is added to the
    ///         shortfall. Only the engine.
    /// @param debt [1e-18 USD]
    /// @return drawn What the fund paid, in the token's own units.
    function cover(uint256 debt) external returns (uint256 drawn);

    /// @notice Pays claims and shortfall in proportion, by tokens of the caller, who has approved the ledger.
    /// @param most The most to pay, in the token's own units.
    /// @return paid What was taken: no more than claims and shortfall together.
    function recapitalise(uint256 most) external returns (uint256 paid);

    /// @notice Has the fund pay claims and shortfall, in proportion, as far as its limits allow now: what they kept back when
    ///         debt was written off. Any caller may.
    /// @return drawn What the fund paid, in the token's own units, above 0.
    function drawFund() external returns (uint256 drawn);

    /// @notice Takes what was paid of the claim of the caller. Not while the circuit breaker is at `NoWithdrawals`.
    /// @param to Where it goes: neither zero nor the ledger, the book, its vault or the token.
    /// @return amount In the token's own units.
    function claim(address to) external returns (uint256 amount);

    /// @notice Says for how little the caller deposits the settlement currency while there is a shortfall. It holds until the
    ///         caller says something else.
    /// @param leastFraction What a deposit of 1 has to be worth [1e-18], at most 1e18, which accepts no shortfall.
    function acceptHaircut(uint256 leastFraction) external;

    // ---------------------------------------------------------------------------------------------- views

    /// @notice Reverts unless a depositor of the settlement currency accepts what a deposit is worth now.
    /// @dev The vault asks it for each deposit of the settlement currency: it is booked in full, and worth `fraction`.
    /// @param depositor The payer of the deposit.
    function requireAccepted(address depositor) external view;

    /// @notice What the prices of spot are multiplied with: about 1 / f, so that money which is worth f buys no spot at par. In
    ///         steps of 0.001, rounded down, so that proofs in flight are void only when a step is passed.
    /// @dev The book asks at each proof: when it reverts, nothing is proven.
    /// @return [1e-18], from 1e18 to 10e18.
    function spotScale() external view returns (uint256);

    /// @notice f: what a unit that accounts are owed is paid at now, rounded down.
    /// @return [1e-18], at most 1e18.
    function fraction() external view returns (uint256);

    /// @notice S: debt that was written off and is paid by no one yet.
    /// @return [1e-18 USD]
    function shortfall() external view returns (uint256);

    /// @notice What all claims are owed.
    /// @return In the token's own units.
    function claims() external view returns (uint256);

    /// @notice The claim of an owner.
    /// @param owner Any address.
    /// @return owed What it is owed still, in the token's own units.
    /// @return due What was paid of it, for `claim` to take, in the token's own units.
    function claimOf(address owner) external view returns (uint256 owed, uint256 due);

    /// @notice What a depositor accepts.
    /// @param depositor Any address.
    /// @return What a deposit of 1 has to be worth [1e-18]; 1e18 unless it has said so.
    function leastFractionOf(address depositor) external view returns (uint256);

    /// @notice The book whose debt this is, for ever.
    /// @return The book.
    function book() external view returns (address);

    /// @notice The only caller that writes debt off, for ever.
    /// @return The engine.
    function engine() external view returns (address);

    /// @notice What pays first, for ever.
    /// @return The insurance fund.
    function fund() external view returns (IInsuranceFund);
}

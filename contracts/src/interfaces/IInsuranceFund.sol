// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IInsuranceFund
/// @notice Tokens of volunteers that pay the bad debt of a book. It is an ERC-4626 vault of the settlement token, with one
///         difference: shares are redeemed only after a request.
///
///         A request waits for `cooldown`, and can be used for `CLAIM_WINDOW` after that. Meanwhile its shares bear losses like all
///         others, and cannot be transferred. Both times are counted while accounts could be flagged, and nothing is redeemed
///         while they could not: who sees a loss coming cannot leave before it is drawn.
///
///         Of what the fund holds, at most 10 % is drawn in one price round. Of a limit of 30 %, at most the limit is
///         drawn at once, and at most the limit times (1 + t / 1 day) within any time t.
interface IInsuranceFund {
    /// @notice Thrown at deployment when the cooldown is not from `MIN_COOLDOWN` to `MAX_COOLDOWN`.
    /// @param cooldown As given, seconds.
    error CooldownOutOfRange(uint64 cooldown);

    /// @notice Thrown when another caller than the ledger contributes to a vault, or draws from a fund.
    error NotTheLedger();

    /// @notice Thrown when a request is for more shares than its owner has.
    /// @param balance The shares of the owner.
    error RequestTooLarge(uint256 balance);

    /// @notice Thrown when a transfer would move shares that a request locks. A request of 0 unlocks them.
    /// @param locked The shares that it locks.
    error SharesLocked(uint256 locked);

    /// @notice An owner asked to redeem. The request replaces the one before.
    /// @param owner Of the shares.
    /// @param shares How many can be redeemed; 0 when the request before was only withdrawn.
    /// @param dueAt From when on, on the clock `activeTime(NoFlags)` of the circuit breaker.
    event RedeemRequested(address indexed owner, uint256 shares, uint48 dueAt);

    /// @notice The ledger drew tokens.
    /// @param roundId The newest price round.
    /// @param amount In the token's own units.
    event Drawn(uint64 indexed roundId, uint256 amount);

    /// @notice Asks to redeem shares of the caller, which are locked from now on. The request replaces the one before, and its
    ///         time begins from the start.
    /// @param shares How many, at most the balance; 0 to only withdraw the request before.
    function requestRedeem(uint256 shares) external;

    /// @notice Pays a debt, as far as the limits allow. Only the ledger.
    /// @param most The debt, in the token's own units.
    /// @param to Who is paid: the vault of the book.
    /// @return amount What was paid, in the token's own units: at most `drawable`.
    function draw(uint256 most, address to) external returns (uint256 amount);

    /// @notice What the limits allow to be drawn now.
    /// @return In the token's own units.
    function drawable() external view returns (uint256);

    /// @notice The request of an owner.
    /// @param owner Any address.
    /// @return shares What is left of it; 0 for none.
    /// @return dueAt From when on it can be used, on the clock `activeTime(NoFlags)` of the circuit breaker. Its shares are locked
    ///         until `CLAIM_WINDOW` later.
    function requestOf(address owner) external view returns (uint256 shares, uint48 dueAt);

    /// @notice How long a request waits, for ever. Longer than the lifetime of a flag, so that no debt that is known at the
    ///         request is drawn after its shares have left.
    /// @return Seconds in which accounts could be flagged.
    function cooldown() external view returns (uint64);

    /// @notice The only caller that draws, for ever.
    /// @return The ledger.
    function ledger() external view returns (address);
}

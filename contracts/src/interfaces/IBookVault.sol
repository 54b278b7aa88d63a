// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICircuitBreaker} from "./ICircuitBreaker.sol";
import {IShortfallLedger} from "./IShortfallLedger.sol";
import {ITips} from "./ITips.sol";

/// @notice How a vault pays, and what it asks of new accounts, for ever.
struct VaultTerms {
    /// How long a withdrawal waits, seconds in which accounts could be flagged: from `MIN_DELAY` to `MAX_DELAY`.
    uint64 delay;
    /// The share of a token that may leave within an hour [ppm], at most 10^6.
    uint32 outflowPpm;
    /// For each slot, then the settlement currency: how much may leave within an hour when the share is less. In the
    /// token's own units, above 0 where there is a token, below 2^128.
    uint256[] leastOutflows;
    /// Shares a shortfall of the settlement currency; zero for none.
    IShortfallLedger ledger;
    /// What an account leaves when it is opened, wei, below 2^96; 0 for no bonds.
    uint256 openingBond;
}

/// @notice How the vault of a book comes about.
struct VaultSettings {
    /// Creates it: with the vault's code in its own, a book of 28 slots would be too large to be deployed (EIP-3860).
    IBookVaultFactory factory;
    /// How it pays.
    VaultTerms terms;
}

/// @notice A withdrawal that waits in the queue of its asset.
struct QueuedWithdrawal {
    /// The recipient that the owner's proof named.
    address recipient;
    /// When it is due: on the clock `activeTime(NoFlags)` of the circuit breaker.
    uint48 dueAt;
    /// What is not paid yet, in the token's own units.
    uint256 amount;
}

/// @title IBookVault
/// @notice The tokens behind the accounts of one book. Depositors approve the vault, and never the book. Only the book
///         takes tokens in and queues withdrawals.
///
///         A withdrawal leaves its account at once and waits in the queue of its asset, first in, first out. It is due
///         after `withdrawalDelay`, and any caller can have it paid. A limit of what leaves within an hour can make it wait longer,
///         or be paid in parts. When its token refuses the transfer, the recipient gets a credit instead and can claim
///         it to any address: no withdrawal stops the ones behind it.
///
///         At all times: withdrawn = paid + claims of the ledger + credits + queued.
///
///         The vault also holds the bonds of accounts, in ETH. Who opens an account leaves one, a flag pays it out as the
///         tip, and a cure has to refill it: so an owner who flags itself earns its own money, and dust accounts cost.
interface IBookVault is ITips {
    // ---------------------------------------------------------------------------------------------- deployment

    /// @notice Thrown at deployment when the delay is not from `MIN_DELAY` to `MAX_DELAY`.
    /// @param delay As given, seconds.
    error WithdrawalDelayOutOfRange(uint64 delay);

    /// @notice Thrown at deployment when the share of the outflow limit is above 10^6 ppm, or its least amounts are not one for
    ///         each token, 2^128 or more, or 0 for one: the last of a token could never leave.
    error WrongOutflowLimit();

    /// @notice Thrown at deployment when the ledger has no code.
    error LedgerWithoutCode();

    // ---------------------------------------------------------------------------------------------- calls

    /// @notice Thrown when another caller than the book takes tokens in or queues a withdrawal.
    error NotTheBook();

    /// @notice Thrown when another caller than the vault itself makes a transfer, or another one than the vault reports a
    ///         pay-out to its ledger.
    error NotTheVault();

    /// @notice Thrown when another caller than the ledger contributes to a vault, or draws from a fund.
    error NotTheLedger();

    /// @notice Thrown when a withdrawal, or a credit, would pay the zero address, the book, its vault or the token itself.
    error InvalidRecipient();

    /// @notice Thrown when a transfer moved another amount than it was told to: the token takes fees, or rebases.
    error InexactTransfer();

    /// @notice Thrown when a withdrawal is more than the vault holds beyond what is queued and credited: accounts owe more
    ///         than they have, and the earlier withdrawals have taken what is left.
    error HoldingsExhausted();

    /// @notice Thrown when the vault would hold 2^128 units of a token or more.
    error TooMuchHeld();

    /// @notice Thrown when the vault holds less of a token than came in and did not go out: it rebased, was seized, or less
    ///         arrived than the ledger says.
    ///         Tokens sent to the vault from any address make good for it.
    error HoldingsShort();

    /// @notice Thrown when nothing of a queue can be paid now: it is empty, its first withdrawal is not due, or the outflow
    ///         limit is reached.
    error NothingDue();

    /// @notice Thrown when the gas of a pay-out does not suffice to tell a failing transfer from a starved one.
    error NotEnoughGasForTransfer();

    /// @notice Thrown when the ledger would pay more than a pay-out is worth.
    error LedgerOverpays();

    /// @notice Thrown when the caller has no credit in an asset.
    error NoCredit();

    /// @notice Thrown when the ETH that comes along is not the bond that is due.
    /// @param due What is due at an opening, exactly, and at a cure, at least, wei.
    error WrongBond(uint256 due);

    // ---------------------------------------------------------------------------------------------- events

    /// @notice The ledger brought settlement tokens that are of no account.
    /// @param amount In the token's own units.
    event Contributed(uint256 amount);

    /// @notice A withdrawal, or a part of it, left the queue.
    /// @param asset A slot, or N for the settlement currency.
    /// @param index Its place.
    /// @param recipient Its recipient.
    /// @param amount What left the queue, in the token's own units.
    /// @param paid What of it was paid, or credited; the rest is a claim in the ledger.
    event PaidOut(
        uint256 indexed asset, uint256 indexed index, address indexed recipient, uint256 amount, uint256 paid
    );

    /// @notice The token refused a transfer, so the recipient got a credit.
    /// @param asset A slot, or N for the settlement currency.
    /// @param recipient Its owner from now on.
    /// @param amount In the token's own units.
    event Credited(uint256 indexed asset, address indexed recipient, uint256 amount);

    /// @notice A credit was paid.
    /// @param asset A slot, or N for the settlement currency.
    /// @param recipient Its owner.
    /// @param to The address that was paid.
    /// @param amount In the token's own units.
    event CreditClaimed(uint256 indexed asset, address indexed recipient, address to, uint256 amount);

    /// @notice An account has its whole bond.
    /// @param account Its identity.
    /// @param from Who paid.
    /// @param amount How much of it was paid now, wei.
    event BondPosted(uint256 indexed account, address indexed from, uint256 amount);

    /// @notice The bond of an account was paid out as the tip of its flag.
    /// @param account Its identity.
    /// @param recipient Of the tip.
    /// @param amount How much, wei.
    event BondPaid(uint256 indexed account, address indexed recipient, uint256 amount);

    /// @notice The bond of an account that was closed went back to its opener.
    /// @param account Its identity.
    /// @param opener Who opened it.
    /// @param amount How much, wei.
    event BondReturned(uint256 indexed account, address indexed opener, uint256 amount);

    // ---------------------------------------------------------------------------------------------- entries

    /// @notice Takes tokens in. Only the book.
    /// @param asset A slot that has a token, or N for the settlement currency.
    /// @param amount In the token's own units.
    /// @param from The payer, who has approved the vault.
    function collect(uint256 asset, uint256 amount, address from) external;

    /// @notice Counts settlement tokens that were sent to the vault for no account: they back what accounts are owed already.
    ///         Only the ledger. Tokens that were sent unasked make good for what is missing.
    /// @param amount In the token's own units.
    function contribute(uint256 amount) external;

    /// @notice Queues a withdrawal. Only the book, whose event tells of it.
    /// @param asset As for `collect`.
    /// @param amount In the token's own units, above 0.
    /// @param recipient The recipient: neither zero nor the book, its vault or the token itself.
    /// @return index Its place among all withdrawals of the asset, from 0.
    function enqueue(uint256 asset, uint256 amount, address recipient) external returns (uint256 index);

    /// @notice Pays the first withdrawals of a queue that are due, as far as the outflow limit allows. Any caller may; not
    ///         while the circuit breaker is at `NoWithdrawals`.
    /// @param asset A slot that has a token, or N for the settlement currency.
    /// @param count The most withdrawals to pay.
    /// @return amount What left the queue, in the token's own units: above 0.
    function payOut(uint256 asset, uint256 count) external returns (uint256 amount);

    /// @notice Pays the whole credit of the caller in an asset. Not while the circuit breaker is at `NoWithdrawals`.
    /// @param asset A slot that has a token, or N for the settlement currency.
    /// @param to As `recipient` of `enqueue`.
    function claimCredit(uint256 asset, address to) external;

    /// @notice Takes the bond of an account that is opened: exactly `openingBond`. Only the book.
    /// @param account Its identity.
    /// @param opener Who opens it, and gets the bond back.
    function postBond(uint256 account, address opener) external payable;

    /// @notice Takes what the bond of an account that is cured lacks. What comes beyond that is credited. Only the book.
    /// @param account Its identity.
    /// @param from Who pays, and gets the credit.
    function refillBond(uint256 account, address from) external payable;

    /// @notice Pays the bond of an account that is flagged, if there is one. Only the book.
    /// @param account Its identity.
    /// @param recipient Of the tip: not zero.
    function payBond(uint256 account, address recipient) external;

    /// @notice Gives the bond of an account to its next identity. Only the book.
    /// @param account The identity it had.
    /// @param successor The identity it has.
    function moveBond(uint256 account, uint256 successor) external;

    /// @notice Pays what is there of the bond of an account that is closed to its opener. Only the book.
    /// @param account Its identity.
    function returnBond(uint256 account) external;

    // ---------------------------------------------------------------------------------------------- views

    /// @notice What an account leaves when it is opened, for ever.
    /// @return Wei.
    function openingBond() external view returns (uint256);

    /// @notice The bond of an account.
    /// @param account Its identity.
    /// @return opener Who opened it, and gets the bond back; zero for an account that left none.
    /// @return amount What is there, wei.
    function bondOf(uint256 account) external view returns (address opener, uint256 amount);

    /// @notice The only caller that takes tokens in and queues withdrawals.
    /// @return The book.
    function book() external view returns (address);

    /// @notice The circuit breaker, whose clock of `NoFlags` the delay is measured by.
    /// @return The book's.
    function breaker() external view returns (ICircuitBreaker);

    /// @notice What shares a shortfall of the settlement currency, for ever.
    /// @return The ledger; zero for none.
    function ledger() external view returns (IShortfallLedger);

    /// @notice How long a withdrawal waits, for ever.
    /// @return Seconds in which accounts could be flagged.
    function withdrawalDelay() external view returns (uint64);

    /// @notice The share of a token that may leave within an hour, for ever.
    /// @return [ppm]
    function outflowPpm() external view returns (uint32);

    /// @notice How much may leave within an hour when the share is less, for ever.
    /// @param asset A slot, or N for the settlement currency.
    /// @return In the token's own units.
    function leastOutflowOf(uint256 asset) external view returns (uint256);

    /// @notice The token behind a slot, for ever.
    /// @param asset A slot, or N for the settlement currency.
    /// @return The token; zero for a derivative or an empty slot.
    function tokenOf(uint256 asset) external view returns (address);

    /// @notice What came in of a token less what went out: what backs accounts, queue and credits.
    /// @param asset A slot, or N for the settlement currency.
    /// @return In the token's own units, 10^-decimals.
    function holdingsOf(uint256 asset) external view returns (uint256);

    /// @notice What backs accounts and queue in the settlement currency: what is held and not credited.
    /// @return In the token's own units.
    function backing() external view returns (uint256);

    /// @notice The sum of the withdrawals in a queue.
    /// @param asset A slot, or N for the settlement currency.
    /// @return In the token's own units.
    function queuedOf(uint256 asset) external view returns (uint256);

    /// @notice The sum of the credits in an asset.
    /// @param asset A slot, or N for the settlement currency.
    /// @return In the token's own units.
    function creditedOf(uint256 asset) external view returns (uint256);

    /// @notice The credit of a recipient.
    /// @param asset A slot, or N for the settlement currency.
    /// @param recipient Any address.
    /// @return In the token's own units.
    function creditOf(uint256 asset, address recipient) external view returns (uint256);

    /// @notice Where a queue begins and ends.
    /// @param asset A slot, or N for the settlement currency.
    /// @return next The place of the withdrawal that is paid next.
    /// @return end How many withdrawals of the asset there ever were: as `next` when the queue is empty.
    function queueOf(uint256 asset) external view returns (uint256 next, uint256 end);

    /// @notice A withdrawal in a queue.
    /// @param asset A slot, or N for the settlement currency.
    /// @param index Its place.
    /// @return All 0 when it was paid, or never made.
    function withdrawalAt(uint256 asset, uint256 index) external view returns (QueuedWithdrawal memory);

    /// @notice How much of a token the outflow limit lets out now.
    /// @param asset A slot, or N for the settlement currency.
    /// @return In the token's own units.
    function outflowLeft(uint256 asset) external view returns (uint256);
}

/// @title IBookVaultFactory
/// @notice Creates the vaults of books. It keeps nothing, so one serves any number of books.
interface IBookVaultFactory {
    /// @notice Creates the vault of the caller, which is a book that is being deployed.
    /// @param tokens One for each slot, zero for a derivative, then that of the settlement currency.
    /// @param breaker The circuit breaker of the book.
    /// @param terms How the vault pays.
    /// @return The vault.
    function create(address[] calldata tokens, ICircuitBreaker breaker, VaultTerms calldata terms)
        external
        returns (IBookVault);
}

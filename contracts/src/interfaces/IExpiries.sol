// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What one reporter saw, signed as EIP-712 typed data:
///         Report(uint64 timestamp,uint64 pricedSlots,uint8 purpose,uint256[] prices,int256[] cumulativeFunding)
///         in the domain (name "zksolvency PriceRounds", version "1", chain id, this contract). The purpose is 0 for a round,
///         1 for the settlement of an expiry.
struct Report {
    /// Who signed it: a key, or a contract with ERC-1271.
    address reporter;
    /// When the reporter saw these prices, Unix seconds.
    uint64 timestamp;
    /// The slots that the report prices, bit i for slot i; none without an asset.
    uint64 pricedSlots;
    /// Mark price of each slot [1e-9 USD], below 2^64; anything in a slot that the report does not price.
    uint256[] prices;
    /// Cumulative funding per unit of each slot [1e-9 USD]; anything in a slot that the report does not price.
    int256[] cumulativeFunding;
    /// 65 bytes r, s, v with s in the lower half; what ERC-1271 takes when the reporter is a contract.
    bytes signature;
}

/// @title IExpiries
/// @notice Where the assets of one book settle: each settlement opens an *epoch*, a set of slots with a settlement price each.
///         The next round that is recorded is of the new epoch. An account of an older epoch can do nothing until its
///         balances in those slots have become cash, which its owner or its guardian proves (IAccountLife.expire).
///
///         **Settlement.** Reporters sign reports for the exact expiry. The medians of a quorum settle a slot when the newest
///         round is not from before the expiry, prices the slot, and is within one price limit of them. So a settlement
///         never moves a price further than a round could, and never comes from a stale price or from a candidate. A
///         slot settles once; then it is empty, until governance lists another asset in it.
///
///         **Wind-down.** When no round was recorded for `silence`, any caller starts the end of the book. Each derivative
///         settles at its last price, stale or not, and from then on rounds only repeat the last prices of spot, as
///         stale. Accounts turn into cash and tokens, and their owners take them out.
interface IExpiries {
    /// @notice Thrown at deployment when `silence` is not from `MIN_SILENCE` to `MAX_SILENCE`.
    /// @param silence As given, seconds.
    error SilenceOutOfRange(uint64 silence);

    /// @notice Thrown when nothing is to settle, or a slot of the bitmap is not one of the book.
    error WrongSlots();

    /// @notice Thrown when the asset of a slot does not expire then, or has settled already.
    /// @param slot The first such slot, from 0.
    error NotExpiring(uint256 slot);

    /// @notice Thrown when the newest round is from before the expiry, or there is none.
    error RoundBeforeExpiry();

    /// @notice Thrown when the newest round does not price a slot.
    /// @param slot The first such slot, from 0.
    error PriceIsStale(uint256 slot);

    /// @notice Thrown when the settlement price of a slot, or its funding, is more than one limit away from the newest round.
    /// @param slot The first such slot, from 0.
    error SettlementTooFar(uint256 slot);

    /// @notice Thrown when an asset would settle before an option on it, whose margin depends on its price.
    /// @param option The slot of the option.
    error OptionIsOpen(uint256 option);

    /// @notice Thrown when there is no epoch of that number (yet).
    /// @param epoch As given; epochs with a settlement count from 1.
    error UnknownEpoch(uint32 epoch);

    /// @notice Thrown when the wind-down has started: nothing settles or is listed any more.
    error WindDownStarted();

    /// @notice Thrown when the price source was not silent for long enough, or never spoke.
    /// @param startsAt The first second at which the wind-down could start, Unix; 0 before the first round.
    error SilenceTooShort(uint64 startsAt);

    /// @notice Thrown when the caller may not list assets.
    error NotRiskParameters();

    /// @notice Thrown when a slot has not settled, or rounds from before the newest settlement still count: the newest, or the
    ///         one that price limits are counted from. And before `listableFrom`.
    /// @param slot As given.
    error SlotNotFree(uint256 slot);

    /// @notice Slots have settled.
    /// @param epoch The epoch that this opens.
    /// @param slots Which, bit i for slot i.
    /// @param expiry When the prices were seen, Unix seconds: the expiry; of a wind-down the time of the last round.
    event EpochOpened(uint32 indexed epoch, uint64 slots, uint64 expiry);

    /// @notice A slot is free for another asset, which governance lists.
    /// @param slot From 0.
    event SlotFreed(uint256 indexed slot);

    /// @notice The book winds down: its last epoch is open.
    /// @param epoch The last one.
    event WindDown(uint32 indexed epoch);

    /// @notice Settles slots. Any caller.
    /// @param expiry Of all of these slots, Unix seconds.
    /// @param slots Which, bit i for slot i: at least one.
    /// @param reports At least `threshold` reports of that exact time, of different reporters, with the purpose of a
    ///        settlement; a quorum of them prices each slot.
    /// @param medians Which report holds each median, as for ISignedPriceRounds.postRound.
    /// @return opened The epoch that this opens.
    function settle(uint64 expiry, uint64 slots, Report[] calldata reports, bytes calldata medians)
        external
        returns (uint32 opened);

    /// @notice Starts the wind-down, when the latest round is older than `silence`. Any caller.
    /// @return opened The last epoch: the one before, when no derivative is left to settle.
    function startWindDown() external returns (uint32 opened);

    /// @notice Frees a slot that has settled for another asset. Only the risk parameters.
    /// @param slot From 0.
    function free(uint256 slot) external;

    /// @notice What a round that is recorded now has to know.
    /// @return epoch How many epochs are open: that of the next round.
    /// @return settled The slots whose asset has settled and was not replaced, bit i for slot i.
    /// @return isWindingDown Whether the wind-down has started.
    function status() external view returns (uint32 epoch, uint64 settled, bool isWindingDown);

    /// @notice From when on a slot that has settled can be freed: some time after the newest settlement.
    /// @return Unix seconds; 0 before the first settlement.
    function listableFrom() external view returns (uint64);

    /// @notice What settled with an epoch.
    /// @param epoch From 1 to the newest.
    /// @return slots Which, bit i for slot i.
    /// @return settlementPrices e of each of them [1e-9 USD], |e| < 2^64; 0 for other slots.
    function epochAt(uint32 epoch) external view returns (uint64 slots, int256[] memory settlementPrices);

    /// @notice How long the price source has to be silent before the book can wind down, for ever.
    /// @return Seconds, from `MIN_SILENCE` to `MAX_SILENCE`.
    function silence() external view returns (uint64);
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IExpiries, Report} from "../interfaces/IExpiries.sol";
import {Round} from "../interfaces/IPriceRounds.sol";
import {Asset, AssetKind, IRiskParameters} from "../interfaces/IRiskParameters.sol";
import {ISignedPriceRounds} from "../interfaces/ISignedPriceRounds.sol";
import {CodeStore} from "../libraries/CodeStore.sol";
import {PackedRound} from "../libraries/PackedRound.sol";
import {PriceLimit} from "../libraries/PriceLimit.sol";

/// @title Expiries
/// @notice See IExpiries.
contract Expiries is IExpiries {
    using PackedRound for bytes;

    /// @notice The shortest silence that a deployment may choose.
    uint64 public constant MIN_SILENCE = 1 days;

    /// @notice The longest silence that a deployment may choose.
    uint64 public constant MAX_SILENCE = 30 days;

    /// @notice How long after a settlement no asset takes the place of another, seconds. A report names slots and no assets:
    ///         one that was signed for the asset before has to be too old to be posted, or it would set the first price of
    ///         the next one. Twice the longest age of a report, so that a reporter has a minute to notice the settlement.
    uint64 public constant LISTING_PAUSE = 2 minutes;

    /// @notice The parameters of the book.
    IRiskParameters public immutable riskParameters;

    /// @notice The price source of the book.
    ISignedPriceRounds public immutable rounds;

    /// @inheritdoc IExpiries
    uint64 public immutable silence;

    uint256 private immutable _assetCount;

    uint32 private _epoch;
    uint64 private _settled;
    bool private _isWindingDown;

    /// @inheritdoc IExpiries
    uint64 public listableFrom;

    /// @dev Slots and prices of an epoch, as PackedRound holds them: those that settled are its priced slots.
    mapping(uint32 epoch => address) private _epochs;

    /// @param riskParameters_ Of the book; may have no code yet.
    /// @param rounds_ The price source of the book; may have no code yet: it is deployed with the address of this contract.
    /// @param assetCount N.
    /// @param silence_ How long the source has to be silent before the book can wind down, seconds.
    constructor(IRiskParameters riskParameters_, ISignedPriceRounds rounds_, uint256 assetCount, uint64 silence_) {
        if (silence_ < MIN_SILENCE || silence_ > MAX_SILENCE) revert SilenceOutOfRange(silence_);
        (riskParameters, rounds, _assetCount, silence) = (riskParameters_, rounds_, assetCount, silence_);
    }

    /// @inheritdoc IExpiries
    function settle(uint64 expiry, uint64 slots, Report[] calldata reports, bytes calldata medians)
        external
        returns (uint32 opened)
    {
        if (_isWindingDown) revert WindDownStarted();
        if (slots == 0 || uint256(slots) >> _assetCount != 0) revert WrongSlots();
        _requireExpiring(expiry, slots);
        (uint256[] memory prices, int256[] memory funding) = rounds.settlementOf(expiry, slots, reports, medians);
        _requireNear(expiry, slots, prices, funding);
        for (uint256 i = 0; i < _assetCount; ++i) {
            funding[i] = int256(prices[i]) - funding[i];
        }
        return _open(slots, expiry, prices, funding);
    }

    /// @inheritdoc IExpiries
    function startWindDown() external returns (uint32 opened) {
        if (_isWindingDown) revert WindDownStarted();
        uint64 latest = rounds.latestRoundId();
        if (latest == 0) revert SilenceTooShort(0);
        Round memory last = rounds.round(latest);
        if (block.timestamp <= last.timestamp + silence) revert SilenceTooShort(last.timestamp + silence + 1);
        uint64 slots = 0;
        for (uint256 i = 0; i < _assetCount; ++i) {
            Asset memory entry = riskParameters.asset(i);
            bool isDerivative = entry.symbol != 0 && entry.kind != AssetKind.Spot;
            if (isDerivative && _settled >> i & 1 == 0) slots |= uint64(1 << i);
        }
        _isWindingDown = true;
        opened = slots == 0 ? _epoch : _open(slots, last.timestamp, last.prices, last.effectivePrices);
        emit WindDown(opened);
        rounds.recordWindDown();
    }

    /// @inheritdoc IExpiries
    function free(uint256 slot) external {
        if (msg.sender != address(riskParameters)) revert NotRiskParameters();
        if (_isWindingDown) revert WindDownStarted();
        // In both rounds the slot has to be without a price: that of the asset before says nothing of the next one.
        bool isForgotten =
            rounds.epochOf(rounds.latestRoundId()) == _epoch && rounds.epochOf(rounds.referenceRoundId()) == _epoch;
        bool isFree = _settled >> slot & 1 == 1 && isForgotten && block.timestamp >= listableFrom;
        if (!isFree) revert SlotNotFree(slot);
        _settled ^= uint64(1 << slot);
        emit SlotFreed(slot);
    }

    /// @inheritdoc IExpiries
    function status() external view returns (uint32 epoch, uint64 settled, bool isWindingDown) {
        return (_epoch, _settled, _isWindingDown);
    }

    /// @inheritdoc IExpiries
    function epochAt(uint32 epoch) external view returns (uint64 slots, int256[] memory settlementPrices) {
        address stored = _epochs[epoch];
        if (stored == address(0)) revert UnknownEpoch(epoch);
        bytes memory data = CodeStore.read(stored);
        (, uint256 priced) = data.readStatus();
        (, settlementPrices) = data.readAll(_assetCount);
        return (uint64(priced), settlementPrices);
    }

    /// @dev Opens the next epoch.
    /// @param prices Of these slots [1e-9 USD], below 2^64; those of others count nothing.
    /// @param effectivePrices The same [1e-9 USD], within 2^64 of 0.
    function _open(uint64 slots, uint64 expiry, uint256[] memory prices, int256[] memory effectivePrices)
        internal
        returns (uint32 opened)
    {
        opened = ++_epoch;
        _settled |= slots;
        listableFrom = uint64(block.timestamp) + LISTING_PAUSE;
        bytes memory data = PackedRound.create(_assetCount);
        for (uint256 i = 0; i < _assetCount; ++i) {
            if (slots >> i & 1 == 1) data.write(i, prices[i], effectivePrices[i]);
        }
        data.writeStatus(0, slots, 0, opened);
        _epochs[opened] = CodeStore.write(data);
        emit EpochOpened(opened, slots, expiry);
    }

    /// @dev Reverts unless each slot expires at a time, is not settled, and no option on it stays.
    function _requireExpiring(uint64 expiry, uint64 slots) private view {
        uint64 settled = _settled;
        for (uint256 i = 0; i < _assetCount; ++i) {
            Asset memory entry = riskParameters.asset(i);
            if (slots >> i & 1 == 1) {
                if (expiry == 0 || entry.expiresAt != expiry || settled >> i & 1 == 1) revert NotExpiring(i);
            } else if (entry.kind == AssetKind.Option && settled >> i & 1 == 0 && slots >> entry.underlying & 1 == 1) {
                revert OptionIsOpen(i);
            }
        }
    }

    /// @dev Reverts unless the newest round is not from before the expiry, prices each slot, and is near these prices.
    function _requireNear(uint64 expiry, uint64 slots, uint256[] memory prices, int256[] memory funding) private view {
        uint64 latest = rounds.latestRoundId();
        if (latest == 0) revert RoundBeforeExpiry();
        Round memory last = rounds.round(latest);
        if (last.timestamp < expiry) revert RoundBeforeExpiry();
        uint256 stale = rounds.staleSlots(latest);
        for (uint256 i = 0; i < _assetCount; ++i) {
            if (slots >> i & 1 == 0) continue;
            if (stale >> i & 1 == 1) revert PriceIsStale(i);
            Asset memory entry = riskParameters.asset(i);
            (uint256 before, int256 fundingBefore) = (last.prices[i], int256(last.prices[i]) - last.effectivePrices[i]);
            bool isFar = PriceLimit.isBeyond(
                entry.deviationPpm, entry.deviationAmount, before, int256(before), int256(prices[i])
            ) || PriceLimit.isBeyond(entry.deviationPpm, entry.deviationAmount, before, fundingBefore, funding[i]);
            if (isFar) revert SettlementTooFar(i);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IExpiries} from "../interfaces/IExpiries.sol";
import {
    Asset,
    AssetKind,
    IRiskParameters,
    MarginFractions,
    PriceLimits,
    SlotParameters
} from "../interfaces/IRiskParameters.sol";
import {CodeStore} from "../libraries/CodeStore.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedParameters} from "../libraries/PackedParameters.sol";

/// @title RiskParameters
/// @notice See IRiskParameters. Governance is the default admin.
contract RiskParameters is IRiskParameters, AccessControlDefaultAdminRules {
    using PackedParameters for bytes;
    using PackedParameters for SlotParameters[];

    /// @notice May tighten.
    bytes32 public constant STEWARD_ROLE = keccak256("STEWARD_ROLE");

    /// @notice The shortest delay that a deployment may choose.
    uint64 public constant MIN_DELAY = 1 days;

    /// @notice The longest delay that a deployment may choose.
    uint64 public constant MAX_DELAY = 30 days;

    /// @notice How long an announced change can be executed: what was forgotten does not come back.
    uint64 public constant EXECUTION_WINDOW = 14 days;

    uint48 private constant GOVERNANCE_TRANSFER_DELAY = 1 days;
    uint256 private constant MAX_ASSETS = 58; // the largest book that a statement has
    uint256 private constant MAX_TOKEN_DECIMALS = 18;
    uint256 private constant BALANCE_DECIMALS = 9;
    uint256 private constant LEAST_PRICE = 10_000; // [1e-9 USD]: five digits, so a price is off by at most 1 in 10,000
    uint256 private constant LIMITS_IN_MARGIN = 3; // price limits that the initial margin covers

    /// @dev The most that an account may owe of its spot [ppm]. A ledger scales prices of spot by up to 10 while it is short
    ///      (MAX_SPOT_SCALE of ShortfallLedger): at that scale, loans of a larger part exceed the spot itself.
    uint256 private constant MAX_LAMBDA_PPM = 100_000;

    struct Announcement {
        Asset entry;
        uint64 executableAt;
    }

    /// @inheritdoc IRiskParameters
    uint256 public immutable assetCount;

    /// @inheritdoc IRiskParameters
    uint64 public immutable delay;

    /// @inheritdoc IRiskParameters
    uint24 public immutable lambdaInitialPpm;

    /// @inheritdoc IRiskParameters
    uint24 public immutable lambdaMaintenancePpm;

    /// @inheritdoc IRiskParameters
    IExpiries public immutable expiries;

    /// @inheritdoc IRiskParameters
    uint32 public version;

    /// @inheritdoc IRiskParameters
    uint64 public delistedSlots;

    mapping(uint256 slot => Asset) private _assets;
    mapping(uint256 slot => Announcement) private _announcements;
    mapping(bytes32 symbol => bool) private _isTaken;
    mapping(uint32 version => address) private _versions;

    /// @param governance Announces and executes changes, and appoints stewards.
    /// @param assetCount_ N, the slots of the book.
    /// @param delay_ How long an announced change waits, seconds.
    /// @param lambdaInitialPpm_ How much of its spot an account may owe when it increases its risk [ppm].
    /// @param lambdaMaintenancePpm_ How much of its spot an account may owe before its debt is called [ppm].
    /// @param expiries_ Where assets settle; may have no code yet.
    /// @param assets The assets of the first slots; the slots after them are empty. At most N.
    constructor(
        address governance,
        uint256 assetCount_,
        uint64 delay_,
        uint24 lambdaInitialPpm_,
        uint24 lambdaMaintenancePpm_,
        IExpiries expiries_,
        Asset[] memory assets
    ) AccessControlDefaultAdminRules(GOVERNANCE_TRANSFER_DELAY, governance) {
        if (assetCount_ == 0 || assetCount_ > MAX_ASSETS) revert WrongAssetCount(assetCount_);
        if (assets.length > assetCount_) revert WrongAssetCount(assets.length);
        if (delay_ < MIN_DELAY || delay_ > MAX_DELAY) revert DelayOutOfRange(delay_);
        if (lambdaInitialPpm_ >= lambdaMaintenancePpm_ || lambdaMaintenancePpm_ > MAX_LAMBDA_PPM) {
            revert LambdasOutOfRange();
        }
        assetCount = assetCount_;
        (delay, expiries) = (delay_, expiries_);
        (lambdaInitialPpm, lambdaMaintenancePpm) = (lambdaInitialPpm_, lambdaMaintenancePpm_);
        for (uint256 slot = 0; slot < assets.length; ++slot) {
            _requireListable(slot, assets[slot]);
            _set(slot, assets[slot], 1);
        }
        // An option may stand before its underlying.
        for (uint256 slot = 0; slot < assets.length; ++slot) {
            _requireCovered(slot, assets[slot]);
        }
        _storeVersion(1, assetCount_);
    }

    /// @inheritdoc IRiskParameters
    function announce(uint256 slot, Asset calldata entry) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (slot >= assetCount) revert UnknownSlot(slot);
        _validate(slot, entry);
        _withdraw(slot);
        uint64 executableAt = uint64(block.timestamp) + delay;
        _announcements[slot] = Announcement(entry, executableAt);
        emit ChangeAnnounced(slot, executableAt, entry);
    }

    /// @inheritdoc IRiskParameters
    function cancel(uint256 slot) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_withdraw(slot)) revert NothingAnnounced(slot);
    }

    /// @inheritdoc IRiskParameters
    function execute(uint256 slot) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Announcement memory announcement = _announcements[slot];
        uint64 executableAt = announcement.executableAt;
        if (executableAt == 0) revert NothingAnnounced(slot);
        if (block.timestamp < executableAt) revert TooEarly(executableAt);
        uint64 expiredAt = executableAt + EXECUTION_WINDOW;
        if (block.timestamp > expiredAt) revert TooLate(expiredAt);

        // Another slot may have taken the symbol meanwhile.
        _validate(slot, announcement.entry);
        delete _announcements[slot];
        if (_isReplacement(slot, announcement.entry)) {
            expiries.free(slot);
            delistedSlots &= ~uint64(1 << slot);
        }
        _change(slot, announcement.entry);
    }

    /// @inheritdoc IRiskParameters
    function tighten(uint256 slot, MarginFractions calldata fractions) external onlyRole(STEWARD_ROLE) {
        Asset memory entry = _assets[slot];
        if (entry.symbol == 0) revert EmptySlot(slot);
        if (!_isTighter(entry, fractions)) revert NotTighter(slot);
        (entry.maintenancePpm, entry.initialPpm) = (fractions.maintenancePpm, fractions.initialPpm);
        (entry.shortMaintenancePpm, entry.shortInitialPpm) = (fractions.shortMaintenancePpm, fractions.shortInitialPpm);
        entry.underlyingMaintenancePpm = fractions.underlyingMaintenancePpm;
        entry.underlyingInitialPpm = fractions.underlyingInitialPpm;

        _validate(slot, entry);
        _withdraw(slot);
        _change(slot, entry);
    }

    /// @inheritdoc IRiskParameters
    function delist(uint256 slot, uint40 expiresAt) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Asset memory entry = _assets[slot];
        if (entry.symbol == 0) revert EmptySlot(slot);
        if (entry.kind == AssetKind.Spot || entry.expiresAt != 0) revert CannotExpire(slot);
        uint64 earliest = uint64(block.timestamp) + delay;
        if (expiresAt < earliest) revert NoticeTooShort(earliest);
        entry.expiresAt = expiresAt;
        _requireCoveredOptions(slot, entry);
        _withdraw(slot);
        delistedSlots |= uint64(1 << slot);
        emit Delisted(slot, expiresAt);
        _change(slot, entry);
    }

    /// @inheritdoc IRiskParameters
    function parametersAt(uint32 version_) external view returns (SlotParameters[] memory) {
        return packedParametersAt(version_).unpack();
    }

    /// @inheritdoc IRiskParameters
    function spotAssetsAt(uint32 version_) external view returns (uint256) {
        return packedParametersAt(version_).spotAssets();
    }

    /// @inheritdoc IRiskParameters
    function asset(uint256 slot) external view returns (Asset memory) {
        return _assets[slot];
    }

    /// @inheritdoc IRiskParameters
    function announced(uint256 slot) external view returns (Asset memory entry, uint64 executableAt) {
        Announcement storage announcement = _announcements[slot];
        return (announcement.entry, announcement.executableAt);
    }

    /// @inheritdoc IRiskParameters
    function packedParametersAt(uint32 version_) public view returns (bytes memory) {
        address stored = _versions[version_];
        if (stored == address(0)) revert UnknownVersion(version_);
        return CodeStore.read(stored);
    }

    /// @return wasAnnounced Whether there was anything to withdraw.
    function _withdraw(uint256 slot) private returns (bool wasAnnounced) {
        wasAnnounced = _announcements[slot].executableAt != 0;
        if (wasAnnounced) {
            delete _announcements[slot];
            emit ChangeCancelled(slot);
        }
    }

    /// @dev Changes one slot, as a version of its own.
    function _change(uint256 slot, Asset memory entry) private {
        uint32 next = version + 1;
        _set(slot, entry, next);
        _storeVersion(next, assetCount);
    }

    function _set(uint256 slot, Asset memory entry, uint32 version_) private {
        _assets[slot] = entry;
        _isTaken[entry.symbol] = true;
        emit AssetChanged(slot, version_, entry);
    }

    function _storeVersion(uint32 version_, uint256 count) private {
        uint64 spot = 0;
        SlotParameters[] memory slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            Asset memory entry = _assets[i];
            slots[i].margins = MarginFractions(
                entry.maintenancePpm,
                entry.initialPpm,
                entry.shortMaintenancePpm,
                entry.shortInitialPpm,
                entry.underlyingMaintenancePpm,
                entry.underlyingInitialPpm,
                entry.underlying,
                entry.strike
            );
            slots[i].limits =
                PriceLimits(entry.deviationPpm, entry.deviationAmount, entry.leastPrice, entry.greatestPrice);
            slots[i].expiresAt = entry.expiresAt;
            if (entry.kind == AssetKind.Spot && entry.symbol != 0) spot |= uint64(1 << i);
        }
        version = version_;
        _versions[version_] = CodeStore.write(slots.pack(spot, delistedSlots));
    }

    /// @dev Reverts unless an entry may stand in a slot beside the present entries of the others.
    function _validate(uint256 slot, Asset memory entry) private view {
        _requireListable(slot, entry);
        _requireCovered(slot, entry);
        // Where the asset before has settled, so have all options on it.
        if (!_isReplacement(slot, entry)) _requireCoveredOptions(slot, entry);
    }

    /// @dev Reverts unless the options on a slot may stay beside another entry of it.
    function _requireCoveredOptions(uint256 slot, Asset memory entry) private view {
        (, uint64 settled,) = expiries.status();
        for (uint256 i = 0; i < assetCount; ++i) {
            Asset storage other = _assets[i];
            bool isOption = other.kind == AssetKind.Option && other.underlying == slot;
            // The margin of an option's short side depends on its underlying's price.
            if (isOption && settled >> i & 1 == 0) _requireCoveredOption(i, other, entry);
        }
    }

    /// @dev Whether an entry is of another asset than the one that is listed.
    function _isReplacement(uint256 slot, Asset memory entry) private view returns (bool) {
        bytes32 present = _assets[slot].symbol;
        return present != 0 && present != entry.symbol;
    }

    /// @dev Reverts unless an entry is within its own bounds.
    function _requireListable(uint256 slot, Asset memory entry) private view {
        Asset storage present = _assets[slot];
        if (entry.symbol == 0) revert SymbolMissing(slot);
        if (present.symbol != entry.symbol) {
            if (present.symbol != 0 && present.expiresAt == 0) revert AssetIsAnother(slot);
            if (_isTaken[entry.symbol]) revert SymbolTaken(entry.symbol);
            bool canExpire = entry.expiresAt > block.timestamp && entry.kind != AssetKind.Spot;
            if (entry.expiresAt != 0 && !canExpire) revert CannotExpire(slot);
        } else if (!_isSameAsset(present, entry)) {
            revert AssetIsAnother(slot);
        }
        bool hasDecimals =
            entry.kind == AssetKind.Spot ? entry.decimals <= MAX_TOKEN_DECIMALS : entry.decimals == BALANCE_DECIMALS;
        if (!hasDecimals) revert DecimalsOutOfRange(slot);

        bool isOption = entry.kind == AssetKind.Option;
        bool isOrdered = entry.maintenancePpm != 0 && entry.floorPpm <= entry.maintenancePpm
            && entry.maintenancePpm <= entry.initialPpm && entry.initialPpm <= entry.ceilingPpm
            && entry.ceilingPpm <= MarginMath.PPM;
        if (!isOrdered || (isOption && !_isShortSideOrdered(entry))) revert FractionsOutOfBounds(slot);
        if (!isOption && _hasFieldsOfOptions(entry)) revert NoOption(slot);

        bool isFine = entry.leastPrice >= LEAST_PRICE || isOption;
        if (!isFine || entry.leastPrice > entry.greatestPrice || entry.greatestPrice == 0) {
            revert PricesOutOfBounds(slot);
        }
        bool canLeaveZero = entry.leastPrice != 0 || entry.deviationAmount != 0;
        if (entry.deviationPpm == 0 || !canLeaveZero) revert DeviationMissing(slot);
    }

    /// @dev Reverts when the price may move by more than a third of the initial margin in a minute.
    function _requireCovered(uint256 slot, Asset memory entry) private view {
        if (entry.kind == AssetKind.Option) {
            Asset memory underlying = _assets[entry.underlying];
            if (underlying.symbol == 0 || underlying.kind == AssetKind.Option) revert UnderlyingMissing(slot);
            _requireCoveredOption(slot, entry, underlying);
        } else {
            _requireThird(slot, entry, entry.initialPpm, entry.leastPrice, entry.initialPpm);
        }
    }

    function _requireCoveredOption(uint256 slot, Asset memory entry, Asset memory underlying) private pure {
        bool isSettledFirst = entry.expiresAt != 0 && entry.expiresAt < underlying.expiresAt;
        if (underlying.expiresAt != 0 && !isSettledFirst) revert OutlivesUnderlying(slot);
        uint256 least = underlying.leastPrice > entry.strike ? underlying.leastPrice : entry.strike;
        _requireThird(slot, entry, entry.shortInitialPpm, least, entry.underlyingInitialPpm);
    }

    /// @dev The initial margin is at least `fractionPpm` of the price, and at least `ppm` of `least`, whatever the price.
    function _requireThird(uint256 slot, Asset memory entry, uint256 fractionPpm, uint256 least, uint256 ppm)
        private
        pure
    {
        bool isCovered = LIMITS_IN_MARGIN * entry.deviationPpm <= fractionPpm
            && LIMITS_IN_MARGIN * MarginMath.PPM * entry.deviationAmount <= least * ppm;
        if (!isCovered) revert DeviationTooWide(slot);
    }

    function _isSameAsset(Asset storage present, Asset memory entry) private view returns (bool) {
        return present.kind == entry.kind && present.decimals == entry.decimals && present.strike == entry.strike
            && present.underlying == entry.underlying && present.expiresAt == entry.expiresAt;
    }

    function _isShortSideOrdered(Asset memory entry) private pure returns (bool) {
        return entry.maintenancePpm <= entry.shortMaintenancePpm && entry.initialPpm <= entry.shortInitialPpm
            && entry.shortMaintenancePpm <= entry.shortInitialPpm && entry.shortInitialPpm <= entry.ceilingPpm
            && entry.underlyingMaintenancePpm != 0 && entry.underlyingMaintenancePpm <= entry.underlyingInitialPpm
            && entry.underlyingInitialPpm <= entry.ceilingPpm;
    }

    function _hasFieldsOfOptions(Asset memory entry) private pure returns (bool) {
        return entry.underlying != 0 || entry.strike != 0 || entry.shortMaintenancePpm != 0
            || entry.shortInitialPpm != 0 || entry.underlyingMaintenancePpm != 0 || entry.underlyingInitialPpm != 0;
    }

    /// @dev Whether no fraction is below the present one, one is above, and nothing else changes.
    function _isTighter(Asset memory entry, MarginFractions calldata fractions) private pure returns (bool) {
        bool isSame = fractions.underlying == entry.underlying && fractions.strike == entry.strike;
        bool lowers = fractions.maintenancePpm < entry.maintenancePpm || fractions.initialPpm < entry.initialPpm
            || fractions.shortMaintenancePpm < entry.shortMaintenancePpm
            || fractions.shortInitialPpm < entry.shortInitialPpm
            || fractions.underlyingMaintenancePpm < entry.underlyingMaintenancePpm
            || fractions.underlyingInitialPpm < entry.underlyingInitialPpm;
        bool raises = fractions.maintenancePpm > entry.maintenancePpm || fractions.initialPpm > entry.initialPpm
            || fractions.shortMaintenancePpm > entry.shortMaintenancePpm
            || fractions.shortInitialPpm > entry.shortInitialPpm
            || fractions.underlyingMaintenancePpm > entry.underlyingMaintenancePpm
            || fractions.underlyingInitialPpm > entry.underlyingInitialPpm;
        return isSame && raises && !lowers;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {Asset, AssetKind, IRiskParameters, SlotParameters} from "./interfaces/IRiskParameters.sol";
import {CodeStore} from "./libraries/CodeStore.sol";
import {MarginMath} from "./libraries/MarginMath.sol";
import {PackedParameters} from "./libraries/PackedParameters.sol";

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

    /// @dev Bit i of spotAssets is 1 when slot i holds a spot asset.
    struct Version {
        address slots;
        uint64 spotAssets;
    }

    struct Announcement {
        Asset entry;
        uint64 executableAt;
    }

    /// @inheritdoc IRiskParameters
    uint256 public immutable assetCount;

    /// @inheritdoc IRiskParameters
    uint64 public immutable delay;

    /// @inheritdoc IRiskParameters
    uint32 public version;

    mapping(uint256 slot => Asset) private _assets;
    mapping(uint256 slot => Announcement) private _announcements;
    mapping(bytes32 symbol => bool) private _isTaken;
    mapping(uint32 version => Version) private _versions;

    /// @param governance Announces and executes changes, and appoints stewards.
    /// @param assetCount_ N, the slots of the book.
    /// @param delay_ How long an announced change waits, seconds.
    /// @param assets The assets of the first slots; the slots after them are empty. At most N.
    constructor(address governance, uint256 assetCount_, uint64 delay_, Asset[] memory assets)
        AccessControlDefaultAdminRules(GOVERNANCE_TRANSFER_DELAY, governance)
    {
        if (assetCount_ == 0 || assetCount_ > MAX_ASSETS) revert WrongAssetCount(assetCount_);
        if (assets.length > assetCount_) revert WrongAssetCount(assets.length);
        if (delay_ < MIN_DELAY || delay_ > MAX_DELAY) revert DelayOutOfRange(delay_);
        assetCount = assetCount_;
        delay = delay_;
        for (uint256 slot = 0; slot < assets.length; ++slot) {
            _validate(slot, assets[slot]);
            _set(slot, assets[slot], 1);
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
        _change(slot, announcement.entry);
    }

    /// @inheritdoc IRiskParameters
    function tighten(uint256 slot, uint24 maintenancePpm, uint24 initialPpm) external onlyRole(STEWARD_ROLE) {
        Asset memory entry = _assets[slot];
        if (entry.symbol == 0) revert EmptySlot(slot);
        bool lowers = maintenancePpm < entry.maintenancePpm || initialPpm < entry.initialPpm;
        bool changes = maintenancePpm != entry.maintenancePpm || initialPpm != entry.initialPpm;
        if (lowers || !changes) revert NotTighter(slot);
        (entry.maintenancePpm, entry.initialPpm) = (maintenancePpm, initialPpm);

        _validate(slot, entry);
        _withdraw(slot);
        _change(slot, entry);
    }

    /// @inheritdoc IRiskParameters
    function parametersAt(uint32 version_) external view returns (SlotParameters[] memory) {
        return CodeStore.read(_stored(version_).slots).unpack();
    }

    /// @inheritdoc IRiskParameters
    function spotAssetsAt(uint32 version_) external view returns (uint256) {
        return _stored(version_).spotAssets;
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
        uint64 spotAssets = 0;
        SlotParameters[] memory slots = new SlotParameters[](count);
        for (uint256 i = 0; i < count; ++i) {
            Asset storage entry = _assets[i];
            slots[i] = SlotParameters(entry.maintenancePpm, entry.initialPpm, entry.deviationPpm);
            if (entry.kind == AssetKind.Spot && entry.deviationPpm != 0) spotAssets |= uint64(1 << i);
        }
        version = version_;
        _versions[version_] = Version(CodeStore.write(slots.pack()), spotAssets);
    }

    function _stored(uint32 version_) private view returns (Version memory stored) {
        stored = _versions[version_];
        if (stored.slots == address(0)) revert UnknownVersion(version_);
    }

    function _validate(uint256 slot, Asset memory entry) private view {
        Asset storage present = _assets[slot];
        if (entry.symbol == 0) revert SymbolMissing(slot);
        if (present.symbol == 0) {
            if (_isTaken[entry.symbol]) revert SymbolTaken(entry.symbol);
        } else if (present.symbol != entry.symbol || present.kind != entry.kind || present.decimals != entry.decimals) {
            revert AssetIsAnother(slot);
        }
        bool hasDecimals =
            entry.kind == AssetKind.Spot ? entry.decimals <= MAX_TOKEN_DECIMALS : entry.decimals == BALANCE_DECIMALS;
        if (!hasDecimals) revert DecimalsOutOfRange(slot);
        bool isOrdered = entry.floorPpm <= entry.maintenancePpm && entry.maintenancePpm <= entry.initialPpm
            && entry.initialPpm <= entry.ceilingPpm && entry.ceilingPpm <= MarginMath.PPM;
        // A derivative without initial margin could not be short (spec ZS-56), and who is short of it could not move.
        bool bearsMargin = entry.kind == AssetKind.Spot || entry.initialPpm != 0;
        if (!isOrdered || !bearsMargin) revert FractionsOutOfBounds(slot);
        if (entry.deviationPpm == 0) revert DeviationMissing(slot);
    }
}

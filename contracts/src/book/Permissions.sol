// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {Claim, IMarginBook} from "../interfaces/IMarginBook.sol";
import {AccountWord} from "../libraries/PackedAccount.sol";

/// @title Permissions
/// @notice What may stop an account: the breaker all of them, a flag and the gate each.
abstract contract Permissions is IMarginBook, Ownable2Step {
    /// @notice What an update is for.
    enum Use {
        Deposit,
        Trade,
        Withdrawal
    }

    /// @notice How long an announced gate waits.
    uint256 public constant GATE_DELAY = 2 days;

    /// @notice How long a gate can be put in force once it is due: one that was forgotten has to be announced again.
    uint256 public constant GATE_WINDOW = 14 days;

    /// @inheritdoc IMarginBook
    ICircuitBreaker public immutable breaker;

    /// @inheritdoc IMarginBook
    IAccountGate public gate;

    /// @notice The gate that will be in force.
    IAccountGate public announcedGate;

    /// @notice From when on it can be activated, Unix seconds; 0 when none is announced.
    uint64 public gateDueAt;

    /// @notice The longest cure window.
    uint64 public constant MAX_CURE_WINDOW = 10 minutes;

    /// @inheritdoc IMarginBook
    uint64 public immutable cureWindow;

    /// @inheritdoc IMarginBook
    uint8 public constant MAX_UNSHOWN = 4;

    constructor(ICircuitBreaker breaker_, IAccountGate gate_, uint64 cureWindow_) {
        if (address(breaker_).code.length == 0) revert NotAContract(address(breaker_));
        if (cureWindow_ > MAX_CURE_WINDOW) revert CureWindowOutOfRange(cureWindow_);
        (breaker, cureWindow) = (breaker_, cureWindow_);
        _setGate(gate_);
    }

    /// @inheritdoc IMarginBook
    function announceGate(IAccountGate gate_) external onlyOwner {
        announcedGate = gate_;
        gateDueAt = uint64(block.timestamp + GATE_DELAY);
        emit GateAnnounced(gate_, gateDueAt);
    }

    /// @inheritdoc IMarginBook
    function activateGate() external onlyOwner {
        uint256 dueAt = gateDueAt;
        if (dueAt == 0 || block.timestamp < dueAt) revert GateNotDue();
        if (block.timestamp > dueAt + GATE_WINDOW) revert GateExpired();
        gateDueAt = 0;
        _setGate(announcedGate);
    }

    /// @dev Whether an account may be updated so.
    /// @param permission What it may do at the round of the update.
    function _isPermitted(Permission permission, Use use, Claim claim) internal pure returns (bool) {
        if (use != Use.Deposit && claim == Claim.TopsUp) return false;
        if (permission == Permission.Free) return true;
        if (use == Use.Withdrawal || permission == Permission.Frozen) return false;
        if (permission == Permission.NoNewRisk) return use == Use.Deposit || claim == Claim.ReducesRisk;
        if (use == Use.Trade || claim == Claim.Unsaid) return false;
        return permission == Permission.TopUpOnly || claim == Claim.MeetsInitialMargin;
    }

    /// @dev What the breaker leaves every account. A breaker that stops flags stops new risk and withdrawals too: an account
    ///      that cannot be flagged must not lose what others are owed.
    function _breakerPermission() internal view returns (Permission) {
        return breaker.level() >= Level.NoFlags ? Permission.NoNewRisk : Permission.Free;
    }

    /// @dev The strictest of what breaker, flags and gate say of an account's proof at a round (spec ZS-48).
    /// @param permission What the breaker leaves it.
    function _permissionOf(uint256 account, AccountWord word, uint64 roundId, Permission permission)
        internal
        view
        returns (Permission)
    {
        if (word.isFlagged()) {
            bool canTopUp = _activeTime() <= uint256(word.firstFlaggedAt()) + cureWindow;
            permission = canTopUp ? Permission.TopUpOnly : Permission.CureOnly;
        }
        IAccountGate gate_ = gate;
        if (address(gate_) == address(0)) return permission;
        Permission own = gate_.permissionOf(account, roundId);
        return own > permission ? own : permission;
    }

    /// @dev Whether the next change of an account has to show that it meets initial margin (spec ZS-100).
    /// @param permission What the breaker leaves it: nothing has to be shown while no account can be flagged.
    function _mustShow(AccountWord word, uint64 latestRoundId, Permission permission) internal pure returns (bool) {
        if (permission != Permission.Free || word.isFlagged()) return false;
        return _unshown(word, latestRoundId) >= MAX_UNSHOWN;
    }

    /// @dev With one more change of the owner's. None counts before one that shows initial margin, or before a whole round
    ///      without a change, in which the account could be flagged.
    function _counted(AccountWord word, uint64 latestRoundId, bool shows) internal pure returns (AccountWord) {
        if (shows) return word.withUnshown(0);
        uint8 count = _unshown(word, latestRoundId);
        return word.withUnshown(count < MAX_UNSHOWN ? count + 1 : MAX_UNSHOWN);
    }

    /// @dev The clock of flags, which stands still while no account can be flagged: 1 at least, since 0 is no flag.
    function _activeTime() internal view returns (uint48) {
        uint64 time = breaker.activeTime(Level.NoFlags);
        return time == 0 ? 1 : uint48(time);
    }

    function _unshown(AccountWord word, uint64 latestRoundId) private pure returns (uint8) {
        return latestRoundId > word.changedAtRound() + 1 ? 0 : word.unshown();
    }

    function _setGate(IAccountGate gate_) private {
        if (address(gate_) != address(0) && address(gate_).code.length == 0) revert NotAContract(address(gate_));
        gate = gate_;
        emit GateSet(gate_);
    }
}

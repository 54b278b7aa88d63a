// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {Claim, IMarginBook} from "../interfaces/IMarginBook.sol";

/// @title Permissions
/// @notice What may stop an account: the breaker all of them, the gate each.
abstract contract Permissions is IMarginBook, Ownable2Step {
    /// @notice What an update is for.
    enum Use {
        Deposit,
        Trade,
        Withdrawal
    }

    /// @notice How long an announced gate waits.
    uint256 public constant GATE_DELAY = 2 days;

    /// @notice How long a gate can be put in force once it is due: what was forgotten comes without notice to nobody.
    uint256 public constant GATE_WINDOW = 14 days;

    /// @notice The breaker.
    ICircuitBreaker public immutable breaker;

    /// @inheritdoc IMarginBook
    IAccountGate public gate;

    /// @notice The gate that will be in force.
    IAccountGate public announcedGate;

    /// @notice From when on it can be activated, Unix seconds; 0 when none is announced.
    uint64 public gateDueAt;

    constructor(ICircuitBreaker breaker_, IAccountGate gate_) {
        if (address(breaker_).code.length == 0) revert NotAContract(address(breaker_));
        breaker = breaker_;
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
    function _isPermitted(uint256 account, uint64 roundId, Use use, Claim claim) internal view returns (bool) {
        // It says that the account is below maintenance margin, and no flag of the book would follow.
        if (claim == Claim.TopsUp) return false;
        Permission permission = _permissionOf(account, roundId);
        if (permission == Permission.Free) return true;
        if (use == Use.Withdrawal || permission == Permission.Frozen) return false;
        if (permission == Permission.CureOnly) return use == Use.Deposit && claim == Claim.MeetsInitialMargin;
        return use == Use.Deposit || claim == Claim.ReducesRisk;
    }

    /// @dev The stricter of what breaker and gate say of an account's proof at a round. A breaker that stops flags stops new
    ///      risk and withdrawals too: an account that cannot be flagged must not lose what others are owed.
    function _permissionOf(uint256 account, uint64 roundId) internal view returns (Permission permission) {
        if (breaker.level() >= Level.NoFlags) permission = Permission.NoNewRisk;
        if (address(gate) == address(0)) return permission;
        Permission own = gate.permissionOf(account, roundId);
        if (own > permission) permission = own;
    }

    function _setGate(IAccountGate gate_) private {
        if (address(gate_) != address(0) && address(gate_).code.length == 0) revert NotAContract(address(gate_));
        gate = gate_;
        emit GateSet(gate_);
    }
}

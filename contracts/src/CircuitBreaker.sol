// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {ICircuitBreaker, Level} from "./interfaces/ICircuitBreaker.sol";

/// @title CircuitBreaker
/// @notice See ICircuitBreaker. Governance is the default admin.
contract CircuitBreaker is ICircuitBreaker, AccessControlDefaultAdminRules {
    /// @notice May raise the level.
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");

    uint48 private constant GOVERNANCE_TRANSFER_DELAY = 1 days;

    /// @inheritdoc ICircuitBreaker
    Level public level;

    /// @param governance Lowers the level, and appoints guardians: persons, and the contracts that trip by rule.
    constructor(address governance) AccessControlDefaultAdminRules(GOVERNANCE_TRANSFER_DELAY, governance) {}

    /// @inheritdoc ICircuitBreaker
    function raiseTo(Level to) external onlyRole(GUARDIAN_ROLE) {
        Level from = level;
        if (to <= from) return;
        level = to;
        emit LevelRaised(from, to, msg.sender);
    }

    /// @inheritdoc ICircuitBreaker
    function lowerTo(Level to) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Level from = level;
        if (to >= from) revert NotLower(from, to);
        level = to;
        emit LevelLowered(from, to);
    }

    /// @inheritdoc ICircuitBreaker
    function requireBelow(Level stopping) external view {
        Level current = level;
        if (current >= stopping) revert Stopped(current);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {IPriceClock} from "../interfaces/IPriceClock.sol";

/// @title CircuitBreaker
/// @notice See ICircuitBreaker. Governance is the default admin.
contract CircuitBreaker is ICircuitBreaker, AccessControlDefaultAdminRules {
    /// @notice May raise the level.
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");

    /// @notice The longest grace that a deployment may choose.
    uint64 public constant MAX_RESUME_GRACE = 1 days;

    uint48 private constant GOVERNANCE_TRANSFER_DELAY = 1 days;
    uint256 private constant CLOCK_BITS = 80;
    uint256 private constant TIME_BITS = 40;
    uint256 private constant TIME_MASK = (1 << TIME_BITS) - 1;

    /// @inheritdoc ICircuitBreaker
    uint64 public immutable resumeGrace;

    /// @inheritdoc ICircuitBreaker
    IPriceClock public priceSource;

    /// @inheritdoc ICircuitBreaker
    Level public raisedLevel;

    /// @inheritdoc ICircuitBreaker
    uint64 public trippedUntil;

    /// @dev For each level above Open, from the lowest bits: 40 bits of the active time so far, then 40 bits of the time from
    ///      which on seconds were not counted yet. Everything else that decides what counts has not changed since then.
    uint256 private _clocks;

    modifier onlyPriceSource() {
        if (msg.sender != address(priceSource)) revert NotPriceSource(msg.sender);
        _;
    }

    /// @param governance Lowers the level, appoints guardians and sets the price source.
    /// @param resumeGrace_ How long clocks stand still after a stop, seconds; at most `MAX_RESUME_GRACE`.
    constructor(address governance, uint64 resumeGrace_)
        AccessControlDefaultAdminRules(GOVERNANCE_TRANSFER_DELAY, governance)
    {
        if (resumeGrace_ > MAX_RESUME_GRACE) revert ResumeGraceOutOfRange(resumeGrace_);
        resumeGrace = resumeGrace_;
        uint256 clock = block.timestamp << TIME_BITS;
        _clocks = clock << 2 * CLOCK_BITS | clock << CLOCK_BITS | clock;
    }

    /// @inheritdoc ICircuitBreaker
    function raiseTo(Level to) external onlyRole(GUARDIAN_ROLE) {
        Level from = raisedLevel;
        if (to <= from) return;
        _settle(_silentSince(), Level.Open);
        raisedLevel = to;
        emit LevelRaised(from, to, msg.sender);
    }

    /// @inheritdoc ICircuitBreaker
    function lowerTo(Level to) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Level from = raisedLevel;
        if (to >= from) revert NotLower(from, to);
        _settle(_silentSince(), from);
        raisedLevel = to;
        emit LevelLowered(from, to);
    }

    /// @inheritdoc ICircuitBreaker
    function setPriceSource(IPriceClock source) external onlyRole(DEFAULT_ADMIN_ROLE) {
        uint64 since = _silentSince();
        _settle(since, since == 0 ? Level.Open : Level.NoWithdrawals);
        (trippedUntil, priceSource) = (0, source);
        _silentSince(); // reverts unless the new source answers: no level could change after it was set
        emit PriceSourceSet(source);
    }

    /// @inheritdoc ICircuitBreaker
    function trip(uint64 until) external onlyPriceSource {
        if (until <= trippedUntil || until <= block.timestamp) return;
        _settle(_silentSince(), Level.Open);
        trippedUntil = until;
        emit Tripped(until);
    }

    /// @inheritdoc ICircuitBreaker
    function clear() external onlyPriceSource {
        if (!_isTripped()) return;
        _settle(_silentSince(), Level.Open);
        trippedUntil = 0;
        emit TripCleared();
    }

    /// @inheritdoc ICircuitBreaker
    function endSilence() external onlyPriceSource {
        uint64 since = _silentSince();
        if (since == 0) revert NotSilent();
        _settle(since, Level.NoWithdrawals);
        emit SilenceEnded(since);
    }

    /// @inheritdoc ICircuitBreaker
    function activeTime(Level stopped) external view returns (uint64) {
        if (stopped == Level.Open) return 0;
        (uint256 active,) = _clock(stopped, _silentSince());
        return uint64(active);
    }

    /// @inheritdoc ICircuitBreaker
    function requireBelow(Level stopping) external view {
        Level current = level();
        if (current >= stopping) revert Stopped(current);
    }

    /// @inheritdoc ICircuitBreaker
    function level() public view returns (Level) {
        return _isTripped() ? Level.NoWithdrawals : raisedLevel;
    }

    /// @dev Counts the active time until now. Called before anything changes that decides what counts.
    /// @param silentSince Of the price source.
    /// @param resuming The clocks of this level and those below count on after `resumeGrace` only. Where guardians still
    ///        stop one of them that changes nothing: a later grace follows.
    function _settle(uint64 silentSince, Level resuming) private {
        uint256 clocks = 0;
        for (uint256 i = uint256(Level.NoWithdrawals); i > 0; --i) {
            (uint256 active, uint256 from) = _clock(Level(i), silentSince);
            uint256 next = i > uint256(resuming) ? block.timestamp : block.timestamp + resumeGrace;
            if (next > from) from = next;
            clocks = clocks << CLOCK_BITS | from << TIME_BITS | active;
        }
        _clocks = clocks;
    }

    /// @dev The active time of a level until now, and from when on seconds are not in storage yet.
    function _clock(Level stopped, uint64 silentSince) private view returns (uint256 active, uint256 from) {
        uint256 clock = _clocks >> (CLOCK_BITS * (uint256(stopped) - 1));
        active = clock & TIME_MASK;
        from = clock >> TIME_BITS & TIME_MASK;
        if (raisedLevel >= stopped) return (active, from);
        uint256 start = trippedUntil > from ? trippedUntil : from;
        uint256 end = silentSince == 0 ? block.timestamp : silentSince;
        if (end > start) active += end - start;
    }

    function _isTripped() private view returns (bool) {
        return block.timestamp < trippedUntil;
    }

    function _silentSince() private view returns (uint64) {
        return address(priceSource) == address(0) ? 0 : priceSource.silentSince();
    }
}

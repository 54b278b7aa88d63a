// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Ground} from "../interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {LiquidationTerms} from "../interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {LiquidationProofs} from "./LiquidationProofs.sol";
import {Liquidations} from "./Liquidations.sol";

/// @title LiquidationEngine
/// @notice See ILiquidationEngine. Rates rise in time: a Dutch auction for each flag.
contract LiquidationEngine is Liquidations {
    /// @notice How the rates of an engine rise, for ever. Rates are in 1e-4 of the margin taken.
    struct Curves {
        /// For the maintenance margin, at the end of the cure window: at most the cap.
        uint16 maintenanceFloor;
        /// At the end of the ramp: at most `MAX_MAINTENANCE_RATE`.
        uint16 maintenanceCap;
        /// From floor to cap, active seconds: from 1 to `MAX_RAMP`.
        uint32 maintenanceRamp;
        /// For the overdraft: at most its cap.
        uint16 overdraftFloor;
        /// At most `MAX_OVERDRAFT_RATE`.
        uint16 overdraftCap;
        /// From 1 to `MAX_RAMP`.
        uint32 overdraftRamp;
        /// Where not even the floor is paid by equity: at most the maintenance cap. No ground pays more than its own cap.
        uint16 uncoveredCap;
        /// From the flag on, where it is 0: from 1 to `MAX_RAMP`.
        uint32 uncoveredRamp;
    }

    /// @notice The longest ramp: both and the longest cure window of a book end within the least lifetime of a flag.
    uint32 public constant MAX_RAMP = 20 minutes;

    uint256 private immutable _maintenanceFloor;
    uint256 private immutable _maintenanceCap;
    uint256 private immutable _maintenanceRamp;
    uint256 private immutable _overdraftFloor;
    uint256 private immutable _overdraftCap;
    uint256 private immutable _overdraftRamp;
    uint256 private immutable _uncoveredCap;
    uint256 private immutable _uncoveredRamp;

    /// @param book_ May have no code yet: a book names its modules at deployment.
    /// @param slots N of the book.
    /// @param verifiers Of `margin`, `release` and `writeoff` for N.
    /// @param terms What is fixed beside the curves.
    /// @param curves_ How rates rise.
    constructor(
        IMarginBook book_,
        uint256 slots,
        IGroth16Verifier[3] memory verifiers,
        LiquidationTerms memory terms,
        Curves memory curves_
    ) Liquidations(book_, slots, verifiers, terms) {
        if (curves_.maintenanceCap > MAX_MAINTENANCE_RATE) {
            revert TermOutOfRange("maintenanceCap");
        }
        if (curves_.overdraftCap > MAX_OVERDRAFT_RATE) revert TermOutOfRange("overdraftCap");
        if (curves_.maintenanceFloor > curves_.maintenanceCap) revert TermOutOfRange("maintenanceFloor");
        if (curves_.overdraftFloor > curves_.overdraftCap) revert TermOutOfRange("overdraftFloor");
        if (curves_.uncoveredCap > curves_.maintenanceCap) revert TermOutOfRange("uncoveredCap");
        _requireRamp(curves_.maintenanceRamp, "maintenanceRamp");
        _requireRamp(curves_.overdraftRamp, "overdraftRamp");
        _requireRamp(curves_.uncoveredRamp, "uncoveredRamp");
        (_maintenanceFloor, _maintenanceCap) = (curves_.maintenanceFloor, curves_.maintenanceCap);
        (_overdraftFloor, _overdraftCap) = (curves_.overdraftFloor, curves_.overdraftCap);
        (_maintenanceRamp, _overdraftRamp) = (curves_.maintenanceRamp, curves_.overdraftRamp);
        (_uncoveredCap, _uncoveredRamp) = (curves_.uncoveredCap, curves_.uncoveredRamp);
    }

    /// @notice How its rates rise.
    /// @return The curves.
    function curves() external view returns (Curves memory) {
        return Curves({
            maintenanceFloor: uint16(_maintenanceFloor),
            maintenanceCap: uint16(_maintenanceCap),
            maintenanceRamp: uint32(_maintenanceRamp),
            overdraftFloor: uint16(_overdraftFloor),
            overdraftCap: uint16(_overdraftCap),
            overdraftRamp: uint32(_overdraftRamp),
            uncoveredCap: uint16(_uncoveredCap),
            uncoveredRamp: uint32(_uncoveredRamp)
        });
    }

    /// @inheritdoc Liquidations
    function ratesAt(Ground ground, uint256 elapsed)
        public
        view
        override
        returns (uint256 rate, uint256 uncoveredRate)
    {
        (uint256 cap, uint256 ramp) = ground == Ground.Overdraft
            ? (_overdraftCap, _overdraftRamp)
            : (_maintenanceCap, _maintenanceRamp);
        uint256 window = book.cureWindow();
        if (elapsed >= window) {
            uint256 floor = floorRate(ground);
            rate = floor + (cap - floor) * Math.min(elapsed - window, ramp) / ramp;
        }
        uncoveredRate = Math.min(_uncoveredCap * Math.min(elapsed, _uncoveredRamp) / _uncoveredRamp, cap);
    }

    /// @inheritdoc LiquidationProofs
    function floorRate(Ground ground) public view override returns (uint256) {
        return ground == Ground.Overdraft ? _overdraftFloor : _maintenanceFloor;
    }

    /// @inheritdoc Liquidations
    function _ramps() internal view override returns (uint256) {
        return _maintenanceRamp + _overdraftRamp;
    }

    function _requireRamp(uint256 ramp, string memory name) private pure {
        if (ramp == 0 || ramp > MAX_RAMP) revert TermOutOfRange(name);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ground} from "../interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {LiquidationTerms} from "../interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {LiquidationProofs} from "./LiquidationProofs.sol";
import {Liquidations} from "./Liquidations.sol";

/// @title FixedRateEngine
/// @notice See ILiquidationEngine. One rate for each ground from the end of the cure window on, and no auction: the first taker
///         earns it.
contract FixedRateEngine is Liquidations {
    /// @notice The rates of an engine, for ever [1e-4 of the margin taken].
    struct Rates {
        /// For the maintenance margin: at most `MAX_MAINTENANCE_RATE`.
        uint16 maintenance;
        /// For the overdraft: at most `MAX_OVERDRAFT_RATE`.
        uint16 overdraft;
        /// Where equity does not pay that: at most the maintenance rate. No ground pays more than its own rate.
        uint16 uncovered;
    }

    uint256 private immutable _maintenance;
    uint256 private immutable _overdraft;
    uint256 private immutable _uncovered;

    /// @param book_ May have no code yet: a book names its modules at deployment.
    /// @param slots N of the book.
    /// @param verifiers Of `margin`, `release` and `writeoff` for N.
    /// @param terms What is fixed beside the rates.
    /// @param rates What takers earn.
    constructor(
        IMarginBook book_,
        uint256 slots,
        IGroth16Verifier[3] memory verifiers,
        LiquidationTerms memory terms,
        Rates memory rates
    ) Liquidations(book_, slots, verifiers, terms) {
        if (rates.maintenance > MAX_MAINTENANCE_RATE) {
            revert TermOutOfRange("maintenance");
        }
        if (rates.overdraft > MAX_OVERDRAFT_RATE) revert TermOutOfRange("overdraft");
        if (rates.uncovered > rates.maintenance) revert TermOutOfRange("uncovered");
        (_maintenance, _overdraft, _uncovered) = (rates.maintenance, rates.overdraft, rates.uncovered);
    }

    /// @inheritdoc Liquidations
    function ratesAt(Ground ground, uint256 elapsed)
        public
        view
        override
        returns (uint256 rate, uint256 uncoveredRate)
    {
        uint256 only = floorRate(ground);
        if (elapsed >= book.cureWindow()) rate = only;
        uncoveredRate = _uncovered < only ? _uncovered : only;
    }

    /// @inheritdoc LiquidationProofs
    function floorRate(Ground ground) public view override returns (uint256) {
        return ground == Ground.Overdraft ? _overdraft : _maintenance;
    }

    /// @inheritdoc Liquidations
    function _ramps() internal pure override returns (uint256) {
        return 0;
    }
}

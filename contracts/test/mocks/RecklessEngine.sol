// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ground} from "../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../src/interfaces/IGroth16Verifier.sol";
import {LiquidationTerms} from "../../src/interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../../src/interfaces/IMarginBook.sol";
import {Liquidations} from "../../src/liquidation/Liquidations.sol";

/// @dev Curves that would pay more than the margin that a taker frees.
contract RecklessEngine is Liquidations {
    constructor(IMarginBook book, uint256 slots, IGroth16Verifier[3] memory verifiers, LiquidationTerms memory terms)
        Liquidations(book, slots, verifiers, terms)
    {}

    function ratesAt(Ground, uint256) public pure override returns (uint256, uint256) {
        return (20_000, 20_000);
    }

    function floorRate(Ground ground) public pure override returns (uint256) {
        return ground == Ground.Overdraft ? 50 : 1000;
    }

    function _ramps() internal pure override returns (uint256) {
        return 0;
    }
}

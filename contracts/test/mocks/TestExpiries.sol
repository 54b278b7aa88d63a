// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IRiskParameters} from "../../src/interfaces/IRiskParameters.sol";
import {ISignedPriceRounds} from "../../src/interfaces/ISignedPriceRounds.sol";
import {Expiries} from "../../src/oracle/Expiries.sol";

/// @dev Opens epochs with any slots and prices, whatever the rules of settlement say.
contract TestExpiries is Expiries {
    constructor(uint256 assetCount)
        Expiries(IRiskParameters(address(0)), ISignedPriceRounds(address(0)), assetCount, 7 days)
    {}

    /// @param settlementPrices e of each slot [1e-9 USD].
    function open(uint64 slots, int256[] calldata settlementPrices) external {
        _open(slots, uint64(block.timestamp), new uint256[](settlementPrices.length), settlementPrices);
    }
}

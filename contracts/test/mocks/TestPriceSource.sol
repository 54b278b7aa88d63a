// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {IPriceClock} from "../../src/interfaces/IPriceClock.sol";

/// @dev A price source without prices, that does to a breaker what it is told.
contract TestPriceSource is IPriceClock {
    uint64 public immutable staleAfter;
    uint64 public latest;

    ICircuitBreaker private immutable _breaker;

    constructor(ICircuitBreaker breaker, uint64 staleAfter_) {
        (_breaker, staleAfter) = (breaker, staleAfter_);
    }

    /// @dev A round of this moment.
    function record() external {
        if (silentSince() != 0 && address(_breaker.priceSource()) == address(this)) _breaker.endSilence();
        latest = uint64(block.timestamp);
    }

    function trip(uint64 until) external {
        _breaker.trip(until);
    }

    function clear() external {
        _breaker.clear();
    }

    function endSilence() external {
        _breaker.endSilence();
    }

    /// @inheritdoc IPriceClock
    function silentSince() public view returns (uint64) {
        return latest == 0 || block.timestamp <= latest + staleAfter ? 0 : latest + staleAfter;
    }
}

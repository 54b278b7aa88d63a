// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPriceRounds} from "./IPriceRounds.sol";

/// @title IPriced
/// @notice A contract that dates and prices everything by the rounds of one source.
interface IPriced {
    /// @notice Where its rounds come from, for ever.
    /// @return The price source.
    function rounds() external view returns (IPriceRounds);
}

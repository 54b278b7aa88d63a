// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginMath} from "./MarginMath.sol";

/// @title PriceLimit
/// @notice How far a price or its funding may move: max(ppm of the price, amount).
library PriceLimit {
    /// @dev Whether a number is further from another one than the limit.
    /// @param ppm Of the price before [ppm].
    /// @param amount Whatever the price is [1e-9 USD].
    /// @param price The price before [1e-9 USD], below 2^64.
    /// @param from The price or funding before [1e-9 USD], below 2^66 in size.
    /// @param to The price or funding that is judged [1e-9 USD], below 2^66 in size.
    function isBeyond(uint256 ppm, uint256 amount, uint256 price, int256 from, int256 to) internal pure returns (bool) {
        uint256 moved = uint256(from > to ? from - to : to - from);
        return moved > amount && moved * MarginMath.PPM > price * ppm;
    }
}

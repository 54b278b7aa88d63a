// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Bn254} from "./Bn254.sol";

/// @title MarginMath
/// @notice How a price round turns into the round inputs of a margin statement.
library MarginMath {
    /// @dev [ppm]
    uint256 internal constant PPM = 1_000_000;

    /// @dev p < 2^64 and |e| < 2^64 [1e-9 USD]: with these the health of no account wraps the field.
    uint256 internal constant PRICE_LIMIT = 1 << 64;

    /// @dev d [1e-9 USD] = ceil(price [1e-9 USD] * fraction [ppm] / 1e6). Rounded up: margin against the account.
    ///      For price < 2^64 and fraction <= 1e6, d <= price.
    function marginPerUnitUp(uint256 price, uint256 fractionPpm) internal pure returns (uint256) {
        return (price * fractionPpm + PPM - 1) / PPM;
    }

    /// @dev e [1e-9 USD] = price - cumulative funding, and whether |e| < 2^64. Exact: nothing is rounded.
    /// @param price Below 2^64.
    function effectivePrice(uint256 price, int256 cumulativeFunding) internal pure returns (bool inRange, int256 e) {
        int256 limit = int256(PRICE_LIMIT);
        // Far outside, the difference could overflow: e < limit needs funding > -limit, as price >= 0; e > -limit
        // needs funding < price + limit < 2 * limit.
        if (cumulativeFunding <= -limit || cumulativeFunding >= 2 * limit) return (false, 0);
        e = int256(price) - cumulativeFunding;
        inRange = -limit < e && e < limit;
    }

    /// @dev A signed integer, |value| < 2^64, as a field element: negative values as r - |value|.
    function toField(int256 value) internal pure returns (uint256) {
        return value < 0 ? Bn254.SCALAR_MODULUS - uint256(-value) : uint256(value);
    }
}

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
        unchecked {
            // Modulo 2^256, which is exact in range: the true difference is within 2^255 + 2^64 of 0, so no other multiple
            // of 2^256 brings it there.
            e = int256(price) - cumulativeFunding;
            inRange = uint256(e) + PRICE_LIMIT - 1 < 2 * PRICE_LIMIT - 1;
        }
    }

    /// @dev A signed integer, |value| < 2^64, as a field element: negative values as r - |value|.
    function toField(int256 value) internal pure returns (uint256) {
        return value < 0 ? Bn254.SCALAR_MODULUS - uint256(-value) : uint256(value);
    }
}

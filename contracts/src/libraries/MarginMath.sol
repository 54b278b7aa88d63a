// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";

/// @title MarginMath
/// @notice How a price round turns into the round inputs of a margin statement.
library MarginMath {
    /// @dev [ppm]
    uint256 internal constant PPM = 1_000_000;

    /// @dev A spot scale of 1 [1e-18].
    uint256 internal constant UNSCALED = 1e18;

    /// @dev p < 2^64 and |e| < 2^64 [1e-9 USD]: with these the health of no account wraps the field.
    uint256 internal constant PRICE_LIMIT = 1 << 64;

    /// @dev d [1e-9 USD] = ceil(price [1e-9 USD] * fraction [ppm] / 1e6). Rounded up: margin against the account.
    ///      For price < 2^64 and fraction <= 1e6, which callers answer for, d <= price.
    function marginPerUnitUp(uint256 price, uint256 fractionPpm) internal pure returns (uint256) {
        unchecked {
            return (price * fractionPpm + PPM - 1) / PPM;
        }
    }

    /// @dev The same for many prices, each below 2^64 with a fraction of at most 1e6.
    /// @param to Where in memory the results go, a word each.
    function marginsPerUnitUp(uint256[] memory prices, uint256[] memory fractionsPpm, uint256 to) internal pure {
        assembly ("memory-safe") {
            let end := add(prices, mul(add(mload(prices), 1), 0x20))
            let fraction := fractionsPpm
            for { let price := add(prices, 0x20) } lt(price, end) { price := add(price, 0x20) } {
                fraction := add(fraction, 0x20)
                mstore(to, div(add(mul(mload(price), mload(fraction)), sub(PPM, 1)), PPM))
                to := add(to, 0x20)
            }
        }
    }

    /// @dev d + x of an option [1e-9 USD]: the larger of a part of its own price and of what its short side may have to
    ///      deliver. For prices below 2^64 and fractions <= 1e6 it is below 2^64.
    /// @param price Mark price of the option [1e-9 USD].
    /// @param underlying Mark price of its underlying in the same round [1e-9 USD].
    /// @param strike Of a put [1e-9 USD]; 0 for a call.
    /// @param pricePpm Fraction of the option's price [ppm].
    /// @param underlyingPpm Fraction of the larger of the underlying's price and the strike [ppm].
    function optionShortMarginUp(
        uint256 price,
        uint256 underlying,
        uint256 strike,
        uint256 pricePpm,
        uint256 underlyingPpm
    ) internal pure returns (uint256) {
        uint256 byPrice = marginPerUnitUp(price, pricePpm);
        uint256 byUnderlying = marginPerUnitUp(underlying > strike ? underlying : strike, underlyingPpm);
        return byPrice > byUnderlying ? byPrice : byUnderlying;
    }

    /// @dev e [1e-9 USD] = price - cumulative funding, and whether |e| < 2^64. Exact: nothing is rounded.
    /// @param price Below 2^64.
    function effectivePrice(uint256 price, int256 cumulativeFunding) internal pure returns (bool inRange, int256 e) {
        unchecked {
            // Modulo 2^256, which is exact in range: the true difference is within 2^255 + 2^64 of 0, so no other multiple
            // of 2^256 moves it there.
            e = int256(price) - cumulativeFunding;
            inRange = uint256(e) + PRICE_LIMIT - 1 < 2 * PRICE_LIMIT - 1;
        }
    }

    /// @dev A signed integer, |value| < 2^64, as a field element: negative values as r - |value|.
    function toField(int256 value) internal pure returns (uint256) {
        return value < 0 ? Bn254.SCALAR_MODULUS - uint256(-value) : uint256(value);
    }
}

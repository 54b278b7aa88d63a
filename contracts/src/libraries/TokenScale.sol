// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title TokenScale
/// @notice Amounts of the statements, in units of their own, as amounts of tokens with any decimals.
library TokenScale {
    /// @dev 10^(decimals - 9) times 2^144, the limit of an amount, is still far below 2^256.
    uint256 internal constant MAX_DECIMALS = 36;

    /// @dev Nothing is rounded: an amount that the token is too coarse for is not exact.
    /// @param units Amount in units of 10^-unitDecimals, below 2^144.
    /// @param unitDecimals At most 18.
    /// @param tokenDecimals At most `MAX_DECIMALS`.
    function toToken(uint256 units, uint256 unitDecimals, uint256 tokenDecimals)
        internal
        pure
        returns (bool exact, uint256 amount)
    {
        if (tokenDecimals >= unitDecimals) return (true, units * 10 ** (tokenDecimals - unitDecimals));
        uint256 grain = 10 ** (unitDecimals - tokenDecimals);
        return (units % grain == 0, units / grain);
    }
}

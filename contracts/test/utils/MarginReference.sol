// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title MarginReference
/// @notice The margin rule in plain Solidity. No contract computes it, for none knows a balance: it checks that e and d
///         as the contracts derive them give the health that the reference in Python gives.
library MarginReference {
    /// @param balances b [1e-9 token], |b| < 2^80.
    /// @param quote [1e-18 USD], |quote| < 2^144.
    /// @param e Effective prices [1e-9 USD], |e| < 2^64.
    /// @param d Margins of long units [1e-9 USD].
    /// @param x What short units need more [1e-9 USD], d + x below 2^64.
    /// @return sum Equity less margin [1e-18 USD], |sum| < 2^152.
    function health(int256[] memory balances, int256 quote, int256[] memory e, uint256[] memory d, uint256[] memory x)
        internal
        pure
        returns (int256 sum)
    {
        sum = quote;
        for (uint256 i = 0; i < balances.length; ++i) {
            int256 b = balances[i];
            sum += b * e[i] - (b < 0 ? -b * int256(d[i] + x[i]) : b * int256(d[i]));
        }
    }
}

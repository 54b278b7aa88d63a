// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPriceRounds} from "./IPriceRounds.sol";
import {IRiskParameters} from "./IRiskParameters.sol";

/// @title IStoredRounds
/// @notice Price rounds at the margin fractions of RiskParameters. A round uses the parameters of the moment at which it is
///         posted, for ever: where p is the mark price of a slot,
///
///         - d = ceil(p * fraction), x = 0: spot and perpetuals;
///         - of an option d = ceil(p * fraction), d + x the largest of d, ceil(p * short fraction) and
///           ceil(max(u, strike) * underlying fraction), u the mark price of its underlying in the same round;
///         - of spot at the overdraft kind d = ceil(p * (1 - lambda)), lambda that of maintenance; of anything else 0;
///         - of a stale slot d = p at the initial kind, for both sides: it backs no new risk and no withdrawal. Of stale
///           spot d = p at the overdraft kind too: it backs no debt.
interface IStoredRounds is IPriceRounds {
    /// @notice Where margin fractions come from, for ever.
    /// @return The parameters of the book.
    function riskParameters() external view returns (IRiskParameters);

    /// @notice The version of the risk parameters that a round uses.
    /// @param roundId A round that exists.
    /// @return Counts from 1.
    function parametersVersion(uint64 roundId) external view returns (uint32);
}

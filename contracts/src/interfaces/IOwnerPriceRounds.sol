// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IPriceRounds} from "./IPriceRounds.sol";
import {MarginFractions} from "./IRiskParameters.sol";

/// @title IOwnerPriceRounds
/// @notice Price rounds that one owner posts, at margin fractions fixed at deployment. Margins are those of IStoredRounds,
///         but no slot counts as spot and no price is ever stale: a book on these rounds bars shorts of its tokens itself.
interface IOwnerPriceRounds is IPriceRounds {
    /// @notice Thrown at deployment unless maintenance <= initial <= 1e6 ppm holds for each pair of fractions of a slot, and
    ///         an option is on a slot that is none.
    /// @param slot The first such slot, from 0.
    error MarginFractionOutOfRange(uint256 slot);

    /// @notice Posts the next round, dated with the time of the block. Only the owner.
    /// @param prices Mark price of each slot [1e-9 USD], below 2^64.
    /// @param cumulativeFunding Cumulative funding per unit of each slot [1e-9 USD], less than 2^64 from the price.
    /// @return roundId Its id, from 1.
    function postRound(uint256[] calldata prices, int256[] calldata cumulativeFunding) external returns (uint64 roundId);

    /// @notice The margin fractions of the book, for ever.
    /// @return One item for each slot; all zero for one without an asset.
    function marginFractions() external view returns (MarginFractions[] memory);
}

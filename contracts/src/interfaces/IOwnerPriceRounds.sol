// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IPriceRounds, VectorKind} from "./IPriceRounds.sol";

/// @title IOwnerPriceRounds
/// @notice Price rounds that one owner posts, at margin fractions fixed at deployment.
interface IOwnerPriceRounds is IPriceRounds {
    /// @notice Thrown at deployment when maintenance <= initial <= 1e6 ppm does not hold in a slot.
    /// @param slot The first such slot, from 0.
    error MarginFractionOutOfRange(uint256 slot);

    /// @notice Posts the next round, dated with the time of the block. Only the owner.
    /// @param prices Mark price of each slot [1e-9 USD], below 2^64.
    /// @param cumulativeFunding Cumulative funding per unit of each slot [1e-9 USD], less than 2^64 from the price.
    /// @return roundId Its id, from 1.
    function postRound(uint256[] calldata prices, int256[] calldata cumulativeFunding) external returns (uint64 roundId);

    /// @notice The margin fractions of the book, for ever.
    /// @param kind Maintenance or initial.
    /// @return One for each slot [ppm], at most 1e6.
    function marginFractionsPpm(VectorKind kind) external view returns (uint256[] memory);
}

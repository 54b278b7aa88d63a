// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccountGate} from "./IAccountGate.sol";
import {ICircuitBreaker} from "./ICircuitBreaker.sol";
import {ICommitments} from "./ICommitments.sol";
import {ISolvencyGate} from "./ISolvencyGate.sol";

/// @title IBookGate
/// @notice A gate on the accounts of a margin book. It reads each commitment from the book whenever it needs one, so there
///         is nothing to register, and a change of an account voids its standing at once. As the gate of the book, it
///         leaves a flagged account nothing but its cure, at the round of the flag or a later one.
/// @dev Book and gate name each other, and the book wants its gate deployed first. So the gate is given a price source,
///      and compares it with the book's when it prepares a round: no proof counts before.
interface IBookGate is ISolvencyGate, IAccountGate {
    /// @notice Thrown when the book's price source is another than the gate's: the rounds of one say nothing about those
    ///         of the other.
    error OtherPriceSource();

    /// @notice Where commitments are read. Its accounts are named by their identities.
    /// @return The book.
    function book() external view returns (ICommitments);

    /// @notice What stops flags: a price that may be wrong must freeze nobody.
    /// @return The circuit breaker.
    function breaker() external view returns (ICircuitBreaker);
}

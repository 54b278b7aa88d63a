// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccountGate} from "./IAccountGate.sol";
import {ICircuitBreaker} from "./ICircuitBreaker.sol";
import {IAccountReports} from "./ICommitments.sol";
import {ISolvencyGate} from "./ISolvencyGate.sol";

/// @title IBookGate
/// @notice A gate on the accounts of a margin book. It reads each account from the book whenever it needs one, and reports
///         there what was proven, so there is nothing to register and nothing to keep in step. It has to be the gate in
///         force, or a module of the book: the book takes no report from another. The flag is the book's, which leaves a
///         flagged account nothing but its cure, whatever becomes of this gate. The account's bond pays the tip.
///         An account is solvent by its last change too, since an update proves that it meets maintenance margin. One
///         that is flagged for its overdraft alone is neither solvent here nor flagged: a friendly flag on that ground
///         must not keep a flag for its margin out.
/// @dev Book and gate name each other, and the book wants its gate deployed first. So the gate is given a price source,
///      and compares it with the book's when it prepares a round: no proof counts before.
interface IBookGate is ISolvencyGate, IAccountGate {
    /// @notice Thrown when the book's price source is another than the gate's: the rounds of one say nothing about those
    ///         of the other.
    error OtherPriceSource();

    /// @notice Where accounts and flags are kept. Its accounts are named by their identities.
    /// @return The book.
    function book() external view returns (IAccountReports);

    /// @notice Stops flags: a price that may be wrong must not freeze an account.
    /// @return The circuit breaker.
    function breaker() external view returns (ICircuitBreaker);
}

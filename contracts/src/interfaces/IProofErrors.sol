// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IProofErrors
/// @notice Errors that margin books, their modules and solvency gates share: each has one selector, whichever of them throws it.
interface IProofErrors {
    /// @notice Thrown at deployment when a verifier is not that of the statement for the size of the book.
    /// @param expected Statement and N that it should be of, for example "update-13".
    /// @param given What the verifier says that it is.
    error WrongStatement(string expected, string given);

    /// @notice Thrown at deployment when a verifier splits the public signals in another way than the statement.
    /// @param statement Statement and N of the verifier.
    error WrongSignals(string statement);

    /// @notice Thrown at deployment when the age that a proof's round may have is 0.
    error ZeroProofAge();

    /// @notice Thrown when a round is older than `maxProofAge`.
    error RoundTooOld();

    /// @notice Thrown when a newer round than that of a proof is there. A deposit, a withdrawal and a flag are proven at the
    ///         newest one; a trade may be proven at the one before it for a short time, where prices moved little.
    error RoundSuperseded();

    /// @notice Thrown when a round is older than the account's present commitment.
    error RoundBeforeChange();

    /// @notice Thrown when a ciphertext is not that of the book's size.
    error WrongCiphertextLength();

    /// @notice Thrown when an expiry has settled between the state of an account and a round: what expired has to be taken off
    ///         the account first.
    error OtherEpoch();

    /// @notice Thrown when rho is not the one that a reader of the account has to seal its new state with: `stepOf` says which
    ///         of an expiry, `releaseRho` of a takeover and `writeoffRho` of a write-off.
    error WrongRho();

    /// @notice Thrown when a batch is empty or larger than `MAX_BATCH`.
    /// @param size How many items it has.
    error WrongBatchSize(uint256 size);
}

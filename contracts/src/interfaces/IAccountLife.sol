// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Proof} from "./IGroth16Verifier.sol";
import {IMarginBook, Opening} from "./IMarginBook.sol";
import {IProofErrors} from "./IProofErrors.sol";

/// @notice A proof of `writeoff` or `exit` less what its use says.
struct StateChange {
    /// The identity of the account.
    uint256 account;
    /// To its present state.
    uint256 oldCommitment;
    /// To the state afterwards.
    uint256 newCommitment;
    /// Public value of the encryption, fresh for each state.
    uint256 rho;
    /// The encrypted new state, (N + 2) / 3 field elements.
    uint256[] ciphertext;
    /// Of the statement.
    Proof proof;
}

/// @title IAccountLife
/// @notice What becomes of an account beside transfers and trades: it moves to another guardian, leaves the book, or pays
///         out without a price round. A module of its book. Any holder of a proof may submit it.
interface IAccountLife is IProofErrors {
    /// @notice Thrown when an account is flagged, or the gate of the book leaves it too little.
    error AccountNotFree();

    /// @notice Thrown when what was proven of an account last is from before the newest round.
    error NotProvenAtNewest();

    /// @notice Moves an account to another identity: the same state under another guardian, for an owner whose guardian is
    ///         lost. The old identity is used up, and the bond moves along. The account must not be flagged, the gate in
    ///         force must leave it `NoNewRisk` at least, and it must have been proven at the newest round that it meets
    ///         maintenance margin: else it could move before each flag that comes for it.
    /// @param account The identity it has.
    /// @param oldCommitment To its present state.
    /// @param opening The new identity, and the same state under it; the proof is of `rekey`.
    function rekey(uint256 account, uint256 oldCommitment, Opening calldata opening) external;

    /// @notice Closes an account that holds and owes nothing, and is not flagged. Its identity is used up. Its bond goes back
    ///         to the address that opened it.
    /// @param change A proof of `writeoff` of 0. What it says of the new state does not matter.
    function close(StateChange calldata change) external;

    /// @notice Takes quote out of an account that has no positions, and queues it in the vault. No round is needed, so the
    ///         breaker and a silent price source stop it only in the queue. The account must not be flagged, and the gate
    ///         in force must leave it `Free`.
    /// @param amount Of the settlement currency [1e-18], above 0 and exact in its token.
    /// @param recipient The recipient bound into the proof.
    /// @param change A proof of `exit`.
    function exit(uint256 amount, address recipient, StateChange calldata change) external;

    /// @notice The book whose module this is.
    /// @return The book.
    function book() external view returns (IMarginBook);
}

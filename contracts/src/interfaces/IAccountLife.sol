// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Proof} from "./IGroth16Verifier.sol";
import {IMarginBook, Opening} from "./IMarginBook.sol";
import {IProofErrors} from "./IProofErrors.sol";

/// @notice A proof of `writeoff`, `exit` or `expire` less what its use says.
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
/// @notice What becomes of an account beside transfers and trades: its expired positions turn into cash, it moves to another
///         guardian, leaves the book, or pays out without a price round. A module of its book. Any holder of a proof may submit it.
interface IAccountLife is IProofErrors {
    /// @notice Thrown when an account is flagged, or the gate of the book leaves it too little.
    error AccountNotFree();

    /// @notice Thrown when what was proven of an account last is from before the newest round.
    error NotProvenAtNewest();

    /// @notice Thrown when an account would not go to a newer epoch.
    /// @param fromEpoch The one it is in.
    /// @param toEpoch As given.
    error EpochNotNewer(uint32 fromEpoch, uint32 toEpoch);

    /// @notice Thrown when no round is of the epoch yet: an account that is ahead of the rounds could not be flagged.
    /// @param toEpoch As given.
    error EpochWithoutRound(uint32 toEpoch);

    /// @notice Thrown when a slot settles twice on the way: one proof goes to the epoch before, the next one on from there.
    /// @param epoch The first one that settles a slot again.
    error SlotSettledTwice(uint32 epoch);

    /// @notice The expired positions of an account have become cash.
    /// @param account Its identity.
    /// @param fromEpoch The epoch that it was in.
    /// @param toEpoch The one that it is in.
    event AccountExpired(uint256 indexed account, uint32 fromEpoch, uint32 toEpoch);

    /// @notice Turns the balances of an account in slots that have settled into cash, at their settlement prices. Each reader
    ///         of the account can prove it, flagged or not; a flag stays. Neither breaker nor gate is asked.
    /// @param toEpoch The epoch to go to: that of the newest round, or an older one where a slot would settle twice on the way.
    /// @param change A proof of `expire` for what `stepOf` says.
    function expire(uint32 toEpoch, StateChange calldata change) external;

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

    /// @notice What `expire` asks for.
    /// @param account Its identity.
    /// @param commitment To its present state.
    /// @param toEpoch The epoch to go to, newer than that of the account.
    /// @return slots Those that settle on the way, bit i for slot i.
    /// @return settlementPrices e of each of them [1e-9 USD]; 0 for others.
    /// @return rho Public value of the encryption.
    function stepOf(uint256 account, uint256 commitment, uint32 toEpoch)
        external
        view
        returns (uint64 slots, int256[] memory settlementPrices, uint256 rho);

    /// @notice The book whose module this is.
    /// @return The book.
    function book() external view returns (IMarginBook);
}

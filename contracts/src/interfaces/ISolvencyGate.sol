// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Proof} from "./IGroth16Verifier.sol";
import {IPriced} from "./IPriced.sol";
import {IProofErrors} from "./IProofErrors.sol";

/// @notice What the gate knows of an account.
struct AccountState {
    /// The commitment to its hidden state; 0 for an account that is not known.
    uint256 commitment;
    /// The newest round when the commitment was set: proofs need this one or a later one.
    uint64 changedAtRound;
    /// The newest round at which this commitment was proven solvent; 0 for none.
    uint64 solventAtRound;
    /// When that round was posted, Unix seconds.
    uint64 solventAt;
    /// The round at which this commitment was proven to be below maintenance margin; 0 for none.
    uint64 flaggedAtRound;
}

/// @notice One account's proof of solvency in a batch.
struct SolvencyClaim {
    /// Whose it is.
    uint256 account;
    /// The commitment that the proof is about.
    uint256 commitment;
    /// The recipient bound into the proof.
    address recipient;
    /// Of `margin`, with healthy = 1.
    Proof proof;
}

/// @title ISolvencyGate
/// @notice Takes proofs that the hidden account behind a commitment meets maintenance margin, or does not. Nothing else of
///         an account ever reaches the chain.
///
///         What was proven is kept for the commitment, not for the account: the status of an account is that of its
///         present commitment, and one that changes has proven nothing yet. IRegistrarGate and IBookGate say where
///         commitments come from.
/// @dev Proofs are of the statement `margin`, which validates the whole hidden state, so nothing depends on how a
///      commitment was made. `margin-lean` would take the meaning of an unvalidated state on trust, and a state with,
///      say, a balance beyond its range can be made to look healthy.
interface ISolvencyGate is IPriced, IProofErrors {
    // ---------------------------------------------------------------------------------------------- proofs

    /// @notice Thrown when an account has no commitment.
    /// @param account The account.
    error UnknownAccount(uint256 account);

    /// @notice Thrown when an account is flagged.
    /// @param account The account.
    error AccountIsFlagged(uint256 account);

    /// @notice Thrown when a round is not newer than the last one at which the commitment was proven solvent.
    /// @param roundId The round.
    /// @param solventAtRound That last one.
    error RoundNotNewer(uint64 roundId, uint64 solventAtRound);

    /// @notice Thrown when no claim of a batch could change anything.
    error NothingToProve();

    /// @notice The point of a round was computed and stored.
    /// @param roundId The round.
    event RoundPrepared(uint64 indexed roundId);

    /// @notice An account was proven solvent.
    /// @param account The account.
    /// @param roundId At which round.
    event ProvenSolvent(uint256 indexed account, uint64 indexed roundId);

    /// @notice A claim of a batch was left out: its account changed, was flagged, or was proven at this round or later.
    /// @param account The account.
    /// @param roundId The round of the batch.
    event ClaimSkipped(uint256 indexed account, uint64 indexed roundId);

    /// @notice An account was proven to be below maintenance margin.
    /// @param account The account.
    /// @param roundId At which round.
    /// @param recipient The recipient bound into the proof.
    event Flagged(uint256 indexed account, uint64 indexed roundId, address indexed recipient);

    // ---------------------------------------------------------------------------------------------- entries

    /// @notice Computes and stores the part of the verification that all proofs of a round share. Any caller. The
    ///         first proof of a round prepares it otherwise. A second call changes nothing.
    /// @param roundId The round.
    function prepareRound(uint64 roundId) external;

    /// @notice Records that an account meets maintenance margin at a round. Any address may submit the proof.
    /// @param account The account, not flagged.
    /// @param roundId A round not older than `maxProofAge`, not before the account's last change, and newer than the
    ///                last one at which its present commitment was proven solvent.
    /// @param recipient The recipient bound into the proof.
    /// @param proof A proof of `margin` with healthy = 1 about the present commitment.
    function proveSolvent(uint256 account, uint64 roundId, address recipient, Proof calldata proof) external;

    /// @notice As `proveSolvent` for several accounts at one round, with one pairing check. Claims that the chain has
    ///         overtaken are left out; a proof that does not verify fails the batch.
    /// @param roundId The round of all of them.
    /// @param claims At least one, at most `MAX_BATCH`.
    /// @return accepted How many accounts were proven solvent, at least one.
    function proveSolventBatch(uint64 roundId, SolvencyClaim[] calldata claims) external returns (uint256 accepted);

    /// @notice Flags an account that is below maintenance margin at the newest round, and tips the recipient bound into
    ///         the proof. Any address may submit the proof. It never fails for lack of a tip. IRegistrarGate and
    ///         IBookGate say what ends the flag.
    /// @param account The account, not flagged.
    /// @param roundId As in `proveSolvent`, and the newest: an account that has recovered is left alone.
    /// @param recipient The recipient bound into the proof; zero for no tip.
    /// @param proof A proof of `margin` with healthy = 0 about the present commitment.
    function flag(uint256 account, uint64 roundId, address recipient, Proof calldata proof) external;

    // ---------------------------------------------------------------------------------------------- views

    /// @notice Whether an account is known, not flagged, and proven solvent, with its present commitment, at a round
    ///         posted lately.
    /// @param account The account.
    /// @param maxAge How long ago that may have been, seconds.
    /// @return Whether it is.
    function isSolvent(uint256 account, uint256 maxAge) external view returns (bool);

    /// @notice What the gate knows of an account.
    /// @param account The account.
    /// @return Its present commitment, and what was proven of that one.
    function accountState(uint256 account) external view returns (AccountState memory);

    /// @notice Whether the point of a round is stored.
    /// @param roundId The round.
    /// @return Whether it is.
    function prepared(uint64 roundId) external view returns (bool);

    /// @notice How old the round of a proof may be.
    /// @return Seconds.
    function maxProofAge() external view returns (uint64);
}

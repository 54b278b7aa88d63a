// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Proof} from "./IGroth16Verifier.sol";

/// @notice What the gate knows of an account.
struct AccountState {
    /// The commitment to its hidden state; 0 before it is registered.
    uint256 commitment;
    /// The newest round when the commitment was set: proofs need this one or a later one.
    uint64 changedAtRound;
    /// The newest round at which this commitment was proven solvent; 0 for none.
    uint64 solventAtRound;
    /// When that round was posted, Unix seconds.
    uint64 solventAt;
    /// Whether it was proven to be below maintenance margin, and not resolved since.
    bool flagged;
}

/// @notice One account's proof of solvency in a batch.
struct SolvencyClaim {
    address account;
    /// The commitment that the proof is about.
    uint256 commitment;
    /// The recipient bound into the proof.
    address recipient;
    Proof proof;
}

/// @title ISolvencyGate
/// @notice Holds a commitment for each account and takes proofs that the hidden account behind it meets maintenance
///         margin, or does not. Nothing else of an account ever reaches the chain.
/// @dev Proofs are of the statement `margin`, which validates the whole hidden state: commitments come from the
///      integrating protocol, and the gate has not seen how they were made. `margin-lean` would take the meaning of an
///      unvalidated state on trust, and a state with, say, a balance beyond its range can be made to look healthy.
interface ISolvencyGate {
    /// @notice Thrown at deployment when the verifier is not one of `margin` for the book of the price source.
    error WrongStatement(string expected, string given);

    /// @notice Thrown at deployment when no proof could ever be young enough.
    error ZeroProofAge();

    /// @notice Thrown when the zero address is to be registered.
    error ZeroAccount();

    /// @notice Thrown when a commitment is 0 or not below r.
    error CommitmentNotInField();

    /// @notice Thrown when a commitment is, or was, some account's already: no honest state has the commitment of
    ///         another, and a copied one would come with its owner's proofs.
    error CommitmentAlreadyUsed(address account);

    /// @notice Thrown when an account has no commitment.
    error NotRegistered(address account);

    /// @notice Thrown when an account is flagged: only `resolve` may touch it.
    error AccountIsFlagged(address account);

    /// @notice Thrown when an account to be resolved is not flagged.
    error AccountIsNotFlagged(address account);

    /// @notice Thrown when a round is older than `maxProofAge`.
    error RoundTooOld(uint64 roundId);

    /// @notice Thrown when a round is older than the commitment that it is used for.
    error RoundBeforeChange(uint64 roundId, uint64 changedAtRound);

    /// @notice Thrown when a round is not newer than the last one at which the account was proven solvent.
    error RoundNotNewer(uint64 roundId, uint64 solventAtRound);

    /// @notice Thrown when a batch is empty or larger than `MAX_BATCH`.
    error WrongBatchSize(uint256 size);

    /// @notice Thrown when no claim of a batch could change anything.
    error NothingToProve();

    /// @notice Thrown when no tip waits for an account.
    error NothingToClaim(address account);

    /// @notice Thrown when more is withdrawn than the tip pot holds.
    error PotTooSmall(uint256 pot);

    /// @notice An account's commitment was set or replaced.
    event Registered(address indexed account, uint256 commitment, uint64 changedAtRound);

    /// @notice The point of a round was computed and stored.
    event RoundPrepared(uint64 indexed roundId);

    /// @notice An account was proven solvent at a round.
    event ProvenSolvent(address indexed account, uint64 indexed roundId);

    /// @notice A claim of a batch was left out: its account changed, was flagged, or was proven at this round or later.
    event ClaimSkipped(address indexed account, uint64 indexed roundId);

    /// @notice An account was proven to be below maintenance margin at a round.
    event Flagged(address indexed account, uint64 indexed roundId, address indexed recipient);

    /// @notice A flagged account was liquidated or cured, and has this commitment now.
    event Resolved(address indexed account, uint256 commitment, uint64 changedAtRound);

    /// @notice The pot was filled.
    event TipsFunded(address indexed from, uint256 amount);

    /// @notice A tip was paid.
    event TipPaid(address indexed recipient, uint256 amount);

    /// @notice A tip could not be delivered and waits for `claimTip`.
    event TipCredited(address indexed recipient, uint256 amount);

    /// @notice A waiting tip was taken.
    event TipClaimed(address indexed recipient, address indexed to, uint256 amount);

    /// @notice The owner took ETH out of the pot.
    event TipsWithdrawn(address indexed to, uint256 amount);

    /// @notice Sets the commitment of an account, for the first time or after its hidden state changed. The account has
    ///         to be proven solvent anew. Only the registrar: whoever could replace a commitment could dodge a flag.
    /// @param account The account, not flagged.
    /// @param commitment A field element other than 0, never used before.
    function register(address account, uint256 commitment) external;

    /// @notice Clears the flag of an account that was liquidated or cured. Only the registrar.
    /// @param account The account, flagged.
    /// @param commitment Its new commitment, never used before.
    function resolve(address account, uint256 commitment) external;

    /// @notice Computes and stores the part of the verification that all proofs of a round share. Anybody may; a round
    ///         that nobody prepared is prepared by its first proof. A second call changes nothing.
    function prepareRound(uint64 roundId) external;

    /// @notice Records that an account meets maintenance margin at a round. Anybody may bring the proof.
    /// @param account The account, not flagged.
    /// @param roundId A round not older than `maxProofAge`, not before the account's last change, and newer than the
    ///                last one at which it was proven solvent.
    /// @param recipient The recipient bound into the proof.
    /// @param proof A proof of `margin` with healthy = 1.
    function proveSolvent(address account, uint64 roundId, address recipient, Proof calldata proof) external;

    /// @notice As `proveSolvent` for several accounts at one round, with one pairing check. Claims that the chain has
    ///         overtaken are left out; a proof that does not verify fails the batch.
    /// @param claims At least one, at most `MAX_BATCH`.
    /// @return accepted How many accounts were proven solvent, at least one.
    function proveSolventBatch(uint64 roundId, SolvencyClaim[] calldata claims) external returns (uint256 accepted);

    /// @notice Flags an account that is below maintenance margin at a round, and tips the recipient bound into the
    ///         proof. Anybody may bring the proof. It never fails for want of a tip.
    /// @param account The account, not flagged.
    /// @param roundId As in `proveSolvent`: a proof of solvency at a newer round outdates this one.
    /// @param recipient The recipient bound into the proof; zero for no tip.
    /// @param proof A proof of `margin` with healthy = 0.
    function flag(address account, uint64 roundId, address recipient, Proof calldata proof) external;

    /// @notice Adds ETH to the tip pot.
    function fundTips() external payable;

    /// @notice Takes the tips that could not be delivered to the caller.
    /// @param to Where they go.
    function claimTip(address payable to) external;

    /// @notice Takes ETH out of the pot. Only the owner.
    function withdrawTips(address payable to, uint256 amount) external;

    /// @notice Whether an account is registered, not flagged, and proven solvent, with its present commitment, at a
    ///         round posted at most `maxAge` seconds ago.
    function isSolvent(address account, uint256 maxAge) external view returns (bool);

    /// @notice What the gate knows of an account.
    function accountState(address account) external view returns (AccountState memory);

    /// @notice The account whose commitment this is or was; zero for a commitment never used.
    function accountOf(uint256 commitment) external view returns (address);

    /// @notice Whether the point of a round is stored.
    function prepared(uint64 roundId) external view returns (bool);

    /// @notice How old the round of a proof may be, seconds.
    function maxProofAge() external view returns (uint64);

    /// @notice What a flag earns while the pot lasts, wei.
    function tip() external view returns (uint256);

    /// @notice ETH for tips, without what waits for `claimTip`.
    function tipPot() external view returns (uint256);

    /// @notice What waits for a recipient, wei.
    function tipCredit(address recipient) external view returns (uint256);
}

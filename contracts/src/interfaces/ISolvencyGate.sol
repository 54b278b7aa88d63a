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

    // ---------------------------------------------------------------------------------------------- tips

    /// @notice Thrown when no tip waits for an account.
    /// @param account The caller.
    error NothingToClaim(address account);

    /// @notice Thrown when more is withdrawn than the tip pot holds.
    /// @param pot What it holds, wei.
    error PotTooSmall(uint256 pot);

    /// @notice The pot was filled.
    /// @param from By whom.
    /// @param amount With how much, wei.
    event TipsFunded(address indexed from, uint256 amount);

    /// @notice A tip was paid.
    /// @param recipient To whom.
    /// @param amount How much, wei.
    event TipPaid(address indexed recipient, uint256 amount);

    /// @notice A tip could not be delivered and waits for `claimTip`.
    /// @param recipient Whose it is.
    /// @param amount How much, wei.
    event TipCredited(address indexed recipient, uint256 amount);

    /// @notice A waiting tip was taken.
    /// @param recipient Whose it was.
    /// @param to Where it went.
    /// @param amount How much, wei.
    event TipClaimed(address indexed recipient, address indexed to, uint256 amount);

    /// @notice The owner took ETH out of the pot.
    /// @param to Where it went.
    /// @param amount How much, wei.
    event TipsWithdrawn(address indexed to, uint256 amount);

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

    /// @notice Flags an account that is below maintenance margin at a round, and tips the recipient bound into the
    ///         proof. Any address may submit the proof. It never fails for lack of a tip. The flag is on the present
    ///         commitment and stays on it for ever: only another commitment ends it for the account.
    /// @param account The account, not flagged.
    /// @param roundId As in `proveSolvent`: a proof of solvency at a newer round outdates this one.
    /// @param recipient The recipient bound into the proof; zero for no tip.
    /// @param proof A proof of `margin` with healthy = 0 about the present commitment.
    function flag(uint256 account, uint64 roundId, address recipient, Proof calldata proof) external;

    /// @notice Adds ETH to the tip pot.
    function fundTips() external payable;

    /// @notice Takes the tips that could not be delivered to the caller.
    /// @param to Where they go.
    function claimTip(address payable to) external;

    /// @notice Takes ETH out of the pot. Only the owner.
    /// @param to Where it goes.
    /// @param amount How much, wei.
    function withdrawTips(address payable to, uint256 amount) external;

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

    /// @notice What a flag earns while the pot lasts.
    /// @return Wei.
    function tip() external view returns (uint256);

    /// @notice ETH for tips, without what waits for `claimTip`.
    /// @return Wei.
    function tipPot() external view returns (uint256);

    /// @notice What waits for a recipient.
    /// @param recipient The recipient.
    /// @return Wei.
    function tipCredit(address recipient) external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {StateChange} from "./IAccountLife.sol";
import {Ground} from "./ICommitments.sol";
import {IGroth16Verifier, Proof} from "./IGroth16Verifier.sol";
import {IMarginBook} from "./IMarginBook.sol";
import {IProofErrors} from "./IProofErrors.sol";
import {ITips} from "./ITips.sol";

/// @notice What takeovers, flags and challenges of an engine are held to, for ever, whatever its curves are.
struct LiquidationTerms {
    /// The most health that a takeover for the maintenance margin may leave [1e-4 of the margin left], at most 10^4.
    uint16 maintenanceBuffer;
    /// The same for the overdraft.
    uint16 overdraftBuffer;
    /// The part of the margin that can be sold which a takeover takes at least [1e-4], at most 10^4.
    uint16 leastShare;
    /// How long a flag serves takeovers, active seconds: from `MIN_FLAG_LIFETIME` to `MAX_FLAG_LIFETIME`.
    uint32 flagLifetime;
    /// How long an account can answer a challenge, active seconds: from `MIN_ANSWER_WINDOW` to `MAX_ANSWER_WINDOW`.
    uint32 answerWindow;
    /// The margin that is enough for a takeover where `leastShare` is more [1e-18 USD]: above 0, below 2^150.
    uint256 leastAmount;
    /// The margin up to which an account may be sold whole [1e-18 USD]: below 2^150.
    uint256 dust;
    /// What a challenge costs, wei: above 0.
    uint256 challengeBond;
}

/// @notice A part of a flagged account goes to another one: two proofs on one ticket.
struct Takeover {
    /// The flag that it answers, and the kind of margin of the release.
    Ground ground;
    /// The round of both proofs: the newest.
    uint64 roundId;
    /// Whether the victim meets its margin of that kind afterwards.
    bool isCured;
    /// Whether the release names the buyer: else any account could be.
    bool isReserved;
    /// A commitment to the part, its cost, the domain and a salt.
    uint256 ticket;
    /// What the taker earns where the victim's equity pays it [1e-4 of the margin taken].
    uint256 rate;
    /// What it earns where equity does not even pay the least rate [1e-4 of the margin taken].
    uint256 uncoveredRate;
    /// Of `release`. Its rho is `releaseRho` of the old commitment and the ticket.
    StateChange victim;
    /// Of `update`, on side 1 of the ticket, with the claim `MeetsInitialMargin`, without a transfer or a recipient; reduce-only is what is stale.
    StateChange buyer;
}

/// @notice A question to an account that it has to answer.
struct Challenge {
    /// Who asked, and gets the bond back unless it is answered; zero where there is none.
    address challenger;
    /// The newest round when it was asked.
    uint48 roundId;
    /// When, on the circuit breaker's clock of `NoFlags`.
    uint48 startedAt;
}

/// @title ILiquidationEngine
/// @notice Sells accounts of one book that are below their margin, in part or whole, and hidden as they are. A module of the
///         book, which keeps commitments and flags. Any holder of a proof may submit it.
///
///         An account is flagged by a proof, for its maintenance margin or its overdraft, or because it did not answer a
///         challenge. Each flag starts an auction of its own: from the end of the book's cure window on, what a taker may
///         earn rises, until the flag is `flagLifetime` old. A flag that is older is set again by another proof. Within the
///         cure window an account is sold only if its equity is below 0. Its owner can release parts of it at rate 0 at any
///         time. All clocks are the circuit breaker's of `NoFlags`.
///
///         What the margin of an account does not pay any more is written off, and goes to the ledger of the book's vault.
interface ILiquidationEngine is IProofErrors, ITips {
    // ---------------------------------------------------------------------------------------------- deployment

    /// @notice Thrown at deployment when a term is not within its bounds.
    /// @param term Its name.
    error TermOutOfRange(string term);

    /// @notice Thrown when a round is prepared, and withdrawals of the book wait no longer than its cure window and all ramps
    ///         together: money would be gone before an account is sold.
    /// @param delay What the vault says, seconds.
    error WithdrawalDelayTooShort(uint64 delay);

    // ---------------------------------------------------------------------------------------------- takeovers

    /// @notice Thrown when a flag is older than `flagLifetime`: the account has to be flagged again.
    error FlagExpired();

    /// @notice Thrown when the cure window of a flag is not over: until then an account is sold at rate 0, or at the rate 10^4
    ///         where its equity is below 0.
    error InCureWindow();

    /// @notice Thrown when a curve has not reached a rate.
    /// @param rate The rate that is reached [1e-4].
    /// @param uncoveredRate The uncovered rate that is reached [1e-4].
    error RateNotReached(uint256 rate, uint256 uncoveredRate);

    /// @notice Thrown when an account would recover at the round of its last change: a deposit that does not cure, and a proof
    ///         right after it, would be a cheaper cure.
    /// @param changedAtRound That round: a later one is needed.
    error RecoveryNotAfterChange(uint64 changedAtRound);

    /// @notice Thrown when a write-off is of nothing.
    error NoDebt();

    /// @notice Thrown when a debt is to be written off, and the vault of the book has no ledger that could share it.
    error NoShortfallLedger();

    // ---------------------------------------------------------------------------------------------- challenges

    /// @notice Thrown when an account is challenged that was proven to meet maintenance margin at the newest round.
    error AlreadyProven();

    /// @notice Thrown when an account is challenged that is challenged already.
    error AlreadyChallenged();

    /// @notice Thrown when an account is not challenged.
    error NotChallenged();

    /// @notice Thrown when a challenge is answered that has an end without that: by a later proof, a flag or the end of the
    ///         account.
    error ChallengeOver();

    /// @notice Thrown when a challenge is ended that only an answer or the end of `answerWindow` ends.
    error ChallengeNotOver();

    /// @notice Thrown when an account is flagged for its silence while it still can answer.
    /// @param until When `answerWindow` is over, on the clock of `NoFlags`: the last second to answer in.
    error AnswerWindowOpen(uint64 until);

    // ---------------------------------------------------------------------------------------------- events

    /// @notice The points of a round for one ground were computed and stored.
    /// @param roundId Whose they are.
    /// @param ground Of which kind of margin.
    event LiquidationRoundPrepared(uint64 indexed roundId, Ground indexed ground);

    /// @notice An account was flagged by a proof.
    /// @param account Its identity.
    /// @param ground What for.
    /// @param roundId The round of the proof.
    /// @param recipient The recipient bound into the proof, who gets the account's bond.
    event AccountFlagged(uint256 indexed account, Ground indexed ground, uint64 roundId, address indexed recipient);

    /// @notice A flagged account meets its margin again.
    /// @param account Its identity.
    /// @param ground The flag that ended.
    /// @param roundId The round of the proof.
    event AccountRecovered(uint256 indexed account, Ground indexed ground, uint64 roundId);

    /// @notice A part of an account was taken over.
    /// @param victim The identity of the account that was flagged.
    /// @param taker The identity of the account that bought.
    /// @param ground The flag that was answered.
    /// @param ticket Commitment to the part and its cost.
    /// @param roundId The round of both proofs.
    /// @param rate What was asked of an account whose equity pays it [1e-4].
    /// @param uncoveredRate What was asked of one whose equity does not pay the least rate [1e-4].
    /// @param isCured Whether that flag ended.
    event TakenOver(
        uint256 indexed victim,
        uint256 indexed taker,
        Ground indexed ground,
        uint256 ticket,
        uint64 roundId,
        uint256 rate,
        uint256 uncoveredRate,
        bool isCured
    );

    /// @notice The debt of an account without positions was written off.
    /// @param account Its identity.
    /// @param amount What it owed [1e-18 of the settlement currency].
    event DebtWrittenOff(uint256 indexed account, uint256 amount);

    /// @notice An account was challenged.
    /// @param account Its identity.
    /// @param challenger Who asked.
    /// @param roundId At which round it has to be proven.
    /// @param startedAt When, on the clock of `NoFlags`.
    event ChallengeOpened(uint256 indexed account, address indexed challenger, uint64 roundId, uint64 startedAt);

    /// @notice A challenge was answered.
    /// @param account Its identity.
    /// @param recipient Who got the challenge bond: bound into the proof.
    /// @param roundId The round of the proof.
    event ChallengeAnswered(uint256 indexed account, address indexed recipient, uint64 roundId);

    /// @notice A challenge ended without an answer, and its bond went back.
    /// @param account Its identity.
    /// @param challenger Who asked.
    /// @param isFlagged Whether the account was flagged for its silence.
    event ChallengeEnded(uint256 indexed account, address indexed challenger, bool isFlagged);

    // ---------------------------------------------------------------------------------------------- entries

    /// @notice Computes and stores the part of the verification that all flags, recoveries and takeovers of a round share. Any
    ///         caller. The first proof prepares what it needs otherwise. A second call changes nothing.
    /// @param roundId A round that exists.
    /// @param ground The kind of margin.
    function prepareRound(uint64 roundId, Ground ground) external;

    /// @notice Flags an account that is below its margin, and pays the account's bond to the recipient bound into the
    ///         proof. A flag that is older than `flagLifetime` is replaced, and its clock starts again.
    /// @param account Its identity.
    /// @param ground What for.
    /// @param roundId The newest round, not older than the book's `maxProofAge`.
    /// @param recipient The recipient bound into the proof; zero for none.
    /// @param proof Of `margin` with healthy = 0, at the kind of the ground.
    function flag(uint256 account, Ground ground, uint64 roundId, address recipient, Proof calldata proof) external;

    /// @notice Ends the flag of an account that meets its margin again, because prices moved or it shrank.
    /// @param account Its identity.
    /// @param ground The flag.
    /// @param roundId As for `flag`, and newer than that of the last change of the account.
    /// @param proof Of `margin` with healthy = 1, at the kind of the ground, without a recipient.
    function recover(uint256 account, Ground ground, uint64 roundId, Proof calldata proof) external;

    /// @notice Moves a part of a flagged account to another one. The flag of that ground ends when it is cured, and else keeps
    ///         its time. One who comes late pays little: commitments are compared before anything is verified.
    /// @param takeover Two accounts, the second of which may do anything now; their proofs on one ticket.
    function takeOver(Takeover calldata takeover) external;

    /// @notice Ends the debt of a flagged account without positions, once its cure window is over. The account is empty and
    ///         free afterwards. The ledger of the vault covers the debt from the insurance fund, and records the rest.
    /// @param amount What the account owes [1e-18 of the settlement currency], above 0.
    /// @param change A proof of `writeoff`. Its rho is `writeoffRho` of the old commitment.
    function writeOff(uint256 amount, StateChange calldata change) external;

    /// @notice Asks an account to show that it meets maintenance margin at the newest round. Costs `challengeBond`, which the
    ///         answer earns.
    /// @param account An identity that has no maintenance flag, and was not proven at that round.
    function challenge(uint256 account) external payable;

    /// @notice Answers a challenge: the account met maintenance margin at its round. An account that changed later is proven at
    ///         the newest round of its change: both were the newest when it mattered, and need not be so now.
    /// @param account Its identity.
    /// @param recipient The recipient bound into the proof, who gets the challenge bond: not zero.
    /// @param proof Of `margin` with healthy = 1 about the present state.
    function answer(uint256 account, address recipient, Proof calldata proof) external;

    /// @notice Gives the bond of a challenge back that is over without an answer: the account was proven at its round or a later
    ///         one, has a maintenance flag, or is closed.
    /// @param account Its identity.
    function endChallenge(uint256 account) external;

    /// @notice Flags an account for its maintenance margin that did not answer within `answerWindow`. The challenger gets its
    ///         bond back, and that of the account.
    /// @param account Its identity.
    function flagSilent(uint256 account) external;

    // ---------------------------------------------------------------------------------------------- views

    /// @notice What a taker may ask for.
    /// @param ground Of the flag.
    /// @param elapsed How old the flag is, active seconds.
    /// @return rate The highest rate [1e-4 of the margin taken]; 0 in the cure window.
    /// @return uncoveredRate The highest uncovered rate [1e-4 of the margin taken].
    function ratesAt(Ground ground, uint256 elapsed) external view returns (uint256 rate, uint256 uncoveredRate);

    /// @notice Where the curve of a ground begins: with equity that pays it, no uncovered rate is.
    /// @param ground Of a flag.
    /// @return [1e-4 of the margin taken]
    function floorRate(Ground ground) external view returns (uint256);

    /// @notice What is fixed of takeovers, flags and challenges.
    /// @return The terms.
    function parameters() external view returns (LiquidationTerms memory);

    /// @notice The challenge of an account.
    /// @param account Its identity.
    /// @return All zero where there is none.
    function challengeOf(uint256 account) external view returns (Challenge memory);

    /// @notice What the state of a victim is encrypted under. No reader of the account may choose it (spec ZS-76).
    /// @param oldCommitment To its state before the takeover.
    /// @param ticket Of the takeover.
    /// @return A field element.
    function releaseRho(uint256 oldCommitment, uint256 ticket) external pure returns (uint256);

    /// @notice What the empty state of a written-off account is encrypted under.
    /// @param oldCommitment To its state before.
    /// @return A field element.
    function writeoffRho(uint256 oldCommitment) external pure returns (uint256);

    /// @notice The book whose module this is.
    /// @return The book.
    function book() external view returns (IMarginBook);

    /// @notice The verifier of `margin`.
    /// @return The verifier.
    function marginVerifier() external view returns (IGroth16Verifier);

    /// @notice The verifier of `release`.
    /// @return The verifier.
    function releaseVerifier() external view returns (IGroth16Verifier);

    /// @notice The verifier of `writeoff`.
    /// @return The verifier.
    function writeoffVerifier() external view returns (IGroth16Verifier);
}

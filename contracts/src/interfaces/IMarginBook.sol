// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccountGate, Permission} from "./IAccountGate.sol";
import {ICommitments} from "./ICommitments.sol";
import {Proof} from "./IGroth16Verifier.sol";

/// @notice Which rule on risk an `update` proof shows: the public signal `claim`.
enum Claim {
    /// Not said.
    Unsaid,
    /// The new state meets initial margin.
    MeetsInitialMargin,
    /// Initial health does not fall at the same prices.
    ReducesRisk
}

/// @notice A proof of `open`: a commitment to an empty account.
struct Opening {
    uint256 commitment;
    /// Names the account for ever: P(TAG_ID, ownerTag, viewTag, domain).
    uint256 identity;
    uint256 ownerTag;
    /// ownerSecret * Base8 on Baby Jubjub: with it the guardian derives the viewing key.
    uint256[2] ownerPoint;
    /// An accepted guardian.
    uint256[2] guardianPoint;
    uint256 rho;
    /// The encrypted state, (N + 2) / 3 field elements.
    uint256[] ciphertext;
    Proof proof;
}

/// @notice A proof of `update` less what its use says: transfer, recipient, ticket and side.
struct StateUpdate {
    /// To the account's present state; names the account too.
    uint256 oldCommitment;
    uint256 newCommitment;
    Claim claim;
    uint256 rho;
    /// The encrypted new state, (N + 2) / 3 field elements.
    uint256[] ciphertext;
    Proof proof;
}

/// @notice Two accounts trade: two proofs on one ticket.
struct Settlement {
    /// P(TAG_TICKET, domain, asset, size, cost, salt): hides the terms.
    uint256 ticket;
    StateUpdate buyer;
    StateUpdate seller;
}

/// @title IMarginBook
/// @notice Accounts of one book that live on chain as commitments, and the tokens behind them. An account changes by a
///         proof of its owner and by nothing else: the book has no administrator of accounts and no upgrade.
///
///         Whoever sees a proof may bring it: no entry gives a meaning to its sender, but that a deposit is paid by it.
///
///         Amounts are in the units of the statements: 1e-9 of a spot asset's token, 1e-18 of the settlement currency.
///         An amount that its token cannot express exactly is refused.
interface IMarginBook is ICommitments {
    // ---------------------------------------------------------------------------------------------- deployment

    /// @notice Thrown at deployment when a verifier is not that of the statement for the size of the book.
    error WrongStatement(string expected, string given);

    /// @notice Thrown at deployment when a verifier splits the public signals in another way than the statement.
    error WrongSignals(string statement);

    /// @notice Thrown at deployment when the age that a proof's round may have is 0.
    error ZeroProofAge();

    /// @notice Thrown at deployment when a contract has no code.
    error NotAContract(address given);

    /// @notice Thrown at deployment when tokens are not one for each slot, a token stands twice, or there is none of the
    ///         settlement currency.
    error WrongTokens();

    /// @notice Thrown at deployment when a token has more than 36 decimals.
    error TooManyDecimals(address token);

    // ---------------------------------------------------------------------------------------------- states

    /// @notice Thrown when the point is not one of an accepted guardian.
    error GuardianNotAccepted();

    /// @notice Thrown when the guardian's point is already accepted, or already not.
    error GuardianUnchanged();

    /// @notice Thrown when an account of that identity is open.
    error AlreadyOpen();

    /// @notice Thrown when no account has, or ever had, the commitment.
    error UnknownCommitment();

    /// @notice Thrown when the commitment is not to the account's present state.
    error CommitmentNotCurrent();

    /// @notice Thrown when the new commitment is, or was, some account's already.
    error CommitmentAlreadyUsed();

    /// @notice Thrown when a ciphertext is not that of the book's size.
    error WrongCiphertextLength();

    /// @notice Thrown when a round is older than `maxProofAge`.
    error RoundTooOld();

    /// @notice Thrown when a round is older than the account's state.
    error RoundBeforeChange();

    /// @notice Thrown when a newer round has superseded the one of a withdrawal, or of a trade in which a side does not show
    ///         that it reduces its risk: prices that are known to be old would be a free option.
    error RoundSuperseded();

    /// @notice Thrown when neither the breaker nor the gate lets an account do this now.
    error NotPermitted();

    // ---------------------------------------------------------------------------------------------- transfers

    /// @notice Thrown when nothing is transferred.
    error ZeroAmount();

    /// @notice Thrown when the book holds no token for a slot.
    error NoToken();

    /// @notice Thrown when a token cannot express an amount exactly: the rest would be lost.
    error AmountDoesNotScale();

    /// @notice Thrown when a withdrawal pays nobody, or the book itself.
    error InvalidRecipient();

    /// @notice Thrown when a transfer moved another amount than it was told to: the token takes fees, or rebases.
    error InexactTransfer();

    /// @notice Thrown when more of a token is to be paid than came in and did not go out: accounts owe more than they have,
    ///         and what is left went to those who asked first.
    error HoldingsExhausted();

    /// @notice Thrown when the book holds less of a token than came in and did not go out: it rebased, or was seized. Tokens
    ///         that anybody sends to the book make good for it.
    error HoldingsShort();

    // ---------------------------------------------------------------------------------------------- trades

    /// @notice Thrown when a settlement has no ticket.
    error ZeroTicket();

    /// @notice Thrown when a ticket was settled before.
    error TicketAlreadySettled();

    /// @notice Thrown when an account would trade with itself.
    error SameAccount();

    /// @notice Thrown when a batch is empty or larger than `MAX_BATCH`.
    error WrongBatchSize();

    /// @notice Thrown when nothing of a batch was settled.
    error NothingSettled();

    /// @notice Thrown when the gas of a batch does not suffice to tell a wrong proof from a starved verifier.
    error NotEnoughGas();

    /// @notice Why a settlement was left out of a batch: one of its proofs does not verify. Never thrown: `settle` throws
    ///         what the verifier says.
    error ProofRefused();

    // ---------------------------------------------------------------------------------------------- gate

    /// @notice Thrown when no gate is announced, or its delay has not passed.
    error GateNotDue();

    /// @notice Thrown when the announced gate was not put in force in time: it has to be announced anew.
    error GateExpired();

    // ---------------------------------------------------------------------------------------------- events

    /// @notice An account was opened.
    /// @param account Its identity.
    /// @param guardian `guardianId` of its guardian.
    event AccountOpened(
        uint256 indexed account,
        bytes32 indexed guardian,
        uint256 ownerTag,
        uint256[2] ownerPoint,
        uint256[2] guardianPoint
    );

    /// @notice An account has a new state. Owner and guardian decrypt it.
    /// @param account Its identity.
    /// @param commitment To the state.
    /// @param changedAtRound The newest round: the next proof needs this one or a later one.
    /// @param rho Public value of the encryption.
    /// @param ciphertext The state.
    event StateChanged(
        uint256 indexed account, uint256 commitment, uint64 changedAtRound, uint256 rho, uint256[] ciphertext
    );

    /// @notice Collateral came in.
    event Deposited(uint256 indexed account, uint256 indexed asset, uint256 amount, address indexed from);

    /// @notice Collateral went out.
    event Withdrawn(uint256 indexed account, uint256 indexed asset, uint256 amount, address indexed recipient);

    /// @notice A trade was settled between two accounts.
    event Settled(uint256 indexed ticket, uint256 indexed buyer, uint256 indexed seller);

    /// @notice A settlement was left out of a batch. It can be brought again where the reason permits.
    /// @param ticket Its ticket.
    /// @param index Its place in the batch.
    /// @param reason The selector of the error that `settle` would throw; `ProofRefused` for a wrong proof.
    event SettlementDropped(uint256 indexed ticket, uint256 index, bytes4 reason);

    /// @notice The points of a round were computed and stored.
    event RoundPrepared(uint64 indexed roundId);

    /// @notice A guardian is accepted for new accounts, or is no longer.
    event GuardianSet(bytes32 indexed guardian, uint256[2] point, bool accepted);

    /// @notice Another gate will be in force.
    event GateAnnounced(IAccountGate gate, uint64 dueAt);

    /// @notice Another gate is in force.
    event GateSet(IAccountGate gate);

    // ---------------------------------------------------------------------------------------------- entries

    /// @notice Opens an account: empty, under an identity that is not open yet.
    /// @param opening The proof and what it is about.
    function open(Opening calldata opening) external;

    /// @notice Takes collateral from the sender into an account.
    /// @param roundId A round not older than `maxProofAge` and not before the account's last change.
    /// @param asset A spot slot, or N for the settlement currency.
    /// @param amount In units of the statement, exact in the token.
    /// @param update A proof with ticket = side = 0 and recipient = 0.
    function deposit(uint64 roundId, uint256 asset, uint256 amount, StateUpdate calldata update) external;

    /// @notice Pays collateral out of an account.
    /// @param roundId As for `deposit`, and not superseded.
    /// @param asset As for `deposit`.
    /// @param amount As for `deposit`.
    /// @param recipient The recipient bound into the proof.
    /// @param update A proof with ticket = side = 0.
    function withdraw(uint64 roundId, uint256 asset, uint256 amount, address recipient, StateUpdate calldata update)
        external;

    /// @notice Settles a trade. Both proofs are at one round, without a transfer.
    /// @param roundId As for `deposit`; not superseded either, unless both sides show that they reduce their risk.
    /// @param settlement The ticket and the two proofs.
    function settle(uint64 roundId, Settlement calldata settlement) external;

    /// @notice Settles many trades at one round with one pairing check, in their order: a later one may go on from the
    ///         state that an earlier one leaves. What cannot be settled is left out and reported; the rest stands.
    /// @param roundId As for `settle`, which counts for each settlement.
    /// @param settlements At least one, at most `MAX_BATCH`.
    /// @return settled How many.
    function settleBatch(uint64 roundId, Settlement[] calldata settlements) external returns (uint256 settled);

    /// @notice Computes and stores the part of the verification that all updates of a round share. Anybody may; a round
    ///         that nobody prepared is prepared by its first proof.
    function prepareRound(uint64 roundId) external;

    /// @notice Accepts a guardian for new accounts, or no longer. Only the owner. Open accounts keep theirs.
    function setGuardian(uint256[2] calldata point, bool accepted) external;

    /// @notice Announces another gate; zero for none. Only the owner.
    function announceGate(IAccountGate gate_) external;

    /// @notice Puts the announced gate in force once `GATE_DELAY` has passed, and within `GATE_WINDOW` from then on: accounts
    ///         that do not agree have that long to leave. Only the owner.
    function activateGate() external;

    // ---------------------------------------------------------------------------------------------- views

    /// @notice P(TAG_DOMAIN, chain id, this contract): bound into every identity and ticket.
    function domain() external view returns (uint256);

    /// @notice The identity of the account whose commitment this is or was; 0 for one never used.
    function accountOf(uint256 commitment) external view returns (uint256);

    /// @notice Whether a ticket was settled.
    function ticketSettled(uint256 ticket) external view returns (bool);

    /// @notice What an account may do now, by a proof at the newest round: the stricter of what breaker and gate say.
    function permissionOf(uint256 account) external view returns (Permission);

    /// @notice The name of a guardian's point.
    function guardianId(uint256[2] calldata point) external pure returns (bytes32);

    /// @notice Whether new accounts may name a guardian.
    function guardianAccepted(bytes32 guardian) external view returns (bool);

    /// @notice The token of a slot, N for the settlement currency; zero for a derivative.
    function tokenOf(uint256 asset) external view returns (address);

    /// @notice What came in of a token less what went out, in the token's own units.
    function holdingsOf(uint256 asset) external view returns (uint256);

    /// @notice The bitmap of spot assets: those that have a token.
    function spotAssets() external view returns (uint256);

    /// @notice The slots that no account may be short of at a round, bit i for slot i: those with a token, those that
    ///         the price source calls spot, and those that bear no initial margin at that round, such as slots without an
    ///         asset. Where nobody may be short and no token comes in, nobody can be long either.
    /// @param roundId A round that exists.
    /// @return The bitmap: the public input `longOnly` of `update`.
    function longOnly(uint64 roundId) external view returns (uint256);

    /// @notice How old the round of a proof may be, seconds.
    function maxProofAge() external view returns (uint64);

    /// @notice Whether the points of a round are stored.
    function prepared(uint64 roundId) external view returns (bool);

    /// @notice The gate in force; zero for none.
    function gate() external view returns (IAccountGate);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccountGate, Permission} from "./IAccountGate.sol";
import {IBookVault} from "./IBookVault.sol";
import {ICircuitBreaker} from "./ICircuitBreaker.sol";
import {Ground, IAccountReports} from "./ICommitments.sol";
import {G1Point, Proof} from "./IGroth16Verifier.sol";
import {IProofErrors} from "./IProofErrors.sol";
import {IVerified} from "./IVerified.sol";

/// @notice What an `update` proof shows: the public signal `claim`.
enum Claim {
    /// Not said.
    Unsaid,
    /// The new state meets initial margin.
    MeetsInitialMargin,
    /// Every position shrinks or stays, none turns to its other side, and initial health does not fall at the same prices.
    ReducesRisk,
    /// A deposit that leaves the account below maintenance margin: it is flagged for that, if it was not.
    TopsUp
}

/// @notice A proof of `open`: a commitment to an empty account.
struct Opening {
    /// To the empty account.
    uint256 commitment;
    /// Names the account for ever: P(TAG_ID, ownerTag, viewTag, domain).
    uint256 identity;
    /// P(TAG_OWNER, ownerSecret).
    uint256 ownerTag;
    /// ownerSecret * Base8 on Baby Jubjub: with it the guardian derives the viewing key.
    uint256[2] ownerPoint;
    /// An accepted guardian.
    uint256[2] guardianPoint;
    /// Public value of the encryption, fresh for each state.
    uint256 rho;
    /// The encrypted state, (N + 2) / 3 field elements.
    uint256[] ciphertext;
    /// Of `open`.
    Proof proof;
}

/// @notice A proof of `update` less what its use says: transfer, recipient, ticket and side.
struct StateUpdate {
    /// The identity of the account.
    uint256 account;
    /// To its present state.
    uint256 oldCommitment;
    /// To the state afterwards: another one.
    uint256 newCommitment;
    /// What the proof shows.
    Claim claim;
    /// Public value of the encryption, fresh for each state.
    uint256 rho;
    /// The encrypted new state, (N + 2) / 3 field elements.
    uint256[] ciphertext;
    /// Of `update`.
    Proof proof;
}

/// @notice Two accounts trade: two proofs on one ticket.
struct Settlement {
    /// A commitment to the amounts of all legs, the cost, the domain and a salt: hides the terms.
    uint256 ticket;
    /// Side 1 of the ticket.
    StateUpdate buyer;
    /// Side 2 of the ticket.
    StateUpdate seller;
}

/// @title IMarginBook
/// @notice Accounts of one book that live on chain as commitments. An account changes by a proof that the book verifies, or
///         by a module that was named at deployment: the book has no administrator of accounts and no upgrade. The tokens
///         behind the accounts are in its vault, which deposits approve.
///
///         Any holder of a proof may submit it: no entry depends on its caller, except that the caller pays a deposit.
///
///         Amounts are in the units of the statements: 1e-9 of a spot asset's token, 1e-18 of the settlement currency.
///         An amount that its token cannot express exactly is refused.
interface IMarginBook is IAccountReports, IProofErrors, IVerified {
    // ---------------------------------------------------------------------------------------------- deployment

    /// @notice Thrown when a contract that the book is made of has no code: at deployment, and when a gate is put in force.
    /// @param given An address without code.
    error NotAContract(address given);

    /// @notice Thrown at deployment when tokens are not one for each slot, of 31 at most, a token is named twice, or there is
    ///         none of the settlement currency.
    error WrongTokens();

    /// @notice Thrown at deployment when a token has more than 36 decimals.
    /// @param slot Its slot, from 0; N for the settlement currency.
    error TooManyDecimals(uint256 slot);

    /// @notice Thrown at deployment when a book is given more modules than `MAX_MODULES`.
    error TooManyModules();

    /// @notice Thrown at deployment when a module is zero, or named twice.
    error WrongModule();

    /// @notice Thrown at deployment when the cure window is longer than `MAX_CURE_WINDOW`, or not shorter than a withdrawal
    ///         waits.
    /// @param cureWindow As given, seconds.
    error CureWindowOutOfRange(uint64 cureWindow);

    // ---------------------------------------------------------------------------------------------- states

    /// @notice Thrown when the point is not one of an accepted guardian.
    error GuardianNotAccepted();

    /// @notice Thrown when the guardian's point is already accepted, or already not.
    error GuardianUnchanged();

    /// @notice Thrown when an account of that identity is open, or was: an identity is used once.
    error AlreadyOpen();

    /// @notice Thrown when no account of that identity is open.
    error AccountNotOpen();

    /// @notice Thrown when the commitment is not to the account's present state.
    error CommitmentNotCurrent();

    /// @notice Thrown when the new commitment is the old one: the proof could be brought again.
    error CommitmentUnchanged();

    /// @notice Thrown when the breaker, a flag or the gate keeps an account from doing this now.
    error NotPermitted();

    /// @notice Thrown when an account has changed `MAX_UNSHOWN` times in a row without showing that it meets initial margin, and
    ///         this change does not show it either: no proof about it would be of its present state.
    error InitialMarginNotShown();

    /// @notice Thrown when the caller is no module of the book.
    error NotAModule();

    /// @notice Thrown when a flag is to be ended that is not set.
    error NotFlagged();

    // ---------------------------------------------------------------------------------------------- transfers

    /// @notice Thrown when a deposit that cures no flag brings ETH: only a cure refills a bond.
    error NoBondDue();

    /// @notice Thrown when nothing is transferred.
    error ZeroAmount();

    /// @notice Thrown when the book holds no token for a slot.
    error NoToken();

    /// @notice Thrown when an asset is deposited whose price is stale: at
    ///         maintenance margin it would count at a price that no reporter vouches for, and save an account from its flag.
    error AssetIsReduceOnly();

    /// @notice Thrown when a token cannot express an amount exactly: the rest would be lost.
    error AmountDoesNotScale();

    // ---------------------------------------------------------------------------------------------- trades

    /// @notice Thrown when a settlement has no ticket.
    error ZeroTicket();

    /// @notice Thrown when an account would trade with itself.
    error SameAccount();

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

    /// @notice Thrown when the announced gate was not put in force in time: it has to be announced again.
    error GateExpired();

    // ---------------------------------------------------------------------------------------------- events

    /// @notice A module of the book, for ever.
    /// @param module It may replace states, and set and end flags.
    event ModuleNamed(address indexed module);

    /// @notice An account was opened.
    /// @param account Its identity.
    /// @param guardian `guardianId` of its guardian.
    /// @param ownerTag P(TAG_OWNER, ownerSecret).
    /// @param ownerPoint ownerSecret * Base8 on Baby Jubjub: with it the guardian derives the viewing key.
    /// @param guardianPoint The guardian's point on Baby Jubjub.
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
    /// @param ciphertext The state, (N + 2) / 3 field elements.
    event StateChanged(
        uint256 indexed account, uint256 commitment, uint64 changedAtRound, uint256 rho, uint256[] ciphertext
    );

    /// @notice Collateral came in.
    /// @param account Its identity.
    /// @param asset A spot slot, or N for the settlement currency.
    /// @param amount [1e-9 of the token]; of the settlement currency [1e-18].
    /// @param from Who paid.
    event Deposited(uint256 indexed account, uint256 indexed asset, uint256 amount, address indexed from);

    /// @notice Collateral left an account, and waits in the queue of the vault.
    /// @param account Its identity.
    /// @param asset A spot slot, or N for the settlement currency.
    /// @param amount [1e-9 of the token]; of the settlement currency [1e-18].
    /// @param recipient The recipient that the proof binds.
    /// @param index Its place in the vault's queue of the asset.
    event WithdrawalRequested(
        uint256 indexed account, uint256 indexed asset, uint256 amount, address indexed recipient, uint256 index
    );

    /// @notice An account is closed: by its owner, or because it moved. Its identity is used up.
    /// @param account Its identity.
    /// @param successor The identity that it moved to; 0 for none.
    event AccountClosed(uint256 indexed account, uint256 indexed successor);

    /// @notice A trade was settled between two accounts.
    /// @param ticket Commitment to amounts, cost, domain and salt.
    /// @param buyer The identity of side 1.
    /// @param seller The identity of side 2.
    event Settled(uint256 indexed ticket, uint256 indexed buyer, uint256 indexed seller);

    /// @notice A settlement was left out of a batch. It can be brought again where the reason permits.
    /// @param ticket Its ticket.
    /// @param index Its place in the batch, from 0.
    /// @param reason The selector of the error that `settle` would throw; `ProofRefused` for a wrong proof.
    event SettlementDropped(uint256 indexed ticket, uint256 index, bytes4 reason);

    /// @notice The points of a round were computed and stored.
    /// @param roundId Whose they are.
    event RoundPrepared(uint64 indexed roundId);

    /// @notice A guardian is accepted for new accounts, or is no longer.
    /// @param guardian `guardianId` of the point.
    /// @param point On Baby Jubjub.
    /// @param accepted Whether new accounts may name it from now on.
    event GuardianSet(bytes32 indexed guardian, uint256[2] point, bool accepted);

    /// @notice Another gate will be in force.
    /// @param gate Zero for none.
    /// @param dueAt The first second at which it can be put in force, Unix.
    event GateAnnounced(IAccountGate gate, uint64 dueAt);

    /// @notice Another gate is in force.
    /// @param gate Zero for none.
    event GateSet(IAccountGate gate);

    // ---------------------------------------------------------------------------------------------- entries

    /// @notice Opens an account: empty, under an identity that is not open yet. The ETH that comes along is its bond, which
    ///         pays the tip of its next flag: exactly `openingBond` of the vault.
    /// @param opening The proof and its public signals; the domain is this contract's.
    function open(Opening calldata opening) external payable;

    /// @notice Takes collateral from the sender, who has approved the vault, into an account. On a flagged account it has to
    ///         make a claim: `MeetsInitialMargin` ends the flag and needs the ETH that the bond lacks; what comes beyond
    ///         that is credited to the sender. `ReducesRisk` and `TopsUp` keep the flag, and are taken
    ///         within `cureWindow` of it. `TopsUp` flags an account that was not flagged.
    /// @param roundId The newest round, not older than `maxProofAge`.
    /// @param asset A spot slot, or N for the settlement currency.
    /// @param amount [1e-9 of the token], of the settlement currency [1e-18]; above 0 and exact in the token.
    /// @param update A proof with ticket = side = 0 and recipient = 0.
    function deposit(uint64 roundId, uint256 asset, uint256 amount, StateUpdate calldata update) external payable;

    /// @notice Takes collateral out of an account, and queues it in the vault, which pays it after its delay.
    /// @param roundId As for `deposit`.
    /// @param asset As for `deposit`.
    /// @param amount As for `deposit`.
    /// @param recipient The recipient bound into the proof: neither zero nor the book, its vault or the token itself.
    /// @param update A proof with ticket = side = 0.
    function withdraw(uint64 roundId, uint256 asset, uint256 amount, address recipient, StateUpdate calldata update)
        external;

    /// @notice Settles a trade. Both proofs are at one round, without a transfer.
    /// @param roundId A round not older than `maxProofAge` and not before the last change of either account: the newest, or
    ///                the one before it for `TRADE_GRACE` seconds after a calm one was recorded (IPriceRounds.isCalm).
    /// @param settlement The ticket and the two proofs.
    function settle(uint64 roundId, Settlement calldata settlement) external;

    /// @notice Settles many trades at one round with one pairing check, in their order: a later one may go on from the
    ///         state that an earlier one leaves. What cannot be settled is left out and reported. When a proof is wrong, each
    ///         settlement is verified on its own: at most `MAX_BATCH` + 1 verifications, whatever is in the batch.
    /// @param roundId As for `settle`, which counts for each settlement.
    /// @param settlements At least one, at most `MAX_BATCH`.
    /// @return settled How many, at least one.
    function settleBatch(uint64 roundId, Settlement[] calldata settlements) external returns (uint256 settled);

    /// @notice Gives an account a state that a module has verified. Only modules. Flags stay.
    /// @param account Its identity.
    /// @param oldCommitment To its present state.
    /// @param newCommitment To the state afterwards: another one, which binds the same identity.
    /// @param roundId The round of the module's proof, as for `recordSolvent`; 0 when the proof took no round, so that nothing
    ///        is known of the new state at one.
    /// @param epoch Without a round: how many expiries the new state has been through, for which the module answers. With a
    ///        round the account stays in its epoch, and this counts nothing.
    /// @param rho Public value of the encryption.
    /// @param ciphertext The state, (N + 2) / 3 field elements.
    function replaceState(
        uint256 account,
        uint256 oldCommitment,
        uint256 newCommitment,
        uint64 roundId,
        uint32 epoch,
        uint256 rho,
        uint256[] calldata ciphertext
    ) external;

    /// @notice Moves an account to another identity, whose opening a module has verified. Only modules, which answer for the
    ///         account being free to move: a flag does not go along.
    /// @param account The identity it has, which is used up.
    /// @param oldCommitment To its present state.
    /// @param opening The identity that it will have, not used before, and the same state under it.
    function moveAccount(uint256 account, uint256 oldCommitment, Opening calldata opening) external;

    /// @notice Closes an account that a module has verified to be empty, and returns its bond. Only modules.
    /// @param account Its identity, which is used up.
    /// @param commitment To its present state.
    function closeAccount(uint256 account, uint256 commitment) external;

    /// @notice Queues a withdrawal that a module has taken off the state of an account. Only modules.
    /// @param account Its identity.
    /// @param amount Of the settlement currency [1e-18]; above 0 and exact in its token.
    /// @param recipient As for `withdraw`.
    function queueWithdrawal(uint256 account, uint256 amount, address recipient) external;

    /// @notice Ends a flag. Only modules.
    /// @param account Its identity.
    /// @param commitment To its present state.
    /// @param ground What it is flagged for.
    /// @param roundId The round at which the module saw the account cured: the newest.
    function clearFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId) external;

    /// @notice Computes and stores the part of the verification that all updates of a round share. Any caller. The
    ///         first proof of a round prepares it otherwise. A second call changes nothing.
    /// @param roundId A round that exists.
    /// @return That part, for a module that verifies an update itself.
    function prepareRound(uint64 roundId) external returns (G1Point memory);

    /// @notice Accepts a guardian for new accounts, or no longer. Only the owner. Open accounts keep theirs.
    /// @param point On Baby Jubjub; not checked, so its secret must be known to be kept.
    /// @param accepted Whether new accounts may name it from now on: another answer than before.
    function setGuardian(uint256[2] calldata point, bool accepted) external;

    /// @notice Announces another gate, in place of one that was announced before. Only the owner.
    /// @param gate_ A contract; zero for none.
    function announceGate(IAccountGate gate_) external;

    /// @notice Puts the announced gate in force once `GATE_DELAY` has passed, and within `GATE_WINDOW` from then on: accounts
    ///         that do not agree have that long to leave. Only the owner.
    function activateGate() external;

    // ---------------------------------------------------------------------------------------------- views

    /// @notice What every identity and ticket is bound to, for ever.
    /// @return P(TAG_DOMAIN, chain id, this contract).
    function domain() external view returns (uint256);

    /// @notice What an account may do now, by a proof at the newest round: the strictest of what breaker, flags and gate say.
    /// @param account An identity, open or not.
    /// @return What all of them allow.
    function permissionOf(uint256 account) external view returns (Permission);

    /// @notice Whether the next deposit or trade of an account has to show that it meets initial margin, or to top it up, and
    ///         whether it cannot move: it has changed `MAX_UNSHOWN` times in a row without showing it. A whole round without
    ///         a change ends that. It is never so for a flagged account, or while flags are stopped.
    /// @param account An identity, open or not.
    /// @return Whether it has to.
    function mustShowMargin(uint256 account) external view returns (bool);

    /// @notice How many changes in a row an account may make without showing that it meets initial margin.
    /// @return The number.
    function MAX_UNSHOWN() external view returns (uint8);

    /// @notice The name of a guardian's point.
    /// @param point Its two coordinates.
    /// @return Keccak-256 over them.
    function guardianId(uint256[2] calldata point) external pure returns (bytes32);

    /// @notice Whether new accounts may name a guardian.
    /// @param guardian `guardianId` of its point.
    /// @return Whether they may.
    function guardianAccepted(bytes32 guardian) external view returns (bool);

    /// @notice The contract that holds the tokens: who deposits approves it, once for each token.
    /// @return The vault, for ever.
    function vault() external view returns (IBookVault);

    /// @notice Whether a contract may replace states, and set and end flags.
    /// @param module Any address.
    /// @return Whether it was named at deployment.
    function isModule(address module) external view returns (bool);

    /// @notice The slots that have a token, for ever, bit i for slot i.
    /// @return The bitmap, below 2^N.
    function spotAssets() external view returns (uint256);

    /// @notice The slots that no account may be short of at a round, bit i for slot i: those with a token, and those that the
    ///         price source names: spot, without an asset, or not priced so far. Where no account may be short and no token
    ///         comes in, none can be long either.
    /// @param roundId A round that exists.
    /// @return The bitmap: the public input `longOnly` of `update`.
    function longOnly(uint64 roundId) external view returns (uint256);

    /// @notice How long a flagged account may top up, on the breaker's clock of `NoFlags`, for ever. Afterwards only a cure
    ///         is left: or a deposit of one unit after the other could void what a liquidator has proven.
    /// @return Seconds.
    function cureWindow() external view returns (uint64);

    /// @notice How old the round of a proof may be, for ever.
    /// @return Seconds, above 0.
    function maxProofAge() external view returns (uint64);

    /// @notice Whether the points of a round are stored.
    /// @param roundId Any round, also one that does not exist.
    /// @return Whether they are.
    function prepared(uint64 roundId) external view returns (bool);

    /// @notice The circuit breaker, by whose clock of `NoFlags` flags are dated.
    /// @return The breaker, for ever.
    function breaker() external view returns (ICircuitBreaker);

    /// @notice What is asked before an account changes, beside the breaker.
    /// @return The gate in force; zero for none.
    function gate() external view returns (IAccountGate);
}

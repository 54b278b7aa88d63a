// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Permission} from "../interfaces/IAccountGate.sol";
import {StateChange} from "../interfaces/IAccountLife.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground, IAccountReports} from "../interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {ILiquidationEngine, LiquidationTerms, Takeover} from "../interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {IShortfallLedger} from "../interfaces/IShortfallLedger.sol";
import {Challenges} from "./Challenges.sol";
import {LiquidationProofs} from "./LiquidationProofs.sol";

/// @title Liquidations
/// @notice See ILiquidationEngine: all but the curves.
/// @dev It verifies, and the book checks too: the book alone knows which commitment an account has and whether it is flagged.
///      What may have been overtaken by another caller is compared first, so that one who comes late pays little.
///      Price source, breaker and cure window are the book's, and asked of it: there is nothing to keep in step.
abstract contract Liquidations is Challenges {
    /// @notice The least lifetime of a flag.
    uint32 public constant MIN_FLAG_LIFETIME = 1 hours;

    /// @notice The longest lifetime of a flag: well below what the insurance fund waits with redemptions.
    uint32 public constant MAX_FLAG_LIFETIME = 1 days;

    /// @notice The highest rate of a curve for the maintenance margin [1e-4 of the margin taken].
    uint16 public constant MAX_MAINTENANCE_RATE = 8000;

    /// @notice The highest one for the overdraft, where the margin taken is nearly the value of the spot [1e-4 of it].
    uint16 public constant MAX_OVERDRAFT_RATE = 1000;

    uint256 private immutable _flagLifetime;

    /// @param book_ May have no code yet: a book names its modules at deployment.
    /// @param slots N of the book.
    /// @param verifiers Of `margin`, `release` and `writeoff` for N.
    /// @param terms What is fixed for ever.
    constructor(IMarginBook book_, uint256 slots, IGroth16Verifier[3] memory verifiers, LiquidationTerms memory terms)
        LiquidationProofs(book_, slots, verifiers, terms)
        Challenges(terms)
    {
        uint32 lifetime = terms.flagLifetime;
        if (lifetime < MIN_FLAG_LIFETIME || lifetime > MAX_FLAG_LIFETIME) revert TermOutOfRange("flagLifetime");
        _flagLifetime = lifetime;
    }

    /// @inheritdoc ILiquidationEngine
    function flag(uint256 account, Ground ground, uint64 roundId, address recipient, Proof calldata proof) external {
        BookAccount memory state = _openAccount(account);
        uint256 flaggedAt = _flaggedAt(state, ground);
        ICircuitBreaker breaker = book.breaker();
        if (flaggedAt != 0 && _activeTime(breaker) - flaggedAt <= _flagLifetime) {
            revert IAccountReports.AlreadyFlagged();
        }
        _requireFlagsOn(breaker);
        _requireNewest(book.rounds(), roundId);
        _requireMargin(state.commitment, ground, false, roundId, recipient, proof);
        if (flaggedAt != 0) _clear(account, state.commitment, ground, roundId);
        emit AccountFlagged(account, ground, roundId, recipient);
        _recordFlag(account, state.commitment, ground, roundId, recipient);
    }

    /// @inheritdoc ILiquidationEngine
    function recover(uint256 account, Ground ground, uint64 roundId, Proof calldata proof) external {
        BookAccount memory state = _openAccount(account);
        if (_flaggedAt(state, ground) == 0) revert IMarginBook.NotFlagged();
        // Not `provenAtRound`, which a reader could renew at each round, and so keep the flag of an overdraft that is over.
        if (roundId <= state.changedAtRound) revert RecoveryNotAfterChange(state.changedAtRound);
        _requireNewest(book.rounds(), roundId);
        _requireMargin(state.commitment, ground, true, roundId, address(0), proof);
        emit AccountRecovered(account, ground, roundId);
        _clear(account, state.commitment, ground, roundId);
    }

    /// @inheritdoc ILiquidationEngine
    function takeOver(Takeover calldata takeover) external {
        (StateChange calldata victim, StateChange calldata buyer) = (takeover.victim, takeover.buyer);
        BookAccount memory state = _requireCurrent(victim);
        _requireCurrent(buyer);
        if (takeover.ticket == 0) revert IMarginBook.ZeroTicket();
        if (victim.account == buyer.account) revert IMarginBook.SameAccount();
        bool isEarly = _requireRates(state, takeover);
        _requireFlagsOn(book.breaker());
        IPriceRounds rounds = book.rounds();
        _requireNewest(rounds, takeover.roundId);
        _requireEpoch(rounds, state, takeover.roundId);
        if (book.permissionOf(buyer.account) != Permission.Free) revert IMarginBook.NotPermitted();
        if (victim.rho != releaseRho(victim.oldCommitment, takeover.ticket)) revert WrongRho();
        _requireTakeover(rounds, takeover, isEarly);
        _move(takeover, state.epoch);
        emit TakenOver(
            victim.account,
            buyer.account,
            takeover.ground,
            takeover.ticket,
            takeover.roundId,
            takeover.rate,
            takeover.uncoveredRate,
            takeover.isCured
        );
    }

    /// @inheritdoc ILiquidationEngine
    function writeOff(uint256 amount, StateChange calldata change) external {
        BookAccount memory state = _requireCurrent(change);
        if (amount == 0) revert NoDebt();
        if (_elapsed(_firstFlaggedAt(state)) < book.cureWindow()) revert InCureWindow();
        IShortfallLedger ledger = book.vault().ledger();
        if (address(ledger) == address(0)) revert NoShortfallLedger();
        if (change.rho != writeoffRho(change.oldCommitment)) revert WrongRho();
        _requireWriteoff(amount, change);
        uint64 roundId = _newestOf(book.rounds());
        (uint256 account, uint256 commitment) = (change.account, change.oldCommitment);
        if (state.maintenanceFlaggedAt != 0) _clear(account, commitment, Ground.Maintenance, roundId);
        if (state.overdraftFlaggedAt != 0) _clear(account, commitment, Ground.Overdraft, roundId);
        // An empty account meets every margin.
        _replace(change, roundId, 0);
        emit DebtWrittenOff(account, amount);
        ledger.cover(amount);
    }

    /// @inheritdoc ILiquidationEngine
    function parameters() external view returns (LiquidationTerms memory terms) {
        terms = _releaseTerms();
        (terms.flagLifetime, terms.answerWindow) = (uint32(_flagLifetime), uint32(_answerWindow));
        terms.challengeBond = _challengeBond;
    }

    /// @inheritdoc ILiquidationEngine
    function ratesAt(Ground ground, uint256 elapsed) public view virtual returns (uint256 rate, uint256 uncoveredRate);

    /// @dev How long the curves of all grounds rise together, seconds.
    function _ramps() internal view virtual returns (uint256);

    /// @inheritdoc LiquidationProofs
    function _onPrepared(uint64, Ground) internal view override {
        uint64 delay = book.vault().withdrawalDelay();
        if (delay <= book.cureWindow() + _ramps()) revert WithdrawalDelayTooShort(delay);
    }

    /// @dev Gives both accounts their states, and ends the flag of one that is cured. That comes first: of what is left of an
    ///      overdraft's victim nothing is known at maintenance margin, and ending a flag would say so.
    function _move(Takeover calldata takeover, uint32 epoch) private {
        (StateChange calldata victim, uint64 roundId) = (takeover.victim, takeover.roundId);
        if (takeover.isCured) _clear(victim.account, victim.oldCommitment, takeover.ground, roundId);
        _replace(victim, takeover.ground == Ground.Overdraft ? 0 : roundId, epoch);
        _replace(takeover.buyer, roundId, 0);
    }

    function _clear(uint256 account, uint256 commitment, Ground ground, uint64 roundId) private {
        book.clearFlag(account, commitment, ground, roundId);
    }

    /// @param roundId 0 where nothing is known of the new state at its maintenance margin.
    function _replace(StateChange calldata change, uint64 roundId, uint32 epoch) private {
        book.replaceState(
            change.account, change.oldCommitment, change.newCommitment, roundId, epoch, change.rho, change.ciphertext
        );
    }

    /// @dev Reverts unless a taker may ask for these rates now.
    /// @return isEarly Whether it is within the cure window, where only equity below 0 is sold at a rate: with a least rate of 0
    ///         no other equity counts as uncovered, and a rate of 10^4 is covered by no account below its margin.
    function _requireRates(BookAccount memory state, Takeover calldata takeover) private view returns (bool isEarly) {
        uint256 elapsed = _elapsed(_flaggedAt(state, takeover.ground));
        if (elapsed > _flagLifetime) revert FlagExpired();
        if (takeover.rate == 0 && takeover.uncoveredRate == 0) return false;
        (uint256 rate, uint256 uncoveredRate) = ratesAt(takeover.ground, elapsed);
        if (elapsed < book.cureWindow()) {
            if (takeover.rate != BASIS) revert InCureWindow();
            (rate, isEarly) = (BASIS, true);
        }
        bool reached = takeover.rate <= rate && takeover.uncoveredRate <= uncoveredRate;
        // Above 10^4 a reward would be more than the margin that is freed.
        if (!reached || takeover.rate > BASIS || takeover.uncoveredRate > BASIS) {
            revert RateNotReached(rate, uncoveredRate);
        }
    }

    /// @dev Reverts unless an account is open and has the state that a proof starts from.
    function _requireCurrent(StateChange calldata change) private view returns (BookAccount memory state) {
        state = _openAccount(change.account);
        if (state.commitment != change.oldCommitment) revert IMarginBook.CommitmentNotCurrent();
    }

    /// @dev Reverts unless a round is the newest one, and not too old.
    function _requireNewest(IPriceRounds rounds, uint64 roundId) private view {
        if (roundId != _newestOf(rounds)) revert RoundSuperseded();
        _requireFresh(rounds, roundId);
    }

    /// @dev How old a flag is, active seconds. Reverts where there is none.
    function _elapsed(uint256 flaggedAt) private view returns (uint256) {
        if (flaggedAt == 0) revert IMarginBook.NotFlagged();
        return _activeTime(book.breaker()) - flaggedAt;
    }

    /// @dev When an account was flagged on a ground; 0 when it is not.
    function _flaggedAt(BookAccount memory state, Ground ground) private pure returns (uint256) {
        return ground == Ground.Overdraft ? state.overdraftFlaggedAt : state.maintenanceFlaggedAt;
    }

    /// @dev The earlier of the two flags; 0 when there is none.
    function _firstFlaggedAt(BookAccount memory state) private pure returns (uint256) {
        (uint256 one, uint256 other) = (state.maintenanceFlaggedAt, state.overdraftFlaggedAt);
        if (one == 0) return other;
        return other == 0 || one < other ? one : other;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground, IAccountReports} from "../interfaces/ICommitments.sol";
import {IBookVault} from "../interfaces/IBookVault.sol";
import {Proof} from "../interfaces/IGroth16Verifier.sol";
import {Challenge, ILiquidationEngine, LiquidationTerms} from "../interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {Tips} from "../libraries/Tips.sol";
import {LiquidationProofs} from "./LiquidationProofs.sol";

/// @title Challenges
/// @notice Accounts whose readers keep silent are asked, and flagged when they do not answer.
/// @dev ETH is paid as the last step. An overdraft flag says nothing of the maintenance margin: it neither keeps a challenge
///      out nor ends one, and what was proven of such an account counts for nothing here.
abstract contract Challenges is LiquidationProofs, Tips {
    /// @notice The least time to answer.
    uint32 public constant MIN_ANSWER_WINDOW = 10 minutes;

    /// @notice The longest time to answer.
    uint32 public constant MAX_ANSWER_WINDOW = 1 days;

    uint256 internal immutable _answerWindow;
    uint256 internal immutable _challengeBond;

    mapping(uint256 account => Challenge) private _challenges;

    /// @param terms How challenges go.
    constructor(LiquidationTerms memory terms) {
        uint32 window = terms.answerWindow;
        if (window < MIN_ANSWER_WINDOW || window > MAX_ANSWER_WINDOW) revert TermOutOfRange("answerWindow");
        if (terms.challengeBond == 0) revert TermOutOfRange("challengeBond");
        (_answerWindow, _challengeBond) = (window, terms.challengeBond);
    }

    /// @inheritdoc ILiquidationEngine
    function challenge(uint256 account) external payable {
        if (msg.value != _challengeBond) revert IBookVault.WrongBond(_challengeBond);
        if (_challenges[account].challenger != address(0)) revert AlreadyChallenged();
        BookAccount memory state = _openAccount(account);
        if (state.maintenanceFlaggedAt != 0) revert IAccountReports.AlreadyFlagged();
        IPriceRounds rounds = book.rounds();
        uint64 roundId = _newestOf(rounds);
        _requireFresh(rounds, roundId);
        _requireEpoch(rounds, state, roundId);
        if (_isProven(state, roundId)) revert AlreadyProven();
        uint64 startedAt = _activeTime(book.breaker());
        _challenges[account] = Challenge(msg.sender, SafeCast.toUint48(roundId), SafeCast.toUint48(startedAt));
        emit ChallengeOpened(account, msg.sender, roundId, startedAt);
    }

    /// @inheritdoc ILiquidationEngine
    function answer(uint256 account, address recipient, Proof calldata proof) external {
        Challenge memory asked = _challenge(account);
        BookAccount memory state = _stateOf(account);
        if (_isOver(state, asked)) revert ChallengeOver();
        if (recipient == address(0)) revert IBookVault.InvalidRecipient();
        // After an expiry nothing is known of the state, and nothing can be proven of it at an older round.
        uint64 roundId = state.changedAtRound > asked.roundId ? state.changedAtRound : asked.roundId;
        _requireEpoch(book.rounds(), state, roundId);
        _requireMargin(state.commitment, Ground.Maintenance, true, roundId, recipient, proof);
        delete _challenges[account];
        emit ChallengeAnswered(account, recipient, roundId);
        _payTip(recipient, _challengeBond);
    }

    /// @inheritdoc ILiquidationEngine
    function endChallenge(uint256 account) external {
        Challenge memory asked = _challenge(account);
        if (!_isOver(_stateOf(account), asked)) revert ChallengeNotOver();
        delete _challenges[account];
        _payBack(account, asked.challenger, false);
    }

    /// @inheritdoc ILiquidationEngine
    function flagSilent(uint256 account) external {
        Challenge memory asked = _challenge(account);
        BookAccount memory state = _stateOf(account);
        if (_isOver(state, asked)) revert ChallengeOver();
        ICircuitBreaker breaker = book.breaker();
        _requireFlagsOn(breaker);
        uint256 until = asked.startedAt + _answerWindow;
        if (_activeTime(breaker) <= until) revert AnswerWindowOpen(uint64(until));
        uint64 roundId = _newestOf(book.rounds());
        delete _challenges[account]; // before the recipient of the account's bond can call back
        _recordFlag(account, state.commitment, Ground.Maintenance, roundId, asked.challenger);
        _payBack(account, asked.challenger, true);
    }

    /// @inheritdoc ILiquidationEngine
    function challengeOf(uint256 account) external view returns (Challenge memory) {
        return _challenges[account];
    }

    /// @dev Sets a flag. The recipient of the account's bond can call back.
    function _recordFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId, address recipient)
        internal
    {
        book.recordFlag(account, commitment, ground, roundId, recipient);
    }

    /// @dev The clock of flags and challenges, as the book has it: 1 at least.
    function _activeTime(ICircuitBreaker breaker) internal view returns (uint64 time) {
        time = breaker.activeTime(Level.NoFlags);
        if (time == 0) time = 1;
    }

    /// @dev Reverts while no flags and takeovers are wanted.
    function _requireFlagsOn(ICircuitBreaker breaker) internal view {
        breaker.requireBelow(Level.NoFlags);
    }

    /// @dev The newest round; 0 when there is none.
    function _newestOf(IPriceRounds rounds) internal view returns (uint64) {
        return rounds.latestRoundId();
    }

    /// @dev What the book knows of an account.
    function _stateOf(uint256 account) internal view returns (BookAccount memory) {
        return book.accountState(account);
    }

    /// @dev What the book knows of an account, which is open.
    function _openAccount(uint256 account) internal view returns (BookAccount memory state) {
        state = _stateOf(account);
        if (state.commitment == 0) revert IMarginBook.AccountNotOpen();
    }

    /// @dev Reverts for a round that does not exist or is too old.
    function _requireFresh(IPriceRounds rounds, uint64 roundId) internal view {
        if (block.timestamp > rounds.roundTimestamp(roundId) + uint256(book.maxProofAge())) revert RoundTooOld();
    }

    /// @dev Reverts unless nothing has settled between the state of an account and a round.
    function _requireEpoch(IPriceRounds rounds, BookAccount memory state, uint64 roundId) internal view {
        if (state.epoch != rounds.epochOf(roundId)) revert OtherEpoch();
    }

    /// @dev The bond of a challenge that is deleted.
    function _payBack(uint256 account, address challenger, bool isFlagged) private {
        emit ChallengeEnded(account, challenger, isFlagged);
        _payTip(challenger, _challengeBond);
    }

    function _challenge(uint256 account) private view returns (Challenge memory asked) {
        asked = _challenges[account];
        if (asked.challenger == address(0)) revert NotChallenged();
    }

    /// @dev Whether a challenge has an end without an answer.
    function _isOver(BookAccount memory state, Challenge memory asked) private pure returns (bool) {
        return state.commitment == 0 || state.maintenanceFlaggedAt != 0 || _isProven(state, asked.roundId);
    }

    /// @dev Whether an account was proven to meet maintenance margin at a round or a later one. Without a maintenance flag.
    function _isProven(BookAccount memory state, uint64 roundId) private pure returns (bool) {
        return state.overdraftFlaggedAt == 0 && state.provenAtRound >= roundId;
    }
}

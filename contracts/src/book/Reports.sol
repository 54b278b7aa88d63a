// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Ground, IAccountReports} from "../interfaces/ICommitments.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {AccountWord} from "../libraries/PackedAccount.sol";
import {Accounts} from "./Accounts.sol";
import {Custody} from "./Custody.sol";

/// @title Reports
/// @notice What the gate in force and the book's modules tell it of accounts: solvency, flags, and, of modules alone, cures
///         and states that they have verified themselves. A flag is kept here, so that no change of gate ends it.
abstract contract Reports is Accounts, Custody, ReentrancyGuardTransient {
    /// @notice The most modules that a book can have.
    uint256 public constant MAX_MODULES = 4;

    /// @inheritdoc IMarginBook
    mapping(address module => bool) public isModule;

    modifier onlyModule() {
        if (!isModule[msg.sender]) revert NotAModule();
        _;
    }

    modifier onlyReporter() {
        if (msg.sender != address(gate) && !isModule[msg.sender]) revert NotAReporter();
        _;
    }

    /// @param modules May have no code yet: a module may be built with the address of its book.
    constructor(address[] memory modules) {
        if (modules.length > MAX_MODULES) revert TooManyModules();
        for (uint256 i = 0; i < modules.length; ++i) {
            if (modules[i] == address(0) || isModule[modules[i]]) revert WrongModule();
            isModule[modules[i]] = true;
            emit ModuleNamed(modules[i]);
        }
    }

    /// @inheritdoc IAccountReports
    function recordSolvent(uint256 account, uint256 commitment, uint64 roundId) external onlyReporter {
        _store(account, _reported(account, commitment, 0, roundId));
    }

    /// @inheritdoc IAccountReports
    function recordFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId, address recipient)
        external
        nonReentrant
        onlyReporter
    {
        AccountWord word = _reportedAtNewest(account, commitment, roundId);
        if (word.flaggedAt(ground) != 0) revert AlreadyFlagged();
        _store(account, _flagged(account, word, ground, roundId));
        if (recipient != address(0)) vault.payBond(account, recipient);
    }

    /// @inheritdoc IMarginBook
    function clearFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId) external onlyModule {
        AccountWord word = _reportedAtNewest(account, commitment, roundId);
        if (word.flaggedAt(ground) == 0) revert NotFlagged();
        // That an overdraft is over says nothing of the maintenance margin: or a challenge of the account would end with it, and
        // it could move to another identity before it is flagged.
        if (ground == Ground.Overdraft) word = word.withRounds(word.changedAtRound(), 0);
        _store(account, _cleared(account, word, ground));
    }

    /// @dev How many expiries had settled at a round. Reverts for a round that does not exist.
    function _epochOf(uint64 roundId) internal view virtual returns (uint32);

    /// @dev The newest round; 0 when there is none.
    function _latestRoundId() internal view virtual returns (uint64);

    /// @dev With a flag on a ground on which there is none.
    function _flagged(uint256 account, AccountWord word, Ground ground, uint64 roundId) internal returns (AccountWord) {
        emit FlagSet(account, ground, roundId);
        return word.withFlag(ground, _activeTime());
    }

    /// @dev Without the flag on a ground, if there is one.
    function _cleared(uint256 account, AccountWord word, Ground ground) internal returns (AccountWord) {
        if (word.flaggedAt(ground) == 0) return word;
        emit FlagCleared(account, ground);
        return word.withFlag(ground, 0);
    }

    /// @dev As `_reported`, of what sets or ends a flag: that is known at the newest round alone.
    function _reportedAtNewest(uint256 account, uint256 commitment, uint64 roundId)
        internal
        view
        returns (AccountWord word)
    {
        word = _reported(account, commitment, 0, roundId);
        if (roundId != _latestRoundId()) revert RoundSuperseded();
    }

    /// @dev What is known of an account of which something is reported at a round: it has to be of the present commitment
    ///      and not from before what is known, so that no report leaves a flag an older round than it has.
    /// @param newCommitment What will replace the commitment; 0 for nothing.
    function _reported(uint256 account, uint256 commitment, uint256 newCommitment, uint64 roundId)
        internal
        view
        returns (AccountWord)
    {
        AccountWord word = _requireCommitment(account, commitment, newCommitment, roundId);
        if (roundId < word.provenAtRound()) revert RoundBeforeProof();
        if (word.epoch() != _epochOf(roundId)) revert OtherEpoch();
        return word.withRounds(word.changedAtRound(), roundId);
    }
}

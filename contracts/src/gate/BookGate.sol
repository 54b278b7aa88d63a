// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RoundPoints} from "../groth16/RoundPoints.sol";
import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {IBookGate} from "../interfaces/IBookGate.sol";
import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground, IAccountReports} from "../interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {AccountState, ISolvencyGate} from "../interfaces/ISolvencyGate.sol";
import {SolvencyGate} from "./SolvencyGate.sol";

/// @title BookGate
/// @notice See IBookGate.
contract BookGate is IBookGate, SolvencyGate {
    /// @inheritdoc IBookGate
    IAccountReports public immutable book;

    /// @inheritdoc IBookGate
    ICircuitBreaker public immutable breaker;

    /// @param book_ Keeps the accounts and their flags; it may have no code yet: one of the two has to be deployed first.
    /// @param breaker_ Stops flags from its first level on.
    /// @param rounds_ The book's price source.
    /// @param verifier_ Verifier of `margin` for the size of the book.
    /// @param maxProofAge_ How old the round of a proof may be, seconds.
    constructor(
        IAccountReports book_,
        ICircuitBreaker breaker_,
        IPriceRounds rounds_,
        IGroth16Verifier verifier_,
        uint64 maxProofAge_
    ) SolvencyGate(rounds_, verifier_, maxProofAge_) {
        (book, breaker) = (book_, breaker_);
    }

    /// @inheritdoc IAccountGate
    /// @dev The flags are the book's, which holds accounts to them itself.
    function permissionOf(uint256, uint64) external pure returns (Permission) {
        return Permission.Free;
    }

    /// @inheritdoc ISolvencyGate
    function accountState(uint256 account)
        public
        view
        override(ISolvencyGate, SolvencyGate)
        returns (AccountState memory state)
    {
        BookAccount memory known = book.accountState(account);
        (state.commitment, state.changedAtRound) = (known.commitment, known.changedAtRound);
        if (known.maintenanceFlaggedAt != 0) {
            // After an expiry nothing is proven of the state, and the flag has stayed.
            state.flaggedAtRound = known.provenAtRound == 0 ? known.changedAtRound : known.provenAtRound;
        } else if (known.overdraftFlaggedAt == 0 && known.provenAtRound != 0) {
            state.solventAtRound = known.provenAtRound;
            state.solventAt = rounds.roundTimestamp(known.provenAtRound);
        }
    }

    /// @inheritdoc SolvencyGate
    /// @dev The source of the book never changes, so a gate that has prepared a round is right for ever.
    function _onPrepared(uint64 roundId) internal override {
        if (address(book.rounds()) != address(rounds)) revert OtherPriceSource();
        super._onPrepared(roundId);
    }

    /// @inheritdoc RoundPoints
    function _spotScale(uint64 roundId) internal view override returns (uint256) {
        return book.spotScale(roundId);
    }

    /// @inheritdoc SolvencyGate
    function _isOfEpoch(uint256 account, uint64 roundId) internal view override returns (bool) {
        return book.accountState(account).epoch == rounds.epochOf(roundId);
    }

    /// @inheritdoc SolvencyGate
    function _requireFlagsOn() internal view override {
        breaker.requireBelow(Level.NoFlags);
    }

    /// @inheritdoc SolvencyGate
    function _recordSolvent(uint256 account, uint256 commitment, uint64 roundId, uint64) internal override {
        book.recordSolvent(account, commitment, roundId);
    }

    /// @inheritdoc SolvencyGate
    function _recordFlag(uint256 account, uint256 commitment, uint64 roundId, address recipient) internal override {
        book.recordFlag(account, commitment, Ground.Maintenance, roundId, recipient);
    }
}

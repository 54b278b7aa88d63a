// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {RoundPoints} from "../groth16/RoundPoints.sol";
import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {IBookGate} from "../interfaces/IBookGate.sol";
import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {BookAccount, ICommitments} from "../interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {ISolvencyGate} from "../interfaces/ISolvencyGate.sol";
import {SolvencyGate} from "./SolvencyGate.sol";

/// @title BookGate
/// @notice See IBookGate.
contract BookGate is IBookGate, SolvencyGate, Ownable2Step {
    /// @inheritdoc IBookGate
    ICommitments public immutable book;

    /// @inheritdoc IBookGate
    ICircuitBreaker public immutable breaker;

    /// @param owner May withdraw the pot, and nothing else.
    /// @param book_ Where commitments are read; it may have no code yet: one of the two has to be deployed first.
    /// @param breaker_ Stops flags from its first level on.
    /// @param rounds_ The book's price source.
    /// @param verifier_ Verifier of `margin` for the size of the book.
    /// @param maxProofAge_ How old the round of a proof may be, seconds.
    /// @param tip_ What a flag earns, wei.
    constructor(
        address owner,
        ICommitments book_,
        ICircuitBreaker breaker_,
        IPriceRounds rounds_,
        IGroth16Verifier verifier_,
        uint64 maxProofAge_,
        uint256 tip_
    ) Ownable(owner) SolvencyGate(rounds_, verifier_, maxProofAge_, tip_) {
        (book, breaker) = (book_, breaker_);
    }

    /// @inheritdoc ISolvencyGate
    function withdrawTips(address payable to, uint256 amount) external onlyOwner {
        _withdrawTips(to, amount);
    }

    /// @inheritdoc IAccountGate
    function permissionOf(uint256 account, uint64 roundId) external view returns (Permission) {
        (uint256 commitment,) = _committed(account);
        uint64 flaggedAtRound = _flaggedAtRound(commitment);
        if (flaggedAtRound == 0) return Permission.Free;
        return roundId < flaggedAtRound ? Permission.Frozen : Permission.CureOnly;
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
    function _requireFlagsOn() internal view override {
        breaker.requireBelow(Level.NoFlags);
    }

    /// @inheritdoc SolvencyGate
    function _committed(uint256 account) internal view override returns (uint256 commitment, uint64 changedAtRound) {
        BookAccount memory state = book.accountState(account);
        return (state.commitment, state.changedAtRound);
    }
}

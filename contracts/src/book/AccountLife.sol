// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {IAccountLife, StateChange} from "../interfaces/IAccountLife.sol";
import {BookAccount} from "../interfaces/ICommitments.sol";
import {G1Point, IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening} from "../interfaces/IMarginBook.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {Statements} from "../libraries/Statements.sol";

/// @title AccountLife
/// @notice See IAccountLife.
/// @dev It verifies, and the book checks: the book alone knows which commitment an account has, and whether it is flagged.
///      No statement here takes anything of a round, so each has one round point for ever.
contract AccountLife is IAccountLife {
    /// @dev oldCommitment, newCommitment, newIdentity, domain, newOwnerTag, newOwnerPoint[2], newGuardianPoint[2], rho; then
    ///      the ciphertext.
    uint256 private constant REKEY_INPUTS = 10;

    /// @dev oldCommitment, newCommitment, amount, rho; then the ciphertext.
    uint256 private constant WRITEOFF_INPUTS = 4;

    /// @dev oldCommitment, newCommitment, amount, recipient, rho; then the ciphertext.
    uint256 private constant EXIT_INPUTS = 5;

    /// @inheritdoc IAccountLife
    IMarginBook public immutable book;

    /// @notice The verifier of `rekey`.
    IGroth16Verifier public immutable rekeyVerifier;

    /// @notice The verifier of `writeoff`.
    IGroth16Verifier public immutable writeoffVerifier;

    /// @notice The verifier of `exit`.
    IGroth16Verifier public immutable exitVerifier;

    uint256 private immutable _elements;
    uint256 private immutable _rekeyX;
    uint256 private immutable _rekeyY;
    uint256 private immutable _writeoffX;
    uint256 private immutable _writeoffY;
    uint256 private immutable _exitX;
    uint256 private immutable _exitY;

    /// @param book_ May have no code yet: a book names its modules at deployment.
    /// @param slots N of the book.
    /// @param rekeyVerifier_ Of `rekey` for N.
    /// @param writeoffVerifier_ Of `writeoff` for N.
    /// @param exitVerifier_ Of `exit` for N.
    constructor(
        IMarginBook book_,
        uint256 slots,
        IGroth16Verifier rekeyVerifier_,
        IGroth16Verifier writeoffVerifier_,
        IGroth16Verifier exitVerifier_
    ) {
        uint256 elements = Statements.cipherElements(slots);
        Statements.requireStatement(rekeyVerifier_, "rekey", slots, REKEY_INPUTS + elements, 0);
        Statements.requireStatement(writeoffVerifier_, "writeoff", slots, WRITEOFF_INPUTS + elements, 0);
        Statements.requireStatement(exitVerifier_, "exit", slots, EXIT_INPUTS + elements, 0);
        (book, _elements) = (book_, elements);
        (rekeyVerifier, writeoffVerifier, exitVerifier) = (rekeyVerifier_, writeoffVerifier_, exitVerifier_);
        (_rekeyX, _rekeyY) = Statements.fixedPoint(rekeyVerifier_);
        (_writeoffX, _writeoffY) = Statements.fixedPoint(writeoffVerifier_);
        (_exitX, _exitY) = Statements.fixedPoint(exitVerifier_);
    }

    /// @inheritdoc IAccountLife
    function rekey(uint256 account, uint256 oldCommitment, Opening calldata opening) external {
        (BookAccount memory state, uint64 latest) = _requireFree(account, Permission.NoNewRisk);
        if (state.provenAtRound != latest) revert NotProvenAtNewest();
        uint256[] memory inputs = _inputs(REKEY_INPUTS, opening.ciphertext);
        (inputs[0], inputs[1], inputs[2]) = (oldCommitment, opening.commitment, opening.identity);
        (inputs[3], inputs[4]) = (book.domain(), opening.ownerTag);
        (inputs[5], inputs[6]) = (opening.ownerPoint[0], opening.ownerPoint[1]);
        (inputs[7], inputs[8]) = (opening.guardianPoint[0], opening.guardianPoint[1]);
        inputs[9] = opening.rho;
        rekeyVerifier.verify(opening.proof, inputs, G1Point(_rekeyX, _rekeyY));
        book.moveAccount(account, oldCommitment, opening);
    }

    /// @inheritdoc IAccountLife
    function close(StateChange calldata change) external {
        _requireFree(change.account, Permission.Frozen);
        uint256[] memory inputs = _inputs(WRITEOFF_INPUTS, change.ciphertext);
        (inputs[0], inputs[1], inputs[3]) = (change.oldCommitment, change.newCommitment, change.rho);
        writeoffVerifier.verify(change.proof, inputs, G1Point(_writeoffX, _writeoffY));
        book.closeAccount(change.account, change.oldCommitment);
    }

    /// @inheritdoc IAccountLife
    function exit(uint256 amount, address recipient, StateChange calldata change) external {
        (, uint64 latest) = _requireFree(change.account, Permission.Free);
        uint256[] memory inputs = _inputs(EXIT_INPUTS, change.ciphertext);
        (inputs[0], inputs[1], inputs[2]) = (change.oldCommitment, change.newCommitment, amount);
        (inputs[3], inputs[4]) = (uint160(recipient), change.rho);
        exitVerifier.verify(change.proof, inputs, G1Point(_exitX, _exitY));
        // Without positions, what the account is worth is its quote: at least 0, at the prices of every round.
        book.replaceState(
            change.account, change.oldCommitment, change.newCommitment, latest, change.rho, change.ciphertext
        );
        book.queueWithdrawal(change.account, amount, recipient);
    }

    /// @dev Reverts unless an account has been through all expiries, is not flagged, and the gate in force leaves it a permission. The breaker is not asked:
    ///      no price is taken here.
    /// @return state What the book knows of the account.
    /// @return latest The newest round; 0 when there is none.
    function _requireFree(uint256 account, Permission least)
        private
        view
        returns (BookAccount memory state, uint64 latest)
    {
        state = book.accountState(account);
        IPriceRounds rounds = book.rounds();
        latest = rounds.latestRoundId();
        if (latest != 0 && state.epoch != rounds.epochOf(latest)) revert OtherEpoch();
        if (state.maintenanceFlaggedAt != 0 || state.overdraftFlaggedAt != 0) revert AccountNotFree();
        IAccountGate gate = book.gate();
        if (address(gate) == address(0)) return (state, latest);
        if (gate.permissionOf(account, latest) > least) revert AccountNotFree();
    }

    /// @return inputs Room for the plain public signals, then the ciphertext.
    function _inputs(uint256 plain, uint256[] calldata ciphertext) private view returns (uint256[] memory inputs) {
        if (ciphertext.length != _elements) revert WrongCiphertextLength();
        inputs = new uint256[](plain + _elements);
        for (uint256 i = 0; i < ciphertext.length; ++i) {
            inputs[plain + i] = ciphertext[i];
        }
    }
}

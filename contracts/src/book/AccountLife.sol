// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {IAccountLife, StateChange} from "../interfaces/IAccountLife.sol";
import {BookAccount} from "../interfaces/ICommitments.sol";
import {IExpiries} from "../interfaces/IExpiries.sol";
import {G1Point, IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening} from "../interfaces/IMarginBook.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {Statements} from "../libraries/Statements.sol";

/// @title AccountLife
/// @notice See IAccountLife.
/// @dev It verifies, and the book checks: the book alone knows which commitment an account has, and whether it is flagged.
///      No statement here but `expire` takes anything of a round, so each has one round point for ever. What `expire` takes is
///      the same for all accounts that go from one epoch to another, and kept.
contract AccountLife is IAccountLife {
    /// @dev What `expire` takes from the settlements between two epochs.
    struct EpochStep {
        uint256 pointX;
        uint256 pointY;
        /// Of both epochs, the slots and their prices.
        bytes32 digest;
        uint64 slots;
    }

    /// @dev oldCommitment, newCommitment, slots, rho; then the ciphertext.
    uint256 private constant EXPIRE_INPUTS = 4;

    /// @dev oldCommitment, newCommitment, newIdentity, domain, newOwnerTag, newOwnerPoint[2], newGuardianPoint[2], rho; then
    ///      the ciphertext.
    uint256 private constant REKEY_INPUTS = 10;

    /// @dev oldCommitment, newCommitment, amount, rho; then the ciphertext.
    uint256 private constant WRITEOFF_INPUTS = 4;

    /// @dev oldCommitment, newCommitment, amount, recipient, rho; then the ciphertext.
    uint256 private constant EXIT_INPUTS = 5;

    /// @inheritdoc IAccountLife
    IMarginBook public immutable book;

    /// @notice The verifier of `expire`.
    IGroth16Verifier public immutable expireVerifier;

    /// @notice The verifier of `rekey`.
    IGroth16Verifier public immutable rekeyVerifier;

    /// @notice The verifier of `writeoff`.
    IGroth16Verifier public immutable writeoffVerifier;

    /// @notice The verifier of `exit`.
    IGroth16Verifier public immutable exitVerifier;

    uint256 private immutable _slots;
    uint256 private immutable _elements;
    uint256 private immutable _rekeyX;
    uint256 private immutable _rekeyY;
    uint256 private immutable _writeoffX;
    uint256 private immutable _writeoffY;
    uint256 private immutable _exitX;
    uint256 private immutable _exitY;

    /// @dev By the epoch of the account, in the higher half, and the one that it goes to.
    mapping(uint64 epochs => EpochStep) private _steps;

    /// @param book_ May have no code yet: a book names its modules at deployment.
    /// @param slots N of the book.
    /// @param expireVerifier_ Of `expire` for N.
    /// @param rekeyVerifier_ Of `rekey` for N.
    /// @param writeoffVerifier_ Of `writeoff` for N.
    /// @param exitVerifier_ Of `exit` for N.
    constructor(
        IMarginBook book_,
        uint256 slots,
        IGroth16Verifier expireVerifier_,
        IGroth16Verifier rekeyVerifier_,
        IGroth16Verifier writeoffVerifier_,
        IGroth16Verifier exitVerifier_
    ) {
        uint256 elements = Statements.cipherElements(slots);
        Statements.requireStatement(expireVerifier_, "expire", slots, EXPIRE_INPUTS + elements, slots);
        Statements.requireStatement(rekeyVerifier_, "rekey", slots, REKEY_INPUTS + elements, 0);
        Statements.requireStatement(writeoffVerifier_, "writeoff", slots, WRITEOFF_INPUTS + elements, 0);
        Statements.requireStatement(exitVerifier_, "exit", slots, EXIT_INPUTS + elements, 0);
        (book, _slots, _elements, expireVerifier) = (book_, slots, elements, expireVerifier_);
        (rekeyVerifier, writeoffVerifier, exitVerifier) = (rekeyVerifier_, writeoffVerifier_, exitVerifier_);
        (_rekeyX, _rekeyY) = Statements.fixedPoint(rekeyVerifier_);
        (_writeoffX, _writeoffY) = Statements.fixedPoint(writeoffVerifier_);
        (_exitX, _exitY) = Statements.fixedPoint(exitVerifier_);
    }

    /// @inheritdoc IAccountLife
    function expire(uint32 toEpoch, StateChange calldata change) external {
        uint32 fromEpoch = book.accountState(change.account).epoch;
        // An account ahead of the rounds could not be flagged at them.
        (, uint32 newest) = _newest();
        if (toEpoch > newest) revert EpochWithoutRound(toEpoch);
        EpochStep memory step = _step(fromEpoch, toEpoch);
        if (change.rho != _rhoOf(change.oldCommitment, step.digest)) revert WrongRho();
        uint256[] memory inputs = _inputs(EXPIRE_INPUTS, change.ciphertext);
        (inputs[0], inputs[1]) = (change.oldCommitment, change.newCommitment);
        (inputs[2], inputs[3]) = (step.slots, change.rho);
        expireVerifier.verify(change.proof, inputs, G1Point(step.pointX, step.pointY));
        // A loss may leave it below every margin.
        book.replaceState(
            change.account, change.oldCommitment, change.newCommitment, 0, toEpoch, change.rho, change.ciphertext
        );
        emit AccountExpired(change.account, fromEpoch, toEpoch);
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
        (BookAccount memory state,) = _requireFree(change.account, Permission.Free);
        uint256[] memory inputs = _inputs(EXIT_INPUTS, change.ciphertext);
        (inputs[0], inputs[1], inputs[2]) = (change.oldCommitment, change.newCommitment, amount);
        (inputs[3], inputs[4]) = (uint160(recipient), change.rho);
        exitVerifier.verify(change.proof, inputs, G1Point(_exitX, _exitY));
        // No round was taken, so nothing is known of the new state at one.
        book.replaceState(
            change.account, change.oldCommitment, change.newCommitment, 0, state.epoch, change.rho, change.ciphertext
        );
        book.queueWithdrawal(change.account, amount, recipient);
    }

    /// @inheritdoc IAccountLife
    function stepOf(uint256 account, uint256 commitment, uint32 toEpoch)
        external
        view
        returns (uint64 slots, int256[] memory settlementPrices, uint256 rho)
    {
        uint32 fromEpoch = book.accountState(account).epoch;
        (slots, settlementPrices) = _merged(fromEpoch, toEpoch);
        rho = _rhoOf(commitment, _digestOf(fromEpoch, toEpoch, slots, settlementPrices));
    }

    /// @dev What `expire` takes from the settlements between two epochs, computed and stored if it was not.
    function _step(uint32 fromEpoch, uint32 toEpoch) private returns (EpochStep memory step) {
        uint64 id = uint64(fromEpoch) << 32 | toEpoch;
        step = _steps[id];
        if (step.digest != 0) return step;
        int256[] memory prices;
        (step.slots, prices) = _merged(fromEpoch, toEpoch);
        uint256[] memory elements = new uint256[](_slots);
        for (uint256 i = 0; i < _slots; ++i) {
            elements[i] = MarginMath.toField(prices[i]);
        }
        step.digest = _digestOf(fromEpoch, toEpoch, step.slots, prices);
        G1Point memory point = expireVerifier.computeRoundPoint(elements);
        (step.pointX, step.pointY) = (point.x, point.y);
        _steps[id] = step;
    }

    /// @dev What settled after one epoch and not after another: no slot of it twice, so at most N epochs.
    function _merged(uint32 fromEpoch, uint32 toEpoch)
        private
        view
        returns (uint64 slots, int256[] memory settlementPrices)
    {
        if (toEpoch <= fromEpoch) revert EpochNotNewer(fromEpoch, toEpoch);
        IExpiries expiries = book.rounds().expiries();
        settlementPrices = new int256[](_slots);
        for (uint32 epoch = fromEpoch + 1; epoch <= toEpoch; ++epoch) {
            (uint64 more, int256[] memory prices) = expiries.epochAt(epoch);
            if (slots & more != 0) revert SlotSettledTwice(epoch);
            slots |= more;
            for (uint256 i = 0; i < _slots; ++i) {
                settlementPrices[i] += prices[i];
            }
        }
    }

    /// @return latest The newest round; 0 when there is none.
    /// @return epoch Its epoch; 0 when there is none.
    function _newest() private view returns (uint64 latest, uint32 epoch) {
        IPriceRounds rounds = book.rounds();
        latest = rounds.latestRoundId();
        if (latest != 0) epoch = rounds.epochOf(latest);
    }

    /// @dev A reader of the account must not choose it: an old state sealed again under its old rho would bring its old
    ///      commitment back, and with it what its owner once signed (spec ZS-80). And no two states must have the same: so
    ///      it is another one at other prices, whatever a node tells a reader of them.
    function _rhoOf(uint256 commitment, bytes32 digest) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(commitment, digest))) % Bn254.SCALAR_MODULUS;
    }

    function _digestOf(uint32 fromEpoch, uint32 toEpoch, uint64 slots, int256[] memory settlementPrices)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(fromEpoch, toEpoch, slots, settlementPrices));
    }

    /// @dev Reverts unless an account has been through all expiries, is not flagged, and the gate in force leaves it a
    ///      permission. The breaker is not asked: no price is taken here.
    /// @return state What the book knows of the account.
    /// @return latest The newest round; 0 when there is none.
    function _requireFree(uint256 account, Permission least)
        private
        view
        returns (BookAccount memory state, uint64 latest)
    {
        state = book.accountState(account);
        uint32 epoch;
        (latest, epoch) = _newest();
        if (state.epoch != epoch) revert OtherEpoch();
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

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RoundPoints} from "../groth16/RoundPoints.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {IPriceRounds, VectorKind} from "../interfaces/IPriceRounds.sol";
import {AccountState, ISolvencyGate, SolvencyClaim} from "../interfaces/ISolvencyGate.sol";
import {Statements} from "../libraries/Statements.sol";

/// @title SolvencyGate
/// @notice See ISolvencyGate.
/// @dev Which proof may act: every proof needs a round newer than the last one at which the account was proven solvent, and
///      a flag bars further proofs. So no proof, re-randomised or replayed, acts twice. A commitment is asked for once in
///      each call and used for check, record and proof alike: what is recorded is true of it, for every caller.
abstract contract SolvencyGate is ISolvencyGate, RoundPoints {
    /// @notice The most claims in one batch: about 2.8 million gas.
    uint256 public constant MAX_BATCH = 32;

    uint256 private constant PROOF_INPUTS = 3; // commitment, healthy, recipient

    /// @inheritdoc ISolvencyGate
    uint64 public immutable maxProofAge;

    /// @param rounds_ Price source of the book.
    /// @param verifier_ Verifier of `margin` for the size of the book.
    /// @param maxProofAge_ How old the round of a proof may be, seconds.
    constructor(IPriceRounds rounds_, IGroth16Verifier verifier_, uint64 maxProofAge_) RoundPoints(rounds_, verifier_) {
        uint256 slots = rounds_.assetCount();
        Statements.requireStatement(verifier_, "margin", slots, PROOF_INPUTS, 3 * slots);
        if (maxProofAge_ == 0) revert ZeroProofAge();
        maxProofAge = maxProofAge_;
    }

    /// @inheritdoc ISolvencyGate
    function prepareRound(uint64 roundId) external {
        _roundPoint(roundId);
    }

    /// @inheritdoc ISolvencyGate
    function proveSolvent(uint256 account, uint64 roundId, address recipient, Proof calldata proof) external {
        AccountState memory state = accountState(account);
        _requireUsable(account, state, roundId);
        uint64 timestamp = _requireFresh(roundId);
        _recordSolvent(account, state.commitment, roundId, timestamp);
        emit ProvenSolvent(account, roundId);
        _verify(state.commitment, true, recipient, roundId, proof);
    }

    /// @inheritdoc ISolvencyGate
    function proveSolventBatch(uint64 roundId, SolvencyClaim[] calldata claims) external returns (uint256 accepted) {
        uint256 size = claims.length;
        if (size == 0 || size > MAX_BATCH) revert WrongBatchSize(size);
        uint64 timestamp = _requireFresh(roundId);

        Proof[] memory proofs = new Proof[](size);
        uint256[] memory inputs = new uint256[](PROOF_INPUTS * size);
        for (uint256 i = 0; i < size; ++i) {
            SolvencyClaim calldata claim = claims[i];
            AccountState memory state = accountState(claim.account);
            // Recording at once lets a second claim for the same account be seen as overtaken.
            if (state.commitment == claim.commitment && _isUsable(claim.account, state, roundId)) {
                _recordSolvent(claim.account, claim.commitment, roundId, timestamp);
                emit ProvenSolvent(claim.account, roundId);
                proofs[accepted] = claim.proof;
                _writeInputs(inputs, accepted, claim.commitment, true, claim.recipient);
                ++accepted;
            } else {
                emit ClaimSkipped(claim.account, roundId);
            }
        }
        if (accepted == 0) revert NothingToProve();
        assembly ("memory-safe") {
            mstore(proofs, accepted)
            mstore(inputs, mul(accepted, PROOF_INPUTS))
        }
        verifier.verifyBatch(proofs, inputs, _roundPoint(roundId));
    }

    /// @inheritdoc ISolvencyGate
    function flag(uint256 account, uint64 roundId, address recipient, Proof calldata proof) external {
        _requireFlagsOn();
        AccountState memory state = accountState(account);
        _requireUsable(account, state, roundId);
        _requireFresh(roundId);
        if (roundId != rounds.latestRoundId()) revert RoundSuperseded();
        _verify(state.commitment, false, recipient, roundId, proof);
        emit Flagged(account, roundId, recipient);
        _recordFlag(account, state.commitment, roundId, recipient);
    }

    /// @inheritdoc ISolvencyGate
    function isSolvent(uint256 account, uint256 maxAge) external view returns (bool) {
        AccountState memory state = accountState(account);
        return state.solventAtRound != 0 && state.flaggedAtRound == 0 && block.timestamp - state.solventAt <= maxAge;
    }

    /// @inheritdoc ISolvencyGate
    function prepared(uint64 roundId) external view returns (bool) {
        return _isPrepared(roundId);
    }

    /// @inheritdoc ISolvencyGate
    function accountState(uint256 account) public view virtual returns (AccountState memory);

    /// @inheritdoc RoundPoints
    function _onPrepared(uint64 roundId) internal virtual override {
        emit RoundPrepared(roundId);
    }

    /// @dev Keeps that the present commitment of an account meets maintenance margin at a round.
    function _recordSolvent(uint256 account, uint256 commitment, uint64 roundId, uint64 timestamp) internal virtual;

    /// @dev Keeps that the present commitment of an account is below maintenance margin at a round, and tips the recipient:
    ///      the last step of its caller.
    function _recordFlag(uint256 account, uint256 commitment, uint64 roundId, address recipient) internal virtual;

    /// @inheritdoc RoundPoints
    function _kinds() internal pure override returns (VectorKind[] memory kinds) {
        kinds = new VectorKind[](1);
        kinds[0] = VectorKind.Maintenance;
    }

    /// @dev Whether a round is of the epoch of an account: one claim of another epoch must not stop a batch.
    function _isOfEpoch(uint256, uint64) internal view virtual returns (bool) {
        return true;
    }

    /// @dev Reverts while no new flags are wanted.
    // solhint-disable-next-line no-empty-blocks
    function _requireFlagsOn() internal view virtual {}

    function _verify(uint256 commitment, bool healthy, address recipient, uint64 roundId, Proof calldata proof)
        private
    {
        uint256[] memory inputs = new uint256[](PROOF_INPUTS);
        _writeInputs(inputs, 0, commitment, healthy, recipient);
        verifier.verify(proof, inputs, _roundPoint(roundId));
    }

    /// @return timestamp When the round was posted. Reverts for a round that does not exist.
    function _requireFresh(uint64 roundId) private view returns (uint64 timestamp) {
        timestamp = rounds.roundTimestamp(roundId);
        if (block.timestamp - timestamp > maxProofAge) revert RoundTooOld();
    }

    function _requireUsable(uint256 account, AccountState memory state, uint64 roundId) private pure {
        if (state.commitment == 0) revert UnknownAccount(account);
        if (state.flaggedAtRound != 0) revert AccountIsFlagged(account);
        if (roundId < state.changedAtRound) revert RoundBeforeChange();
        if (roundId <= state.solventAtRound) revert RoundNotNewer(roundId, state.solventAtRound);
    }

    /// @dev The conditions of `_requireUsable`, for a batch that leaves out instead of failing.
    function _isUsable(uint256 account, AccountState memory state, uint64 roundId) private view returns (bool) {
        return state.commitment != 0 && state.flaggedAtRound == 0 && roundId >= state.changedAtRound
            && roundId > state.solventAtRound && _isOfEpoch(account, roundId);
    }

    function _writeInputs(uint256[] memory inputs, uint256 index, uint256 commitment, bool healthy, address recipient)
        private
        pure
    {
        inputs[PROOF_INPUTS * index] = commitment;
        inputs[PROOF_INPUTS * index + 1] = healthy ? 1 : 0;
        inputs[PROOF_INPUTS * index + 2] = uint160(recipient);
    }
}

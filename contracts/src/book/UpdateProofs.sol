// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RoundPoints} from "../groth16/RoundPoints.sol";
import {ICommitments} from "../interfaces/ICommitments.sol";
import {G1Point, IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {IMarginBook, Settlement, StateUpdate} from "../interfaces/IMarginBook.sol";
import {IPriceRounds, VectorKind} from "../interfaces/IPriceRounds.sol";
import {Statements} from "../libraries/Statements.sol";

/// @title UpdateProofs
/// @notice Proofs of `update`: their public signals (spec ZS-61), one by one and in batches.
abstract contract UpdateProofs is IMarginBook, RoundPoints {
    /// @dev The proof inputs that the use of a proof determines.
    struct Terms {
        uint256 ticket;
        uint256 side;
        uint256 asset;
        uint256 amount;
        bool isWithdrawal;
        address recipient;
        uint256 reduceOnly;
    }

    /// @dev What proofs take from their round.
    struct ProofRound {
        G1Point point;
        uint256 reduceOnly;
    }

    /// @notice How long trades may still be proven at a round once a calm one has superseded it, seconds: so that a trade
    ///         of two parties does not fail because a round came in between. Longer would be a free option on old prices.
    uint256 public constant TRADE_GRACE = 12 seconds;

    uint256 private constant BUYS = 1;
    uint256 private constant SELLS = 2;

    /// @dev oldCommitment, newCommitment, ticket, side, asset, amount, isWithdrawal, claim, recipient, rho; after them the
    ///      ciphertext, and reduceOnly.
    uint256 private constant PLAIN_INPUTS = 10;

    /// @dev What a batch may cost at most, a quarter more than it does. A point outside the subgroup makes a
    ///      precompile burn all gas it is given: without a limit one such proof would stop any batch.
    uint256 private constant BATCH_GAS = 200_000;
    uint256 private constant BATCH_GAS_PER_INPUT = 12_000;
    uint256 private constant BATCH_GAS_PER_PROOF = 75_000;

    /// @inheritdoc IMarginBook
    uint64 public immutable maxProofAge;

    /// @dev K, the field elements of a ciphertext.
    uint256 internal immutable _cipherElements;

    /// @dev Of the price source, which never changes them.
    uint256 private immutable _lambdaInitialPpm;
    uint256 private immutable _lambdaMaintenancePpm;

    constructor(IPriceRounds rounds_, IGroth16Verifier updateVerifier, uint64 maxProofAge_)
        RoundPoints(rounds_, updateVerifier)
    {
        if (maxProofAge_ == 0) revert ZeroProofAge();
        uint256 slots = rounds_.assetCount();
        _cipherElements = Statements.cipherElements(slots);
        maxProofAge = maxProofAge_;
        (_lambdaInitialPpm, _lambdaMaintenancePpm) = rounds_.lambdasPpm();
        Statements.requireStatement(updateVerifier, "update", slots, PLAIN_INPUTS + _cipherElements + 1, 5 * slots + 3);
    }

    /// @inheritdoc IMarginBook
    function prepareRound(uint64 roundId) external returns (G1Point memory) {
        return _roundPoint(roundId);
    }

    /// @inheritdoc IMarginBook
    function prepared(uint64 roundId) external view returns (bool) {
        return _isPrepared(roundId);
    }

    /// @inheritdoc IMarginBook
    function longOnly(uint64 roundId) external view returns (uint256) {
        return _longOnly(roundId);
    }

    /// @inheritdoc ICommitments
    function spotScale(uint64 roundId) external view returns (uint256) {
        return _spotScale(roundId);
    }

    /// @dev The bitmap of slots that have a token, which never changes.
    function _spotAssets() internal view virtual returns (uint256);

    /// @dev The newest round; 0 when there is none.
    function _latestRoundId() internal view virtual returns (uint64) {
        return rounds.latestRoundId();
    }

    /// @dev When the prices of a round were seen. Reverts for a round that does not exist.
    function _timestamp(uint64 roundId) internal view returns (uint64) {
        return rounds.roundTimestamp(roundId);
    }

    /// @dev How many expiries had settled at a round. Reverts for a round that does not exist.
    function _epochOf(uint64 roundId) internal view virtual returns (uint32) {
        return rounds.epochOf(roundId);
    }

    /// @dev What the proofs of a round take from it.
    function _proofRound(uint64 roundId) internal returns (ProofRound memory) {
        return ProofRound(_roundPoint(roundId), rounds.reduceOnly(roundId));
    }

    /// @dev Reverts for a round that does not exist.
    function _requireFresh(uint64 roundId) internal view {
        if (block.timestamp > _timestamp(roundId) + uint256(maxProofAge)) revert RoundTooOld();
    }

    /// @dev Whether trades may be proven at a round, which exists.
    function _servesTrades(uint64 roundId, uint64 latestRoundId) internal view returns (bool) {
        if (roundId == latestRoundId) return true;
        if (roundId + 1 != latestRoundId) return false;
        return block.timestamp <= rounds.recordedAt(latestRoundId) + TRADE_GRACE && rounds.isCalm(latestRoundId);
    }

    /// @dev Whether the price of an asset is stale at a round.
    function _isReduceOnly(uint256 asset, uint64 roundId) internal view returns (bool) {
        return (rounds.reduceOnly(roundId) >> asset) & 1 == 1;
    }

    /// @dev Reverts unless a deposit or withdrawal is proven.
    function _requireTransfer(
        uint64 roundId,
        uint256 asset,
        uint256 amount,
        bool isWithdrawal,
        address recipient,
        StateUpdate calldata update
    ) internal {
        uint256[] memory inputs = new uint256[](_inputCount());
        ProofRound memory round = _proofRound(roundId);
        Terms memory terms = Terms(0, 0, asset, amount, isWithdrawal, recipient, round.reduceOnly);
        _writeInputs(inputs, 0, update, terms);
        verifier.verify(update.proof, inputs, round.point);
    }

    /// @dev Reverts unless both sides of a trade are proven.
    function _requireTrade(uint64 roundId, Settlement calldata settlement) internal {
        (Proof[] memory proofs, uint256[] memory inputs) = _allocate(2);
        ProofRound memory round = _proofRound(roundId);
        _writeTrade(proofs, inputs, 0, settlement, round.reduceOnly);
        verifier.verifyBatch(proofs, inputs, round.point);
    }

    /// @dev Whether all of these trades are proven, by one pairing check.
    /// @param round Of all of them.
    function _areProven(ProofRound memory round, Settlement[] calldata settlements, uint256 from, uint256 to)
        internal
        view
        returns (bool)
    {
        (Proof[] memory proofs, uint256[] memory inputs) = _allocate(2 * (to - from));
        for (uint256 k = from; k < to; ++k) {
            if (!_isWellFormed(settlements[k])) return false;
            _writeTrade(proofs, inputs, k - from, settlements[k], round.reduceOnly);
        }
        uint256 limit = BATCH_GAS + BATCH_GAS_PER_INPUT * _inputCount() + BATCH_GAS_PER_PROOF * proofs.length;
        // A call gets at most 63/64 of the gas, and its arguments cost some. This is checked before the call: afterwards, gas
        // that a starved call handed back would hide it.
        if (gasleft() < limit + limit / 12) revert NotEnoughGas();
        try verifier.verifyBatch{gas: limit}(proofs, inputs, round.point) {
            return true;
        } catch {
            return false;
        }
    }

    /// @inheritdoc RoundPoints
    function _onPrepared(uint64 roundId) internal override {
        emit RoundPrepared(roundId);
    }

    /// @inheritdoc RoundPoints
    /// @dev e, then d and x at maintenance and at initial margin, the bitmap of slots that may not be short, both lambdas.
    function _roundInputs(uint64 roundId, uint256 scale) internal view override returns (uint256[] memory inputs) {
        uint256[] memory vectors = super._roundInputs(roundId, scale);
        uint256 bitmap = _longOnly(roundId);
        uint256 count = vectors.length;
        inputs = new uint256[](count + 3);
        assembly ("memory-safe") {
            mcopy(add(inputs, 0x20), add(vectors, 0x20), mul(count, 0x20))
        }
        inputs[count] = bitmap;
        (inputs[count + 1], inputs[count + 2]) = (_lambdaInitialPpm, _lambdaMaintenancePpm);
    }

    /// @inheritdoc RoundPoints
    function _kinds() internal pure override returns (VectorKind[] memory kinds) {
        kinds = new VectorKind[](2);
        (kinds[0], kinds[1]) = (VectorKind.Maintenance, VectorKind.Initial);
    }

    function _longOnly(uint64 roundId) private view returns (uint256) {
        return _spotAssets() | rounds.longOnly(roundId);
    }

    function _isWellFormed(Settlement calldata settlement) private view returns (bool) {
        return
            settlement.buyer.ciphertext.length == _cipherElements
                && settlement.seller.ciphertext.length == _cipherElements;
    }

    function _writeTrade(
        Proof[] memory proofs,
        uint256[] memory inputs,
        uint256 index,
        Settlement calldata settlement,
        uint256 reduceOnly
    ) private view {
        proofs[2 * index] = settlement.buyer.proof;
        proofs[2 * index + 1] = settlement.seller.proof;
        Terms memory terms = Terms(settlement.ticket, BUYS, 0, 0, false, address(0), reduceOnly);
        _writeInputs(inputs, 2 * index, settlement.buyer, terms);
        terms.side = SELLS;
        _writeInputs(inputs, 2 * index + 1, settlement.seller, terms);
    }

    function _writeInputs(uint256[] memory inputs, uint256 index, StateUpdate calldata update, Terms memory terms)
        private
        view
    {
        uint256 offset = index * _inputCount();
        inputs[offset] = update.oldCommitment;
        inputs[offset + 1] = update.newCommitment;
        inputs[offset + 2] = terms.ticket;
        inputs[offset + 3] = terms.side;
        inputs[offset + 4] = terms.asset;
        inputs[offset + 5] = terms.amount;
        inputs[offset + 6] = terms.isWithdrawal ? 1 : 0;
        inputs[offset + 7] = uint256(update.claim);
        inputs[offset + 8] = uint160(terms.recipient);
        inputs[offset + 9] = update.rho;
        for (uint256 i = 0; i < _cipherElements; ++i) {
            inputs[offset + PLAIN_INPUTS + i] = update.ciphertext[i];
        }
        inputs[offset + PLAIN_INPUTS + _cipherElements] = terms.reduceOnly;
    }

    function _allocate(uint256 count) private view returns (Proof[] memory proofs, uint256[] memory inputs) {
        proofs = new Proof[](count);
        inputs = new uint256[](count * _inputCount());
    }

    function _inputCount() private view returns (uint256) {
        return PLAIN_INPUTS + _cipherElements + 1;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {JointPairing} from "../groth16/JointPairing.sol";
import {StateChange} from "../interfaces/IAccountLife.sol";
import {Ground} from "../interfaces/ICommitments.sol";
import {G1Point, IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {ILiquidationEngine, LiquidationTerms, Takeover} from "../interfaces/ILiquidationEngine.sol";
import {Claim, IMarginBook} from "../interfaces/IMarginBook.sol";
import {IPriceRounds, VectorKind} from "../interfaces/IPriceRounds.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {Statements} from "../libraries/Statements.sol";

/// @title LiquidationProofs
/// @notice Proofs that a liquidation takes, and their public signals: `margin` (spec ZS-20), `release` (ZS-76) with the `update`
///         (ZS-61) of the taker, and `writeoff` (ZS-62).
/// @dev Points of a round are stored under round, kind of margin, whether it is for the cure window, spot scale, statement and
///      key digest. All else that they take is fixed for ever: the price source and the spot assets of the book, and the terms.
abstract contract LiquidationProofs is ILiquidationEngine {
    /// @dev Rates and shares are in 1e-4.
    uint256 internal constant BASIS = 10_000;

    /// @dev Which side of a ticket the taker is on.
    uint256 private constant BUYS = 1;

    /// @dev Positions of what is not 0 among the signals of a takeover's `update`: oldCommitment, newCommitment, ticket, side,
    ///      asset, amount, isWithdrawal, claim, recipient, rho; after them the ciphertext, and reduceOnly.
    uint256 private constant UPDATE_INPUTS = 10;
    uint256 private constant UPDATE_CLAIM = 7;
    uint256 private constant UPDATE_RHO = 9;

    /// @dev oldCommitment, newCommitment, ticket, taker, rate, uncoveredRate, cured, rho; then the ciphertext.
    uint256 private constant RELEASE_INPUTS = 8;

    /// @dev sellable, floorRate, bufferRate, leastShare, leastAmount, dust: after e, d and x.
    uint256 private constant LIMITS = 6;

    /// @dev oldCommitment, newCommitment, amount, rho; then the ciphertext.
    uint256 private constant WRITEOFF_INPUTS = 4;

    uint256 private constant MARGIN_INPUTS = 3; // commitment, healthy, recipient

    /// @dev What the rho of a write-off is a hash of, beside the commitment: no ticket, which are hashes of another kind.
    bytes32 private constant WRITEOFF_TAG = "writeoff";

    uint256 private constant AMOUNT_LIMIT = 1 << 150;

    /// @inheritdoc ILiquidationEngine
    IMarginBook public immutable book;

    /// @inheritdoc ILiquidationEngine
    IGroth16Verifier public immutable marginVerifier;

    /// @inheritdoc ILiquidationEngine
    IGroth16Verifier public immutable releaseVerifier;

    /// @inheritdoc ILiquidationEngine
    IGroth16Verifier public immutable writeoffVerifier;

    uint256 private immutable _slots;
    uint256 private immutable _elements;
    bytes32 private immutable _marginKey;
    bytes32 private immutable _releaseKey;
    uint256 private immutable _writeoffX;
    uint256 private immutable _writeoffY;
    uint256 private immutable _maintenanceBuffer;
    uint256 private immutable _overdraftBuffer;
    uint256 private immutable _leastShare;
    uint256 private immutable _leastAmount;
    uint256 private immutable _dust;

    mapping(bytes32 id => G1Point) private _points;

    /// @param book_ May have no code yet: a book names its modules at deployment.
    /// @param slots N of the book.
    /// @param verifiers Of `margin`, `release` and `writeoff` for N.
    /// @param terms What a release is held to.
    constructor(IMarginBook book_, uint256 slots, IGroth16Verifier[3] memory verifiers, LiquidationTerms memory terms) {
        uint256 elements = Statements.cipherElements(slots);
        Statements.requireStatement(verifiers[0], "margin", slots, MARGIN_INPUTS, 3 * slots);
        Statements.requireStatement(verifiers[1], "release", slots, RELEASE_INPUTS + elements, 3 * slots + LIMITS);
        Statements.requireStatement(verifiers[2], "writeoff", slots, WRITEOFF_INPUTS + elements, 0);
        if (terms.maintenanceBuffer > BASIS) revert TermOutOfRange("maintenanceBuffer");
        if (terms.overdraftBuffer > BASIS) revert TermOutOfRange("overdraftBuffer");
        if (terms.leastShare > BASIS) revert TermOutOfRange("leastShare");
        if (terms.leastAmount == 0 || terms.leastAmount >= AMOUNT_LIMIT) revert TermOutOfRange("leastAmount");
        if (terms.dust >= AMOUNT_LIMIT) revert TermOutOfRange("dust");
        (book, _slots, _elements) = (book_, slots, elements);
        (marginVerifier, releaseVerifier, writeoffVerifier) = (verifiers[0], verifiers[1], verifiers[2]);
        _marginKey = keccak256(abi.encode("margin", verifiers[0].keyDigest()));
        _releaseKey = keccak256(abi.encode("release", verifiers[1].keyDigest()));
        (_writeoffX, _writeoffY) = Statements.fixedPoint(verifiers[2]);
        (_maintenanceBuffer, _overdraftBuffer) = (terms.maintenanceBuffer, terms.overdraftBuffer);
        (_leastShare, _leastAmount, _dust) = (terms.leastShare, terms.leastAmount, terms.dust);
    }

    /// @inheritdoc ILiquidationEngine
    function prepareRound(uint64 roundId, Ground ground) external {
        IPriceRounds rounds = book.rounds();
        _marginPoint(rounds, roundId, ground);
        _releasePoint(rounds, roundId, ground, false);
    }

    /// @inheritdoc ILiquidationEngine
    function floorRate(Ground ground) public view virtual returns (uint256);

    /// @inheritdoc ILiquidationEngine
    function releaseRho(uint256 oldCommitment, uint256 ticket) public pure returns (uint256) {
        return _rhoOf(oldCommitment, bytes32(ticket));
    }

    /// @inheritdoc ILiquidationEngine
    function writeoffRho(uint256 oldCommitment) public pure returns (uint256) {
        return _rhoOf(oldCommitment, WRITEOFF_TAG);
    }

    /// @dev Called before a point of a round is stored.
    function _onPrepared(uint64 roundId, Ground ground) internal virtual;

    /// @dev Reverts unless an account is on that side of its margin at a round, which exists.
    function _requireMargin(
        uint256 commitment,
        Ground ground,
        bool healthy,
        uint64 roundId,
        address recipient,
        Proof calldata proof
    ) internal {
        uint256[] memory inputs = new uint256[](MARGIN_INPUTS);
        (inputs[0], inputs[1], inputs[2]) = (commitment, healthy ? 1 : 0, uint160(recipient));
        _verify(marginVerifier, proof, inputs, _marginPoint(book.rounds(), roundId, ground));
    }

    /// @dev Reverts unless both sides of a takeover are proven at its round, which exists.
    /// @param isEarly Whether only equity below 0 counts as not paying the least rate.
    function _requireTakeover(IPriceRounds rounds, Takeover calldata takeover, bool isEarly) internal {
        (StateChange calldata victim, StateChange calldata buyer) = (takeover.victim, takeover.buyer);
        uint256[] memory sold = _inputs(RELEASE_INPUTS, victim.ciphertext, 0);
        (sold[0], sold[1], sold[2]) = (victim.oldCommitment, victim.newCommitment, takeover.ticket);
        if (takeover.isReserved) sold[3] = buyer.account;
        (sold[4], sold[5], sold[6]) = (takeover.rate, takeover.uncoveredRate, takeover.isCured ? 1 : 0);
        sold[7] = victim.rho;
        uint256[] memory bought = _inputs(UPDATE_INPUTS, buyer.ciphertext, 1);
        (bought[0], bought[1], bought[2]) = (buyer.oldCommitment, buyer.newCommitment, takeover.ticket);
        (bought[3], bought[UPDATE_CLAIM], bought[UPDATE_RHO]) = (BUYS, uint256(Claim.MeetsInitialMargin), buyer.rho);
        // Not `reduceOnly`: what is delisted, or at its expiry, has to be sold all the same.
        bought[bought.length - 1] = rounds.staleSlots(takeover.roundId);
        G1Point memory point = book.prepareRound(takeover.roundId);
        JointPairing.requireBoth(
            JointPairing.Terms(book.verifier(), point, bought),
            buyer.proof,
            JointPairing.Terms(
                releaseVerifier, _releasePoint(rounds, takeover.roundId, takeover.ground, isEarly), sold
            ),
            victim.proof
        );
    }

    /// @dev Reverts unless an account holds nothing, owes the amount, and is empty afterwards.
    function _requireWriteoff(uint256 amount, StateChange calldata change) internal view {
        uint256[] memory inputs = _inputs(WRITEOFF_INPUTS, change.ciphertext, 0);
        (inputs[0], inputs[1]) = (change.oldCommitment, change.newCommitment);
        (inputs[2], inputs[3]) = (amount, change.rho);
        _verify(writeoffVerifier, change.proof, inputs, G1Point(_writeoffX, _writeoffY));
    }

    /// @dev What a release is held to, as it was given.
    function _releaseTerms() internal view returns (LiquidationTerms memory terms) {
        (terms.maintenanceBuffer, terms.overdraftBuffer) = (uint16(_maintenanceBuffer), uint16(_overdraftBuffer));
        (terms.leastShare, terms.leastAmount, terms.dust) = (uint16(_leastShare), _leastAmount, _dust);
    }

    function _marginPoint(IPriceRounds rounds, uint64 roundId, Ground ground) private returns (G1Point memory) {
        return _point(marginVerifier, _marginKey, rounds, roundId, ground, false);
    }

    function _releasePoint(IPriceRounds rounds, uint64 roundId, Ground ground, bool isEarly)
        private
        returns (G1Point memory)
    {
        return _point(releaseVerifier, _releaseKey, rounds, roundId, ground, isEarly);
    }

    /// @dev The point of a round, computed and stored if it was not. Reverts for a round that does not exist.
    function _point(
        IGroth16Verifier verifier,
        bytes32 key,
        IPriceRounds rounds,
        uint64 roundId,
        Ground ground,
        bool isEarly
    ) private returns (G1Point memory point) {
        uint256 scale = book.spotScale(roundId);
        G1Point storage stored = _points[keccak256(abi.encode(key, roundId, ground, scale, isEarly))];
        point = stored;
        // (0, 0) is no point of the curve, so it can only be storage that was never written.
        if (point.y != 0) return point;
        _onPrepared(roundId, ground);
        uint256[] memory inputs = _vectors(rounds, roundId, ground, scale);
        if (key == _releaseKey) inputs = _withLimits(inputs, rounds, roundId, ground, isEarly);
        point = verifier.computeRoundPoint(inputs);
        (stored.x, stored.y) = (point.x, point.y);
        emit LiquidationRoundPrepared(roundId, ground);
    }

    /// @dev What `release` takes from a round.
    function _withLimits(uint256[] memory vectors, IPriceRounds rounds, uint64 roundId, Ground ground, bool isEarly)
        private
        view
        returns (uint256[] memory inputs)
    {
        uint256 count = vectors.length;
        inputs = new uint256[](count + LIMITS);
        for (uint256 i = 0; i < count; ++i) {
            inputs[i] = vectors[i];
        }
        inputs[count] = _sellable(rounds, roundId, ground);
        inputs[count + 1] = isEarly ? 0 : floorRate(ground);
        inputs[count + 2] = ground == Ground.Overdraft ? _overdraftBuffer : _maintenanceBuffer;
        (inputs[count + 3], inputs[count + 4], inputs[count + 5]) = (_leastShare, _leastAmount, _dust);
    }

    /// @dev e, d and x at the kind of a ground.
    function _vectors(IPriceRounds rounds, uint64 roundId, Ground ground, uint256 scale)
        private
        view
        returns (uint256[] memory)
    {
        VectorKind[] memory kinds = new VectorKind[](1);
        kinds[0] = ground == Ground.Overdraft ? VectorKind.Overdraft : VectorKind.Maintenance;
        return rounds.roundInputs(roundId, kinds, scale);
    }

    /// @dev The slots that can be sold: at a stale price none, and for an overdraft only what has a token.
    function _sellable(IPriceRounds rounds, uint64 roundId, Ground ground) private view returns (uint256) {
        uint256 slots = ground == Ground.Overdraft ? book.spotAssets() : (1 << _slots) - 1;
        return slots & ~rounds.staleSlots(roundId);
    }

    function _verify(
        IGroth16Verifier verifier,
        Proof calldata proof,
        uint256[] memory inputs,
        G1Point memory roundPoint
    ) private view {
        verifier.verify(proof, inputs, roundPoint);
    }

    /// @return inputs Room for the plain public signals, then the ciphertext, then room for more.
    function _inputs(uint256 plain, uint256[] calldata ciphertext, uint256 more)
        private
        view
        returns (uint256[] memory inputs)
    {
        if (ciphertext.length != _elements) revert WrongCiphertextLength();
        inputs = new uint256[](plain + _elements + more);
        for (uint256 i = 0; i < ciphertext.length; ++i) {
            inputs[plain + i] = ciphertext[i];
        }
    }

    /// @dev A reader of the account must not choose it: an old state sealed again under its old rho would bring its old
    ///      commitment back, and with it what its owner once signed (spec ZS-80).
    function _rhoOf(uint256 oldCommitment, bytes32 of_) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(oldCommitment, of_))) % Bn254.SCALAR_MODULUS;
    }
}

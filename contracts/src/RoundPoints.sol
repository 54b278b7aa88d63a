// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {G1Point, IGroth16Verifier} from "./interfaces/IGroth16Verifier.sol";
import {IPriced} from "./interfaces/IPriced.sol";
import {IPriceRounds, VectorKind} from "./interfaces/IPriceRounds.sol";

/// @title RoundPoints
/// @notice The points of prepared rounds for one verifier and one price source.
/// @dev A point is stored under round, statement, vector kind and key digest, so that none can ever be taken for that of
///      another statement or key; the price source is fixed, and its rounds never change.
abstract contract RoundPoints is IPriced {
    /// @inheritdoc IPriced
    IPriceRounds public immutable rounds;

    /// @notice The verifier.
    IGroth16Verifier public immutable verifier;

    VectorKind private immutable _kind;
    bytes32 private immutable _domain;

    mapping(bytes32 id => G1Point) internal _points;

    constructor(IPriceRounds rounds_, IGroth16Verifier verifier_, VectorKind kind) {
        rounds = rounds_;
        verifier = verifier_;
        _kind = kind;
        _domain = keccak256(abi.encode(verifier_.statement(), kind, verifier_.keyDigest()));
    }

    /// @dev Called when a point was stored.
    function _onPrepared(uint64 roundId) internal virtual;

    /// @dev The point of a round, computed and stored if it was not. Reverts for a round that does not exist.
    ///      A statement that takes more from a round than e and one d overrides it, with the same cache.
    function _roundPoint(uint64 roundId) internal virtual returns (G1Point memory point) {
        G1Point storage stored = _points[_id(roundId)];
        point = stored;
        if (!_isSet(point)) {
            point = verifier.computeRoundPoint(rounds.roundInputs(roundId, _kind));
            (stored.x, stored.y) = (point.x, point.y);
            _onPrepared(roundId);
        }
    }

    /// @dev Whether the point of a round is stored.
    function _isPrepared(uint64 roundId) internal view returns (bool) {
        return _isSet(_points[_id(roundId)]);
    }

    /// @dev Under what the point of a round is stored.
    function _id(uint64 roundId) internal view returns (bytes32) {
        return keccak256(abi.encode(_domain, roundId));
    }

    /// @dev (0, 0) is no point of the curve, so it can only be storage that was never written. A y of 0 is none either.
    function _isSet(G1Point memory point) internal pure returns (bool) {
        return point.y != 0;
    }
}

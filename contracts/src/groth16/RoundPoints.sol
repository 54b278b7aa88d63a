// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IPriced} from "../interfaces/IPriced.sol";
import {IPriceRounds, VectorKind} from "../interfaces/IPriceRounds.sol";
import {IVerified} from "../interfaces/IVerified.sol";
import {MarginMath} from "../libraries/MarginMath.sol";

/// @title RoundPoints
/// @notice The points of prepared rounds for one verifier and one price source.
/// @dev A point is stored under round, spot scale, statement, vector kinds and key digest, so that none can ever be taken
///      for that of another scale, statement or key; the price source is fixed, and its rounds never change.
abstract contract RoundPoints is IPriced, IVerified {
    /// @inheritdoc IPriced
    IPriceRounds public immutable rounds;

    /// @inheritdoc IVerified
    IGroth16Verifier public immutable verifier;

    bytes32 private immutable _domain;

    mapping(bytes32 id => G1Point) private _points;

    constructor(IPriceRounds rounds_, IGroth16Verifier verifier_) {
        rounds = rounds_;
        verifier = verifier_;
        _domain = keccak256(abi.encode(verifier_.statement(), _kinds(), verifier_.keyDigest()));
    }

    /// @dev Called when a point was stored.
    function _onPrepared(uint64 roundId) internal virtual;

    /// @dev The point of a round, computed and stored if it was not. Reverts for a round that does not exist.
    function _roundPoint(uint64 roundId) internal returns (G1Point memory point) {
        uint256 scale = _spotScale(roundId);
        G1Point storage stored = _points[_id(roundId, scale)];
        point = stored;
        if (!_isSet(point)) {
            point = verifier.computeRoundPoint(_roundInputs(roundId, scale));
            (stored.x, stored.y) = (point.x, point.y);
            _onPrepared(roundId);
        }
    }

    /// @dev Whether the point of a round is stored.
    function _isPrepared(uint64 roundId) internal view returns (bool) {
        return _isSet(_points[_id(roundId, _spotScale(roundId))]);
    }

    /// @dev What the statement takes from a round.
    function _roundInputs(uint64 roundId, uint256 scale) internal view virtual returns (uint256[] memory) {
        return rounds.roundInputs(roundId, _kinds(), scale);
    }

    /// @dev What spot prices are multiplied with at a round [1e-18].
    function _spotScale(uint64) internal view virtual returns (uint256) {
        return MarginMath.UNSCALED;
    }

    /// @dev The kinds of margin that the statement takes, in its order.
    function _kinds() internal pure virtual returns (VectorKind[] memory);

    /// @dev Under what the point of a round is stored.
    function _id(uint64 roundId, uint256 scale) private view returns (bytes32) {
        return keccak256(abi.encode(_domain, roundId, scale));
    }

    /// @dev (0, 0) is no point of the curve, so it can only be storage that was never written. A y of 0 is none either.
    function _isSet(G1Point memory point) private pure returns (bool) {
        return point.y != 0;
    }
}

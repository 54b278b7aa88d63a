// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening} from "../interfaces/IMarginBook.sol";
import {Poseidon3} from "../libraries/Poseidon3.sol";
import {Statements} from "../libraries/Statements.sol";

/// @title Openings
/// @notice Proofs of `open`, bound to this contract on this chain (spec ZS-60).
abstract contract Openings is IMarginBook {
    /// @dev The ASCII text as an integer (spec ZS-11).
    uint256 private constant TAG_DOMAIN = uint136(bytes17("zksolvency.domain"));

    /// @dev commitment, identity, domain, ownerTag, ownerPoint[2], guardianPoint[2], rho.
    uint256 private constant PLAIN_INPUTS = 9;

    /// @notice The verifier of `open`.
    IGroth16Verifier public immutable openVerifier;

    /// @inheritdoc IMarginBook
    uint256 public immutable domain;

    /// @dev `open` has no round inputs, so its round point is always the same.
    uint256 private immutable _pointX;
    uint256 private immutable _pointY;

    constructor(IGroth16Verifier openVerifier_, uint256 slots) {
        uint256 elements = Statements.cipherElements(slots);
        Statements.requireStatement(openVerifier_, "open", slots, PLAIN_INPUTS + elements, 0);
        openVerifier = openVerifier_;
        domain = Poseidon3.hash(TAG_DOMAIN, block.chainid, uint160(address(this)));
        (_pointX, _pointY) = Statements.fixedPoint(openVerifier_);
    }

    /// @dev Reverts unless an opening is proven.
    function _requireOpening(Opening calldata opening) internal view {
        uint256 elements = opening.ciphertext.length;
        uint256[] memory inputs = new uint256[](PLAIN_INPUTS + elements);
        inputs[0] = opening.commitment;
        inputs[1] = opening.identity;
        inputs[2] = domain;
        inputs[3] = opening.ownerTag;
        (inputs[4], inputs[5]) = (opening.ownerPoint[0], opening.ownerPoint[1]);
        (inputs[6], inputs[7]) = (opening.guardianPoint[0], opening.guardianPoint[1]);
        inputs[8] = opening.rho;
        for (uint256 i = 0; i < elements; ++i) {
            inputs[PLAIN_INPUTS + i] = opening.ciphertext[i];
        }
        openVerifier.verify(opening.proof, inputs, G1Point(_pointX, _pointY));
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Margin13Verifier} from "../../generated/Margin13Verifier.sol";

/// @dev The key of margin-13 with one thing changed each: keys that the generator would never write.

uint256 constant BETA = 0x040;
uint256 constant GAMMA = 0x100;
uint256 constant DELTA = 0x1c0;

contract NoContributionVerifier is Margin13Verifier {
    function _loadPairs(uint256 pairs) internal pure override {
        super._loadPairs(pairs);
        assembly ("memory-safe") {
            mcopy(add(pairs, DELTA), add(pairs, GAMMA), 0x80)
        }
    }
}

contract OtherDeltaVerifier is Margin13Verifier {
    function _loadPairs(uint256 pairs) internal pure override {
        super._loadPairs(pairs);
        assembly ("memory-safe") {
            mcopy(add(pairs, DELTA), add(pairs, BETA), 0x80)
        }
    }
}

contract GammaAtInfinityVerifier is Margin13Verifier {
    function _loadPairs(uint256 pairs) internal pure override {
        super._loadPairs(pairs);
        assembly ("memory-safe") {
            calldatacopy(add(pairs, GAMMA), calldatasize(), 0x80)
        }
    }
}

contract UnboundRecipientVerifier is Margin13Verifier {
    function _loadProofPoints(uint256 points) internal pure override {
        super._loadProofPoints(points);
        assembly ("memory-safe") {
            calldatacopy(add(points, 0x80), calldatasize(), 0x40)
        }
    }
}

contract OffCurveRoundPointVerifier is Margin13Verifier {
    function _loadRoundPoints(uint256 points) internal pure override {
        super._loadRoundPoints(points);
        assembly ("memory-safe") {
            mstore(points, add(mload(points), 1))
        }
    }
}

contract CeremonyVerifier is Margin13Verifier {
    function isDevelopmentKey() public pure override returns (bool) {
        return false;
    }
}

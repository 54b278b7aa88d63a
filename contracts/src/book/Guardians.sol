// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IMarginBook} from "../interfaces/IMarginBook.sol";

/// @title Guardians
/// @notice The guardians that new accounts may name as readers. No proof shows that the secret of a point is known, and
///         an account that only its owner can read could not be liquidated. So the book's owner accepts points.
abstract contract Guardians is IMarginBook, Ownable2Step {
    /// @inheritdoc IMarginBook
    mapping(bytes32 guardian => bool) public guardianAccepted;

    constructor(address owner, uint256[2][] memory points) Ownable(owner) {
        for (uint256 i = 0; i < points.length; ++i) {
            _setGuardian(points[i], true);
        }
    }

    /// @inheritdoc IMarginBook
    function setGuardian(uint256[2] calldata point, bool accepted) external onlyOwner {
        _setGuardian(point, accepted);
    }

    /// @inheritdoc IMarginBook
    function guardianId(uint256[2] memory point) public pure returns (bytes32) {
        return keccak256(abi.encode(point));
    }

    function _setGuardian(uint256[2] memory point, bool accepted) private {
        bytes32 guardian = guardianId(point);
        if (guardianAccepted[guardian] == accepted) revert GuardianUnchanged();
        guardianAccepted[guardian] = accepted;
        emit GuardianSet(guardian, point, accepted);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IBookVault} from "../../src/interfaces/IBookVault.sol";
import {BookAccount, Ground, IAccountReports} from "../../src/interfaces/ICommitments.sol";
import {IPriceRounds} from "../../src/interfaces/IPriceRounds.sol";

/// @dev Says of an account what it is told to say, and takes every report.
contract TestBook is IAccountReports {
    IPriceRounds public rounds;
    uint256 private _spotScale = 1e18;
    mapping(uint256 account => BookAccount) private _accounts;

    constructor(IPriceRounds rounds_) {
        rounds = rounds_;
    }

    function set(uint256 account, uint256 commitment, uint64 changedAtRound) external {
        _accounts[account].commitment = commitment;
        _accounts[account].changedAtRound = changedAtRound;
    }

    function recordSolvent(uint256 account, uint256, uint64 roundId) external {
        _accounts[account].provenAtRound = roundId;
    }

    function recordFlag(uint256 account, uint256, Ground, uint64 roundId, address) external {
        _accounts[account].provenAtRound = roundId;
        _accounts[account].maintenanceFlaggedAt = uint48(block.timestamp);
    }

    function setSpotScale(uint256 spotScale_) external {
        _spotScale = spotScale_;
    }

    function spotScale(uint64) external view returns (uint256) {
        return _spotScale;
    }

    function accountState(uint256 account) external view returns (BookAccount memory) {
        return _accounts[account];
    }

    function commitmentsOf(uint256[] calldata accounts) external pure returns (uint256[] memory) {
        return new uint256[](accounts.length);
    }

    function accountCount() external pure returns (uint256) {
        return 0;
    }
}

/// @dev Calls the gate that asks it.
contract ReentrantBook {
    IPriceRounds public rounds;
    bytes private _call;

    constructor(IPriceRounds rounds_) {
        rounds = rounds_;
    }

    function callBack(bytes calldata call_) external {
        _call = call_;
    }

    function spotScale(uint64) external pure returns (uint256) {
        return 1e18;
    }

    function accountState(uint256) external returns (BookAccount memory state) {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory reason) = msg.sender.call(_call);
        if (success) {
            state.commitment = 1;
            return state;
        }
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}

/// @dev Names a vault, as a book does that was deployed with it.
contract VaultsBook {
    IBookVault public vault;

    function setVault(IBookVault vault_) external {
        vault = vault_;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ground} from "../../src/interfaces/ICommitments.sol";
import {IMarginBook, Opening} from "../../src/interfaces/IMarginBook.sol";

/// @dev Tells a book what it is told to, without having verified anything.
contract TestModule {
    IMarginBook private immutable _book;

    constructor(IMarginBook book) {
        _book = book;
    }

    function replaceState(
        uint256 account,
        uint256 oldCommitment,
        uint256 newCommitment,
        uint64 roundId,
        uint32 epoch,
        uint256 rho,
        uint256[] calldata ciphertext
    ) external {
        _book.replaceState(account, oldCommitment, newCommitment, roundId, epoch, rho, ciphertext);
    }

    function moveAccount(uint256 account, uint256 oldCommitment, Opening calldata opening) external {
        _book.moveAccount(account, oldCommitment, opening);
    }

    function closeAccount(uint256 account, uint256 commitment) external {
        _book.closeAccount(account, commitment);
    }

    function queueWithdrawal(uint256 account, uint256 amount, address recipient) external {
        _book.queueWithdrawal(account, amount, recipient);
    }

    function recordSolvent(uint256 account, uint256 commitment, uint64 roundId) external {
        _book.recordSolvent(account, commitment, roundId);
    }

    function recordFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId, address recipient)
        external
    {
        _book.recordFlag(account, commitment, ground, roundId, recipient);
    }

    function clearFlag(uint256 account, uint256 commitment, Ground ground, uint64 roundId) external {
        _book.clearFlag(account, commitment, ground, roundId);
    }
}

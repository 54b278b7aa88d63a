// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IBookVault} from "../interfaces/IBookVault.sol";

/// @title ExactTransfers
/// @notice Transfers that move what they are told to, or revert: a token with fees would be paid for by all who share a
///         balance.
library ExactTransfers {
    using SafeERC20 for IERC20;

    /// @dev From an address that has approved this contract.
    function receiveFrom(IERC20 token, address from, uint256 amount) internal {
        receiveFrom(token, from, amount, token.balanceOf(address(this)));
    }

    /// @param balance Of this contract.
    function receiveFrom(IERC20 token, address from, uint256 amount, uint256 balance) internal {
        token.safeTransferFrom(from, address(this), amount);
        if (token.balanceOf(address(this)) != balance + amount) revert IBookVault.InexactTransfer();
    }

    function sendTo(IERC20 token, address to, uint256 amount) internal {
        uint256 balance = token.balanceOf(address(this));
        token.safeTransfer(to, amount);
        if (token.balanceOf(address(this)) != balance - amount) revert IBookVault.InexactTransfer();
    }
}

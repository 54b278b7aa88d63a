// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IBookVault} from "../interfaces/IBookVault.sol";

/// @title BookVault
/// @notice See IBookVault.
/// @dev Balances are measured around every transfer, so that a token which takes fees is refused, and one that rebased
///      downwards does not move: neither is paid for by those who hold other accounts. What is sent to the vault unasked, or
///      added by a rebase, belongs to no account, and cannot stop it. A token that calls back meets the book's guard.
contract BookVault is IBookVault {
    using SafeERC20 for IERC20;

    struct Holding {
        IERC20 token;
        /// Net transfers, in the token's own units.
        uint256 amount;
    }

    /// @inheritdoc IBookVault
    address public immutable book;

    mapping(uint256 asset => Holding) private _holdings;

    modifier onlyBook() {
        if (msg.sender != book) revert NotTheBook();
        _;
    }

    /// @dev The deployer is the book, and has checked the tokens.
    /// @param tokens One for each slot, zero for a derivative, then that of the settlement currency.
    constructor(address[] memory tokens) {
        book = msg.sender;
        for (uint256 i = 0; i < tokens.length; ++i) {
            _holdings[i].token = IERC20(tokens[i]);
        }
    }

    /// @inheritdoc IBookVault
    function collect(uint256 asset, uint256 amount, address from) external onlyBook {
        Holding storage holding = _holdings[asset];
        (IERC20 token, uint256 held) = (holding.token, holding.amount);
        uint256 balance = _measure(token, held);
        holding.amount = held + amount;
        token.safeTransferFrom(from, address(this), amount);
        if (token.balanceOf(address(this)) != balance + amount) revert InexactTransfer();
    }

    /// @inheritdoc IBookVault
    function pay(uint256 asset, uint256 amount, address recipient) external onlyBook {
        Holding storage holding = _holdings[asset];
        (IERC20 token, uint256 held) = (holding.token, holding.amount);
        uint256 balance = _measure(token, held);
        if (held < amount) revert HoldingsExhausted();
        holding.amount = held - amount;
        token.safeTransfer(recipient, amount);
        if (token.balanceOf(address(this)) != balance - amount) revert InexactTransfer();
    }

    /// @inheritdoc IBookVault
    function tokenOf(uint256 asset) external view returns (address) {
        return address(_holdings[asset].token);
    }

    /// @inheritdoc IBookVault
    function holdingsOf(uint256 asset) external view returns (uint256) {
        return _holdings[asset].amount;
    }

    /// @dev While less is there than came in, nothing is paid to one at the expense of the others.
    function _measure(IERC20 token, uint256 held) private view returns (uint256 balance) {
        balance = token.balanceOf(address(this));
        if (balance < held) revert HoldingsShort();
    }
}

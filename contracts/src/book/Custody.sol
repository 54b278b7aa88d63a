// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {TokenScale} from "../libraries/TokenScale.sol";

/// @title Custody
/// @notice The tokens behind the accounts. They are fixed at deployment: a slot that could get a token later could be
///         shorted before, and a long position in it would turn into a claim on that token.
/// @dev Balances are measured around every transfer, so that a token which takes fees is refused, and one that rebased
///      downwards stands still: neither is paid for by those who hold other accounts. What is sent to the book unasked, or
///      added by a rebase, belongs to nobody, and cannot stop it.
abstract contract Custody is IMarginBook {
    using SafeERC20 for IERC20;

    struct Holding {
        IERC20 token;
        uint8 decimals;
        /// Net transfers, in the token's own units.
        uint256 amount;
    }

    uint256 private constant BALANCE_DECIMALS = 9;
    uint256 private constant QUOTE_DECIMALS = 18;

    /// @inheritdoc IMarginBook
    uint256 public immutable spotAssets;

    uint256 private immutable _settlementAsset;

    mapping(uint256 asset => Holding) private _holdings;

    /// @param tokens One for each slot, zero for a derivative, then that of the settlement currency.
    /// @param slots N.
    constructor(address[] memory tokens, uint256 slots) {
        if (tokens.length != slots + 1 || tokens[slots] == address(0)) revert WrongTokens();
        _settlementAsset = slots;
        uint256 spot = 0;
        for (uint256 i = 0; i <= slots; ++i) {
            if (tokens[i] == address(0)) continue;
            for (uint256 j = 0; j < i; ++j) {
                if (tokens[j] == tokens[i]) revert WrongTokens();
            }
            if (tokens[i].code.length == 0) revert NotAContract(tokens[i]);
            uint8 decimals = IERC20Metadata(tokens[i]).decimals();
            if (decimals > TokenScale.MAX_DECIMALS) revert TooManyDecimals(i);
            _holdings[i] = Holding({token: IERC20(tokens[i]), decimals: decimals, amount: 0});
            if (i < slots) spot |= 1 << i;
        }
        spotAssets = spot;
    }

    /// @inheritdoc IMarginBook
    function tokenOf(uint256 asset) external view returns (address) {
        return address(_holdings[asset].token);
    }

    /// @inheritdoc IMarginBook
    function holdingsOf(uint256 asset) external view returns (uint256) {
        return _holdings[asset].amount;
    }

    /// @dev The amount in the token's own units; reverts where there is no token, nothing, or no exact amount.
    function _tokenAmount(uint256 asset, uint256 units) internal view returns (uint256 amount) {
        Holding storage holding = _holdings[asset];
        if (address(holding.token) == address(0)) revert NoToken();
        if (units == 0) revert ZeroAmount();
        uint256 unitDecimals = asset == _settlementAsset ? QUOTE_DECIMALS : BALANCE_DECIMALS;
        bool exact;
        (exact, amount) = TokenScale.toToken(units, unitDecimals, holding.decimals);
        if (!exact) revert AmountDoesNotScale();
    }

    /// @dev The last step of its caller: the token may call back.
    function _collect(uint256 asset, uint256 amount, address from) internal {
        (Holding storage holding, uint256 balance) = _measured(asset);
        IERC20 token = holding.token;
        holding.amount += amount;
        token.safeTransferFrom(from, address(this), amount);
        if (token.balanceOf(address(this)) != balance + amount) revert InexactTransfer();
    }

    /// @dev The last step of its caller: the token may call back.
    function _pay(uint256 asset, uint256 amount, address recipient) internal {
        (Holding storage holding, uint256 balance) = _measured(asset);
        IERC20 token = holding.token;
        if (holding.amount < amount) revert HoldingsExhausted();
        holding.amount -= amount;
        token.safeTransfer(recipient, amount);
        if (token.balanceOf(address(this)) != balance - amount) revert InexactTransfer();
    }

    /// @dev While less is there than came in, nobody is paid first at the expense of the others.
    function _measured(uint256 asset) private view returns (Holding storage holding, uint256 balance) {
        holding = _holdings[asset];
        balance = holding.token.balanceOf(address(this));
        if (balance < holding.amount) revert HoldingsShort();
    }
}

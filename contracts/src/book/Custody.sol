// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {IBookVault, VaultSettings} from "../interfaces/IBookVault.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../interfaces/IShortfallLedger.sol";
import {TokenScale} from "../libraries/TokenScale.sol";
import {Permissions} from "./Permissions.sol";

/// @title Custody
/// @notice Which tokens stand behind the accounts, and how amounts of the statements are amounts of them. They are fixed at
///         deployment: a slot that could get a token later could be shorted before, and a long position in it would
///         turn into a claim on that token.
abstract contract Custody is Permissions {
    uint256 private constant BALANCE_DECIMALS = 9;
    uint256 private constant QUOTE_DECIMALS = 18;

    /// @dev Slots whose decimals fit one word, beside those of the settlement currency.
    uint256 private constant MAX_SLOTS = 31;

    /// @inheritdoc IMarginBook
    uint256 public immutable spotAssets;

    /// @inheritdoc IMarginBook
    IBookVault public immutable vault;

    /// @dev Of the vault.
    IShortfallLedger internal immutable _ledger;

    /// @dev N.
    uint256 internal immutable _settlementAsset;

    /// @dev Of the token of asset i in byte i, the lowest first.
    uint256 private immutable _decimals;

    /// @param tokens One for each slot, zero for a derivative, then that of the settlement currency.
    /// @param slots N.
    /// @param settings Of the vault.
    constructor(address[] memory tokens, uint256 slots, VaultSettings memory settings) {
        if (slots > MAX_SLOTS || tokens.length != slots + 1 || tokens[slots] == address(0)) {
            revert WrongTokens();
        }
        // Else an account could be emptied before those whom it owes can act on its flag.
        if (cureWindow >= settings.terms.delay) revert CureWindowOutOfRange(cureWindow);
        _settlementAsset = slots;
        uint256 spot = 0;
        uint256 packed = 0;
        for (uint256 i = 0; i <= slots; ++i) {
            if (tokens[i] == address(0)) continue;
            for (uint256 j = 0; j < i; ++j) {
                if (tokens[j] == tokens[i]) revert WrongTokens();
            }
            if (tokens[i].code.length == 0) revert NotAContract(tokens[i]);
            uint256 decimals = IERC20Metadata(tokens[i]).decimals();
            if (decimals > TokenScale.MAX_DECIMALS) revert TooManyDecimals(i);
            packed |= decimals << (8 * i);
            if (i < slots) spot |= 1 << i;
        }
        (spotAssets, _decimals) = (spot, packed);
        _ledger = settings.terms.ledger;
        vault = settings.factory.create(tokens, breaker, settings.terms);
    }

    /// @dev The amount in the token's own units; reverts where there is no token, nothing, or no exact amount.
    function _tokenAmount(uint256 asset, uint256 units) internal view returns (uint256 amount) {
        bool isSettlement = asset == _settlementAsset;
        // A shift by 256 or more leaves 0.
        if (!isSettlement && (spotAssets >> asset) & 1 == 0) revert NoToken();
        if (units == 0) revert ZeroAmount();
        bool exact;
        uint256 decimals = (_decimals >> (8 * asset)) & 0xff;
        (exact, amount) = TokenScale.toToken(units, isSettlement ? QUOTE_DECIMALS : BALANCE_DECIMALS, decimals);
        if (!exact) revert AmountDoesNotScale();
    }
}

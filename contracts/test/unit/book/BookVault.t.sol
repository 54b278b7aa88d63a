// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice The vault moves tokens for its book and for nobody else. What it does with tokens that misbehave is in
///         MarginBookTokens.t.sol.
contract BookVaultTest is MarginBookFixture {
    function test_theVaultKnowsItsBookAndItsTokens() public view {
        assertEq(vault().book(), address(BOOK));
        assertEq(vault().tokenOf(USDC), address(usdc));
        assertEq(vault().tokenOf(BTC_PERP), address(0));
        assertEq(vault().tokenOf(99), address(0));
        assertEq(vault().holdingsOf(USDC), 0);
    }

    /// @dev Everybody approves the vault: who could call it would take the tokens of all of them.
    function test_onlyTheBookMovesTokens() public {
        open("alice");
        deposit("alice deposits");
        IBookVault vault_ = vault();
        address[3] memory thieves = [address(this), owner, PAYER];
        for (uint256 i = 0; i < thieves.length; ++i) {
            vm.startPrank(thieves[i]);
            vm.expectRevert(IBookVault.NotTheBook.selector);
            vault_.collect(USDC, 1, PAYER);
            vm.expectRevert(IBookVault.NotTheBook.selector);
            vault_.pay(USDC, 1, thieves[i]);
            vm.stopPrank();
        }
        assertEq(usdc.balanceOf(address(vault_)), 100_000e6);
    }

    /// @dev Tokens never pass through the book, and it needs no approval.
    function test_theBookHoldsNothing() public {
        open("alice");
        deposit("alice deposits");
        withdraw("alice withdraws");
        assertEq(usdc.balanceOf(address(BOOK)), 0);
        assertEq(usdc.allowance(PAYER, address(BOOK)), 0);
        assertEq(usdc.balanceOf(address(vault())), 60_000e6);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

import {BookVault} from "../../src/book/BookVault.sol";
import {BookVaultHandler} from "./BookVaultHandler.sol";

/// @title VaultInvariants
/// @notice What no sequence of calls may break. The handler checks besides that each call succeeds when it is due, and
///         only then.
library VaultInvariants {
    string internal constant WHAT_IS_WITHDRAWN_IS_ACCOUNTED_FOR =
        "VAULT-1: withdrawn = paid + claims of the ledger + credits + queued";
    string internal constant TOKENS_COVER_EVERYTHING =
        "VAULT-2: the vault holds what came in less what left, and its queue and credits are no more";
    string internal constant FIRST_IN_FIRST_OUT =
        "VAULT-3: withdrawals are paid in their order, and the first one only in parts";
    string internal constant OUTFLOW_IS_LIMITED =
        "VAULT-4: of a limit L, at most L leaves at once, and at most L (1 + t / 1 h) within a time t";
}

contract BookVaultInvariants is Test {
    BookVaultHandler private handler;
    BookVault private vault;
    uint256[2] private assets = [uint256(0), 2];

    function setUp() public {
        handler = new BookVaultHandler();
        vault = handler.vaultUnderTest();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](9);
        selectors[0] = BookVaultHandler.bringIn.selector;
        selectors[1] = BookVaultHandler.withdraw.selector;
        selectors[2] = BookVaultHandler.payOut.selector;
        selectors[3] = BookVaultHandler.claim.selector;
        selectors[4] = BookVaultHandler.setBlocked.selector;
        selectors[5] = BookVaultHandler.wait.selector;
        selectors[6] = BookVaultHandler.interfere.selector;
        selectors[7] = BookVaultHandler.payOut.selector;
        selectors[8] = BookVaultHandler.wait.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_sumsAndOrder() public view {
        checkSums();
        checkOrder();
    }

    function afterInvariant() public {
        if (!handler.addRun("vault")) return;
        string[] memory kinds = new string[](4);
        kinds[0] = "collect";
        kinds[1] = "enqueue";
        kinds[2] = "payOut";
        kinds[3] = "claimCredit";
        handler.writeDown("vault", kinds);
        handler.requireAccepted("vault", "enqueue", 45);
        handler.requireAccepted("vault", "payOut", 30);
        handler.requireAccepted("vault", "claimCredit", 3);
    }

    function checkSums() private view {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 asset = assets[i];
            uint256 held = vault.holdingsOf(asset);
            uint256 credited = vault.creditedOf(asset);
            uint256 gone = handler.left(asset) + handler.claimsOf(asset) + credited;
            assertEq(
                gone + vault.queuedOf(asset),
                handler.withdrawn(asset),
                VaultInvariants.WHAT_IS_WITHDRAWN_IS_ACCOUNTED_FOR
            );
            assertEq(credited, handler.creditsOf(asset), VaultInvariants.WHAT_IS_WITHDRAWN_IS_ACCOUNTED_FOR);
            assertEq(held, handler.deposited(asset) - handler.left(asset), VaultInvariants.TOKENS_COVER_EVERYTHING);
            assertLe(vault.queuedOf(asset) + credited, held, VaultInvariants.TOKENS_COVER_EVERYTHING);
            uint256 balance = IERC20(vault.tokenOf(asset)).balanceOf(address(vault));
            assertGe(balance, held, VaultInvariants.TOKENS_COVER_EVERYTHING);
        }
    }

    function checkOrder() private view {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 asset = assets[i];
            (uint256 next, uint256 end) = vault.queueOf(asset);
            assertEq(end, handler.requestCount(asset), VaultInvariants.FIRST_IN_FIRST_OUT);
            uint256 sum = 0;
            for (uint256 index = 0; index < end; ++index) {
                uint256 amount = vault.withdrawalAt(asset, index).amount;
                uint256 whole = handler.amountAt(asset, index);
                sum += amount;
                if (index < next) assertEq(amount, 0, VaultInvariants.FIRST_IN_FIRST_OUT);
                if (index == next) assertLe(amount, whole, VaultInvariants.FIRST_IN_FIRST_OUT);
                if (index == next) assertGt(amount, 0, VaultInvariants.FIRST_IN_FIRST_OUT);
                if (index > next) assertEq(amount, whole, VaultInvariants.FIRST_IN_FIRST_OUT);
            }
            assertEq(sum, vault.queuedOf(asset), VaultInvariants.FIRST_IN_FIRST_OUT);
        }
    }
}

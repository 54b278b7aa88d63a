// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {MarginBook} from "../../src/book/MarginBook.sol";
import {IBookVault} from "../../src/interfaces/IBookVault.sol";
import {BookAccount} from "../../src/interfaces/ICommitments.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @title MarketInvariants
/// @notice What no sequence of calls may break, whatever the owners can prove. The handler judges besides each call that is
///         accepted: by its round, the flags of its accounts, stops, and the claims of its proofs.
library MarketInvariantNames {
    string internal constant WHAT_IS_DEBITED_IS_ACCOUNTED_FOR =
        "MARKET-1: debited = paid + claims of the ledger + credits + queued";
    string internal constant NO_MORE_LEAVES_THAN_CAME = "MARKET-2: money out is at most money in, and the rest is held";
    string internal constant FLAGS_KEEP_THEIR_TIME =
        "MARKET-3: a flag keeps its time through every deposit, until a cure ends it";
    string internal constant STATES_COME_FROM_PROOFS = "MARKET-4: an account has the state of its last proof";
}

contract MarketInvariants is Test {
    uint256 private constant ACCOUNTS = 4;

    MarketHandler private handler;
    MarginBook private book;
    IBookVault private vault;
    uint256[2] private assets = [uint256(0), 3];

    function setUp() public {
        handler = new MarketHandler();
        (book, vault) = (handler.bookUnderTest(), handler.vaultUnderTest());
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = MarketHandler.post.selector;
        selectors[1] = MarketHandler.move.selector;
        selectors[2] = MarketHandler.trade.selector;
        selectors[3] = MarketHandler.flag.selector;
        selectors[4] = MarketHandler.payOut.selector;
        selectors[5] = MarketHandler.claimCredit.selector;
        selectors[6] = MarketHandler.interfere.selector;
        selectors[7] = MarketHandler.post.selector;
        selectors[8] = MarketHandler.move.selector;
        selectors[9] = MarketHandler.trade.selector;
        selectors[10] = MarketHandler.move.selector;
        selectors[11] = MarketHandler.trade.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_market() public view {
        for (uint256 i = 0; i < assets.length; ++i) {
            checkTokens(assets[i]);
        }
        for (uint256 account = 1; account <= ACCOUNTS; ++account) {
            BookAccount memory state = book.accountState(account);
            uint256 flaggedAt = handler.flaggedExpected(account);
            assertEq(state.maintenanceFlaggedAt, flaggedAt, MarketInvariantNames.FLAGS_KEEP_THEIR_TIME);
            assertEq(state.overdraftFlaggedAt, 0, MarketInvariantNames.FLAGS_KEEP_THEIR_TIME);
            uint256 commitment = handler.commitmentExpected(account);
            assertEq(state.commitment, commitment, MarketInvariantNames.STATES_COME_FROM_PROOFS);
        }
    }

    function afterInvariant() public {
        if (!handler.addRun("market")) return;
        string[] memory kinds = new string[](10);
        kinds[0] = "deposit";
        kinds[1] = "withdraw";
        kinds[2] = "settle";
        kinds[3] = "settle, superseded round";
        kinds[4] = "flag";
        kinds[5] = "top-up";
        kinds[6] = "cure";
        kinds[7] = "payOut";
        kinds[8] = "claimCredit";
        kinds[9] = "post";
        handler.writeDown("market", kinds);
        handler.requireAccepted("market", "deposit", 100);
        handler.requireAccepted("market", "withdraw", 15);
        handler.requireAccepted("market", "settle", 20);
        handler.requireAccepted("market", "settle, superseded round", 3);
        handler.requireAccepted("market", "flag", 10);
        handler.requireAccepted("market", "top-up", 2);
        handler.requireAccepted("market", "cure", 5);
        handler.requireAccepted("market", "payOut", 8);
    }

    function checkTokens(uint256 asset) private view {
        uint256 paid = handler.paid(asset);
        uint256 claims = asset == 3 ? handler.claimsOfLedger() : 0;
        uint256 waits = vault.creditedOf(asset) + vault.queuedOf(asset);
        string memory sum = MarketInvariantNames.WHAT_IS_DEBITED_IS_ACCOUNTED_FOR;
        assertEq(paid + claims + waits, handler.debited(asset), sum);
        uint256 held = vault.holdingsOf(asset);
        assertEq(paid + held, handler.deposited(asset), MarketInvariantNames.NO_MORE_LEAVES_THAN_CAME);
        uint256 balance = TestToken(vault.tokenOf(asset)).balanceOf(address(vault));
        assertEq(balance, held, MarketInvariantNames.NO_MORE_LEAVES_THAN_CAME);
    }
}

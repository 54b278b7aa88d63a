// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

import {BookVault} from "../../src/book/BookVault.sol";
import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {ShortfallLedger} from "../../src/liquidation/ShortfallLedger.sol";
import {ShortfallHandler} from "./ShortfallHandler.sol";

/// @title ShortfallInvariants
/// @notice What no sequence of calls may break. The handler checks the first of each kind after each call, and that each call
///         succeeds when it is due, and only then.
library ShortfallInvariants {
    string internal constant ONLY_WRITE_OFFS_LOWER_THE_FRACTION = "LEDGER-1: no call but a write-off lowers f";
    string internal constant WHAT_IS_DEBITED_IS_ACCOUNTED_FOR =
        "LEDGER-2: debited = paid + claims, paid or not + credits + queued";
    string internal constant WHAT_IS_OWED_IS_BACKED_OR_SHORT =
        "LEDGER-3: accounts and queue are owed T + S, but for parts of units";
    string internal constant CLAIMS_GET_WHAT_CAME_IN =
        "LEDGER-4: owners of claims get no more than came in for claims, and the ledger holds it";
    string internal constant SPOT_IS_NOT_OVERVALUED =
        "LEDGER-5: the scale of spot is never above 1 / f, and from 1 to 10";
    string internal constant DRAWS_ARE_LIMITED = "FUND-1: draws stay within the limits of a round and of a day";
    string internal constant REQUESTS_BIND =
        "FUND-2: shares leave by a request within its window, and are not transferred before";
    string internal constant FUND_HOLDS_WHAT_IT_SHOULD = "FUND-3: the fund holds what came in less what left";
}

contract ShortfallInvariantsTest is Test {
    ShortfallHandler private handler;
    BookVault private vault;
    ShortfallLedger private shortfalls;
    InsuranceFund private fund;

    function setUp() public {
        handler = new ShortfallHandler();
        (vault, shortfalls, fund) = handler.parts();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](17);
        selectors[0] = ShortfallHandler.depositInto.selector;
        selectors[1] = ShortfallHandler.withdraw.selector;
        selectors[2] = ShortfallHandler.payOut.selector;
        selectors[3] = ShortfallHandler.claimCredit.selector;
        selectors[4] = ShortfallHandler.writeOff.selector;
        selectors[5] = ShortfallHandler.recapitaliseBy.selector;
        selectors[6] = ShortfallHandler.takeClaim.selector;
        selectors[7] = ShortfallHandler.joinFund.selector;
        selectors[8] = ShortfallHandler.request.selector;
        selectors[9] = ShortfallHandler.redeem.selector;
        selectors[10] = ShortfallHandler.transferShares.selector;
        selectors[11] = ShortfallHandler.nextPrices.selector;
        selectors[12] = ShortfallHandler.wait.selector;
        selectors[13] = ShortfallHandler.interfere.selector;
        selectors[14] = ShortfallHandler.payOut.selector;
        selectors[15] = ShortfallHandler.wait.selector;
        selectors[16] = ShortfallHandler.drawFund.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_ledgerAndFundAddUp() public view {
        checkBook();
        checkClaims();
        checkSpot();
        checkFund();
    }

    function afterInvariant() public {
        if (!handler.addRun("shortfall")) return;
        string[7] memory names = ["collect", "payOut", "cover", "recapitalise", "claim", "redeem", "drawFund"];
        uint256[7] memory least = [uint256(40), 30, 50, 18, 5, 4, 10];
        string[] memory kinds = new string[](7);
        for (uint256 i = 0; i < 7; ++i) {
            kinds[i] = names[i];
        }
        handler.writeDown("shortfall", kinds);
        for (uint256 i = 0; i < 7; ++i) {
            handler.requireAccepted("shortfall", names[i], least[i]);
        }
    }

    function checkBook() private view {
        uint256 gone = handler.paidOut() + shortfalls.claims() + handler.broughtToClaims();
        assertEq(
            gone + vault.creditedOf(2) + vault.queuedOf(2),
            handler.withdrawn(),
            ShortfallInvariants.WHAT_IS_DEBITED_IS_ACCOUNTED_FOR
        );
        uint256 backed = vault.backing() * 1e12 + shortfalls.shortfall();
        assertGe(backed, handler.owed(), ShortfallInvariants.WHAT_IS_OWED_IS_BACKED_OR_SHORT);
        assertLe(
            backed - handler.owed(), handler.roundings() * 1e12, ShortfallInvariants.WHAT_IS_OWED_IS_BACKED_OR_SHORT
        );
    }

    function checkClaims() private view {
        address[] memory people = handler.people();
        uint256 allDue = 0;
        uint256 allOwed = 0;
        for (uint256 i = 0; i < people.length; ++i) {
            (uint256 owed, uint256 due) = shortfalls.claimOf(people[i]);
            allOwed += owed;
            allDue += due;
        }
        uint256 here = handler.broughtToClaims() - handler.claimsTaken();
        assertLe(allDue, here, ShortfallInvariants.CLAIMS_GET_WHAT_CAME_IN);
        assertLe(allOwed, shortfalls.claims(), ShortfallInvariants.CLAIMS_GET_WHAT_CAME_IN);
        uint256 balance = IERC20(fund.asset()).balanceOf(address(shortfalls));
        assertGe(balance, here, ShortfallInvariants.CLAIMS_GET_WHAT_CAME_IN);
    }

    function checkSpot() private view {
        (uint256 scale, uint256 fraction) = (shortfalls.spotScale(), shortfalls.fraction());
        assertGe(scale, 1e18, ShortfallInvariants.SPOT_IS_NOT_OVERVALUED);
        assertLe(scale, 10e18, ShortfallInvariants.SPOT_IS_NOT_OVERVALUED);
        assertLe(scale * fraction, 1e36, ShortfallInvariants.SPOT_IS_NOT_OVERVALUED);
    }

    function checkFund() private view {
        assertEq(
            fund.totalAssets(),
            handler.broughtToFund() - handler.redeemed() - handler.drawn(),
            ShortfallInvariants.FUND_HOLDS_WHAT_IT_SHOULD
        );
    }
}

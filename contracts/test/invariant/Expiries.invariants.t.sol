// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Expiries} from "../../src/oracle/Expiries.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {ExpiriesHandler} from "./ExpiriesHandler.sol";

contract ExpiriesInvariants is Test {
    ExpiriesHandler private handler;
    PriceRounds private rounds;
    Expiries private expiries;

    function setUp() public {
        handler = new ExpiriesHandler();
        (rounds, expiries) = (handler.underTest(), handler.EXPIRIES());
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = ExpiriesHandler.delist.selector;
        selectors[1] = ExpiriesHandler.windDown.selector;
        for (uint256 i = 2; i < 12; i += 5) {
            selectors[i] = ExpiriesHandler.announce.selector;
            selectors[i + 1] = ExpiriesHandler.execute.selector;
            selectors[i + 2] = ExpiriesHandler.settle.selector;
            selectors[i + 3] = ExpiriesHandler.settle.selector;
            selectors[i + 4] = ExpiriesHandler.post.selector;
        }
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_epochs() public view {
        (uint32 epoch, uint64 settled, bool isWindingDown) = expiries.status();
        assertEq(epoch, handler.epochs(), "EXPIRY-1: each settlement opens one epoch");
        assertEq(settled, handler.settledSlots(), "EXPIRY-2: what has settled stays so until it is replaced");
        assertEq(isWindingDown, handler.isWindingDown(), "EXPIRY-5: a wind-down never ends");
        assertEq(rounds.isWindingDown(), isWindingDown, "EXPIRY-5: a wind-down never ends");
    }

    /// @dev Every round and epoch as it was when it came, at the end of each run: there are many of them.
    function afterInvariant() public {
        uint32 previous = 0;
        for (uint64 id = 2; id <= rounds.latestRoundId(); ++id) {
            assertGe(rounds.epochOf(id), previous, "EXPIRY-1: epochs never fall");
            previous = rounds.epochOf(id);
            assertEq(handler.roundDigest(id), handler.roundDigests(id), "EXPIRY-1: a round never changes");
        }
        for (uint32 epoch = 1; epoch <= handler.epochs(); ++epoch) {
            assertEq(handler.epochDigest(epoch), handler.epochDigests(epoch), "EXPIRY-2: a settlement never changes");
        }
        if (!handler.addRun("expiries")) return;
        string[] memory kinds = new string[](4);
        (kinds[0], kinds[1], kinds[2], kinds[3]) = ("settle", "delist", "list", "windDown");
        handler.writeDown("expiries", kinds);
        handler.requireAccepted("expiries", "settle", 20);
        handler.requireAccepted("expiries", "delist", 14);
        handler.requireAccepted("expiries", "list", 4);
        handler.requireAccepted("expiries", "windDown", 4);
    }
}

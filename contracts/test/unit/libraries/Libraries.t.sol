// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {BookAccount, Ground} from "../../../src/interfaces/ICommitments.sol";
import {CodeStore} from "../../../src/libraries/CodeStore.sol";
import {MarginMath} from "../../../src/libraries/MarginMath.sol";
import {AccountWord} from "../../../src/libraries/PackedAccount.sol";
import {PackedRound} from "../../../src/libraries/PackedRound.sol";
import {TokenScale} from "../../../src/libraries/TokenScale.sol";

contract LibrariesTest is Test {
    using PackedRound for bytes;

    int256 private constant LIMIT = 1 << 64;

    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_marginPerUnitIsTheLeastThatCoversTheFraction(uint64 price, uint256 fraction) public pure {
        fraction = bound(fraction, 0, 1e6);
        uint256 d = MarginMath.marginPerUnitUp(price, fraction);
        assertGe(d * 1e6, uint256(price) * fraction, "rounded down");
        if (d > 0) assertLt((d - 1) * 1e6, uint256(price) * fraction, "more than one unit too much");
        assertLe(d, price);
    }

    function test_marginPerUnitRoundsOneUnitUp() public pure {
        assertEq(MarginMath.marginPerUnitUp(1, 1), 1);
        assertEq(MarginMath.marginPerUnitUp(0, 1e6), 0);
        assertEq(MarginMath.marginPerUnitUp(type(uint64).max, 1e6), type(uint64).max);
    }

    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_effectivePriceIsExactAndInRange(uint64 price, int256 funding) public pure {
        (bool inRange, int256 e) = MarginMath.effectivePrice(price, funding);
        if (inRange) {
            assertEq(e, int256(uint256(price)) - funding);
            assertTrue(-LIMIT < e && e < LIMIT);
        } else {
            assertTrue(funding <= int256(uint256(price)) - LIMIT || funding >= int256(uint256(price)) + LIMIT);
        }
    }

    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_effectivePriceAtTheLimits(uint64 price, int8 beyond) public pure {
        (bool low, int256 e) = MarginMath.effectivePrice(price, int256(uint256(price)) + LIMIT - 1 + beyond);
        assertEq(low, beyond <= 0);
        if (low) assertEq(e, 1 - LIMIT - beyond);
        (bool high,) = MarginMath.effectivePrice(price, int256(uint256(price)) - LIMIT + 1 + beyond);
        assertEq(high, beyond >= 0);
    }

    function test_effectivePriceOfFundingAtTheEndsOfItsType() public pure {
        (bool low,) = MarginMath.effectivePrice(0, type(int256).max);
        (bool high,) = MarginMath.effectivePrice(type(uint64).max, type(int256).min);
        assertFalse(low || high);
    }

    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_packedRoundReturnsWhatWasWritten(
        uint64[58] memory prices,
        uint64[58] memory e,
        uint256 signs,
        uint64[3] memory status,
        uint32 epoch,
        bool isStatusFirst
    ) public pure {
        bytes memory data = PackedRound.create(58);
        if (isStatusFirst) data.writeStatus(status[0], status[1], status[2], epoch);
        for (uint256 i = 0; i < 58; ++i) {
            data.write(i, prices[i], signed(e[i], signs, i));
        }
        if (!isStatusFirst) data.writeStatus(status[0], status[1], status[2], epoch);
        assertEq(data.length, 28 + 58 * 17);
        (uint256 staleSlots, uint256 pricedSlots) = data.readStatus();
        assertEq(staleSlots, status[0]);
        assertEq(pricedSlots, status[1]);
        assertEq(data.readEpoch(), epoch);
        assertEq(data.readReduceOnly(), status[2]);
        uint256 word = uint256(bytes32(data));
        assertEq(PackedRound.staleOf(word), status[0]);
        assertEq(PackedRound.reduceOnlyOf(word), status[2]);
        assertEq(PackedRound.epochOf(word), epoch);
        for (uint256 i = 0; i < 58; ++i) {
            (uint256 price, int256 effective) = data.read(i);
            assertEq(price, prices[i]);
            assertEq(effective, signed(e[i], signs, i));
        }
    }

    /// @dev Each field at 0 and at 2^k - 1, beside neighbours at either limit. A value of 2^k does not fit its type.
    function test_accountWordsHoldTheLimitsOfTheirFields() public pure {
        for (uint256 choice = 0; choice < 64; ++choice) {
            BookAccount memory expected = BookAccount({
                commitment: 7,
                changedAtRound: choice & 1 == 0 ? 0 : type(uint56).max,
                provenAtRound: choice & 2 == 0 ? 0 : type(uint64).max,
                epoch: choice & 4 == 0 ? 0 : type(uint32).max,
                maintenanceFlaggedAt: choice & 8 == 0 ? 0 : type(uint48).max,
                overdraftFlaggedAt: choice & 16 == 0 ? 0 : type(uint48).max
            });
            // Every bit is set first.
            AccountWord word = AccountWord.wrap(type(uint256).max).withEpoch(expected.epoch);
            word = word.withRounds(expected.changedAtRound, expected.provenAtRound);
            uint8 unshown = choice & 32 == 0 ? 0 : type(uint8).max;
            word = word.withUnshown(unshown).withFlag(Ground.Maintenance, expected.maintenanceFlaggedAt);
            word = word.withFlag(Ground.Overdraft, expected.overdraftFlaggedAt);
            assertEq(abi.encode(word.unpack(7)), abi.encode(expected));
            assertEq(word.changedAtRound(), expected.changedAtRound);
            assertEq(word.unshown(), unshown);
            assertEq(word.provenAtRound(), expected.provenAtRound);
            assertEq(word.flaggedAt(Ground.Maintenance), expected.maintenanceFlaggedAt);
            assertEq(word.flaggedAt(Ground.Overdraft), expected.overdraftFlaggedAt);
            assertEq(word.isFlagged(), choice & 24 != 0);
            if (choice & 24 != 0) assertEq(word.firstFlaggedAt(), type(uint48).max);
        }
    }

    /// @dev Of a balance (9 decimals) and of the settlement currency (18), for a token with any decimals a book takes.
    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_anExactAmountIsWorthItsUnits(uint256 units, uint256 tokenDecimals, bool isQuote) public pure {
        units = bound(units, 0, (1 << 144) - 1);
        tokenDecimals = bound(tokenDecimals, 0, 36);
        uint256 unitDecimals = isQuote ? 18 : 9;
        if (tokenDecimals < unitDecimals && units % 2 == 0) units -= units % 10 ** (unitDecimals - tokenDecimals);
        (bool exact, uint256 amount) = TokenScale.toToken(units, unitDecimals, tokenDecimals);
        if (tokenDecimals >= unitDecimals) {
            assertTrue(exact, "a finer token expresses everything");
            assertEq(amount / 10 ** (tokenDecimals - unitDecimals), units);
        } else if (exact) {
            assertEq(amount * 10 ** (unitDecimals - tokenDecimals), units);
        } else {
            assertNotEq(units * 10 ** tokenDecimals % 10 ** unitDecimals, 0);
        }
    }

    /// forge-config: default.fuzz.runs = 2000
    function testFuzz_whatATokenExpressesComesBack(uint256 amount, uint256 tokenDecimals, bool isQuote) public pure {
        uint256 unitDecimals = isQuote ? 18 : 9;
        tokenDecimals = bound(tokenDecimals, 0, unitDecimals);
        amount = bound(amount, 0, (1 << 84) - 1);
        uint256 units = amount * 10 ** (unitDecimals - tokenDecimals);
        (bool exact, uint256 back) = TokenScale.toToken(units, unitDecimals, tokenDecimals);
        assertTrue(exact);
        assertEq(back, amount);
        if (tokenDecimals == unitDecimals) return;
        (exact,) = TokenScale.toToken(units + 1, unitDecimals, tokenDecimals);
        assertFalse(exact, "between two amounts of the token");
    }

    function test_theLargestAmountOfTheFinestToken() public pure {
        uint256 most = (1 << 144) - 1;
        (bool exact, uint256 amount) = TokenScale.toToken(most, 9, TokenScale.MAX_DECIMALS);
        assertTrue(exact);
        assertEq(amount / 1e27, most);
    }

    function signed(uint64 magnitude, uint256 signs, uint256 index) private pure returns (int256) {
        int256 value = int256(uint256(magnitude));
        return signs >> index & 1 == 1 ? -value : value;
    }

    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_codeStoreReturnsWhatWasWritten(bytes memory data) public {
        address pointer = CodeStore.write(data);
        assertEq(CodeStore.read(pointer), data);
    }

    function test_codeStoreHoldsTheLargestRound() public {
        bytes memory data = new bytes(58 * 17);
        data[0] = 0xff;
        data[985] = 0xff;
        assertEq(CodeStore.read(CodeStore.write(data)), data);
    }

    function test_codeStoreNeverRuns() public {
        address pointer = CodeStore.write(hex"60005260206000fd");
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = pointer.call("");
        assertTrue(success);
        assertEq(answer.length, 0);
    }
}

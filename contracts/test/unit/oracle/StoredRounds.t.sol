// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {IPriceRounds, VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {MarginFractions, PriceLimits, SlotParameters} from "../../../src/interfaces/IRiskParameters.sol";
import {TestParameters, TestStoredRounds} from "../../mocks/TestStoredRounds.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

/// @notice What a recorded round says of its slots. Slot 0 is spot, slot 1 a perpetual, slot 2 an option on it, slot 3 is
///         empty.
contract StoredRoundsTest is Test {
    uint256 private constant SLOTS = 4;
    uint256 private constant ALL = 7;

    TestStoredRounds private rounds;

    function setUp() public {
        SlotParameters[] memory slots = new SlotParameters[](SLOTS);
        slots[0].margins = MarginFractions(100_000, 200_000, 0, 0, 0, 0, 0, 0);
        slots[1].margins = MarginFractions(25_000, 50_000, 0, 0, 0, 0, 0, 0);
        slots[2].margins = MarginFractions(50_000, 100_000, 200_000, 300_000, 75_000, 150_000, 1, 0);
        for (uint256 i = 0; i < 3; ++i) {
            slots[i].limits = PriceLimits(1, 0, 0, type(uint64).max);
        }
        rounds = new TestStoredRounds(new TestParameters(slots, 1, 100_000));
    }

    /// @dev The slot without an asset, the spot asset, and nothing that has a price, whatever that is.
    function test_shortsAreBarredByListingAndKind() public {
        assertEq(rounds.longOnly(record(5e9, 100e9, 3e9, 0, ALL)), 9);
    }

    /// @dev A short option that expires worthless, or nearly, must be able to move.
    function test_aPriceOrAMarginOf0BarsNoShort() public {
        assertEq(rounds.longOnly(record(0, 0, 0, 0, ALL)), 9);
    }

    function test_whatWasNeverPricedCannotBeShort() public {
        assertEq(rounds.longOnly(record(5e9, 100e9, 0, 4, 3)), 9 | 4, "the option");
        assertEq(rounds.longOnly(record(5e9, 0, 0, 6, 1)), 9 | 6, "the perpetual and the option on it");
        assertEq(rounds.longOnly(record(0, 100e9, 3e9, 1, 6)), 9, "spot cannot be short anyway");
    }

    /// @dev Its short side would be margined as if what it is on were worth nothing.
    function test_anOptionOnWhatWasNeverPricedCannotBeShort() public {
        assertEq(rounds.longOnly(record(5e9, 0, 3e9, 2, 5)), 9 | 2 | 4);
    }

    /// @dev Whatever is marked as priced: no account could prove anything at a bitmap of 2^N or more.
    function test_noSlotBeyondTheLastIsBarred() public {
        uint256[4] memory priced = [uint256(0), 1 << SLOTS, 1 << 63, type(uint64).max];
        for (uint256 i = 0; i < priced.length; ++i) {
            uint256 barred = rounds.longOnly(record(5e9, 100e9, 3e9, 0, priced[i]));
            assertLt(barred, 1 << SLOTS);
            assertEq(barred, i == 3 ? 9 : (1 << SLOTS) - 1);
        }
    }

    function test_lambdasAreThoseOfTheRiskParameters() public view {
        (uint256 initial, uint256 maintenance) = rounds.lambdasPpm();
        assertEq(initial, 50_000);
        assertEq(maintenance, 100_000);
    }

    function test_staleSlotsAreReduceOnly() public {
        for (uint256 stale = 0; stale <= ALL; ++stale) {
            vm.expectEmit(address(rounds));
            emit IPriceRounds.RoundPosted(uint64(stale + 1), uint64(block.timestamp), uint64(stale));
            uint64 id = record(5e9, 100e9, 3e9, stale, ALL);
            assertEq(rounds.reduceOnly(id), stale);
            assertEq(rounds.longOnly(id), 9, "a stale slot may be short");
        }
    }

    function test_kindsComeInTheOrderAskedFor() public {
        uint64 id = record(5e9, 100e9, 3e9, 0, ALL);
        VectorKind[] memory kinds = new VectorKind[](2);
        (kinds[0], kinds[1]) = (VectorKind.Initial, VectorKind.Initial);
        uint256[] memory twice = rounds.roundInputs(id, kinds, 1e18);
        uint256[] memory once = RoundReader.inputs(rounds, id, VectorKind.Initial);
        assertEq(twice.length, 5 * SLOTS);
        for (uint256 i = 0; i < twice.length; ++i) {
            assertEq(twice[i], once[i < 3 * SLOTS ? i : i - 2 * SLOTS]);
        }
        assertEq(rounds.roundInputs(id, new VectorKind[](0), 1e18).length, SLOTS, "e alone");
    }

    function test_aScaledPriceMustStayInRange() public {
        uint64 id = record(1 << 63, 1 << 63, 0, 0, ALL);
        assertEq(rounds.roundInputs(id, new VectorKind[](0), 2e18 - 1)[0], (1 << 64) - 10);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, 0));
        rounds.roundInputs(id, new VectorKind[](0), 2e18);
        vm.expectRevert(); // arithmetic overflow
        rounds.roundInputs(id, new VectorKind[](0), type(uint256).max);
    }

    function test_theScaleIsOfSpotAlone() public {
        uint64 id = record(5e9 + 1, 100e9, 3e9, 0, ALL);
        uint256[] memory whole = rounds.roundInputs(id, RoundReader.ofUpdate(), 1e18);
        uint256[] memory half = rounds.roundInputs(id, RoundReader.ofUpdate(), 0.5e18);
        for (uint256 i = 0; i < whole.length; ++i) {
            if (i % SLOTS != 0) assertEq(half[i], whole[i]);
        }
        assertEq(half[0], 2.5e9, "rounded down");
        assertEq(half[SLOTS], 0.25e9, "10 % of that");
    }

    function test_unknownRoundsAreRefused() public {
        record(1, 1, 1, 0, ALL);
        for (uint64 id = 0; id <= 2; id += 2) {
            bytes memory reason = abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, id);
            vm.expectRevert(reason);
            rounds.round(id);
            vm.expectRevert(reason);
            rounds.roundTimestamp(id);
            vm.expectRevert(reason);
            rounds.marginsPerUnit(id, VectorKind.Overdraft);
            vm.expectRevert(reason);
            rounds.roundInputs(id, new VectorKind[](1), 1e18);
            vm.expectRevert(reason);
            rounds.longOnly(id);
            vm.expectRevert(reason);
            rounds.reduceOnly(id);
        }
    }

    function record(uint256 spot, uint256 perpetual, uint256 option, uint256 stale, uint256 priced)
        private
        returns (uint64)
    {
        uint256[] memory prices = new uint256[](SLOTS);
        (prices[0], prices[1], prices[2]) = (spot, perpetual, option);
        int256[] memory effective = new int256[](SLOTS);
        (effective[0], effective[1], effective[2]) = (int256(spot), int256(perpetual), int256(option));
        return rounds.record(prices, effective, stale, priced);
    }
}

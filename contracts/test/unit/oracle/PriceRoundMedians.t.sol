// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceRounds, Round} from "../../../src/interfaces/IPriceRounds.sol";
import {ISignedPriceRounds, Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {ReporterFixture} from "../../utils/ReporterFixture.sol";

/// @notice The poster says which reports hold the medians. Nothing that a poster says can change a round.
contract PriceRoundMediansTest is ReporterFixture {
    uint256 private constant SLOTS = 3;
    uint256 private constant PLACES = 1 + 2 * SLOTS;
    uint256 private constant REPORTERS = 15;
    uint256 private constant EMPTY_SLOT = 2;

    /// @dev Places of reports that a poster may name: three that there are, and some that there are not.
    bytes private constant ROWS = hex"00010203040f107f80feff";

    uint256 private constant TIME_PLACE = 0;
    uint256 private constant PRICE_PLACE = 1;
    uint256 private constant FUNDING_PLACE = 1 + SLOTS;

    function setUp() public {
        deployBook(SLOTS, perpetuals(EMPTY_SLOT));
        deployRounds(REPORTERS, 8);
    }

    function test_eachMedianIsInOneReport() public {
        setReporters(3, 3);
        Report[] memory reports = differing();
        bytes memory right = mediansOf(reports);
        for (uint256 place = 0; place < PLACES; ++place) {
            for (uint256 k = 0; k < ROWS.length; ++k) {
                bytes memory medians = mediansOf(reports);
                medians[place] = ROWS[k];
                bool isEmpty = place == PRICE_PLACE + EMPTY_SLOT || place == FUNDING_PLACE + EMPTY_SLOT;
                if (medians[place] == right[place] || isEmpty) continue;
                vm.expectRevert(abi.encodeWithSelector(ISignedPriceRounds.NotMedian.selector, place));
                rounds.postRound(reports, medians);
            }
        }
        assertEq(rounds.postRound(reports, right), 1);
    }

    function test_theBytesOfAnEmptySlotMayBeAnything() public {
        setReporters(3, 3);
        Report[] memory reports = differing();
        bytes memory medians = mediansOf(reports);
        (medians[PRICE_PLACE + EMPTY_SLOT], medians[FUNDING_PLACE + EMPTY_SLOT]) = (0xff, 0x03);
        assertEq(rounds.postRound(reports, medians), 1);
    }

    function test_anyOfEqualReportsHoldsThem() public {
        setReporters(3, 3);
        Report[] memory reports = unanimous(3, prices(7e9, 9e9), funding(-3, 4));
        uint256 before = vm.snapshotState();
        for (uint8 row = 0; row < 3; ++row) {
            bytes memory medians = new bytes(PLACES);
            for (uint256 place = 0; place < PLACES; ++place) {
                medians[place] = bytes1((row + uint8(place)) % 3);
            }
            assertEq(rounds.postRound(reports, medians), 1);
            assertEq(rounds.round(1).prices, prices(7e9, 9e9));
            vm.revertToState(before);
        }
    }

    function test_refusesMediansOfAnotherLength() public {
        setReporters(3, 3);
        Report[] memory reports = differing();
        bytes memory medians = mediansOf(reports);
        for (uint256 length = 0; length < 2 * PLACES; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 place = 0; place < length && place < PLACES; ++place) {
                cut[place] = medians[place];
            }
            if (length == PLACES) continue;
            vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongLength.selector, PLACES, length));
            rounds.postRound(reports, cut);
        }
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_aRoundIsWhatSortingMakesOfItsReports(uint256 seed, uint256 count) public {
        Report[] memory reports = reportsFrom(seed, bound(count, 1, REPORTERS));
        assertEq(postRound(reports), 1);
        requireSorted(reports);
    }

    /// @dev Of two values a slot, so that many choices are right.
    /// forge-config: default.fuzz.runs = 200
    function testFuzz_noChoiceOfThePosterChangesARound(uint256 seed, uint256 count, bytes32 choice) public {
        Report[] memory reports = reportsFrom(seed - seed % 3, bound(count, 1, 5));
        bytes memory medians = new bytes(PLACES);
        for (uint256 place = 0; place < PLACES; ++place) {
            medians[place] = bytes1(uint8(choice[place]) % uint8(reports.length + 1));
        }
        bytes memory right = mediansOf(reports);
        try rounds.postRound(reports, medians) {
            requireSorted(reports);
        } catch (bytes memory reason) {
            (uint256 place, bytes4 selector) = reasonOf(reason);
            assertEq(selector, ISignedPriceRounds.NotMedian.selector);
            uint256 row = uint8(medians[place]);
            uint256 median = uint8(right[place]);
            assertTrue(
                row >= reports.length || valueAt(reports[row], place, SLOTS) != valueAt(reports[median], place, SLOTS)
            );
        }
    }

    function requireSorted(Report[] memory reports) private view {
        bytes memory medians = mediansOf(reports);
        Round memory round = rounds.round(1);
        assertEq(int256(uint256(round.timestamp)), medianAt(reports, medians, TIME_PLACE));
        for (uint256 i = 0; i < SLOTS; ++i) {
            int256 price = medianAt(reports, medians, PRICE_PLACE + i);
            assertEq(int256(round.prices[i]), price);
            assertEq(round.effectivePrices[i], price - medianAt(reports, medians, FUNDING_PLACE + i));
        }
    }

    function medianAt(Report[] memory reports, bytes memory medians, uint256 place) private pure returns (int256) {
        return valueAt(reports[uint8(medians[place])], place, SLOTS);
    }

    /// @dev As many reporters as reports. Seeds of one remainder by 3 make any values, of another few, of another extremes.
    function reportsFrom(uint256 seed, uint256 count) private returns (Report[] memory reports) {
        setReporters(count, count);
        reports = new Report[](count);
        for (uint256 k = 0; k < count; ++k) {
            uint256[] memory p = new uint256[](SLOTS);
            int256[] memory f = new int256[](SLOTS);
            for (uint256 i = 0; i < EMPTY_SLOT; ++i) {
                uint256 draw = uint256(keccak256(abi.encode(seed, k, i)));
                (p[i], f[i]) = valuesFrom(seed % 3, draw);
            }
            uint64 seen = uint64(START - uint256(keccak256(abi.encode(seed, k))) % (seed % 3 == 0 ? 2 : 50));
            reports[k] = reportAt(k, seen, p, f);
        }
    }

    function valuesFrom(uint256 how, uint256 draw) private pure returns (uint256 price, int256 paid) {
        uint256 largest = type(uint64).max;
        if (how == 0) return (LEAST_PRICE + draw % 2, int256(draw >> 64 & 1) - 1);
        if (how == 1) {
            price = bound(draw, LEAST_PRICE, largest);
            int256 effective = int256((draw >> 64) % (2 * largest + 1)) - int256(largest);
            return (price, int256(price) - effective);
        }
        price = draw % 2 == 0 ? LEAST_PRICE : largest;
        paid = int256(price) + (draw >> 64 & 1 == 0 ? int256(largest) : -int256(largest));
    }

    /// @dev Three reports, no two values of a place alike but those of the empty slot.
    function differing() private view returns (Report[] memory reports) {
        reports = new Report[](3);
        reports[0] = reportAt(0, uint64(START - 9), prices(300e9, 30e9), funding(7, -5));
        reports[1] = reportAt(1, uint64(START), prices(100e9, 10e9), funding(-9, 0));
        reports[2] = reportAt(2, uint64(START - 4), prices(200e9, 50e9), funding(8, -6));
    }

    function reasonOf(bytes memory reason) private pure returns (uint256 place, bytes4 selector) {
        selector = bytes4(reason);
        assembly ("memory-safe") {
            place := mload(add(reason, 0x24))
        }
    }

    function setReporters(uint256 count, uint256 threshold) private {
        vm.prank(governance);
        rounds.setReporters(reporterSet(count), threshold);
    }

    function prices(uint256 a, uint256 b) private pure returns (uint256[] memory list) {
        list = new uint256[](SLOTS);
        (list[0], list[1]) = (a, b);
    }

    function funding(int256 a, int256 b) private pure returns (int256[] memory list) {
        list = new int256[](SLOTS);
        (list[0], list[1]) = (a, b);
    }
}

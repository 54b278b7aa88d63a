// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {Deploy} from "../utils/Deploy.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";
import {RoundReader} from "../utils/RoundReader.sol";

/// @notice Gas of single calls on a book of 13 assets, without the 21,000 and the calldata of a transaction, nothing warm.
contract PriceRoundsGasTest is ReporterFixture {
    string private constant GROUP = "price-rounds";
    uint256 private constant SLOTS = 13;

    PriceRounds private ofThree;
    PriceRounds private ofFive;
    PriceRounds private ofNine;

    function setUp() public {
        deployBook(SLOTS, perpetuals(SLOTS));
        ofNine = deployWithARound(9);
        ofFive = deployWithARound(5);
        ofThree = deployWithARound(3);
        skip(1);
    }

    function test_postRoundOfThree() public {
        snapshot(3, ofThree);
    }

    function test_postRoundOfFive() public {
        snapshot(5, ofFive);
    }

    function test_postRoundOfNine() public {
        snapshot(9, ofNine);
    }

    function test_aCandidateIsHeld() public {
        hold();
        vm.snapshotGasLastCall(GROUP, "postRound, 3 reporters, candidate held");
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
    }

    function test_aCandidateIsConfirmed() public {
        hold();
        skip(60);
        Report[] memory reports = reportsOf(3, 1e12);
        cool();
        postRound(reports);
        vm.snapshotGasLastCall(GROUP, "postRound, 3 reporters, candidate confirmed");
        assertEq(rounds.latestRoundId(), 2);
    }

    function test_aCandidateIsDiscarded() public {
        hold();
        skip(1);
        Report[] memory reports = reportsOf(3, 1e6);
        cool();
        postRound(reports);
        vm.snapshotGasLastCall(GROUP, "postRound, 3 reporters, candidate discarded");
        assertEq(uint8(breaker.level()), uint8(Level.Open));
    }

    /// @dev Slot 5 is omitted by all, slot 6 by one of five.
    function test_aSlotIsStale() public {
        rounds = ofFive;
        makeSource(rounds);
        Report[] memory reports = reportsOf(5, 1e6);
        for (uint256 k = 0; k < 5; ++k) {
            reports[k].pricedSlots &= ~uint64(1 << 5);
            if (k == 4) reports[k].pricedSlots &= ~uint64(1 << 6);
            sign(reports[k], k);
        }
        vm.prank(governance);
        rounds.setReporters(reporterSet(5), 3);
        cool();
        postRound(reports);
        vm.snapshotGasLastCall(GROUP, "postRound, 5 reporters, a slot stale");
        assertEq(rounds.latestRoundId(), 2);
    }

    /// @dev Rounds follow each other faster than the limit period, so that reference round and latest round differ.
    function test_theReferenceIsAnEarlierRound() public {
        rounds = ofFive;
        postRound(reportsOf(5, 1e6));
        skip(1);
        Report[] memory reports = reportsOf(5, 2e6);
        cool();
        postRound(reports);
        vm.snapshotGasLastCall(GROUP, "postRound, 5 reporters, reference not the latest");
        assertEq(rounds.referenceRoundId(), 1);
    }

    function test_roundsComeBackAfterSilence() public {
        skip(STALE_AFTER);
        rounds.tripIfStale();
        Report[] memory reports = reportsOf(3, 1e6);
        cool();
        postRound(reports);
        vm.snapshotGasLastCall(GROUP, "postRound, 3 reporters, after silence");
    }

    function test_reading() public {
        VectorKind[] memory kinds = RoundReader.ofUpdate();
        cool();
        rounds.roundInputs(1, kinds, RoundReader.UNSCALED);
        vm.snapshotGasLastCall(GROUP, "roundInputs of two kinds");
        cool();
        rounds.longOnly(1);
        vm.snapshotGasLastCall(GROUP, "longOnly");
    }

    function test_setReporters() public {
        address[] memory set = reporterSet(5);
        cool();
        vm.prank(governance);
        rounds.setReporters(set, 3);
        vm.snapshotGasLastCall(GROUP, "setReporters, 5 for 3");
    }

    function test_tripIfStale() public {
        skip(STALE_AFTER);
        cool();
        rounds.tripIfStale();
        vm.snapshotGasLastCall(GROUP, "tripIfStale");
    }

    function deployWithARound(uint256 count) private returns (PriceRounds) {
        deployRounds(count, count);
        postRound(reportsOf(count, 0));
        return rounds;
    }

    function hold() private {
        Report[] memory reports = reportsOf(3, 1e12);
        cool();
        postRound(reports);
    }

    /// @dev The second round: the first has nothing to compare its prices with.
    function snapshot(uint256 count, PriceRounds source) private {
        rounds = source;
        Report[] memory reports = reportsOf(count, 1e6);
        cool();
        postRound(reports);
        vm.snapshotGasLastCall(GROUP, string.concat("postRound, ", vm.toString(count), " reporters"));
    }

    /// @dev Reports that differ, in no order.
    function reportsOf(uint256 count, uint256 moved) private view returns (Report[] memory reports) {
        reports = new Report[](count);
        for (uint256 k = 0; k < count; ++k) {
            uint256[] memory prices = new uint256[](SLOTS);
            int256[] memory funding = new int256[](SLOTS);
            for (uint256 i = 0; i < SLOTS; ++i) {
                prices[i] = (i + 1) * 7e9 + moved + (k * 5 + i * 3) % 11;
                funding[i] = int256(i * 1e6) - int256((k * 3 + i) % 7);
            }
            reports[k] = reportOf(k, prices, funding);
        }
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    function cool() private {
        vm.cool(address(rounds));
        vm.cool(address(risk));
        vm.cool(Deploy.EXPIRIES);
        vm.cool(address(breaker));
    }
}

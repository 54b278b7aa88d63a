// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {PriceRounds} from "../../src/PriceRounds.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

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

    function test_refusedRound() public {
        Report[] memory reports = reportsOf(3, 2, 1e12);
        cool();
        postRound(2, reports);
        vm.snapshotGasLastCall(GROUP, "postRound that trips the breaker, 3 reporters");
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
    }

    function test_reading() public {
        cool();
        rounds.roundInputs(1, VectorKind.Maintenance);
        vm.snapshotGasLastCall(GROUP, "roundInputs");
    }

    function test_setReporters() public {
        address[] memory set = reporterSet(5);
        cool();
        vm.prank(governance);
        rounds.setReporters(set, 3);
        vm.snapshotGasLastCall(GROUP, "setReporters, 5 for 3");
    }

    function test_allowDeviation() public {
        cool();
        vm.prank(governance);
        rounds.allowDeviation(2, 3, 500_000);
        vm.snapshotGasLastCall(GROUP, "allowDeviation");
    }

    function test_tripIfStale() public {
        skip(STALE_AFTER);
        cool();
        rounds.tripIfStale();
        vm.snapshotGasLastCall(GROUP, "tripIfStale");
    }

    function deployWithARound(uint256 count) private returns (PriceRounds) {
        deployRounds(count, count);
        postRound(1, reportsOf(count, 1, 0));
        return rounds;
    }

    /// @dev The second round: the first has nothing to compare its prices with.
    function snapshot(uint256 count, PriceRounds source) private {
        rounds = source;
        Report[] memory reports = reportsOf(count, 2, 1e6);
        cool();
        postRound(2, reports);
        vm.snapshotGasLastCall(GROUP, string.concat("postRound, ", vm.toString(count), " reporters"));
    }

    /// @dev Reports that differ, in no order.
    function reportsOf(uint256 count, uint64 roundId, uint256 moved) private view returns (Report[] memory reports) {
        reports = new Report[](count);
        for (uint256 k = 0; k < count; ++k) {
            uint256[] memory prices = new uint256[](SLOTS);
            int256[] memory funding = new int256[](SLOTS);
            for (uint256 i = 0; i < SLOTS; ++i) {
                prices[i] = (i + 1) * 7e9 + moved + (k * 5 + i * 3) % 11;
                funding[i] = int256(i * 1e6) - int256((k * 3 + i) % 7);
            }
            reports[k] = reportOf(k, roundId, prices, funding);
        }
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    function cool() private {
        vm.cool(address(rounds));
        vm.cool(address(risk));
        vm.cool(address(breaker));
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

/// @notice Gas of single calls on a book of 13 assets, without the 21,000 and the calldata of a transaction, nothing warm.
contract PriceRoundsGasTest is ReporterFixture {
    string private constant GROUP = "price-rounds";
    uint256 private constant SLOTS = 13;

    function setUp() public {
        deployBook(SLOTS, perpetuals(SLOTS));
    }

    function test_postRound() public {
        snapshot(3);
        snapshot(5);
        snapshot(9);
    }

    function test_refusedRound() public {
        deployRounds(3, 3);
        rounds.postRound(1, reportsOf(3, 1, 0));
        skip(1);
        Report[] memory reports = reportsOf(3, 2, 1e12);
        cool();
        rounds.postRound(2, reports);
        vm.snapshotGasLastCall(GROUP, "postRound that trips the breaker, 3 reporters");
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
    }

    function test_reading() public {
        deployRounds(3, 3);
        rounds.postRound(1, reportsOf(3, 1, 0));
        cool();
        rounds.roundInputs(1, VectorKind.Maintenance);
        vm.snapshotGasLastCall(GROUP, "roundInputs");
        cool();
        breaker.requireBelow(Level.NoFlags);
        vm.snapshotGasLastCall(GROUP, "requireBelow");
    }

    function test_tighten() public {
        cool();
        vm.prank(steward);
        risk.tighten(3, 30_000, 60_000);
        vm.snapshotGasLastCall(GROUP, "tighten");
    }

    /// @dev The second round: the first has nothing to compare its prices with.
    function snapshot(uint256 count) private {
        deployRounds(count, count);
        rounds.postRound(1, reportsOf(count, 1, 0));
        skip(1);
        Report[] memory reports = reportsOf(count, 2, 1e6);
        cool();
        rounds.postRound(2, reports);
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

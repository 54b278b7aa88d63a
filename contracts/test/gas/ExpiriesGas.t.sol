// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/IExpiries.sol";
import {Expiries} from "../../src/oracle/Expiries.sol";
import {Deploy} from "../utils/Deploy.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

/// @notice Gas of settlements and of what follows them, on a book of 13 assets of which five expire together, with five
///         reporters, three of whom make a quorum. Without the 21,000 and the calldata of a transaction, nothing warm.
contract ExpiriesGasTest is ReporterFixture {
    string private constant GROUP = "expiries";
    uint256 private constant SLOTS = 13;
    uint256 private constant DATED = 5;
    uint64 private constant EXPIRY = uint64(START + 7 days);
    Expiries private constant EXPIRIES = Expiries(Deploy.EXPIRIES);

    function setUp() public {
        Asset[] memory assets = perpetuals(SLOTS);
        for (uint256 i = 0; i < DATED; ++i) {
            assets[i].expiresAt = uint40(EXPIRY);
        }
        deployBook(SLOTS, assets);
        deployRounds(5, 3);
        vm.warp(EXPIRY);
        postRound(unanimous(3, prices(), new int256[](SLOTS)));
    }

    function test_settleOneSlot() public {
        settle(1);
        vm.snapshotGasLastCall(GROUP, "settle, 1 slot");
    }

    function test_settleAndFree() public {
        settle(31);
        vm.snapshotGasLastCall(GROUP, "settle, 5 slots");
        for (uint256 k = 0; k < 2; ++k) {
            skip(61); // together more than the pause
            postRound(unanimous(3, prices(), new int256[](SLOTS)));
        }
        cool();
        vm.prank(address(risk));
        EXPIRIES.free(0);
        vm.snapshotGasLastCall(GROUP, "free");
    }

    function test_startWindDown() public {
        vm.warp(EXPIRY + 8 days);
        cool();
        EXPIRIES.startWindDown();
        vm.snapshotGasLastCall(GROUP, "startWindDown");
        skip(STALE_AFTER + 1);
        cool();
        rounds.recordWindDown();
        vm.snapshotGasLastCall("price-rounds", "recordWindDown");
    }

    function test_delist() public {
        cool();
        vm.prank(governance);
        risk.delist(SLOTS - 1, uint40(EXPIRY + 30 days));
        vm.snapshotGasLastCall("risk-parameters", "delist, 13 slots");
    }

    function settle(uint64 slots) private {
        Report[] memory reports = new Report[](3);
        for (uint256 k = 0; k < 3; ++k) {
            reports[k] = Report(reporterAt(k), EXPIRY, slots, prices(), new int256[](SLOTS), "");
            signHash(reports[k], k, hashFor(reports[k], 1));
        }
        bytes memory medians = mediansOf(reports);
        cool();
        EXPIRIES.settle(EXPIRY, slots, reports, medians);
    }

    function prices() private pure returns (uint256[] memory list_) {
        list_ = new uint256[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            list_[i] = (i + 1) * 7e9;
        }
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    function cool() private {
        vm.cool(address(EXPIRIES));
        vm.cool(address(rounds));
        vm.cool(address(risk));
        vm.cool(address(breaker));
    }
}

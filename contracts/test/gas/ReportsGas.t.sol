// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ground} from "../../src/interfaces/ICommitments.sol";
import {MarginBookGasFixture} from "./MarginBookGas.t.sol";

/// @notice Gas of what modules tell a book. Each call is from cold.
contract ReportsGasTest is MarginBookGasFixture {
    address private immutable MODULE = makeAddr("module");
    address private immutable KEEPER = makeAddr("keeper");
    uint256 private account;
    uint256 private flagged;
    uint256 private commitment;

    function modules() internal view override returns (address[] memory named) {
        named = new address[](1);
        named[0] = MODULE;
    }

    function setUp() public override {
        super.setUp();
        vm.deal(KEEPER, 1); // an address that exists
        openAndFund(0);
        openAndFund(1);
        (account, flagged) = (openings[0].inputs[1], openings[1].inputs[1]);
        nextRound();
        commitment = commitmentOf(flagged);
        vm.prank(MODULE);
        BOOK.recordFlag(flagged, commitment, Ground.Maintenance, 2, KEEPER);
        commitment = commitmentOf(account);
    }

    function test_recordSolvent() public {
        recordSolventFromCold();
        vm.snapshotGasLastCall(GROUP, "recordSolvent");
    }

    function test_recordFlag() public {
        recordFlagFromCold();
        vm.snapshotGasLastCall(GROUP, "recordFlag, with tip");
    }

    function test_clearFlag() public {
        clearFlagFromCold(commitmentOf(flagged));
        vm.snapshotGasLastCall(GROUP, "clearFlag");
    }

    function test_replaceState() public {
        replaceStateFromCold();
        vm.snapshotGasLastCall(GROUP, "replaceState");
    }

    function recordSolventFromCold() private fromCold {
        vm.prank(MODULE);
        BOOK.recordSolvent(account, commitment, 2);
    }

    function recordFlagFromCold() private fromCold {
        vm.prank(MODULE);
        BOOK.recordFlag(account, commitment, Ground.Maintenance, 2, KEEPER);
    }

    function clearFlagFromCold(uint256 present) private fromCold {
        vm.prank(MODULE);
        BOOK.clearFlag(flagged, present, Ground.Maintenance, 2);
    }

    function replaceStateFromCold() private fromCold {
        vm.prank(MODULE);
        BOOK.replaceState(account, commitment, 1234, 2, 0, 7, new uint256[](5));
    }
}

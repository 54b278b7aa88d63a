// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {Asset, AssetKind, IRiskParameters, SlotParameters} from "../../src/interfaces/IRiskParameters.sol";
import {RiskParameters} from "../../src/RiskParameters.sol";
import {Deploy} from "../utils/Deploy.sol";
import {BookFixture} from "../utils/BookFixture.sol";

contract RiskParametersTest is BookFixture {
    uint256 private constant SLOTS = 3;

    function setUp() public {
        Asset[] memory assets = new Asset[](2);
        assets[0] = spot("WBTC", 8);
        assets[1] = perpetual(1, 25_000, 50_000);
        (assets[1].floorPpm, assets[1].ceilingPpm) = (10_000, 200_000);
        deployBook(SLOTS, assets);
    }

    function test_deploymentListsTheFirstSlots() public view {
        assertEq(risk.assetCount(), SLOTS);
        assertEq(risk.delay(), DELAY);
        assertEq(risk.version(), 1);
        assertEq(risk.spotAssetsAt(1), 1, "slot 0 alone");
        assertEq(risk.asset(0).symbol, "WBTC");
        assertEq(risk.asset(1).initialPpm, 50_000);
        assertEq(risk.asset(2).symbol, 0);

        SlotParameters[] memory slots = risk.parametersAt(1);
        assertEq(slots.length, SLOTS);
        checkSlot(slots[0], 100_000, 150_000, DEVIATION);
        checkSlot(slots[1], 25_000, 50_000, DEVIATION);
        checkSlot(slots[2], 0, 0, 0);
    }

    function test_deploymentRefusesBadBooks() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.WrongAssetCount.selector, 0));
        Deploy.riskParameters(governance, 0, DELAY, new Asset[](0));
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.WrongAssetCount.selector, 59));
        Deploy.riskParameters(governance, 59, DELAY, new Asset[](0));
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.WrongAssetCount.selector, 3));
        Deploy.riskParameters(governance, 2, DELAY, perpetuals(3));
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.DelayOutOfRange.selector, 1 days - 1));
        Deploy.riskParameters(governance, SLOTS, 1 days - 1, new Asset[](0));
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.DelayOutOfRange.selector, 30 days + 1));
        Deploy.riskParameters(governance, SLOTS, 30 days + 1, new Asset[](0));
    }

    function test_theLargestBookFits() public {
        Asset[] memory assets = perpetuals(58);
        assets[57].initialPpm = 1_000_000;
        RiskParameters largest = Deploy.riskParameters(governance, 58, DELAY, assets);
        SlotParameters[] memory slots = largest.parametersAt(1);
        assertEq(slots.length, 58);
        checkSlot(slots[57], 25_000, 1_000_000, DEVIATION);
    }

    function test_looseningWaits() public {
        Asset memory looser = entryOf(1, 10_000, 20_000);
        uint64 executableAt = uint64(block.timestamp) + DELAY;
        vm.expectEmit(address(risk));
        emit IRiskParameters.ChangeAnnounced(1, executableAt, looser);
        announce(1, looser);

        (Asset memory entry, uint64 at) = risk.announced(1);
        assertEq(abi.encode(entry), abi.encode(looser));
        assertEq(at, executableAt);
        assertEq(risk.asset(1).initialPpm, 50_000, "announced is not yet so");

        vm.warp(executableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.TooEarly.selector, executableAt));
        execute(1);

        vm.warp(executableAt);
        vm.expectEmit(address(risk));
        emit IRiskParameters.AssetChanged(1, 2, looser);
        execute(1);
        assertEq(abi.encode(risk.asset(1)), abi.encode(looser));
        assertEq(risk.version(), 2);
        checkSlot(risk.parametersAt(2)[1], 10_000, 20_000, DEVIATION);

        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.NothingAnnounced.selector, 1));
        execute(1);
    }

    function test_aVersionNeverChanges() public {
        SlotParameters[] memory first = risk.parametersAt(1);
        tighten(1, 30_000, 60_000);
        assertEq(abi.encode(risk.parametersAt(1)), abi.encode(first));
        checkSlot(risk.parametersAt(2)[1], 30_000, 60_000, DEVIATION);
        checkSlot(risk.parametersAt(2)[0], 100_000, 150_000, DEVIATION);
    }

    function test_unknownVersionsAreRefused() public {
        for (uint32 version = 0; version <= 2; version += 2) {
            vm.expectRevert(abi.encodeWithSelector(IRiskParameters.UnknownVersion.selector, version));
            risk.parametersAt(version);
            vm.expectRevert(abi.encodeWithSelector(IRiskParameters.UnknownVersion.selector, version));
            risk.spotAssetsAt(version);
        }
    }

    function test_whatWasForgottenIsNotExecuted() public {
        announce(1, entryOf(1, 10_000, 20_000));
        uint64 expiredAt = uint64(block.timestamp) + DELAY + 14 days;
        vm.warp(expiredAt + 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.TooLate.selector, expiredAt));
        execute(1);
        vm.warp(expiredAt);
        execute(1);
    }

    function test_anAnnouncementIsCancelled() public {
        announce(1, entryOf(1, 10_000, 20_000));
        vm.expectEmit(address(risk));
        emit IRiskParameters.ChangeCancelled(1);
        vm.prank(governance);
        risk.cancel(1);

        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.NothingAnnounced.selector, 1));
        execute(1);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.NothingAnnounced.selector, 1));
        vm.prank(governance);
        risk.cancel(1);
    }

    function test_anotherAnnouncementBeginsTheDelayAnew() public {
        announce(1, entryOf(1, 20_000, 40_000));
        skip(DELAY);
        vm.expectEmit(address(risk));
        emit IRiskParameters.ChangeCancelled(1);
        announce(1, entryOf(1, 10_000, 10_000));
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.TooEarly.selector, block.timestamp + DELAY));
        execute(1);
    }

    function test_stewardTightensAtOnce() public {
        tighten(1, 25_000, 60_000);
        tighten(1, 60_000, 60_000);
        tighten(1, 60_000, 200_000);
        assertEq(risk.asset(1).maintenancePpm, 60_000);
        assertEq(risk.asset(1).initialPpm, 200_000);
        assertEq(risk.version(), 4);
    }

    function test_stewardNeverLoosens() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.NotTighter.selector, 1);
        vm.expectRevert(reason);
        tighten(1, 24_999, 60_000);
        vm.expectRevert(reason);
        tighten(1, 30_000, 49_999);
        vm.expectRevert(reason);
        tighten(1, 25_000, 50_000);
    }

    function test_stewardStaysWithinBounds() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 1);
        vm.expectRevert(reason);
        tighten(1, 25_000, 200_001);
        vm.expectRevert(reason);
        tighten(1, 60_000, 50_000);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.EmptySlot.selector, 2));
        tighten(2, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.EmptySlot.selector, 9));
        tighten(9, 1, 1);
    }

    function test_tighteningWithdrawsWhatWasAnnounced() public {
        announce(1, entryOf(1, 10_000, 20_000));
        vm.expectEmit(address(risk));
        emit IRiskParameters.ChangeCancelled(1);
        tighten(1, 30_000, 60_000);
        skip(DELAY);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.NothingAnnounced.selector, 1));
        execute(1);
    }

    function test_listsAnAssetAfterTheDelay() public {
        announce(2, spot("WETH", 18));
        skip(DELAY);
        execute(2);
        assertEq(risk.spotAssetsAt(1), 1);
        assertEq(risk.spotAssetsAt(2), 5);
        assertEq(risk.asset(2).symbol, "WETH");
        checkSlot(risk.parametersAt(1)[2], 0, 0, 0);
        checkSlot(risk.parametersAt(2)[2], 100_000, 150_000, DEVIATION);
    }

    function test_refusesBadEntries() public {
        Asset memory entry = spot("WETH", 18);
        entry.symbol = 0;
        refuses(2, entry, abi.encodeWithSelector(IRiskParameters.SymbolMissing.selector, 2));
        refuses(2, spot("WBTC", 8), abi.encodeWithSelector(IRiskParameters.SymbolTaken.selector, bytes32("WBTC")));
        refuses(3, spot("WETH", 18), abi.encodeWithSelector(IRiskParameters.UnknownSlot.selector, 3));
        refuses(2, spot("WETH", 19), abi.encodeWithSelector(IRiskParameters.DecimalsOutOfRange.selector, 2));
        entry = perpetual(2, 1, 1);
        entry.decimals = 8;
        refuses(2, entry, abi.encodeWithSelector(IRiskParameters.DecimalsOutOfRange.selector, 2));
        entry = perpetual(2, 1, 1);
        entry.deviationPpm = 0;
        refuses(2, entry, abi.encodeWithSelector(IRiskParameters.DeviationMissing.selector, 2));
    }

    function test_anAssetNeverBecomesAnother() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.AssetIsAnother.selector, 1);
        Asset memory entry = risk.asset(1);
        entry.symbol = "OTHER";
        refuses(1, entry, reason);
        entry = risk.asset(1);
        entry.kind = AssetKind.Option;
        refuses(1, entry, reason);
        entry = risk.asset(0);
        entry.decimals = 18;
        refuses(0, entry, abi.encodeWithSelector(IRiskParameters.AssetIsAnother.selector, 0));
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_fractionsStayWithinBounds(uint24 floor, uint24 maintenance, uint24 initial, uint24 ceiling)
        public
    {
        Asset memory entry = risk.asset(1);
        entry.floorPpm = uint24(bound(floor, 0, 1_000_010));
        entry.maintenancePpm = uint24(bound(maintenance, 0, 1_000_010));
        entry.initialPpm = uint24(bound(initial, 0, 1_000_010));
        entry.ceilingPpm = uint24(bound(ceiling, 0, 1_000_010));
        bool good = entry.floorPpm <= entry.maintenancePpm && entry.maintenancePpm <= entry.initialPpm
            && entry.initialPpm <= entry.ceilingPpm && entry.ceilingPpm <= 1_000_000 && entry.initialPpm != 0;
        if (good) announce(1, entry);
        else refuses(1, entry, abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 1));
    }

    function test_eachLimitOfTheFractionsCounts() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 1);
        refuses(1, entryOf(1, 9_999, 20_000), reason);
        refuses(1, entryOf(1, 20_001, 20_000), reason);
        refuses(1, entryOf(1, 20_000, 200_001), reason);
        Asset memory entry = entryOf(1, 20_000, 20_000);
        entry.ceilingPpm = 1_000_001;
        refuses(1, entry, reason);
        announce(1, entryOf(1, 10_000, 10_000));
        announce(1, entryOf(1, 200_000, 200_000));
    }

    /// @dev Who is short of an asset without initial margin could not move (spec ZS-56).
    function test_noDerivativeIsWithoutInitialMargin() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 1);
        Asset memory entry = risk.asset(1);
        (entry.floorPpm, entry.maintenancePpm, entry.initialPpm) = (0, 0, 0);
        refuses(1, entry, reason);
        entry.initialPpm = 1;
        announce(1, entry);
        entry = risk.asset(0);
        assertEq(uint8(entry.kind), uint8(AssetKind.Spot));
        (entry.floorPpm, entry.maintenancePpm, entry.initialPpm) = (0, 0, 0);
        announce(0, entry);
    }

    function test_aSymbolIsTakenOnceOfTwoAnnouncements() public {
        Asset[] memory none = new Asset[](0);
        deployBook(SLOTS, none);
        announce(0, spot("WETH", 18));
        announce(1, spot("WETH", 18));
        skip(DELAY);
        execute(0);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.SymbolTaken.selector, bytes32("WETH")));
        execute(1);
    }

    function test_refusesStrangers() public {
        Asset memory entry = entryOf(1, 10_000, 20_000);
        bytes memory notGovernance =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, steward, bytes32(0));
        vm.startPrank(steward);
        vm.expectRevert(notGovernance);
        risk.announce(1, entry);
        vm.expectRevert(notGovernance);
        risk.cancel(1);
        vm.expectRevert(notGovernance);
        risk.execute(1);
        vm.stopPrank();
        bytes memory notSteward = abi.encodeWithSelector(
            IAccessControl.AccessControlUnauthorizedAccount.selector, governance, risk.STEWARD_ROLE()
        );
        vm.expectRevert(notSteward);
        vm.prank(governance);
        risk.tighten(1, 30_000, 60_000);
    }

    function spot(bytes32 symbol, uint8 decimals) private pure returns (Asset memory) {
        return Asset(symbol, AssetKind.Spot, decimals, 100_000, 150_000, 50_000, 500_000, DEVIATION);
    }

    function entryOf(uint256 slot, uint24 maintenance, uint24 initial) private view returns (Asset memory entry) {
        entry = risk.asset(slot);
        (entry.maintenancePpm, entry.initialPpm) = (maintenance, initial);
    }

    function announce(uint256 slot, Asset memory entry) private {
        vm.prank(governance);
        risk.announce(slot, entry);
    }

    function refuses(uint256 slot, Asset memory entry, bytes memory reason) private {
        vm.expectRevert(reason);
        announce(slot, entry);
    }

    function execute(uint256 slot) private {
        vm.prank(governance);
        risk.execute(slot);
    }

    function tighten(uint256 slot, uint24 maintenance, uint24 initial) private {
        vm.prank(steward);
        risk.tighten(slot, maintenance, initial);
    }

    function checkSlot(SlotParameters memory slot, uint24 maintenance, uint24 initial, uint32 deviation) private pure {
        assertEq(slot.maintenancePpm, maintenance);
        assertEq(slot.initialPpm, initial);
        assertEq(slot.deviationPpm, deviation);
    }
}

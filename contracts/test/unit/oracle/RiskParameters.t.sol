// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {
    Asset,
    AssetKind,
    IRiskParameters,
    MarginFractions,
    SlotParameters
} from "../../../src/interfaces/IRiskParameters.sol";
import {RiskParameters} from "../../../src/oracle/RiskParameters.sol";
import {BookFixture} from "../../utils/BookFixture.sol";
import {Deploy} from "../../utils/Deploy.sol";

contract RiskParametersTest is BookFixture {
    uint256 private constant SLOTS = 3;
    uint32 private constant NARROW = 3_000; // within a third of the fractions here

    function setUp() public {
        Asset[] memory assets = new Asset[](2);
        assets[0] = spot("WBTC", 8);
        assets[1] = perpetual(1, 25_000, 50_000);
        assets[1].deviationPpm = NARROW;
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
        checkSlot(slots[0], 100_000, 300_000, DEVIATION);
        checkSlot(slots[1], 25_000, 50_000, NARROW);
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

        (Asset memory entry, uint64 dueAt) = risk.announced(1);
        assertEq(abi.encode(entry), abi.encode(looser));
        assertEq(dueAt, executableAt);
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
        checkSlot(risk.parametersAt(2)[1], 10_000, 20_000, NARROW);

        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.NothingAnnounced.selector, 1));
        execute(1);
    }

    function test_aVersionNeverChanges() public {
        SlotParameters[] memory first = risk.parametersAt(1);
        tighten(1, 30_000, 60_000);
        assertEq(abi.encode(risk.parametersAt(1)), abi.encode(first));
        checkSlot(risk.parametersAt(2)[1], 30_000, 60_000, NARROW);
        checkSlot(risk.parametersAt(2)[0], 100_000, 300_000, DEVIATION);
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
        refusesToTighten(1, 24_999, 60_000, reason);
        refusesToTighten(1, 30_000, 49_999, reason);
        refusesToTighten(1, 25_000, 50_000, reason);
    }

    function test_stewardStaysWithinBounds() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 1);
        refusesToTighten(1, 25_000, 200_001, reason);
        refusesToTighten(1, 60_000, 50_000, reason);
        refusesToTighten(2, 1, 1, abi.encodeWithSelector(IRiskParameters.EmptySlot.selector, 2));
        refusesToTighten(9, 1, 1, abi.encodeWithSelector(IRiskParameters.EmptySlot.selector, 9));
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
        checkSlot(risk.parametersAt(2)[2], 100_000, 300_000, DEVIATION);
    }

    function test_refusesBadEntries() public {
        Asset memory entry = spot("WETH", 18);
        entry.symbol = 0;
        refuses(2, entry, abi.encodeWithSelector(IRiskParameters.SymbolMissing.selector, 2));
        refuses(2, spot("WBTC", 8), abi.encodeWithSelector(IRiskParameters.SymbolTaken.selector, bytes32("WBTC")));
        refuses(3, spot("WETH", 18), abi.encodeWithSelector(IRiskParameters.UnknownSlot.selector, 3));
        refuses(2, spot("WETH", 19), abi.encodeWithSelector(IRiskParameters.DecimalsOutOfRange.selector, 2));
        entry = perpetual(2, 300_000, 300_000);
        entry.decimals = 8;
        refuses(2, entry, abi.encodeWithSelector(IRiskParameters.DecimalsOutOfRange.selector, 2));
        entry = perpetual(2, 300_000, 300_000);
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
            && entry.initialPpm <= entry.ceilingPpm && entry.ceilingPpm <= 1_000_000 && entry.maintenancePpm != 0;
        if (good && entry.initialPpm < 3 * entry.deviationPpm) {
            refuses(1, entry, abi.encodeWithSelector(IRiskParameters.DeviationTooWide.selector, 1));
        } else if (good) {
            announce(1, entry);
        } else {
            refuses(1, entry, abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 1));
        }
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

    function test_everyAssetHasMaintenanceMargin() public {
        for (uint256 slot = 0; slot < 2; ++slot) {
            Asset memory entry = risk.asset(slot);
            (entry.floorPpm, entry.maintenancePpm) = (0, 0);
            refuses(slot, entry, abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, slot));
            entry.maintenancePpm = 1;
            announce(slot, entry);
        }
    }

    function test_aPriceHasFiveDigitsUnlessItIsAnOptions() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.PricesOutOfBounds.selector, 1);
        Asset memory entry = risk.asset(1);
        entry.leastPrice = 9_999;
        refuses(1, entry, reason);
        entry.leastPrice = 10_000;
        entry.greatestPrice = 9_999;
        refuses(1, entry, reason);
        entry.greatestPrice = 10_000;
        announce(1, entry);

        reason = abi.encodeWithSelector(IRiskParameters.PricesOutOfBounds.selector, 2);
        entry = option(2, 1, 0);
        entry.greatestPrice = 0;
        refuses(2, entry, reason);
        entry.greatestPrice = 1;
        announce(2, entry);
        entry.leastPrice = 2;
        refuses(2, entry, reason);
    }

    function test_anOptionAtZeroCanMoveAgain() public {
        Asset memory entry = option(2, 1, 0);
        entry.deviationAmount = 0;
        refuses(2, entry, abi.encodeWithSelector(IRiskParameters.DeviationMissing.selector, 2));
        entry.leastPrice = 1;
        announce(2, entry);
    }

    /// @dev From the bottom of one minute to the top of the next a price moves three limits.
    function test_aLimitIsAtMostAThirdOfTheInitialMargin() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.DeviationTooWide.selector, 1);
        Asset memory entry = risk.asset(1);
        entry.deviationPpm = 16_667;
        refuses(1, entry, reason);
        entry.deviationPpm = 16_666;
        announce(1, entry);
        entry.initialPpm = 49_997;
        refuses(1, entry, reason);

        // 60,000 units at 5 % need 3,000.
        entry = risk.asset(1);
        (entry.leastPrice, entry.deviationAmount) = (60_000, 1_001);
        refuses(1, entry, reason);
        entry.deviationAmount = 1_000;
        announce(1, entry);
        entry.leastPrice = 59_999;
        refuses(1, entry, reason);
    }

    function test_anOptionsLimitIsAThirdOfWhatItsShortSideNeeds() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.DeviationTooWide.selector, 2);
        Asset memory entry = option(2, 1, 0);
        entry.deviationPpm = 333_334;
        refuses(2, entry, reason);
        // A call: 15 % of the least price of its underlying, 10,000 units.
        entry = option(2, 1, 0);
        entry.deviationAmount = 501;
        refuses(2, entry, reason);
        entry.deviationAmount = 500;
        announce(2, entry);
        // A put: 15 % of its strike, where that is more.
        entry.strike = 20_000;
        entry.deviationAmount = 1_001;
        refuses(2, entry, reason);
        entry.deviationAmount = 1_000;
        announce(2, entry);
        entry.strike = 9_999;
        refuses(2, entry, reason);
    }

    function test_anOptionsLimitIsCheckedWhenItsUnderlyingChanges() public {
        Asset memory below = risk.asset(1);
        below.leastPrice = 20_000;
        announce(1, below);
        skip(DELAY);
        execute(1);
        Asset memory entry = option(2, 1, 0);
        entry.deviationAmount = 1_000;
        announce(2, entry);
        Asset memory lower = risk.asset(1);
        lower.leastPrice = 19_999;
        announce(1, lower); // when nothing depends on it yet
        skip(DELAY);
        execute(2);
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.DeviationTooWide.selector, 2);
        vm.expectRevert(reason);
        execute(1);
        refuses(1, lower, reason);
        announce(1, below);
    }

    function test_anOptionIsOnAListedAssetThatIsNone() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.UnderlyingMissing.selector, 2);
        refuses(2, option(2, 2, 0), reason);
        refuses(2, option(2, 3, 0), reason);
        refuses(2, option(2, 255, 0), reason);
        announce(2, option(2, 0, 0));
        announce(2, option(2, 1, 0));

        Asset[] memory assets = new Asset[](3);
        (assets[0], assets[1], assets[2]) = (option(0, 2, 0), option(1, 0, 0), perpetual(2, 300_000, 300_000));
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.UnderlyingMissing.selector, 1));
        Deploy.riskParameters(governance, SLOTS, DELAY, assets);
        assets[1] = option(1, 2, 0);
        Deploy.riskParameters(governance, SLOTS, DELAY, assets);
    }

    function test_theShortSideOfAnOptionIsOrdered() public {
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 2);
        Asset memory entry = option(2, 1, 0);
        entry.shortMaintenancePpm = 749_999;
        refuses(2, entry, reason);
        entry = option(2, 1, 0);
        entry.shortInitialPpm = 999_999;
        refuses(2, entry, reason);
        entry = option(2, 1, 0);
        (entry.initialPpm, entry.shortInitialPpm, entry.ceilingPpm) = (750_000, 750_000, 750_000);
        entry.deviationPpm = 250_000;
        announce(2, entry);
        entry.shortMaintenancePpm = 750_001;
        refuses(2, entry, reason);
        (entry.shortMaintenancePpm, entry.shortInitialPpm) = (750_000, 750_001);
        refuses(2, entry, reason);
        entry = option(2, 1, 0);
        entry.underlyingMaintenancePpm = 0;
        refuses(2, entry, reason);
        entry.underlyingMaintenancePpm = 150_001;
        refuses(2, entry, reason);
        entry = option(2, 1, 0);
        entry.underlyingInitialPpm = 1_000_001;
        refuses(2, entry, reason);
    }

    function test_onlyOptionsHaveFieldsOfOptions() public {
        for (uint256 field = 0; field < 6; ++field) {
            Asset memory entry = perpetual(2, 300_000, 300_000);
            if (field == 0) entry.underlying = 1;
            if (field == 1) entry.strike = 1;
            if (field == 2) entry.shortMaintenancePpm = 1;
            if (field == 3) entry.shortInitialPpm = 1;
            if (field == 4) entry.underlyingMaintenancePpm = 1;
            if (field == 5) entry.underlyingInitialPpm = 1;
            refuses(2, entry, abi.encodeWithSelector(IRiskParameters.NoOption.selector, 2));
        }
    }

    function test_anOptionStaysWhatItIs() public {
        listOption();
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.AssetIsAnother.selector, 2);
        Asset memory entry = risk.asset(2);
        entry.strike = 2;
        refuses(2, entry, reason);
        entry = risk.asset(2);
        entry.underlying = 0;
        refuses(2, entry, reason);
    }

    function test_aStewardTightensEachFractionOfAnOption() public {
        listOption();
        for (uint256 field = 0; field < 6; ++field) {
            Asset memory before = risk.asset(2);
            MarginFractions memory fractions = changed(fractionsOf(before), field, 1);
            if (field == 1 || field == 3) {
                vm.expectRevert(abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 2)); // 100 % already
            } else if (field == 0) {
                vm.expectRevert(abi.encodeWithSelector(IRiskParameters.FractionsOutOfBounds.selector, 2)); // above the short side
            }
            tighten(2, fractions);
            bytes memory reason = abi.encodeWithSelector(IRiskParameters.NotTighter.selector, 2);
            fractions = changed(fractionsOf(risk.asset(2)), field, -1);
            fractions = changed(fractions, 5, field == 5 ? int24(0) : int24(1));
            vm.expectRevert(reason);
            tighten(2, fractions);
        }
        MarginFractions memory both = fractionsOf(risk.asset(2));
        (both.maintenancePpm, both.shortMaintenancePpm) = (800_000, 800_000);
        tighten(2, both);
        MarginFractions memory stored = risk.parametersAt(risk.version())[2].margins;
        assertEq(abi.encode(stored), abi.encode(both));
        both.strike = 2;
        both.shortMaintenancePpm = 900_000;
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.NotTighter.selector, 2));
        tighten(2, both);
    }

    function test_lambdasAreOrdered() public {
        assertEq(risk.lambdaInitialPpm(), 50_000);
        assertEq(risk.lambdaMaintenancePpm(), 100_000);
        bytes memory reason = abi.encodeWithSelector(IRiskParameters.LambdasOutOfRange.selector);
        Asset[] memory none = new Asset[](0);
        vm.expectRevert(reason);
        Deploy.riskParameters(governance, SLOTS, DELAY, 1, 1, none);
        vm.expectRevert(reason);
        Deploy.riskParameters(governance, SLOTS, DELAY, 1, 100_001, none);
        Deploy.riskParameters(governance, SLOTS, DELAY, 0, 1, none);
        Deploy.riskParameters(governance, SLOTS, DELAY, 99_999, 100_000, none);
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
        risk.tighten(1, fractionsOf(entry));
    }

    function entryOf(uint256 slot, uint24 maintenance, uint24 initial) private view returns (Asset memory entry) {
        entry = risk.asset(slot);
        (entry.maintenancePpm, entry.initialPpm) = (maintenance, initial);
    }

    function announce(uint256 slot, Asset memory entry) private {
        vm.prank(governance);
        risk.announce(slot, entry);
    }

    function listOption() private {
        announce(2, option(2, 1, 1));
        skip(DELAY);
        execute(2);
    }

    /// @param field From 0 to 5, in the order of the struct.
    function changed(MarginFractions memory fractions, uint256 field, int24 by)
        private
        pure
        returns (MarginFractions memory)
    {
        if (field == 0) fractions.maintenancePpm = plus(fractions.maintenancePpm, by);
        if (field == 1) fractions.initialPpm = plus(fractions.initialPpm, by);
        if (field == 2) fractions.shortMaintenancePpm = plus(fractions.shortMaintenancePpm, by);
        if (field == 3) fractions.shortInitialPpm = plus(fractions.shortInitialPpm, by);
        if (field == 4) fractions.underlyingMaintenancePpm = plus(fractions.underlyingMaintenancePpm, by);
        if (field == 5) fractions.underlyingInitialPpm = plus(fractions.underlyingInitialPpm, by);
        return fractions;
    }

    function plus(uint24 fraction, int24 by) private pure returns (uint24) {
        return uint24(int24(fraction) + by);
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
        tighten(slot, fractionsWith(risk.asset(slot), maintenance, initial));
    }

    function refusesToTighten(uint256 slot, uint24 maintenance, uint24 initial, bytes memory reason) private {
        MarginFractions memory fractions = fractionsWith(risk.asset(slot), maintenance, initial);
        vm.expectRevert(reason);
        tighten(slot, fractions);
    }

    function tighten(uint256 slot, MarginFractions memory fractions) private {
        vm.prank(steward);
        risk.tighten(slot, fractions);
    }

    function checkSlot(SlotParameters memory slot, uint24 maintenance, uint24 initial, uint32 deviation) private pure {
        assertEq(slot.margins.maintenancePpm, maintenance);
        assertEq(slot.margins.initialPpm, initial);
        assertEq(slot.limits.deviationPpm, deviation);
    }
}

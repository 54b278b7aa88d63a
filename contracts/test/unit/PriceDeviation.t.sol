// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ICircuitBreaker, Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "../../src/interfaces/IGuardedPriceRounds.sol";
import {IPriceRounds} from "../../src/interfaces/IPriceRounds.sol";
import {Asset, AssetKind} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

/// @notice Rounds that move a price too far, and rounds that do not come.
contract PriceDeviationTest is ReporterFixture {
    uint256 private constant SLOTS = 3;
    uint256 private constant BASE = 1_000_000;

    function setUp() public {
        // Slot 2 has no asset.
        deployBook(SLOTS, perpetuals(2));
        deployRounds(3, 2);
        post(BASE, BASE, 0);
        skip(10);
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_aMoveWithinTheBoundIsRecorded(uint256 first, uint256 second, int256 paid) public {
        first = bound(first, BASE * 9 / 10, BASE * 11 / 10);
        second = bound(second, BASE * 9 / 10, BASE * 11 / 10);
        paid = bound(paid, -int256(BASE / 10), int256(BASE / 10));
        assertEq(post(first, second, paid), 2);
        assertEq(uint8(breaker.level()), uint8(Level.Open));
    }

    function test_theBoundItselfIsWithinIt() public {
        assertEq(post(BASE * 11 / 10, BASE * 9 / 10, int256(BASE / 10)), 2);
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_aMoveBeyondTheBoundTripsAndIsNotRecorded(uint256 price, bool up, bool byFunding) public {
        uint256 moved = up ? bound(price, BASE / 10 + 1, 1 << 63) : bound(price, BASE / 10 + 1, BASE - 1);
        uint256 to = byFunding ? BASE : up ? BASE + moved : BASE - moved;
        int256 paid = byFunding ? (up ? int256(moved) : -int256(moved)) : int256(0);
        bytes32 before = keccak256(abi.encode(rounds.round(1)));

        Report[] memory reports = unanimous(2, 2, values(BASE, to), funding(paid));
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.DeviationRefused(2, 1, BASE, to, paid);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.LevelRaised(Level.Open, Level.NoWithdrawals, address(rounds));
        assertEq(postRound(2, reports), 0);

        assertEq(rounds.latestRoundId(), 1);
        assertEq(rounds.newestTimestamp(), block.timestamp);
        assertEq(keccak256(abi.encode(rounds.round(1))), before);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 2));
        rounds.round(2);
    }

    function test_eachSlotThatMovesTooFarIsNamed() public {
        Report[] memory reports = unanimous(2, 2, values(1, 2), funding(0));
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.DeviationRefused(2, 0, BASE, 1, 0);
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.DeviationRefused(2, 1, BASE, 2, 0);
        assertEq(postRound(2, reports), 0);
    }

    function test_refusedReportsCannotTripAgain() public {
        Report[] memory reports = unanimous(2, 2, values(BASE, 2 * BASE), funding(0));
        postRound(2, reports);
        vm.prank(governance);
        breaker.lowerTo(Level.Open);
        vm.expectRevert(
            abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, block.timestamp, block.timestamp)
        );
        postRound(2, reports);
        assertEq(uint8(breaker.level()), uint8(Level.Open));
    }

    function test_roundsGoOnWhenThePriceComesBack() public {
        assertEq(post(BASE, 2 * BASE, 0), 0);
        skip(1);
        assertEq(post(BASE, BASE, 0), 2);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals), "only governance lowers");
    }

    function test_aRealMoveIsRecordedOnceGovernanceAllowedIt() public {
        assertEq(post(BASE, 2 * BASE, 0), 0);
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.DeviationAllowed(2, 1, 1_000_000);
        allow(2, 1, 1_000_000);
        assertEq(rounds.allowedDeviationPpm(2, 1), 1_000_000);

        skip(1);
        assertEq(post(BASE, 2 * BASE + 1, 0), 0, "no further than allowed");
        skip(1);
        assertEq(post(BASE / 2, 2 * BASE, 0), 0, "no other slot");
        skip(1);
        assertEq(post(BASE, 2 * BASE, 0), 2);
        skip(1);
        assertEq(post(BASE, 4 * BASE, 0), 0, "no other round");
    }

    function test_anAllowanceNeverNarrowsTheBound() public {
        allow(2, 1, 1);
        assertEq(post(BASE, BASE * 11 / 10, 0), 2);
    }

    function test_onlyTheNextRoundIsAllowedAnything() public {
        for (uint64 id = 1; id <= 3; id += 2) {
            vm.expectRevert(abi.encodeWithSelector(IGuardedPriceRounds.WrongRoundId.selector, 2, id));
            allow(id, 1, 1_000_000);
        }
    }

    function test_onlyGovernanceAllows() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        rounds.allowDeviation(2, 1, 1_000_000);
    }

    function test_theFirstPriceOfAnAssetHasNoBound() public {
        Asset memory entry = perpetual(2, 1, 1);
        entry.kind = AssetKind.Spot;
        vm.prank(governance);
        risk.announce(2, entry);
        skip(DELAY);
        vm.prank(governance);
        risk.execute(2);
        uint256[] memory prices = values(BASE, BASE);
        prices[2] = 1 << 63;
        assertEq(postRound(2, unanimous(2, 2, prices, funding(0))), 2);
        skip(1);
        prices[2] = 1 << 62;
        assertEq(postRound(3, unanimous(2, 3, prices, funding(0))), 0);

        assertEq(rounds.spotAssets(1), 0, "as it was");
        assertEq(rounds.spotAssets(2), 4);
    }

    function test_withoutTheRoleADeviationReverts() public {
        bytes32 role = breaker.GUARDIAN_ROLE();
        vm.prank(governance);
        breaker.revokeRole(role, address(rounds));
        Report[] memory reports = unanimous(2, 2, values(BASE, 2 * BASE), funding(0));
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(rounds), role)
        );
        postRound(2, reports);
    }

    function test_anybodyTripsWhenRoundsAreStale() public {
        skip(STALE_AFTER - 10);
        vm.expectRevert(IGuardedPriceRounds.RoundsAreFresh.selector);
        rounds.tripIfStale();
        skip(1);
        vm.expectEmit(address(rounds));
        emit IGuardedPriceRounds.RoundsStale(1);
        vm.prank(stranger);
        rounds.tripIfStale();
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
    }

    function test_nothingIsStaleBeforeTheFirstRound() public {
        deployRounds(3, 2);
        skip(365 days);
        vm.expectRevert(IGuardedPriceRounds.RoundsAreFresh.selector);
        rounds.tripIfStale();
    }

    function post(uint256 a, uint256 b, int256 paid) private returns (uint64) {
        uint64 next = rounds.latestRoundId() + 1;
        return postRound(next, unanimous(2, next, values(a, b), funding(paid)));
    }

    function allow(uint64 roundId, uint256 slot, uint32 deviationPpm) private {
        vm.prank(governance);
        rounds.allowDeviation(roundId, slot, deviationPpm);
    }

    function values(uint256 a, uint256 b) private pure returns (uint256[] memory list) {
        list = new uint256[](SLOTS);
        (list[0], list[1]) = (a, b);
    }

    function funding(int256 paid) private pure returns (int256[] memory list) {
        list = new int256[](SLOTS);
        list[1] = paid;
    }
}

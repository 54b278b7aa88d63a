// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Test} from "forge-std/Test.sol";

import {IOwnerPriceRounds} from "../../src/interfaces/IOwnerPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {OwnerPriceRounds} from "../../src/OwnerPriceRounds.sol";
import {Deploy} from "../utils/Deploy.sol";

contract OwnerPriceRoundsTest is Test {
    uint256 private constant ASSETS = 3;

    address private owner = makeAddr("owner");
    OwnerPriceRounds private rounds;

    function setUp() public {
        rounds = Deploy.ownerPriceRounds(owner, three(10_000, 0, 1e6), three(20_000, 0, 1e6));
        vm.warp(1_700_000_000);
    }

    function test_idsCountFromOne() public {
        assertEq(rounds.latestRoundId(), 0);
        for (uint64 id = 1; id <= 3; ++id) {
            vm.expectEmit(address(rounds));
            emit IPriceRounds.RoundPosted(id, uint64(block.timestamp), 0);
            assertEq(post(id, 2, 3), id);
            assertEq(rounds.latestRoundId(), id);
        }
    }

    function test_tellsNoAssetsApart() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, 1));
        rounds.spotAssets(1);
        post(100, 200, 300);
        assertEq(rounds.spotAssets(1), 0);
    }

    function test_aRoundIsDatedWithItsBlockAndNeverChanges() public {
        post(100, 200, 300);
        bytes32 first = digest(1);
        assertEq(rounds.roundTimestamp(1), block.timestamp);
        skip(1 hours);
        post(101, 201, 301);
        assertEq(rounds.roundTimestamp(2), block.timestamp);
        assertEq(digest(1), first);
    }

    function test_derivesBothVectors() public {
        post(1_000_001, 7, 5);
        assertEq(rounds.marginsPerUnit(1, VectorKind.Maintenance), three(10_001, 0, 5), "1 % rounded up");
        assertEq(rounds.marginsPerUnit(1, VectorKind.Initial), three(20_001, 0, 5), "2 % rounded up");
        assertEq(rounds.marginFractionsPpm(VectorKind.Maintenance), three(10_000, 0, 1e6));
        assertEq(rounds.marginFractionsPpm(VectorKind.Initial), three(20_000, 0, 1e6));
    }

    function test_refusesStrangers() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        rounds.postRound(three(1, 2, 3), new int256[](ASSETS));
    }

    function test_ownershipMovesInTwoSteps() public {
        address next = makeAddr("next");
        vm.prank(owner);
        rounds.transferOwnership(next);
        assertEq(rounds.owner(), owner);
        vm.prank(next);
        rounds.acceptOwnership();
        assertEq(rounds.owner(), next);
    }

    function test_refusesWrongLengths() public {
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongLength.selector, ASSETS, 2));
        rounds.postRound(new uint256[](2), new int256[](ASSETS));
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongLength.selector, ASSETS, 4));
        rounds.postRound(new uint256[](ASSETS), new int256[](4));
    }

    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_refusesPricesOutOfRange(uint256 price, uint256 slot) public {
        price = bound(price, 1 << 64, type(uint256).max);
        slot = bound(slot, 0, ASSETS - 1);
        uint256[] memory prices = new uint256[](ASSETS);
        prices[slot] = price;
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, slot));
        rounds.postRound(prices, new int256[](ASSETS));
    }

    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_refusesEffectivePricesOutOfRange(uint64 price, uint256 excess, bool above, uint256 slot) public {
        slot = bound(slot, 0, ASSETS - 1);
        int256 away = int256(bound(excess, 1 << 64, 1 << 254));
        uint256[] memory prices = new uint256[](ASSETS);
        int256[] memory funding = new int256[](ASSETS);
        prices[slot] = price;
        funding[slot] = int256(uint256(price)) + (above ? -away : away);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.EffectivePriceOutOfRange.selector, slot));
        rounds.postRound(prices, funding);
    }

    function test_unknownRoundsAreRefused() public {
        post(1, 2, 3);
        for (uint64 id = 0; id <= 2; id += 2) {
            bytes memory reason = abi.encodeWithSelector(IPriceRounds.UnknownRound.selector, id);
            vm.expectRevert(reason);
            rounds.round(id);
            vm.expectRevert(reason);
            rounds.roundTimestamp(id);
            vm.expectRevert(reason);
            rounds.marginsPerUnit(id, VectorKind.Initial);
            vm.expectRevert(reason);
            rounds.roundInputs(id, VectorKind.Initial);
        }
    }

    function test_deploymentRefusesBadBooks() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongAssetCount.selector, 0));
        Deploy.ownerPriceRounds(owner, new uint256[](0), new uint256[](0));
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongAssetCount.selector, 59));
        Deploy.ownerPriceRounds(owner, new uint256[](59), new uint256[](59));
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongLength.selector, ASSETS, 2));
        Deploy.ownerPriceRounds(owner, new uint256[](ASSETS), new uint256[](2));
        vm.expectRevert(abi.encodeWithSelector(IOwnerPriceRounds.MarginFractionOutOfRange.selector, 1));
        Deploy.ownerPriceRounds(owner, three(1, 2, 3), three(1, 1, 3));
        vm.expectRevert(abi.encodeWithSelector(IOwnerPriceRounds.MarginFractionOutOfRange.selector, 2));
        Deploy.ownerPriceRounds(owner, three(1, 2, 3), three(1, 2, 1e6 + 1));
    }

    function digest(uint64 id) private view returns (bytes32) {
        Round memory round = rounds.round(id);
        return keccak256(abi.encode(round, rounds.roundInputs(id, VectorKind.Initial)));
    }

    function post(uint256 a, uint256 b, uint256 c) private returns (uint64) {
        vm.prank(owner);
        return rounds.postRound(three(a, b, c), new int256[](ASSETS));
    }

    function three(uint256 a, uint256 b, uint256 c) private pure returns (uint256[] memory list) {
        list = new uint256[](ASSETS);
        (list[0], list[1], list[2]) = (a, b, c);
    }
}

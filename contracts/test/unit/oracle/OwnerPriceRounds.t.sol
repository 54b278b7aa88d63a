// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Test} from "forge-std/Test.sol";

import {IOwnerPriceRounds} from "../../../src/interfaces/IOwnerPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {MarginFractions} from "../../../src/interfaces/IRiskParameters.sol";
import {OwnerPriceRounds} from "../../../src/oracle/OwnerPriceRounds.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

contract OwnerPriceRoundsTest is Test {
    uint256 private constant ASSETS = 3;

    address private owner = makeAddr("owner");
    OwnerPriceRounds private rounds;

    function setUp() public {
        rounds = Deploy.ownerPriceRounds(owner, three(10_000, 0, 1e6), three(20_000, 0, 1e6));
        vm.warp(1_700_000_000);
    }

    /// @dev Spec ZS-40.
    function test_idsCountFromOne() public {
        assertEq(rounds.latestRoundId(), 0);
        for (uint64 id = 1; id <= 3; ++id) {
            vm.expectEmit(address(rounds));
            emit IPriceRounds.RoundPosted(id, uint64(block.timestamp), 0);
            assertEq(post(id, 2, 3), id);
            assertEq(rounds.latestRoundId(), id);
        }
    }

    /// @dev Slot 1 has fractions of 0: it never bears margin.
    function test_onlyWhatHasHadAPriceAndBearsMarginCanBeShort() public {
        uint256[3][4] memory posted = [[uint256(0), 1, 0], [uint256(0), 1, 1], [uint256(1), 0, 0], [uint256(0), 0, 0]];
        uint8[4] memory barred = [7, 3, 2, 2];
        for (uint64 i = 0; i < 4; ++i) {
            uint64 id = post(posted[i][0], posted[i][1], posted[i][2]);
            assertEq(rounds.longOnly(id), barred[i]);
            assertEq(rounds.longOnly(1), 7, "a round never changes");
        }
    }

    function test_tellsNoAssetsApart() public {
        post(100, 200, 300);
        assertEq(rounds.reduceOnly(1), 0);
        (uint256 initial, uint256 maintenance) = rounds.lambdasPpm();
        assertEq(initial, 50_000);
        assertEq(maintenance, 100_000);
        for (uint8 kind = 0; kind < 3; ++kind) {
            assertEq(RoundReader.extras(rounds, 1, VectorKind(kind)), three(0, 0, 0));
        }
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Overdraft), three(0, 0, 0));
    }

    /// @dev Spec ZS-40.
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
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Maintenance), three(10_001, 0, 5), "1 % rounded up");
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Initial), three(20_001, 0, 5), "2 % rounded up");
        MarginFractions[] memory fractions = rounds.marginFractions();
        assertEq(fractions.length, ASSETS);
        assertEq(fractions[0].maintenancePpm, 10_000);
        assertEq(fractions[2].initialPpm, 1e6);
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

    /// @dev 2^64 - 1 and 2^64, of the price, and of the effective price on both sides of 0.
    function test_pricesReachTheirLimitsAndNoFurther() public {
        int256 most = int256(uint256(type(uint64).max));
        (uint256[] memory prices, int256[] memory funding) = (new uint256[](ASSETS), new int256[](ASSETS));
        for (uint256 slot = 0; slot < ASSETS; ++slot) {
            prices[slot] = uint256(most);
            funding[slot] = slot % 2 == 0 ? int256(0) : 2 * most;
        }
        vm.startPrank(owner);
        Round memory round = rounds.round(rounds.postRound(prices, funding));
        for (uint256 slot = 0; slot < ASSETS; ++slot) {
            assertEq(round.prices[slot], uint256(most));
            assertEq(round.effectivePrices[slot], slot % 2 == 0 ? most : -most);
            ++prices[slot];
            vm.expectRevert(abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, slot));
            rounds.postRound(prices, funding);
            --prices[slot];
            int256 beyond = slot % 2 == 0 ? int256(-1) : int256(1);
            funding[slot] += beyond;
            vm.expectRevert(abi.encodeWithSelector(IPriceRounds.EffectivePriceOutOfRange.selector, slot));
            rounds.postRound(prices, funding);
            funding[slot] -= beyond;
        }
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
            RoundReader.longs(rounds, id, VectorKind.Initial);
            vm.expectRevert(reason);
            RoundReader.inputs(rounds, id, VectorKind.Initial);
            vm.expectRevert(reason);
            rounds.longOnly(id);
            vm.expectRevert(reason);
            rounds.reduceOnly(id);
        }
    }

    function test_deploymentRefusesBadBooks() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongAssetCount.selector, 0));
        Deploy.ownerPriceRounds(owner, new uint256[](0), new uint256[](0));
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.WrongAssetCount.selector, 59));
        Deploy.ownerPriceRounds(owner, new uint256[](59), new uint256[](59));
        vm.expectRevert(abi.encodeWithSelector(IOwnerPriceRounds.MarginFractionOutOfRange.selector, 1));
        Deploy.ownerPriceRounds(owner, three(1, 2, 3), three(1, 1, 3));
        vm.expectRevert(abi.encodeWithSelector(IOwnerPriceRounds.MarginFractionOutOfRange.selector, 2));
        Deploy.ownerPriceRounds(owner, three(1, 2, 3), three(1, 2, 1e6 + 1));
    }

    function test_anOptionIsMarginedBySide() public {
        rounds = Deploy.ownerPriceRounds(owner, withOption());
        post(100e9, 5e9, 0);
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Maintenance), three(2.5e9, 0.25e9, 0));
        assertEq(RoundReader.extras(rounds, 1, VectorKind.Maintenance), three(0, 7.5e9 - 0.25e9, 0), "7.5 % of 100");
        assertEq(RoundReader.extras(rounds, 1, VectorKind.Initial), three(0, 15e9 - 0.5e9, 0), "15 % of 100");
        MarginFractions memory option = rounds.marginFractions()[1];
        assertEq(abi.encode(option), abi.encode(withOption()[1]));
    }

    function test_deploymentRefusesOptionsOutOfOrder() public {
        MarginFractions[] memory items = withOption();
        (items[1].shortMaintenancePpm, items[1].shortInitialPpm) = (2, 1);
        refusesSlot(items, 1);
        items = withOption();
        items[1].shortInitialPpm = 1e6 + 1;
        refusesSlot(items, 1);
        items = withOption();
        items[1].underlyingInitialPpm = 74_999;
        refusesSlot(items, 1);
        items = withOption();
        items[1].underlyingInitialPpm = 1e6 + 1;
        refusesSlot(items, 1);
        items = withOption();
        items[1].underlying = 3; // no slot
        refusesSlot(items, 1);
        items[1].underlying = 1; // an option
        refusesSlot(items, 1);
        items = withOption();
        items[0].shortInitialPpm = 1; // not an option
        refusesSlot(items, 0);
        items = withOption();
        items[0].underlyingInitialPpm = 1;
        refusesSlot(items, 0);
    }

    function refusesSlot(MarginFractions[] memory items, uint256 slot) private {
        vm.expectRevert(abi.encodeWithSelector(IOwnerPriceRounds.MarginFractionOutOfRange.selector, slot));
        Deploy.ownerPriceRounds(owner, items);
    }

    /// @dev A perpetual, and a call on it.
    function withOption() private pure returns (MarginFractions[] memory items) {
        items = new MarginFractions[](ASSETS);
        items[0] = MarginFractions(25_000, 50_000, 0, 0, 0, 0, 0, 0);
        items[1] = MarginFractions(50_000, 100_000, 200_000, 300_000, 75_000, 150_000, 0, 0);
    }

    function digest(uint64 id) private view returns (bytes32) {
        Round memory round = rounds.round(id);
        return keccak256(abi.encode(round, RoundReader.inputs(rounds, id, VectorKind.Initial)));
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

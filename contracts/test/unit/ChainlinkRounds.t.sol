// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/interfaces/AggregatorV3Interface.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {ChainlinkRounds} from "../../src/ChainlinkRounds.sol";
import {Feed, IChainlinkRounds} from "../../src/interfaces/IChainlinkRounds.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "../../src/interfaces/IGuardedPriceRounds.sol";
import {IPriceFeed} from "../../src/interfaces/IPriceFeed.sol";
import {IPriceRounds, Round, VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {MockChainlinkFeed} from "../mocks/MockChainlinkFeed.sol";
import {Deploy} from "../utils/Deploy.sol";
import {BookFixture} from "../utils/BookFixture.sol";

contract ChainlinkRoundsTest is BookFixture {
    uint256 private constant SLOTS = 3;
    uint64 private constant STALE_AFTER = 1 hours;
    uint64 private constant GRACE = 30 minutes;
    uint32 private constant MAX_AGE = 10 minutes;

    MockChainlinkFeed private btc;
    MockChainlinkFeed private eth;
    MockChainlinkFeed private sequencer;
    ChainlinkRounds private rounds;

    function setUp() public {
        // Slot 2 has no asset.
        deployBook(SLOTS, perpetuals(2));
        btc = Deploy.mockChainlinkFeed(8);
        eth = Deploy.mockChainlinkFeed(18);
        sequencer = Deploy.mockChainlinkFeed(0);
        rounds = deploy(IPriceFeed(address(sequencer)));
        setFeed(0, btc);
        setFeed(1, eth);
        sequencer.answer(0);
        skip(GRACE + 1);
        btc.answer(98_700.12345678e8);
        eth.answer(3500.123456789123456789e18);
    }

    function test_theInterfaceIsChainlinks() public pure {
        assertEq(IPriceFeed.latestRoundData.selector, AggregatorV3Interface.latestRoundData.selector);
        assertEq(IPriceFeed.decimals.selector, AggregatorV3Interface.decimals.selector);
    }

    function test_aRoundHasThePricesOfTheFeeds() public {
        skip(MAX_AGE);
        vm.expectEmit(address(rounds));
        emit IPriceRounds.RoundPosted(1, uint64(block.timestamp));
        vm.prank(stranger);
        assertEq(rounds.postRound(), 1);
        Round memory round = rounds.round(1);
        assertEq(round.timestamp, block.timestamp);
        assertEq(round.prices[0], 98_700.12345678e9, "8 decimals");
        assertEq(round.prices[1], 3500.123456789e9, "18 decimals, rounded down");
        assertEq(round.prices[2], 0, "no asset");
        assertEq(round.effectivePrices[0], 98_700.12345678e9, "no funding");
        assertEq(rounds.marginsPerUnit(1, VectorKind.Maintenance)[1], 87.50308642e9, "2.5 % rounded up");
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_scalesAnyDecimals(uint8 decimals, uint64 whole) public {
        decimals = uint8(bound(decimals, 0, 36));
        uint256 price = bound(whole, 1, type(uint64).max / 1e9);
        MockChainlinkFeed feed = Deploy.mockChainlinkFeed(decimals);
        setFeed(0, feed);
        feed.answer(int256(price * 10 ** decimals));
        rounds.postRound();
        assertEq(rounds.round(1).prices[0], price * 1e9);
    }

    function test_refusesPricesOutOfRange() public {
        bytes memory reason = abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, 0);
        int256[3] memory high = [int256(uint256(type(uint64).max) / 10 + 1), int256(1 << 64), type(int256).max];
        for (uint256 i = 0; i < high.length; ++i) {
            btc.answer(high[i]);
            vm.expectRevert(reason);
            rounds.postRound();
        }
        eth.answer(1e9 - 1);
        btc.answer(1);
        vm.expectRevert(abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, 1));
        rounds.postRound();
    }

    function test_refusesAnswersThatAreNotPositive() public {
        int256[3] memory answers = [int256(0), -1, type(int256).min];
        for (uint256 i = 0; i < answers.length; ++i) {
            eth.answer(answers[i]);
            vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.AnswerNotPositive.selector, 1));
            rounds.postRound();
        }
    }

    function test_refusesIncompleteRounds() public {
        bytes memory reason = abi.encodeWithSelector(IChainlinkRounds.AnswerIncomplete.selector, 0);
        btc.set(5, 1e8, block.timestamp, 0, 5);
        vm.expectRevert(reason);
        rounds.postRound();
        btc.set(5, 1e8, block.timestamp, block.timestamp, 4);
        vm.expectRevert(reason);
        rounds.postRound();
        btc.set(5, 1e8, block.timestamp, block.timestamp + 1, 5);
        vm.expectRevert(reason);
        rounds.postRound();
        btc.set(5, 1e8, block.timestamp, block.timestamp, 5);
        assertEq(rounds.postRound(), 1);
    }

    function test_refusesStaleAnswersOfEachFeed() public {
        uint256 updatedAt = block.timestamp;
        skip(MAX_AGE + 1);
        btc.answer(98_700e8);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.AnswerTooOld.selector, 1, updatedAt));
        rounds.postRound();
        vm.prank(governance);
        rounds.setFeed(1, IPriceFeed(address(eth)), MAX_AGE + 1);
        assertEq(rounds.postRound(), 1);
    }

    function test_refusesRoundsWhileTheSequencerIsDown() public {
        sequencer.answer(1);
        skip(GRACE + 1);
        btc.answer(98_700e8);
        eth.answer(3500e18);
        vm.expectRevert(IChainlinkRounds.SequencerDown.selector);
        rounds.postRound();

        sequencer.answer(0);
        uint256 since = block.timestamp;
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.SequencerJustUp.selector, since));
        rounds.postRound();
        vm.warp(since + GRACE);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.SequencerJustUp.selector, since));
        rounds.postRound();
        vm.warp(since + GRACE + 1);
        btc.answer(98_700e8);
        eth.answer(3500e18);
        assertEq(rounds.postRound(), 1);
    }

    function test_refusesASequencerFeedThatDoesNotSay() public {
        sequencer.set(0, 0, 0, 0, 0);
        vm.expectRevert(IChainlinkRounds.SequencerDown.selector);
        rounds.postRound();
        sequencer.set(1, 0, block.timestamp + 1, block.timestamp, 1);
        vm.expectRevert(IChainlinkRounds.SequencerDown.selector);
        rounds.postRound();
    }

    function test_aChainWithoutSequencerHasNoFeedOfOne() public {
        rounds = deploy(IPriceFeed(address(0)));
        setFeed(0, btc);
        setFeed(1, eth);
        assertEq(rounds.postRound(), 1);
    }

    function test_oneRoundABlock() public {
        rounds.postRound();
        vm.expectRevert(
            abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, block.timestamp, block.timestamp)
        );
        rounds.postRound();
        skip(1);
        assertEq(rounds.postRound(), 2);
    }

    function test_aDeviationTripsAndIsNotRecorded() public {
        rounds.postRound();
        skip(1);
        btc.answer(50_000e8);
        assertEq(rounds.postRound(), 0);
        assertEq(rounds.latestRoundId(), 1);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
    }

    function test_everyListedAssetNeedsAFeed() public {
        setFeed(1, MockChainlinkFeed(address(0)));
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.FeedMissing.selector, 1));
        rounds.postRound();
    }

    function test_governanceSetsFeeds() public {
        vm.expectEmit(address(rounds));
        emit IChainlinkRounds.FeedSet(2, address(btc), MAX_AGE, 8);
        setFeed(2, btc);
        Feed memory feed = rounds.feed(2);
        assertEq(address(feed.source), address(btc));
        assertEq(feed.maxAge, MAX_AGE);
        assertEq(feed.decimals, 8);

        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.UnknownSlot.selector, 3));
        rounds.setFeed(3, IPriceFeed(address(btc)), MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.ZeroFeedAge.selector, 2));
        rounds.setFeed(2, IPriceFeed(address(btc)), 0);
        IPriceFeed precise = IPriceFeed(address(Deploy.mockChainlinkFeed(37)));
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.TooManyDecimals.selector, 2));
        rounds.setFeed(2, precise, MAX_AGE);
        vm.stopPrank();

        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        rounds.setFeed(2, IPriceFeed(address(btc)), MAX_AGE);
    }

    function deploy(IPriceFeed sequencerFeed) private returns (ChainlinkRounds deployed) {
        deployed = Deploy.chainlinkRounds(governance, risk, breaker, STALE_AFTER, sequencerFeed, GRACE);
        makeGuardian(address(deployed));
    }

    function setFeed(uint256 slot, MockChainlinkFeed source) private {
        vm.prank(governance);
        rounds.setFeed(slot, IPriceFeed(address(source)), MAX_AGE);
    }
}

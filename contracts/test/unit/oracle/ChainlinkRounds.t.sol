// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {Feed, FeedFault, IChainlinkRounds} from "../../../src/interfaces/IChainlinkRounds.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {IPriceFeed} from "../../../src/interfaces/IPriceFeed.sol";
import {IPriceRounds, Round, VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {Asset} from "../../../src/interfaces/IRiskParameters.sol";
import {ChainlinkRounds} from "../../../src/oracle/ChainlinkRounds.sol";
import {BurningFeed, GasMeterFeed, LongFeed, RevertingFeed, ShortFeed} from "../../mocks/BadFeeds.sol";
import {MockChainlinkFeed} from "../../mocks/MockChainlinkFeed.sol";
import {BookFixture} from "../../utils/BookFixture.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

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
        // Slot 2 has no asset. With a least price of 1 USD the feeds have enough digits.
        Asset[] memory assets = perpetuals(2);
        (assets[0].leastPrice, assets[1].leastPrice) = (1e9, 1e9);
        deployBook(SLOTS, assets);
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

    /// @dev The selectors of AggregatorV3Interface, which live feeds answer to.
    function test_theInterfaceIsChainlinks() public pure {
        assertEq(IPriceFeed.latestRoundData.selector, bytes4(0xfeaf968c));
        assertEq(IPriceFeed.decimals.selector, bytes4(0x313ce567));
    }

    function test_aRoundHasThePricesOfTheFeeds() public {
        skip(MAX_AGE);
        vm.expectEmit(address(rounds));
        emit IPriceRounds.RoundPosted(1, uint64(block.timestamp), 0);
        vm.prank(stranger);
        assertEq(rounds.postRound(), 1);
        Round memory round = rounds.round(1);
        assertEq(round.timestamp, block.timestamp);
        assertEq(round.prices[0], 98_700.12345678e9, "8 decimals");
        assertEq(round.prices[1], 3500.123456789e9, "18 decimals, rounded down");
        assertEq(round.prices[2], 0, "no asset");
        assertEq(round.effectivePrices[0], 98_700.12345678e9, "no funding");
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Maintenance)[1], 87.50308642e9, "2.5 % rounded up");
    }

    /// @dev Up to eight digits after the point: more would be rounded down.
    /// forge-config: default.fuzz.runs = 200
    function testFuzz_scalesAnyDecimals(uint8 decimals, uint64 whole) public {
        decimals = uint8(bound(decimals, 0, 36));
        uint256 price = bound(whole, 10_000, type(uint64).max / 1e9);
        listDear();
        MockChainlinkFeed feed = Deploy.mockChainlinkFeed(decimals);
        setFeed(2, feed);
        answerAll();
        feed.answer(int256(price * 10 ** decimals));
        rounds.postRound();
        assertEq(rounds.round(1).prices[2], price * 1e9);
    }

    // ------------------------------------------------------------------------------------------------ feeds that fail

    function test_aSlotWithoutAFeedIsStale() public {
        rounds.postRound();
        setFeed(1, MockChainlinkFeed(address(0)));
        staleBy(FeedFault.Missing);
    }

    function test_aNegativeAnswerMakesItsSlotStale() public {
        rounds.postRound();
        int256[2] memory answers = [int256(-1), type(int256).min];
        for (uint256 i = 0; i < 2; ++i) {
            eth.answer(answers[i]);
            staleBy(FeedFault.Negative);
        }
    }

    /// @dev 0 is a price, but one below the least of a perpetual.
    function test_anAnswerBelowTheLeastPriceMakesItsSlotStale() public {
        rounds.postRound();
        int256[2] memory answers = [int256(0), 1e18 - 1];
        for (uint256 i = 0; i < 2; ++i) {
            skip(1);
            eth.answer(answers[i]);
            assertEq(rounds.postRound(), 2 + i);
            assertEq(rounds.reduceOnly(uint64(2 + i)), 2);
        }
    }

    function test_anIncompleteAnswerMakesItsSlotStale() public {
        rounds.postRound();
        skip(1);
        uint256 now_ = block.timestamp;
        eth.set(5, 3500e18, now_, 0, 5);
        staleBy(FeedFault.Incomplete);
        eth.set(5, 3500e18, now_, now_, 4);
        staleBy(FeedFault.Incomplete);
        eth.set(5, 3500e18, now_, now_ + 100, 5);
        staleBy(FeedFault.Incomplete);
        eth.set(5, 3500e18, now_, now_, 5);
        skip(1);
        rounds.postRound();
        assertEq(rounds.reduceOnly(rounds.latestRoundId()), 0, "live again");
    }

    function test_anAnswerThatIsTooOldMakesItsSlotStale() public {
        rounds.postRound();
        skip(MAX_AGE);
        rounds.postRound();
        assertEq(rounds.reduceOnly(2), 0);
        btc.answer(98_700e8);
        staleBy(FeedFault.TooOld);
    }

    function test_anAnswerOutOfRangeMakesItsSlotStale() public {
        rounds.postRound();
        int256[4] memory high = [int256(1 << 64) * 1e9, int256(1 << 65) * 1e9, 1e30 * 1e9, type(int256).max];
        for (uint256 i = 0; i < 4; ++i) {
            eth.answer(high[i]);
            staleBy(FeedFault.OutOfRange);
        }
        MockChainlinkFeed few = Deploy.mockChainlinkFeed(8);
        setFeed(1, few);
        int256[3] memory ofFewDecimals = [int256(uint256(type(uint64).max) / 10 + 1), int256(1 << 64), type(int256).max];
        for (uint256 i = 0; i < 3; ++i) {
            few.answer(ofFewDecimals[i]);
            staleBy(FeedFault.OutOfRange);
        }
    }

    function test_aFeedThatRevertsOrIsGoneMakesItsSlotStale() public {
        rounds.postRound();
        address[3] memory bad = [address(new RevertingFeed()), address(new ShortFeed()), address(new BurningFeed())];
        for (uint256 i = 0; i < 3; ++i) {
            setFeed(1, MockChainlinkFeed(bad[i]));
            staleBy(FeedFault.NoAnswer);
        }
        vm.etch(bad[2], "");
        staleBy(FeedFault.NoAnswer);
    }

    /// @dev An answer of a megabyte costs the feed, and not the poster.
    function test_aFeedThatAnswersTooMuchIsReadAsFarAsItCounts() public {
        rounds.postRound();
        setFeed(1, MockChainlinkFeed(address(new LongFeed(3500e18))));
        skip(1);
        uint256 before = gasleft();
        assertEq(rounds.postRound(), 2);
        assertLt(before - gasleft(), 400_000);
        assertEq(rounds.reduceOnly(2), 0);
        assertEq(rounds.round(2).prices[1], 3500e9);
    }

    function test_aFeedThatBurnsItsGasCostsNoMoreThanItsShare() public {
        rounds.postRound();
        setFeed(1, MockChainlinkFeed(address(new BurningFeed())));
        skip(1);
        uint256 before = gasleft();
        rounds.postRound();
        assertLt(before - gasleft(), 100_000 + 300_000);
    }

    /// @dev With any amount of gas a round is posted in which the feed got all of its share, or none is.
    function test_aPosterCannotStarveAFeed() public {
        rounds.postRound();
        GasMeterFeed meter = new GasMeterFeed(3500e18, rounds.FEED_GAS());
        setFeed(1, MockChainlinkFeed(address(meter)));
        skip(1);
        btc.answer(98_700e8);
        uint256 posted = 0;
        for (uint256 gas_ = 100_000; gas_ < 200_000; gas_ += 400) {
            uint256 before = vm.snapshotState();
            try rounds.postRound{gas: gas_}() returns (uint64 id) {
                assertEq(rounds.reduceOnly(id), 0, "the feed was starved");
                ++posted;
            } catch (bytes memory reason) {
                assertTrue(
                    reason.length == 0 || bytes4(reason) == IChainlinkRounds.NotEnoughGas.selector, "another reason"
                );
            }
            vm.revertToState(before);
        }
        assertGt(posted, 10);
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

    function test_pricesThatAreTooFarAreHeldAndConfirmed() public {
        rounds.postRound();
        skip(1);
        btc.answer(50_000e8);
        assertEq(rounds.postRound(), 0);
        assertEq(rounds.latestRoundId(), 1);
        assertEq(uint8(breaker.level()), uint8(Level.NoWithdrawals));
        skip(60);
        assertEq(rounds.postRound(), 2, "the same answers, a minute later");
        assertEq(uint8(breaker.level()), uint8(Level.Open));
    }

    function test_roundsKeepTheirInterval() public {
        rounds = Deploy.chainlinkRounds(governance, risk, breaker, STALE_AFTER, 10, IPriceFeed(address(0)), 0);
        setFeed(0, btc);
        setFeed(1, eth);
        rounds.postRound();
        skip(9);
        vm.expectRevert(
            abi.encodeWithSelector(IGuardedPriceRounds.TooSoon.selector, block.timestamp + 1, block.timestamp)
        );
        rounds.postRound();
        skip(1);
        assertEq(rounds.postRound(), 2);
    }

    function test_governanceSetsFeeds() public {
        vm.expectEmit(address(rounds));
        emit IChainlinkRounds.FeedSet(1, address(btc), MAX_AGE, 8);
        setFeed(1, btc);
        Feed memory feed = rounds.feed(1);
        assertEq(address(feed.source), address(btc));
        assertEq(feed.maxAge, MAX_AGE);
        assertEq(feed.decimals, 8);

        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.UnknownSlot.selector, 3));
        rounds.setFeed(3, IPriceFeed(address(btc)), MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.ZeroFeedAge.selector, 1));
        rounds.setFeed(1, IPriceFeed(address(btc)), 0);
        IPriceFeed precise = IPriceFeed(address(Deploy.mockChainlinkFeed(37)));
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.TooManyDecimals.selector, 1));
        rounds.setFeed(1, precise, MAX_AGE);
        vm.stopPrank();

        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        rounds.setFeed(1, IPriceFeed(address(btc)), MAX_AGE);
    }

    function test_aSlotWithoutAnAssetHasNoFeed() public {
        vm.expectRevert(abi.encodeWithSelector(IGuardedPriceRounds.SlotIsEmpty.selector, 2));
        setFeed(2, btc);
    }

    /// @dev With a least price of 1 USD a feed needs four digits after the point.
    function test_aFeedNeedsFiveDigitsAtTheLeastPrice() public {
        Asset memory entry = perpetual(2, 25_000, 300_000);
        entry.leastPrice = 1e9;
        list(2, entry);
        MockChainlinkFeed coarse = Deploy.mockChainlinkFeed(3);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.FeedTooCoarse.selector, 2));
        setFeed(2, coarse);
        setFeed(2, Deploy.mockChainlinkFeed(4));
        setFeed(2, Deploy.mockChainlinkFeed(36));

        entry.leastPrice = 1e9 - 1;
        list(2, entry);
        MockChainlinkFeed four = Deploy.mockChainlinkFeed(4);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.FeedTooCoarse.selector, 2));
        setFeed(2, four);
        setFeed(2, Deploy.mockChainlinkFeed(5));
    }

    function test_anOptionMayHaveACoarseFeed() public {
        list(2, option(2, 0, 0));
        setFeed(2, Deploy.mockChainlinkFeed(2));
    }

    /// @dev Lists an asset in slot 2 that a feed without digits after the point is fine for.
    function listDear() private {
        Asset memory entry = perpetual(2, 25_000, 300_000);
        entry.leastPrice = 10_000e9;
        list(2, entry);
    }

    function answerAll() private {
        btc.answer(98_700.12345678e8);
        eth.answer(3500.123456789123456789e18);
    }

    /// @dev Posts a round in which slot 1 is stale, and only that.
    function staleBy(FeedFault fault) private {
        skip(1);
        uint64 id = rounds.latestRoundId() + 1;
        vm.expectEmit(address(rounds));
        emit IChainlinkRounds.FeedUnusable(1, fault);
        vm.expectEmit(address(rounds));
        emit IPriceRounds.RoundPosted(id, uint64(block.timestamp), 2);
        assertEq(rounds.postRound(), id);
        assertEq(rounds.round(id).prices[1], rounds.round(1).prices[1]);
    }

    function deploy(IPriceFeed sequencerFeed) private returns (ChainlinkRounds deployed) {
        deployed = Deploy.chainlinkRounds(governance, risk, breaker, STALE_AFTER, 1, sequencerFeed, GRACE);
        makeSource(deployed);
    }

    function setFeed(uint256 slot, MockChainlinkFeed source) private {
        vm.prank(governance);
        rounds.setFeed(slot, IPriceFeed(address(source)), MAX_AGE);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IChainlinkRounds} from "../../../src/interfaces/IChainlinkRounds.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IPriceFeed} from "../../../src/interfaces/IPriceFeed.sol";
import {Asset} from "../../../src/interfaces/IRiskParameters.sol";
import {ChainlinkRounds} from "../../../src/oracle/ChainlinkRounds.sol";
import {MockChainlinkFeed} from "../../mocks/MockChainlinkFeed.sol";
import {BookFixture} from "../../utils/BookFixture.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {OracleFixture} from "../../utils/OracleFixture.sol";

/// @notice What happened to markets, at signed rounds.
contract SignedOracleStoriesTest is OracleFixture {
    /// @dev A put on BTC at 100 USD. BTC has risen, and in the end the put is worth nothing.
    function test_anOptionExpiresWorthlessAndItsNeighbourTradesOn() public {
        uint256[] memory list = prices();
        while (list[PUT] > 500) {
            skip(60);
            (list[PUT], list[BTC]) = (list[PUT] * 7 / 10, list[BTC] + 1e9);
            assertGt(post(list), 0);
        }
        skip(60);
        list[PUT] = 0;
        uint64 worthless = post(list);
        assertGt(worthless, 0);
        assertEq(priceOf(PUT), 0);
        assertEq(staleSlots(), 0, "0 is a price");

        for (uint256 i = 1; i <= 5; ++i) {
            skip(10);
            list[ETH] = ETH_PRICE + i * 1e9;
            assertEq(post(list), worthless + i);
        }
        assertEq(priceOf(ETH), ETH_PRICE + 5e9);
        assertEq(staleSlots(), 0);
        assertFalse(isStopped());
    }

    /// @dev BTC falls by 30 % between two rounds. The first set is held, the first one a minute later confirms it, and flags go
    ///      on at once. Clocks stood still for that minute, and for no grace after it.
    function test_aCrashIsConfirmedByTheFirstSetAMinuteLater() public {
        vm.warp(START + 100);
        uint64 active = breaker.activeTime(Level.NoFlags);
        assertEq(post(pricesWith(BTC, BTC_PRICE * 7 / 10)), 0);
        for (uint256 i = 1; i < 6; ++i) {
            skip(10);
            refusesTooYoung(pricesWith(BTC, BTC_PRICE * (70 - i) / 100), START + 160);
            assertTrue(isStopped());
        }
        skip(10);
        assertEq(post(pricesWith(BTC, BTC_PRICE * 65 / 100)), 2);
        assertEq(priceOf(BTC), BTC_PRICE * 65 / 100);
        breaker.requireBelow(Level.NoFlags);
        assertEq(breaker.activeTime(Level.NoFlags), active);
        skip(30);
        assertEq(breaker.activeTime(Level.NoFlags), active + 30);
    }

    /// @dev The funding index of ETH is at 20 USD. After an upgrade the reporters start from 0 again.
    function test_aFundingIndexThatResetsToZeroIsRefused() public {
        for (int256 paid = 4e9; paid <= 20e9; paid += 4e9) {
            skip(60);
            post(prices(), fundingOf(ETH, paid));
        }
        assertEq(effectiveOf(ETH), 30e9);
        skip(60);
        uint256[] memory list = pricesWith(BTC, BTC_PRICE + 1e9);
        assertEq(post(list, fundingOf(ETH, 0)), 7, "nothing else stops");
        assertEq(staleSlots(), bit(ETH));
        assertEq(effectiveOf(ETH), 30e9, "as before");
        assertEq(priceOf(BTC), BTC_PRICE + 1e9);
        assertFalse(isStopped());

        skip(60);
        assertEq(post(list, fundingOf(ETH, 20e9 + 1)), 8);
        assertEq(staleSlots(), 0, "the index is right again");
    }
}

/// @notice What happened to markets, at rounds of feeds on a layer 2.
contract ChainlinkOracleStoriesTest is BookFixture {
    uint64 private constant STALE_AFTER = 1 hours;
    uint64 private constant SEQUENCER_GRACE = 10 minutes;
    uint32 private constant HEARTBEAT = 30 minutes;
    uint256 private constant LUNA = 1;

    ChainlinkRounds private rounds;
    MockChainlinkFeed private btc;
    MockChainlinkFeed private luna;
    MockChainlinkFeed private sequencer;

    function setUp() public {
        Asset[] memory assets = perpetuals(2);
        (assets[0].leastPrice, assets[1].leastPrice) = (1e9, 1e9);
        deployBook(2, assets);
        (btc, luna) = (Deploy.mockChainlinkFeed(8), Deploy.mockChainlinkFeed(8));
        sequencer = Deploy.mockChainlinkFeed(0);
        rounds = Deploy.chainlinkRounds(
            governance, risk, breaker, STALE_AFTER, 10, IPriceFeed(address(sequencer)), SEQUENCER_GRACE
        );
        makeSource(rounds);
        vm.startPrank(governance);
        rounds.setFeed(0, IPriceFeed(address(btc)), HEARTBEAT);
        rounds.setFeed(LUNA, IPriceFeed(address(luna)), HEARTBEAT);
        vm.stopPrank();
        sequencer.answer(0);
        skip(SEQUENCER_GRACE + 1);
        answer(100e8, 80e8);
        assertEq(rounds.postRound(), 1);
    }

    /// @dev The feed of LUNA stops in the evening and comes back in the morning, 40 % lower.
    function test_aFeedDiesAtNight() public {
        for (uint256 i = 0; i < 20; ++i) {
            skip(30 minutes + 1);
            btc.answer(int256(100e8 + i * 1e8));
            assertEq(rounds.postRound(), 2 + i);
            assertEq(rounds.reduceOnly(rounds.latestRoundId()), 2);
            assertEq(priceOf(LUNA), 80e9, "its last price");
        }
        assertEq(priceOf(0), 119e9, "BTC trades on");
        assertEq(uint8(breaker.level()), uint8(Level.Open));

        skip(60);
        answer(119e8, 48e8);
        assertEq(rounds.postRound(), 0, "held");
        skip(60);
        assertEq(rounds.postRound(), 22, "confirmed a minute later");
        assertEq(rounds.reduceOnly(22), 0);
        assertEq(priceOf(LUNA), 48e9);
    }

    /// @dev LUNA falls to nothing. Its feed has a minimum of 0.10 USD and goes on answering that. The least price of the slot is
    ///      above it, so that no account borrows against 0.10 USD that are not there.
    function test_aPriceIsWalkedToTheMinimumOfItsFeed() public {
        uint256 price = 80e8;
        while (price > 1e8) {
            skip(60);
            answer(100e8, int256(price));
            assertGt(rounds.postRound(), 0);
            assertEq(rounds.reduceOnly(rounds.latestRoundId()), 0);
            price = price * 92 / 100;
        }
        uint256 last = priceOf(LUNA);
        assertGe(last, 1e9);
        for (uint256 i = 0; i < 5; ++i) {
            price = price * 92 / 100;
            skip(60);
            answer(100e8 + int256(i), int256(price < 0.1e8 ? 0.1e8 : price));
            assertGt(rounds.postRound(), 0, "nothing stops");
            assertEq(rounds.reduceOnly(rounds.latestRoundId()), 2);
            assertEq(priceOf(LUNA), last);
            assertEq(priceOf(0), 100e9 + i * 10);
        }
    }

    /// @dev The sequencer is down for two hours, so that no transaction is executed. Clocks stand still from the moment at which
    ///      the last round is stale, through the grace of the sequencer and that of the breaker.
    function test_theSequencerIsDownForTwoHours() public {
        uint64 roundAt = uint64(block.timestamp);
        uint64 active = breaker.activeTime(Level.NoFlags);
        skip(2 hours);
        sequencer.answer(0);
        assertEq(breaker.activeTime(Level.NoFlags), active + STALE_AFTER, "until the round was stale");
        answer(70e8, 80e8);
        vm.expectRevert(abi.encodeWithSelector(IChainlinkRounds.SequencerJustUp.selector, block.timestamp));
        rounds.postRound();

        skip(SEQUENCER_GRACE + 1);
        answer(92e8, 80e8);
        assertEq(rounds.silentSince(), roundAt + STALE_AFTER);
        assertEq(rounds.postRound(), 2);
        assertEq(rounds.silentSince(), 0);
        for (uint256 left = RESUME_GRACE; left > 0; left -= 60) {
            assertEq(breaker.activeTime(Level.NoFlags), active + STALE_AFTER);
            skip(60);
        }
        skip(5);
        assertEq(breaker.activeTime(Level.NoFlags), active + STALE_AFTER + 5);
    }

    function answer(int256 ofBtc, int256 ofLuna) private {
        btc.answer(ofBtc);
        luna.answer(ofLuna);
    }

    function priceOf(uint256 slot) private view returns (uint256) {
        return rounds.round(rounds.latestRoundId()).prices[slot];
    }
}

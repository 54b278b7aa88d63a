// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceFeed} from "../../src/interfaces/IPriceFeed.sol";
import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {ChainlinkRounds} from "../../src/oracle/ChainlinkRounds.sol";
import {MockChainlinkFeed} from "../mocks/MockChainlinkFeed.sol";
import {BookFixture} from "../utils/BookFixture.sol";
import {Deploy} from "../utils/Deploy.sol";

/// @notice Gas of single calls on a book of 13 assets, without the 21,000 and the calldata of a transaction, nothing warm.
///         A feed on a public chain is a proxy, and answers at a cost of its own.
contract ChainlinkRoundsGasTest is BookFixture {
    string private constant GROUP = "chainlink-rounds";
    uint256 private constant SLOTS = 13;

    ChainlinkRounds private rounds;
    ChainlinkRounds private withoutFeeds;
    MockChainlinkFeed[] private feeds;

    function setUp() public {
        Asset[] memory assets = perpetuals(SLOTS);
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            assets[slot].leastPrice = 1e9; // so that a feed of eight digits after the point is fine
        }
        deployBook(SLOTS, assets);
        rounds = Deploy.chainlinkRounds(governance, risk, breaker, 1 hours, 1, IPriceFeed(address(0)), 0);
        withoutFeeds = Deploy.chainlinkRounds(governance, risk, breaker, 1 hours, 1, IPriceFeed(address(0)), 0);
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            MockChainlinkFeed feed = Deploy.mockChainlinkFeed(8);
            feed.answer(int256(slot + 1) * 7e8);
            feeds.push(feed);
            vm.prank(governance);
            rounds.setFeed(slot, IPriceFeed(address(feed)), 1 hours);
        }
        rounds.postRound();
        skip(1);
    }

    function test_postRound() public {
        cool();
        rounds.postRound();
        vm.snapshotGasLastCall(GROUP, "postRound from 13 feeds");
    }

    function test_postRoundWithOneFeed() public {
        vm.prank(governance);
        withoutFeeds.setFeed(0, IPriceFeed(address(feeds[0])), 1 hours);
        cool();
        withoutFeeds.postRound();
        vm.snapshotGasLastCall(GROUP, "postRound, 12 slots of 13 without a feed");
    }

    function test_setFeed() public {
        cool();
        vm.prank(governance);
        withoutFeeds.setFeed(3, IPriceFeed(address(feeds[3])), 1 hours);
        vm.snapshotGasLastCall(GROUP, "setFeed");
    }

    function test_takeFeedAway() public {
        cool();
        vm.prank(governance);
        rounds.setFeed(3, IPriceFeed(address(0)), 0);
        vm.snapshotGasLastCall(GROUP, "setFeed, taken away");
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    function cool() private {
        vm.cool(address(rounds));
        vm.cool(address(withoutFeeds));
        vm.cool(address(risk));
        vm.cool(Deploy.EXPIRIES);
        vm.cool(address(breaker));
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            vm.cool(address(feeds[slot]));
        }
    }
}

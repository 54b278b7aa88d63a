// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGuardedPriceRounds} from "../../src/interfaces/IGuardedPriceRounds.sol";
import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {ReporterFixture} from "./ReporterFixture.sol";

/// @title OracleFixture
/// @notice A book with two perpetuals, a spot asset, a put on the first perpetual and an empty slot; five reporters, three of
///         whom make a quorum; and the first round.
abstract contract OracleFixture is ReporterFixture {
    uint256 internal constant SLOTS = 5;
    uint256 internal constant BTC = 0;
    uint256 internal constant ETH = 1;
    uint256 internal constant GOLD = 2; // spot
    uint256 internal constant PUT = 3;
    uint256 internal constant EMPTY = 4;
    uint64 internal constant ALL = 15;

    uint256 internal constant BTC_PRICE = 100e9;
    uint256 internal constant ETH_PRICE = 50e9;
    uint256 internal constant GOLD_PRICE = 2e9;
    uint256 internal constant PUT_PRICE = 6e9;

    /// @dev A tenth of its price, that of BTC.
    uint256 internal constant LIMIT = BTC_PRICE / 10;

    function setUp() public virtual {
        Asset[] memory assets = new Asset[](4);
        assets[BTC] = perpetual(0, 100_000, 300_000);
        assets[ETH] = perpetual(1, 100_000, 300_000);
        assets[GOLD] = spot("GOLD", 6);
        assets[PUT] = option(3, uint8(BTC), uint64(BTC_PRICE));
        deployBook(SLOTS, assets);
        deployRounds(5, 3);
        assertEq(post(prices()), 1);
        skip(1);
    }

    /// @dev The prices of the first round.
    function prices() internal pure returns (uint256[] memory list) {
        list = new uint256[](SLOTS);
        (list[BTC], list[ETH], list[GOLD], list[PUT]) = (BTC_PRICE, ETH_PRICE, GOLD_PRICE, PUT_PRICE);
    }

    /// @dev The same but for one slot.
    function pricesWith(uint256 slot, uint256 price) internal pure returns (uint256[] memory list) {
        list = prices();
        list[slot] = price;
    }

    function noFunding() internal pure returns (int256[] memory) {
        return new int256[](SLOTS);
    }

    function fundingOf(uint256 slot, int256 paid) internal pure returns (int256[] memory list) {
        list = new int256[](SLOTS);
        list[slot] = paid;
    }

    /// @dev Posts what a quorum agrees on.
    function post(uint256[] memory list) internal returns (uint64) {
        return post(list, noFunding());
    }

    function post(uint256[] memory list, int256[] memory funding) internal returns (uint64) {
        return postRound(unanimous(3, list, funding));
    }

    /// @dev Posts what a quorum agrees on, of some slots.
    function postOn(uint64 pricedSlots, uint256[] memory list) internal returns (uint64) {
        return postRound(unanimousOn(3, pricedSlots, list, noFunding()));
    }

    /// @dev What a quorum agreed on at some time.
    function reportsAt(uint64 timestamp, uint256[] memory list) internal view returns (Report[] memory reports) {
        reports = new Report[](3);
        for (uint256 k = 0; k < 3; ++k) {
            reports[k] = reportAt(k, timestamp, list, noFunding());
        }
    }

    function priceOf(uint256 slot) internal view returns (uint256) {
        return rounds.round(rounds.latestRoundId()).prices[slot];
    }

    function effectiveOf(uint256 slot) internal view returns (int256) {
        return rounds.round(rounds.latestRoundId()).effectivePrices[slot];
    }

    /// @dev The stale slots of the latest round.
    function staleSlots() internal view returns (uint256) {
        return rounds.reduceOnly(rounds.latestRoundId());
    }

    function heldAt() internal view returns (uint64 time) {
        (, time,,) = rounds.candidate();
    }

    function isStopped() internal view returns (bool) {
        return breaker.level() != Level.Open;
    }

    function refuses(Report[] memory reports, bytes memory reason) internal {
        bytes memory medians = mediansOf(reports);
        vm.expectRevert(reason);
        rounds.postRound(reports, medians);
    }

    /// @dev Expects that the candidate is too young for what a quorum agrees on.
    function refusesTooYoung(uint256[] memory list, uint256 confirmableAt) internal {
        refuses(
            unanimous(3, list, noFunding()),
            abi.encodeWithSelector(IGuardedPriceRounds.CandidateTooYoung.selector, confirmableAt)
        );
    }

    function bit(uint256 slot) internal pure returns (uint256) {
        return 1 << slot;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/IExpiries.sol";
import {Expiries} from "../../src/oracle/Expiries.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {Deploy} from "../utils/Deploy.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";
import {Tally} from "./Tally.sol";

/// @title ExpiriesHandler
/// @notice Assets that are listed, expire, are delisted, settle and are replaced, in a book of two perpetuals and two options
///         on the first, until it winds down. Calls that the rules forbid are made too: they must fail.
contract ExpiriesHandler is ReporterFixture, Tally {
    uint256 public constant SLOTS = 4;
    uint256 private constant FIRST_OPTION = 2;
    uint256 private constant PRICE = 100e9;

    /// @dev What is known of a slot.
    struct Slot {
        uint64 expiresAt;
        uint64 announcedAt;
        uint64 nextExpiry;
        /// Whether governance delisted its asset.
        bool isDelisted;
        bool isSettled;
        /// Whether a round priced its asset.
        bool isPriced;
        /// What the last such round said [1e-9 USD].
        uint256 price;
    }

    Expiries public constant EXPIRIES = Expiries(Deploy.EXPIRIES);

    Slot[SLOTS] private _slots;
    uint32 public epochs;
    bool public isWindingDown;
    uint256 private _symbols;

    /// @dev The rounds: epoch, stale slots and reduce-only slots of each.
    mapping(uint64 roundId => bytes32) public roundDigests;
    mapping(uint32 epoch => bytes32) public epochDigests;

    constructor() {
        Asset[] memory assets = new Asset[](SLOTS);
        (assets[0], assets[1]) = (perpetual(0, 100_000, 300_000), perpetual(1, 100_000, 300_000));
        for (uint256 i = FIRST_OPTION; i < SLOTS; ++i) {
            assets[i] = entryOf(i, uint64(START + i * 2 days));
            _slots[i].expiresAt = uint64(START + i * 2 days);
        }
        deployBook(SLOTS, assets);
        deployRounds(3, 3);
        post(0, type(uint256).max);
    }

    /// @dev Prices move by less than a limit; a settled slot is priced too, which must not count.
    function post(uint256 seconds_, uint256 seed) public {
        skip(bound(seconds_, 1, 50 minutes));
        uint256[] memory prices = new uint256[](SLOTS);
        uint64 priced = listedSlots();
        for (uint256 i = 0; i < SLOTS; ++i) {
            Slot storage slot = _slots[i];
            prices[i] = slot.isPriced ? slot.price + (seed >> (8 * i)) % 1e9 : PRICE * (1 + (seed >> (8 * i)) % 9);
            if (slot.isPriced && slot.price > 100 * PRICE) prices[i] = slot.price - 1e9;
            if (seed >> (100 + 4 * i) & 7 == 0) priced &= ~uint64(1 << i);
        }
        Report[] memory reports = unanimousOn(3, priced, prices, new int256[](SLOTS));
        uint64 before = rounds.latestRoundId();
        try rounds.postRound(reports, mediansOf(reports)) returns (uint64 recorded) {
            assertFalse(isWindingDown, "a round was posted after the wind-down");
            assertEq(recorded, before + 1, "a price was held");
            note(recorded, priced, prices);
        } catch {
            assertTrue(isWindingDown || priced & ~settledSlots() == 0, "a round was refused");
        }
    }

    /// @dev Most tries are right about slot and expiry.
    function settle(uint256 index, uint256 seed, bool isFar, bool isEarly) external {
        index = bound(index, 0, SLOTS - 1);
        Slot storage slot = _slots[index];
        uint64 expiry = seed % 5 == 0 ? slot.expiresAt + 1 : slot.expiresAt;
        if (!isEarly && expiry > block.timestamp && expiry < block.timestamp + 10 days) {
            vm.warp(expiry);
            post(0, seed);
        }
        uint256[] memory prices = new uint256[](SLOTS);
        prices[index] = isFar ? slot.price * 3 : slot.price;
        uint64 latest = rounds.latestRoundId();
        bool due = !isWindingDown && expiry != 0 && expiry == slot.expiresAt && !slot.isSettled && !isFar
            && rounds.roundTimestamp(latest) >= expiry && rounds.staleSlots(latest) >> index & 1 == 0
            && !(index == 0 && hasOpenOption());
        Report[] memory reports = new Report[](3);
        for (uint256 k = 0; k < 3; ++k) {
            reports[k] = Report(reporterAt(k), expiry, uint64(1 << index), prices, new int256[](SLOTS), "");
            signHash(reports[k], k, hashFor(reports[k], 1));
        }
        try EXPIRIES.settle(expiry, uint64(1 << index), reports, mediansOf(reports)) returns (uint32 opened) {
            assertTrue(due, "EXPIRY-2: a slot settled against the rules");
            assertEq(opened, ++epochs);
            slot.isSettled = true;
            epochDigests[opened] = epochDigest(opened);
        } catch {
            assertFalse(due, "a slot could not settle");
        }
        tally("settle", due);
    }

    function delist(uint256 index, uint256 notice) external {
        index = bound(index, 0, SLOTS - 1);
        notice = bound(notice, 1 days, 6 days);
        Slot storage slot = _slots[index];
        uint64 at = uint64(block.timestamp + notice);
        bool due = slot.expiresAt == 0 && notice >= DELAY && !(index == 0 && hasOptionAfter(at));
        vm.prank(governance);
        try risk.delist(index, uint40(at)) {
            assertTrue(due, "delisted against the rules");
            (slot.expiresAt, slot.isDelisted, slot.announcedAt) = (at, true, 0);
        } catch {
            assertFalse(due, "could not delist");
        }
        tally("delist", due);
    }

    /// @dev Announces the next asset of a slot.
    function announce(uint256 index, uint256 life) external {
        index = bound(index, 0, SLOTS - 1);
        Slot storage slot = _slots[index];
        uint64 expiry = uint64(block.timestamp + bound(life, 1 days, 8 days));
        uint64 limit = _slots[0].expiresAt;
        if (index < FIRST_OPTION) expiry = 0;
        bool due = slot.expiresAt != 0 && (index < FIRST_OPTION || limit == 0 || expiry < limit);
        Asset memory entry = entryOf(index, expiry);
        vm.prank(governance);
        try risk.announce(index, entry) {
            assertTrue(due, "announced against the rules");
            (slot.announcedAt, slot.nextExpiry) = (uint64(block.timestamp), expiry);
        } catch {
            assertFalse(due, "could not announce");
        }
    }

    function execute(uint256 index, uint256 seconds_) external {
        index = bound(index, 0, SLOTS - 1);
        Slot storage slot = _slots[index];
        skip(bound(seconds_, DELAY / 2, DELAY));
        if (seconds_ % 4 != 0 && !isWindingDown) {
            // Rounds from before a settlement stop counting.
            post(61, type(uint256).max);
            post(61, type(uint256).max);
        }
        bool isDue = slot.announcedAt != 0 && block.timestamp >= slot.announcedAt + DELAY
            && block.timestamp <= slot.announcedAt + DELAY + 14 days;
        uint64 limit = _slots[0].expiresAt;
        bool isInTime = slot.nextExpiry == 0 || slot.nextExpiry > block.timestamp;
        bool isCovered = index < FIRST_OPTION || limit == 0 || (slot.nextExpiry != 0 && slot.nextExpiry < limit);
        bool isForgotten =
            rounds.epochOf(rounds.latestRoundId()) == epochs && rounds.epochOf(rounds.referenceRoundId()) == epochs;
        bool due = isDue && isInTime && isCovered && slot.isSettled && isForgotten && !isWindingDown;
        vm.prank(governance);
        try risk.execute(index) {
            assertTrue(due, "EXPIRY-4: an asset was listed against the rules");
            _slots[index] = Slot(slot.nextExpiry, 0, 0, false, false, false, 0);
        } catch {
            assertFalse(due, "could not list");
        }
        tally("list", due);
    }

    /// @dev Rarely: nothing comes after it.
    function windDown(uint256 seconds_, uint8 luck) external {
        if (luck % 32 == 0) skip(bound(seconds_, 0, 14 days));
        else if (block.timestamp > rounds.roundTimestamp(rounds.latestRoundId()) + 5 days) post(0, type(uint256).max);
        uint64 latest = rounds.latestRoundId();
        bool due = !isWindingDown && block.timestamp > rounds.roundTimestamp(latest) + Deploy.SILENCE;
        try EXPIRIES.startWindDown() returns (uint32 opened) {
            assertTrue(due, "EXPIRY-5: the book winds down too early");
            isWindingDown = true;
            if (settledSlots() == (1 << SLOTS) - 1) assertEq(opened, epochs); // nothing is left to settle
            else _settleAll(opened);
            note(rounds.latestRoundId(), 0, new uint256[](SLOTS));
        } catch {
            assertFalse(due, "the book does not wind down");
        }
        tally("windDown", due);
    }

    /// @dev What has not settled does so with the last epoch, at its last price.
    function _settleAll(uint32 opened) private {
        assertEq(opened, ++epochs);
        epochDigests[opened] = epochDigest(opened);
        (, int256[] memory prices) = EXPIRIES.epochAt(opened);
        for (uint256 i = 0; i < SLOTS; ++i) {
            uint256 expected = _slots[i].isSettled || !_slots[i].isPriced ? 0 : _slots[i].price;
            assertEq(prices[i], int256(expected), "EXPIRY-5: what does not settle at its last price");
            _slots[i].isSettled = true;
        }
    }

    function underTest() external view returns (PriceRounds) {
        return rounds;
    }

    function roundDigest(uint64 id) public view returns (bytes32) {
        return keccak256(abi.encode(rounds.epochOf(id), rounds.staleSlots(id), rounds.reduceOnly(id), rounds.round(id)));
    }

    function epochDigest(uint32 epoch) public view returns (bytes32) {
        (uint64 slots, int256[] memory prices) = EXPIRIES.epochAt(epoch);
        return keccak256(abi.encode(slots, prices));
    }

    function settledSlots() public view returns (uint64 slots) {
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (_slots[i].isSettled) slots |= uint64(1 << i);
        }
    }

    /// @dev Keeps a round, and checks what it says of each slot.
    function note(uint64 id, uint64 priced, uint256[] memory prices) private {
        assertEq(rounds.epochOf(id), epochs, "EXPIRY-1: a round is of the newest epoch");
        uint256 stale = rounds.staleSlots(id);
        uint256 reduceOnly = rounds.reduceOnly(id);
        uint256[] memory recorded = rounds.round(id).prices;
        for (uint256 i = 0; i < SLOTS; ++i) {
            Slot storage slot = _slots[i];
            bool isLive = priced >> i & 1 == 1 && !slot.isSettled;
            if (isLive) (slot.isPriced, slot.price) = (true, prices[i]);
            if (slot.isSettled) slot.isPriced = false;
            bool hasReached = slot.expiresAt != 0 && slot.expiresAt <= rounds.roundTimestamp(id);
            assertEq(stale >> i & 1 == 1, !isLive, "EXPIRY-3: which slots are stale");
            assertEq(reduceOnly >> i & 1 == 1, !isLive || slot.isDelisted || hasReached, "EXPIRY-3: which may not grow");
            assertEq(recorded[i], slot.isPriced ? slot.price : 0, "EXPIRY-4: no asset has the price of the one before");
        }
        roundDigests[id] = roundDigest(id);
    }

    function hasOpenOption() private view returns (bool) {
        return !_slots[FIRST_OPTION].isSettled || !_slots[FIRST_OPTION + 1].isSettled;
    }

    function hasOptionAfter(uint64 time) private view returns (bool) {
        for (uint256 i = FIRST_OPTION; i < SLOTS; ++i) {
            if (!_slots[i].isSettled && (_slots[i].expiresAt == 0 || _slots[i].expiresAt >= time)) return true;
        }
        return false;
    }

    /// @dev An entry with a symbol of its own.
    function entryOf(uint256 index, uint64 expiry) private returns (Asset memory entry) {
        entry = index < FIRST_OPTION ? perpetual(index, 100_000, 300_000) : option(index, 0, 0);
        entry.symbol = keccak256(abi.encode(++_symbols));
        entry.expiresAt = uint40(expiry);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IExpiries, Report} from "../../../src/interfaces/IExpiries.sol";
import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {Asset, IRiskParameters} from "../../../src/interfaces/IRiskParameters.sol";
import {ISignedPriceRounds} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {Expiries} from "../../../src/oracle/Expiries.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {OracleFixture} from "../../utils/OracleFixture.sol";

/// @notice A book with a put that expires, beside those of OracleFixture: BTC and ETH perpetuals, GOLD, a put without expiry.
abstract contract ExpiriesFixture is OracleFixture {
    Expiries internal constant EXPIRIES = Expiries(Deploy.EXPIRIES);
    uint256 internal constant DATED = EMPTY; // a put on ETH
    uint256 internal constant DATED_PRICE = 10e9;
    uint64 internal constant EXPIRY = uint64(START + 10 days);

    function setUp() public virtual override {
        super.setUp();
        list(DATED, datedPut("DATED-1", EXPIRY));
        assertEq(post(marks()), 2);
        skip(1);
    }

    function datedPut(bytes32 symbol, uint64 expiry) internal pure returns (Asset memory entry) {
        entry = option(9, uint8(ETH), uint64(ETH_PRICE));
        (entry.symbol, entry.expiresAt) = (symbol, uint40(expiry));
    }

    /// @dev The prices of OracleFixture, and one of the put that expires.
    function marks() internal pure returns (uint256[] memory list_) {
        list_ = prices();
        list_[DATED] = DATED_PRICE;
    }

    function marksWith(uint256 slot, uint256 price) internal pure returns (uint256[] memory list_) {
        list_ = marks();
        list_[slot] = price;
    }

    /// @dev Posts the usual prices at a time, which is that of the block from then on.
    function postAt(uint256 time) internal returns (uint64) {
        vm.warp(time);
        return post(marks());
    }

    /// @dev Reports of three reporters for a settlement.
    function settlement(uint64 expiry, uint64 slots, uint256[] memory list_, int256[] memory funding)
        internal
        view
        returns (Report[] memory reports)
    {
        reports = new Report[](3);
        for (uint256 k = 0; k < 3; ++k) {
            reports[k] = Report(reporterAt(k), expiry, slots, list_, funding, "");
            signHash(reports[k], k, hashFor(reports[k], 1));
        }
    }

    function settle(uint64 expiry, uint64 slots, uint256[] memory list_) internal returns (uint32) {
        Report[] memory reports = settlement(expiry, slots, list_, noFunding());
        return EXPIRIES.settle(expiry, slots, reports, mediansOf(reports));
    }

    function settleDated() internal returns (uint32) {
        return settle(EXPIRY, uint64(bit(DATED)), marks());
    }

    function refusesToSettle(uint64 expiry, uint64 slots, uint256[] memory list_, bytes memory reason) internal {
        refusesReports(expiry, slots, settlement(expiry, slots, list_, noFunding()), reason);
    }

    function refusesReports(uint64 expiry, uint64 slots, Report[] memory reports, bytes memory reason) internal {
        bytes memory medians = mediansOf(reports);
        vm.expectRevert(reason);
        EXPIRIES.settle(expiry, slots, reports, medians);
    }

    /// @dev The put has settled, and rounds from before no longer count for anything.
    function settleAndForget() internal {
        postAt(EXPIRY);
        settleDated();
        postAt(EXPIRY + 1);
        postAt(EXPIRY + 61);
        vm.warp(EXPIRIES.listableFrom());
    }

    function delist(uint256 slot, uint256 at) internal {
        vm.prank(governance);
        risk.delist(slot, uint40(at));
    }

    function announce(uint256 slot, Asset memory entry) internal {
        vm.prank(governance);
        risk.announce(slot, entry);
    }

    function execute(uint256 slot) internal {
        vm.prank(governance);
        risk.execute(slot);
    }

    function with(bytes4 selector, uint256 argument) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, argument);
    }
}

contract SettlementTest is ExpiriesFixture {
    /// @dev No price moves where an option settles that is worth nothing, and its slot is reduce-only before and after.
    function test_theRoundAfterASettlementAtZeroIsNotCalm() public {
        uint256[] memory worthless = marksWith(DATED, 0);
        vm.warp(EXPIRY - 200);
        post(worthless); // too far: a candidate
        for (uint256 k = 0; k < 3; ++k) {
            vm.warp(EXPIRY - 100 + 50 * k);
            post(worthless);
        }
        uint64 last = rounds.latestRoundId();
        assertEq(rounds.roundTimestamp(last), EXPIRY);
        assertEq(rounds.round(last).prices[DATED], 0);
        settle(EXPIRY, uint64(bit(DATED)), worthless);
        vm.warp(EXPIRY + 1);
        post(worthless);
        assertEq(rounds.latestRoundId(), last + 1);
        assertEq(rounds.reduceOnly(last + 1), rounds.reduceOnly(last));
        assertFalse(rounds.isCalm(last + 1), "an account could act at the round before, ahead of its settlement");
        vm.warp(EXPIRY + 2);
        post(worthless);
        assertTrue(rounds.isCalm(last + 2));
    }

    function test_anOptionSettlesAndTheNextRoundIsOfTheNewEpoch() public {
        assertEq(postAt(EXPIRY - 1), 3);
        assertEq(rounds.reduceOnly(3), 0);
        assertEq(postAt(EXPIRY), 4);
        assertEq(rounds.reduceOnly(4), bit(DATED));
        assertEq(rounds.staleSlots(4), 0);
        assertTrue(rounds.isCalm(3));
        assertFalse(rounds.isCalm(4), "a position could grow at the round before, at a price that is known");
        vm.expectEmit(address(EXPIRIES));
        emit IExpiries.EpochOpened(1, uint64(bit(DATED)), EXPIRY);
        assertEq(settle(EXPIRY, uint64(bit(DATED)), marksWith(DATED, DATED_PRICE + 7)), 1);
        assertEq(rounds.epochOf(4), 0);

        assertEq(postAt(EXPIRY + 1), 5);
        assertEq(rounds.epochOf(5), 1);
        assertEq(rounds.epochOf(4), 0);
        assertFalse(rounds.isCalm(5));
        assertEq(rounds.staleSlots(5), bit(DATED));
        assertEq(rounds.reduceOnly(5), bit(DATED));
        assertEq(rounds.longOnly(5), bit(GOLD) | bit(DATED));
        assertEq(priceOf(DATED), 0);
        assertEq(effectiveOf(DATED), 0);
        assertEq(postAt(EXPIRY + 2), 6);
        assertTrue(rounds.isCalm(6));

        (uint64 slots, int256[] memory settled) = EXPIRIES.epochAt(1);
        assertEq(slots, bit(DATED));
        for (uint256 i = 0; i < SLOTS; ++i) {
            assertEq(settled[i], i == DATED ? int256(DATED_PRICE + 7) : int256(0));
        }
        (uint32 epoch, uint64 open, bool isWindingDown) = EXPIRIES.status();
        assertEq(epoch, 1);
        assertEq(open, bit(DATED));
        assertFalse(isWindingDown);
    }

    function test_aSettlementPaysFunding() public {
        delist(ETH, EXPIRY + 10);
        int256[] memory paid = fundingOf(ETH, 2e9);
        postAt(EXPIRY);
        settleDated();
        vm.warp(EXPIRY + 10);
        post(marks(), paid);
        Report[] memory reports = settlement(EXPIRY + 10, uint64(bit(ETH)), marks(), paid);
        EXPIRIES.settle(EXPIRY + 10, uint64(bit(ETH)), reports, mediansOf(reports));
        (, int256[] memory settled) = EXPIRIES.epochAt(2);
        assertEq(settled[ETH], int256(ETH_PRICE) - 2e9);
    }

    function test_theMedianOfAQuorumCounts() public {
        postAt(EXPIRY);
        Report[] memory reports = settlement(EXPIRY, uint64(bit(DATED)), marks(), noFunding());
        for (uint256 k = 0; k < 3; ++k) {
            reports[k].prices = marksWith(DATED, DATED_PRICE + 100 - k);
            signHash(reports[k], k, hashFor(reports[k], 1));
        }
        bytes memory medians = mediansOf(reports);
        medians[1 + DATED] = bytes1(uint8(0));
        vm.expectRevert(with(ISignedPriceRounds.NotMedian.selector, 1 + DATED));
        EXPIRIES.settle(EXPIRY, uint64(bit(DATED)), reports, medians);
        EXPIRIES.settle(EXPIRY, uint64(bit(DATED)), reports, mediansOf(reports));
        (, int256[] memory settled) = EXPIRIES.epochAt(1);
        assertEq(settled[DATED], int256(DATED_PRICE) + 99);
    }

    function test_nothingSettlesTwice() public {
        postAt(EXPIRY);
        settleDated();
        refusesToSettle(EXPIRY, uint64(bit(DATED)), marks(), with(IExpiries.NotExpiring.selector, DATED));
        postAt(EXPIRY + 1);
        refusesToSettle(EXPIRY, uint64(bit(DATED)), marks(), with(IExpiries.NotExpiring.selector, DATED));
    }

    function test_onlyTheExactExpirySettles() public {
        postAt(EXPIRY + 1);
        refusesToSettle(EXPIRY + 1, uint64(bit(DATED)), marks(), with(IExpiries.NotExpiring.selector, DATED));
        Report[] memory reports = settlement(EXPIRY + 1, uint64(bit(DATED)), marks(), noFunding());
        bytes4 reason = ISignedPriceRounds.ReportNotOfExpiry.selector;
        refusesReports(EXPIRY, uint64(bit(DATED)), reports, abi.encodeWithSelector(reason, reporterAt(0)));
        refusesToSettle(0, uint64(bit(BTC)), marks(), with(IExpiries.NotExpiring.selector, BTC));
    }

    function test_noReportServesTwoPurposes() public {
        vm.warp(EXPIRY);
        Report[] memory ordinary = unanimous(3, marks(), noFunding());
        Report[] memory final_ = settlement(EXPIRY, listedSlots(), marks(), noFunding());
        bytes memory reason = abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0));
        refuses(final_, reason);
        postRound(ordinary);
        refusesReports(EXPIRY, uint64(bit(DATED)), ordinary, reason);
        settleDated();
    }

    function test_nothingSettlesBeforeARoundOfItsExpiry() public {
        postAt(EXPIRY - 1);
        skip(1);
        refusesToSettle(
            EXPIRY, uint64(bit(DATED)), marks(), abi.encodeWithSelector(IExpiries.RoundBeforeExpiry.selector)
        );
    }

    function test_nothingSettlesFromAStalePrice() public {
        vm.warp(EXPIRY);
        postOn(uint64(ALL), marks());
        refusesToSettle(EXPIRY, uint64(bit(DATED)), marks(), with(IExpiries.PriceIsStale.selector, DATED));
        postAt(EXPIRY + 1);
        settleDated();
    }

    /// @dev Else a quorum, or a mistake of it, could move a price by a settlement further than by a round.
    function test_nothingSettlesFarFromTheNewestRound() public {
        postAt(EXPIRY);
        uint256 limit = DATED_PRICE * 333_333 / 1_000_000;
        bytes memory reason = with(IExpiries.SettlementTooFar.selector, DATED);
        refusesToSettle(EXPIRY, uint64(bit(DATED)), marksWith(DATED, DATED_PRICE + limit + 1), reason);
        refusesToSettle(EXPIRY, uint64(bit(DATED)), marksWith(DATED, DATED_PRICE - limit - 1), reason);
        Report[] memory reports = settlement(EXPIRY, uint64(bit(DATED)), marks(), fundingOf(DATED, int256(limit) + 1));
        refusesReports(EXPIRY, uint64(bit(DATED)), reports, reason);
        settle(EXPIRY, uint64(bit(DATED)), marksWith(DATED, DATED_PRICE + limit));
    }

    /// @dev A leap at the expiry is a candidate first, like any other. Once rounds have confirmed it, the slot settles.
    function test_aCandidateSettlesNothing() public {
        postAt(EXPIRY - 1);
        vm.warp(EXPIRY);
        uint256[] memory worthless = marksWith(DATED, 0);
        assertEq(post(worthless), 0);
        bytes memory reason = abi.encodeWithSelector(IExpiries.RoundBeforeExpiry.selector);
        refusesToSettle(EXPIRY, uint64(bit(DATED)), worthless, reason);
        skip(60);
        assertEq(post(worthless), 4);
        assertEq(settle(EXPIRY, uint64(bit(DATED)), worthless), 1);
    }

    function test_aQuorumPricesEachSlot() public {
        postAt(EXPIRY);
        Report[] memory reports = settlement(EXPIRY, uint64(bit(DATED)), marks(), noFunding());
        reports[2].pricedSlots = uint64(bit(BTC));
        signHash(reports[2], 2, hashFor(reports[2], 1));
        refusesReports(EXPIRY, uint64(bit(DATED)), reports, with(ISignedPriceRounds.SlotUndecided.selector, DATED));
        Report[] memory two = new Report[](2);
        (two[0], two[1]) = (reports[0], reports[1]);
        refusesReports(EXPIRY, uint64(bit(DATED)), two, with(ISignedPriceRounds.WrongReportCount.selector, 2));
    }

    function test_onlySlotsOfTheBookSettle() public {
        postAt(EXPIRY);
        bytes memory reason = abi.encodeWithSelector(IExpiries.WrongSlots.selector);
        refusesToSettle(EXPIRY, 0, marks(), reason);
        refusesToSettle(EXPIRY, uint64(bit(SLOTS) | bit(DATED)), marks(), reason);
        refusesToSettle(EXPIRY, uint64(bit(DATED) | bit(BTC)), marks(), with(IExpiries.NotExpiring.selector, BTC));
    }

    /// @dev The option's margin would be made of no price, and its holders could not be held to it.
    function test_anOptionSettlesBeforeItsUnderlying() public {
        delist(ETH, EXPIRY + 10);
        postAt(EXPIRY + 10);
        bytes memory reason = with(IExpiries.OptionIsOpen.selector, DATED);
        refusesToSettle(EXPIRY + 10, uint64(bit(ETH)), marks(), reason);
        settleDated();
        assertEq(settle(EXPIRY + 10, uint64(bit(ETH)), marks()), 2);
    }

    /// @dev A trader who knows the settlement price must not open a position at a round before it settles.
    function test_noSlotIsTradedOnceItsExpiryIsReached() public {
        postAt(EXPIRY);
        assertEq(rounds.reduceOnly(3), bit(DATED));
        skip(1 hours);
        assertEq(post(marks()), 4);
        assertEq(rounds.reduceOnly(4), bit(DATED));
    }

    function test_theEpochsAreNumberedAndUnknownOnesRefused() public {
        vm.expectRevert(with(IExpiries.UnknownEpoch.selector, 0));
        EXPIRIES.epochAt(0);
        vm.expectRevert(with(IExpiries.UnknownEpoch.selector, 1));
        EXPIRIES.epochAt(1);
    }

    function test_refusesASilenceOutOfRange() public {
        uint64[3] memory bad = [uint64(0), 1 days - 1, 30 days + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(with(IExpiries.SilenceOutOfRange.selector, bad[i]));
            new Expiries(risk, rounds, SLOTS, bad[i]);
        }
        assertEq(new Expiries(risk, rounds, SLOTS, 1 days).silence(), 1 days);
        assertEq(new Expiries(risk, rounds, SLOTS, 30 days).silence(), 30 days);
    }
}

contract DelistingTest is ExpiriesFixture {
    function test_aDelistedAssetIsReduceOnlyFromTheAnnouncement() public {
        uint64 version = risk.version();
        vm.expectEmit(address(risk));
        emit IRiskParameters.Delisted(ETH, uint40(EXPIRY + 1));
        delist(ETH, EXPIRY + 1);
        assertEq(risk.version(), version + 1);
        assertEq(risk.delistedSlots(), bit(ETH));
        assertEq(risk.asset(ETH).expiresAt, EXPIRY + 1);
        assertEq(rounds.reduceOnly(2), 0);
        assertEq(post(marks()), 3);
        assertEq(rounds.reduceOnly(3), bit(ETH));
        assertEq(rounds.staleSlots(3), 0);
        assertFalse(rounds.isCalm(3));
        skip(1);
        assertEq(post(marks()), 4);
        assertTrue(rounds.isCalm(4));
    }

    function test_aNoticeIsAsLongAsTheDelay() public {
        uint256 earliest = block.timestamp + DELAY;
        vm.prank(governance);
        vm.expectRevert(with(IRiskParameters.NoticeTooShort.selector, earliest));
        risk.delist(ETH, uint40(earliest - 1));
    }

    function test_onlyADerivativeWithoutAnExpiryIsDelisted() public {
        uint40 at = uint40(EXPIRY + 1);
        vm.startPrank(governance);
        vm.expectRevert(with(IRiskParameters.CannotExpire.selector, GOLD));
        risk.delist(GOLD, at);
        vm.expectRevert(with(IRiskParameters.CannotExpire.selector, DATED));
        risk.delist(DATED, at);
        risk.delist(ETH, at);
        vm.expectRevert(with(IRiskParameters.CannotExpire.selector, ETH));
        risk.delist(ETH, at + 1);
        vm.expectRevert(with(IRiskParameters.EmptySlot.selector, SLOTS));
        risk.delist(SLOTS, at);
        vm.stopPrank();
        vm.prank(steward);
        vm.expectRevert();
        risk.delist(BTC, at);
    }

    function test_theUnderlyingOfAListedOptionStays() public {
        vm.prank(governance);
        vm.expectRevert(with(IRiskParameters.OutlivesUnderlying.selector, DATED));
        risk.delist(ETH, uint40(EXPIRY));
        vm.prank(governance);
        vm.expectRevert(with(IRiskParameters.OutlivesUnderlying.selector, PUT)); // which never expires
        risk.delist(BTC, uint40(EXPIRY));
        delist(ETH, EXPIRY + 1);
    }

    function test_noOptionIsListedBeyondItsUnderlying() public {
        settleAndForget();
        delist(ETH, EXPIRY + 20 days);
        vm.startPrank(governance);
        vm.expectRevert(with(IRiskParameters.OutlivesUnderlying.selector, DATED));
        risk.announce(DATED, datedPut("DATED-2", EXPIRY + 20 days));
        vm.expectRevert(with(IRiskParameters.OutlivesUnderlying.selector, DATED));
        risk.announce(DATED, datedPut("DATED-2", 0));
        risk.announce(DATED, datedPut("DATED-2", EXPIRY + 20 days - 1));
        vm.stopPrank();
    }

    function test_aDelistingWithdrawsWhatWasAnnounced() public {
        Asset memory entry = risk.asset(ETH);
        ++entry.maintenancePpm;
        announce(ETH, entry);
        delist(ETH, EXPIRY + 1);
        (, uint64 executableAt) = risk.announced(ETH);
        assertEq(executableAt, 0);
        vm.prank(governance);
        vm.expectRevert(with(IRiskParameters.AssetIsAnother.selector, ETH));
        risk.announce(ETH, entry); // it would not expire
        entry.expiresAt = uint40(EXPIRY + 1);
        list(ETH, entry);
        assertEq(risk.delistedSlots(), bit(ETH));
    }

    function test_nothingExpiresInThePastAndSpotNever() public {
        vm.startPrank(governance);
        vm.expectRevert(with(IRiskParameters.CannotExpire.selector, DATED));
        risk.announce(DATED, datedPut("DATED-2", uint64(block.timestamp)));
        Asset memory silver = spot("SILVER", 6);
        silver.expiresAt = uint40(EXPIRY + 1);
        vm.expectRevert(with(IRiskParameters.CannotExpire.selector, DATED));
        risk.announce(DATED, silver);
        vm.stopPrank();
    }
}

contract RelistingTest is ExpiriesFixture {
    uint64 private constant NEXT = EXPIRY + 14 days;

    function test_anotherAssetIsListedWhereOneHasSettled() public {
        vm.warp(EXPIRY - 3 days);
        announce(DATED, datedPut("DATED-2", NEXT)); // before the expiry
        settleAndForget();
        vm.expectEmit(address(EXPIRIES));
        emit IExpiries.SlotFreed(DATED);
        execute(DATED);
        assertEq(risk.asset(DATED).symbol, "DATED-2");
        (uint32 epoch, uint64 settled,) = EXPIRIES.status();
        assertEq(epoch, 1);
        assertEq(settled, 0);

        // Its first price is not compared with that of the asset before, nor with nothing.
        skip(1);
        uint64 id = post(marksWith(DATED, 50 * DATED_PRICE));
        assertEq(id, rounds.latestRoundId());
        assertEq(rounds.epochOf(id), 1);
        assertEq(rounds.reduceOnly(id), 0);
        assertEq(priceOf(DATED), 50 * DATED_PRICE);
        skip(1);
        assertEq(post(marksWith(DATED, 20 * DATED_PRICE)), 0); // now it has a limit
    }

    function test_aNewAssetWithoutAPriceHasNoneOfTheOldOne() public {
        settleAndForget();
        list(DATED, datedPut("DATED-2", NEXT));
        uint64 id = postOn(uint64(ALL), marks());
        assertEq(priceOf(DATED), 0);
        assertEq(rounds.staleSlots(id), bit(DATED));
        assertEq(rounds.longOnly(id), bit(GOLD) | bit(DATED));
    }

    function test_nothingIsListedBeforeASettlement() public {
        announce(DATED, datedPut("DATED-2", NEXT));
        vm.warp(EXPIRY + 1);
        postAt(EXPIRY + 1);
        vm.prank(governance);
        vm.expectRevert(with(IExpiries.SlotNotFree.selector, DATED));
        risk.execute(DATED);
    }

    /// @dev Where rounds of the asset before still count, its price would be that of the next one, or bound it.
    function test_aSlotIsNotFreeWhileOlderRoundsCount() public {
        announce(DATED, datedPut("DATED-2", NEXT));
        postAt(EXPIRY);
        settleDated();
        refusesToList(); // the newest round prices it
        postAt(EXPIRY + 1);
        refusesToList(); // limits are counted from a round that does
        postAt(EXPIRY + 59);
        refusesToList();
        postAt(EXPIRY + 60);
        refusesToList(); // reports from before the settlement can be posted
        vm.warp(EXPIRY + 2 minutes - 1);
        refusesToList();
        vm.warp(EXPIRY + 2 minutes);
        execute(DATED);
    }

    /// @dev Theft: a report names slots and no assets. One that was signed for the asset before, by a reporter who had not
    ///      seen its settlement, would set the first price of the next asset, which no limit holds.
    function test_reportsForTheAssetBeforeAreTooOldForTheNextOne() public {
        announce(DATED, datedPut("DATED-2", NEXT));
        postAt(EXPIRY - 30); // limits are counted from here
        postAt(EXPIRY);
        vm.warp(EXPIRY + 38);
        Report[] memory next = unanimousOn(3, uint64(ALL & ~bit(DATED)), marks(), noFunding());
        vm.warp(EXPIRY + 39);
        Report[] memory late = unanimous(3, marksWith(DATED, 3 * DATED_PRICE), noFunding());
        vm.warp(EXPIRY + 40);
        settleDated();
        postRound(next); // of the new epoch, and limits are counted from it
        assertEq(rounds.referenceRoundId(), rounds.latestRoundId());
        skip(1);
        listAsSoonAsItIsAllowed();
        bytes memory medians = mediansOf(late);
        bytes4 reason = ISignedPriceRounds.ReportTooOld.selector;
        vm.expectRevert(abi.encodeWithSelector(reason, late[0].reporter, late[0].timestamp));
        rounds.postRound(late, medians);
    }

    function test_onlyWhatExpiresIsReplaced() public {
        vm.startPrank(governance);
        vm.expectRevert(with(IRiskParameters.AssetIsAnother.selector, BTC));
        risk.announce(BTC, perpetual(7, 100_000, 300_000));
        vm.stopPrank();
    }

    function test_aSymbolIsUsedOnce() public {
        settleAndForget();
        list(DATED, datedPut("DATED-2", EXPIRY + 5 days));
        vm.prank(governance);
        vm.expectRevert(abi.encodeWithSelector(IRiskParameters.SymbolTaken.selector, bytes32("DATED-1")));
        risk.announce(DATED, datedPut("DATED-1", NEXT));
    }

    function test_onlyTheRiskParametersFreeASlot() public {
        settleAndForget();
        address[3] memory thieves = [governance, address(rounds), stranger];
        for (uint256 i = 0; i < thieves.length; ++i) {
            vm.prank(thieves[i]);
            vm.expectRevert(IExpiries.NotRiskParameters.selector);
            EXPIRIES.free(DATED);
        }
    }

    function test_aDelistedSlotTakesAnotherAsset() public {
        delist(ETH, EXPIRY + 10);
        postAt(EXPIRY + 10);
        settleDated();
        settle(EXPIRY + 10, uint64(bit(ETH)), marks());
        postAt(EXPIRY + 11);
        postAt(EXPIRY + 71);
        vm.warp(EXPIRIES.listableFrom());
        list(ETH, perpetual(7, 100_000, 300_000));
        assertEq(risk.delistedSlots(), 0);
        uint64 id = post(marks());
        assertEq(rounds.reduceOnly(id), bit(DATED));
        assertEq(rounds.epochOf(id), 2);
        // An option that has settled holds no price of its slot back.
        list(DATED, datedPut("DATED-2", NEXT));
    }

    function test_threeExpiriesInOneSlot() public {
        uint64 expiry = EXPIRY;
        for (uint256 k = 0; k < 3; ++k) {
            postAt(expiry);
            assertEq(settle(expiry, uint64(bit(DATED)), marks()), k + 1);
            postAt(expiry + 1);
            postAt(expiry + 61);
            vm.warp(EXPIRIES.listableFrom());
            expiry += 7 days;
            list(DATED, datedPut(bytes32(abi.encodePacked("WEEK-", uint8(65 + k))), expiry));
            assertEq(rounds.epochOf(post(marks())), k + 1);
            skip(1);
        }
        (uint64 slots,) = EXPIRIES.epochAt(3);
        assertEq(slots, bit(DATED));
    }

    function listAsSoonAsItIsAllowed() private {
        vm.prank(governance);
        // solhint-disable-next-line avoid-low-level-calls
        (bool isListed,) = address(risk).call(abi.encodeCall(risk.execute, (DATED)));
        if (isListed) return;
        vm.warp(EXPIRIES.listableFrom());
        execute(DATED);
    }

    function refusesToList() private {
        vm.prank(governance);
        vm.expectRevert(with(IExpiries.SlotNotFree.selector, DATED));
        risk.execute(DATED);
    }
}

contract WindDownTest is ExpiriesFixture {
    uint256 private constant DERIVATIVES = 1 << BTC | 1 << ETH | 1 << PUT | 1 << DATED;
    uint64 private last;

    function setUp() public override {
        super.setUp();
        last = uint64(block.timestamp);
        post(marks(), fundingOf(BTC, 3e9));
    }

    function test_afterALongSilenceTheBookWindsDown() public {
        vm.warp(last + 7 days);
        vm.expectRevert(with(IExpiries.SilenceTooShort.selector, last + 7 days + 1));
        EXPIRIES.startWindDown();
        skip(1);
        assertNotEq(rounds.silentSince(), 0);
        vm.expectEmit(address(EXPIRIES));
        emit IExpiries.WindDown(1);
        vm.prank(stranger);
        assertEq(EXPIRIES.startWindDown(), 1);

        (uint64 slots, int256[] memory settled) = EXPIRIES.epochAt(1);
        assertEq(slots, DERIVATIVES);
        assertEq(settled[BTC], int256(BTC_PRICE) - 3e9);
        assertEq(settled[PUT], int256(PUT_PRICE));
        assertEq(settled[GOLD], 0);
        uint64 id = rounds.latestRoundId();
        assertEq(rounds.epochOf(id), 1);
        assertEq(rounds.roundTimestamp(id), block.timestamp);
        assertEq(priceOf(GOLD), GOLD_PRICE);
        assertEq(priceOf(BTC), 0);
        assertEq(rounds.staleSlots(id), ALL | bit(DATED));
        assertEq(rounds.longOnly(id), ALL | bit(DATED));
        assertTrue(rounds.isWindingDown());
        assertEq(rounds.silentSince(), 0);
        assertFalse(isStopped());
    }

    /// @dev Clocks run on, so that what waits in queues is paid: after the grace that follows each silence.
    function test_clocksRunAgain() public {
        vm.warp(last + 8 days);
        EXPIRIES.startWindDown();
        skip(RESUME_GRACE);
        uint64 before = breaker.activeTime(Level.NoFlags);
        skip(2 days);
        assertEq(breaker.activeTime(Level.NoFlags), before + 2 days);
    }

    function test_aTripForSilenceEnds() public {
        vm.warp(last + STALE_AFTER + 1);
        rounds.tripIfStale();
        assertTrue(isStopped());
        vm.warp(last + 8 days);
        EXPIRIES.startWindDown();
        assertFalse(isStopped());
    }

    function test_roundsOfAWindDownRepeatThemselves() public {
        vm.warp(last + 8 days);
        EXPIRIES.startWindDown();
        uint64 first = rounds.latestRoundId();
        skip(STALE_AFTER);
        vm.expectRevert(IGuardedPriceRounds.RoundsAreFresh.selector);
        rounds.recordWindDown();
        skip(1);
        vm.prank(stranger);
        assertEq(rounds.recordWindDown(), first + 1);
        assertEq(priceOf(GOLD), GOLD_PRICE);
        assertEq(rounds.staleSlots(first + 1), ALL | bit(DATED));
        assertEq(rounds.epochOf(first + 1), 1);
        assertTrue(rounds.isCalm(first + 1));
    }

    function test_nothingGoesOnAfterwards() public {
        vm.warp(last + 8 days);
        EXPIRIES.startWindDown();
        skip(1);
        refuses(unanimous(3, marks(), noFunding()), abi.encodePacked(IGuardedPriceRounds.BookWindsDown.selector));
        vm.expectRevert(IExpiries.WindDownStarted.selector);
        EXPIRIES.startWindDown();
        refusesToSettle(EXPIRY, uint64(bit(DATED)), marks(), abi.encodePacked(IExpiries.WindDownStarted.selector));
        announce(DATED, datedPut("DATED-2", uint64(block.timestamp + 9 days)));
        skip(DELAY);
        vm.prank(governance);
        vm.expectRevert(IExpiries.WindDownStarted.selector);
        risk.execute(DATED);
    }

    function test_aCandidateIsNoRound() public {
        vm.warp(last + 7 days);
        assertEq(post(marksWith(BTC, 2 * BTC_PRICE)), 0);
        skip(1);
        assertEq(EXPIRIES.startWindDown(), 1);
        (, int256[] memory settled) = EXPIRIES.epochAt(1);
        assertEq(settled[BTC], int256(BTC_PRICE) - 3e9);
    }

    function test_aRoundKeepsTheBookAlive() public {
        vm.warp(last + 7 days);
        post(marks());
        skip(1);
        vm.expectRevert(with(IExpiries.SilenceTooShort.selector, last + 14 days + 1));
        EXPIRIES.startWindDown();
    }

    function test_noWindDownBeforeTheFirstRound() public {
        deployRounds(5, 3);
        vm.warp(block.timestamp + 30 days);
        vm.expectRevert(with(IExpiries.SilenceTooShort.selector, 0));
        EXPIRIES.startWindDown();
        vm.expectRevert(IGuardedPriceRounds.NotWindingDown.selector);
        rounds.recordWindDown();
    }

    /// @dev What has settled keeps its price, and is not settled again.
    function test_whatHasSettledStaysSettled() public {
        postAt(EXPIRY);
        settle(EXPIRY, uint64(bit(DATED)), marksWith(DATED, DATED_PRICE + 5));
        vm.warp(EXPIRY + 8 days); // without another round
        assertEq(EXPIRIES.startWindDown(), 2);
        (uint64 slots,) = EXPIRIES.epochAt(2);
        assertEq(slots, DERIVATIVES ^ bit(DATED));
        assertEq(rounds.epochOf(rounds.latestRoundId()), 2);
    }

    /// @dev Then no account has anything to prove before it leaves.
    function test_aBookOfSpotAloneKeepsItsEpoch() public {
        postAt(EXPIRY);
        settleDated();
        uint256 first = block.timestamp + DELAY;
        delist(PUT, first);
        delist(BTC, first + 1);
        delist(ETH, first + 1);
        postAt(first + 1);
        settle(uint64(first), uint64(bit(PUT)), marks());
        settle(uint64(first + 1), uint64(bit(BTC) | bit(ETH)), marks());
        vm.warp(block.timestamp + 8 days);
        vm.expectEmit(address(EXPIRIES));
        emit IExpiries.WindDown(3);
        assertEq(EXPIRIES.startWindDown(), 3);
        (uint32 epoch,, bool hasStarted) = EXPIRIES.status();
        assertEq(epoch, 3);
        assertTrue(hasStarted);
        assertEq(rounds.epochOf(rounds.latestRoundId()), 3);
    }
}

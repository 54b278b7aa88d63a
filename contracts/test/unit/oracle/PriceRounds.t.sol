// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {IPriceRounds, Round, VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {MarginFractions} from "../../../src/interfaces/IRiskParameters.sol";
import {ISignedPriceRounds, Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {PriceRounds} from "../../../src/oracle/PriceRounds.sol";
import {ReporterWallet} from "../../mocks/ReporterWallet.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {ReporterFixture} from "../../utils/ReporterFixture.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

/// @notice What makes a round, and which reports do not.
contract PriceRoundsTest is ReporterFixture {
    uint256 private constant SLOTS = 3;
    uint256 private constant REPORTERS = 4;
    uint256 private constant THRESHOLD = 3;
    address private constant FIXED_ADDRESS = 0x00000000000000000000000000000000000A11cE;

    function setUp() public {
        // Slot 2 has no asset.
        deployBook(SLOTS, perpetuals(2));
        deployRounds(REPORTERS, THRESHOLD);
    }

    function test_aRoundIsTheMedianOfItsReports() public {
        Report[] memory reports = new Report[](3);
        reports[0] = reportAt(0, uint64(START - 9), values(300e9, 30e9), funding(7, -5));
        reports[1] = reportAt(2, uint64(START), values(100e9, 10e9), funding(9, 0));
        reports[2] = reportAt(3, uint64(START - 4), values(200e9, 50e9), funding(8, -6));
        vm.expectEmit(address(rounds));
        emit IPriceRounds.RoundPosted(1, uint64(START - 4), 0);
        assertEq(postRound(reports), 1);

        Round memory round = rounds.round(1);
        assertEq(round.prices, values(200e9, 30e9));
        assertEq(round.effectivePrices[0], 200e9 - 8);
        assertEq(round.effectivePrices[1], 30e9 + 5);
        assertEq(round.effectivePrices[2], 0);
        assertEq(round.timestamp, START - 4);
        assertEq(rounds.roundTimestamp(1), START - 4);
        assertEq(rounds.latestRoundId(), 1);
        assertEq(rounds.newestTimestamp(), START - 4);
    }

    function test_ofAnEvenNumberTheLowerOfTheTwoInTheMiddle() public {
        Report[] memory reports = new Report[](4);
        for (uint256 i = 0; i < 4; ++i) {
            int256 paid = int256(i);
            reports[i] = reportAt(i, uint64(START - i), values(1e9 + i, 2e9 - i), funding(paid, -paid));
        }
        postRound(reports);
        Round memory round = rounds.round(1);
        assertEq(round.prices, values(1e9 + 1, 2e9 - 2));
        assertEq(round.effectivePrices[0], 1e9 + 1 - 1);
        assertEq(round.effectivePrices[1], 2e9 - 2 + 2);
        assertEq(round.timestamp, START - 2);
    }

    function test_aMinorityCannotMoveThePriceOutOfTheOthersRange() public {
        Report[] memory reports = new Report[](3);
        reports[0] = reportOf(0, values(1, 1), funding(-1e18, 1e18));
        reports[1] = reportOf(1, values(100e9, 200e9), funding(3, 4));
        reports[2] = reportOf(2, values(102e9, 202e9), funding(5, 6));
        postRound(reports);
        assertEq(rounds.round(1).prices, values(100e9, 200e9));
        assertEq(rounds.round(1).effectivePrices[1], 200e9 - 6);
    }

    function test_derivesBothVectors() public {
        post(1_000_001, 10_000);
        uint256[] memory maintenance = RoundReader.longs(rounds, 1, VectorKind.Maintenance);
        uint256[] memory initial = RoundReader.longs(rounds, 1, VectorKind.Initial);
        assertEq(maintenance, values(25_001, 250), "2.5 % rounded up");
        assertEq(initial, values(300_001, 3000), "30 % rounded up");
    }

    /// @dev Spec ZS-40.
    function test_aRoundKeepsTheParametersItWasPostedAt() public {
        post(10_000, 10_000);
        MarginFractions memory tighter = fractionsWith(risk.asset(0), 100_000, 400_000);
        vm.prank(steward);
        risk.tighten(0, tighter);
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Maintenance), values(250, 250));
        assertEq(rounds.parametersVersion(1), 1);
        assertEq(RoundReader.inputs(rounds, 1, VectorKind.Maintenance)[SLOTS], 250);
        assertEq(RoundReader.inputs(rounds, 1, VectorKind.Initial)[SLOTS], 3000);

        skip(1);
        post(10_000, 10_000);
        assertEq(RoundReader.longs(rounds, 2, VectorKind.Maintenance), values(1000, 250));
        assertEq(RoundReader.longs(rounds, 2, VectorKind.Initial), values(4000, 3000));
        assertEq(RoundReader.longs(rounds, 1, VectorKind.Maintenance), values(250, 250));
        assertEq(rounds.parametersVersion(2), 2);
    }

    function test_agreesWithTypedDataOfEthAccount() public {
        // Digest and signature by eth_account 0.14.0: encode_typed_data and sign_message with the key 0xA11CE.
        deployCodeTo(
            Deploy.artefact("PriceRounds"),
            abi.encode(governance, risk, Deploy.EXPIRIES, breaker, STALE_AFTER, 1, MAX_REPORT_AGE, reporterSet(1), 1),
            FIXED_ADDRESS
        );
        uint256[] memory prices = values(98_700e9, 3500e9);
        prices[2] = 1;
        int256[] memory paid = funding(-1e9, 2.5e9);
        assertEq(
            PriceRounds(FIXED_ADDRESS).reportDigest(1_700_000_000, 7, 0, prices, paid),
            0xd7248226e070e2086417e45b9ca033de1639a2d72c1aae82dbccaacbf6864e5e
        );
        bytes memory signature = bytes.concat(
            hex"0db2d6db88b44f937c54cc53e4da8f34888915f49c595afdbe9eeddfd191c452",
            hex"007bb8f0e6745e87be2da28625eb3b09981b91c9a47ebe96a043c8c6959363b6",
            hex"1c"
        );
        Report memory report = Report(reporterAt(0), 1_700_000_000, 7, prices, paid, "");
        rounds = PriceRounds(FIXED_ADDRESS);
        sign(report, 0);
        assertEq(report.signature, signature);
    }

    function test_refusesTooFewAndTooManyReports() public {
        Report[] memory two = unanimous(2, values(100e9, 100e9), funding(0, 0));
        expectRefusal(two, abi.encodeWithSelector(ISignedPriceRounds.WrongReportCount.selector, 2));
        Report[] memory five = unanimous(5, values(100e9, 100e9), funding(0, 0));
        expectRefusal(five, abi.encodeWithSelector(ISignedPriceRounds.WrongReportCount.selector, 5));
    }

    function test_refusesStrangersAndDuplicates() public {
        Report[] memory reports = good();
        reports[1] = reportOf(4, values(100e9, 100e9), funding(0, 0));
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.NotReporter.selector, reporterAt(4)));
        reports[1] = reportOf(0, values(2, 2), funding(0, 0));
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.DuplicateReporter.selector, reporterAt(0)));
        reports[1] = reports[2];
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.DuplicateReporter.selector, reporterAt(2)));
    }

    function test_refusesMalleableAndMalformedSignatures() public {
        bytes memory reason = abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(1));
        bytes memory genuine = good()[1].signature;
        bytes[] memory bad = new bytes[](5);
        bad[0] = malleated(genuine);
        bad[1] = "";
        bad[2] = bytes.concat(genuine, hex"00");
        bad[3] = new bytes(65);
        bad[4] = good()[0].signature;
        for (uint256 i = 0; i < bad.length; ++i) {
            Report[] memory reports = good();
            reports[1].signature = bad[i];
            expectRefusal(reports, reason);
        }
    }

    function test_everyPartOfAReportIsSigned() public {
        bytes memory reason = abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0));
        Report[] memory reports = good();
        reports[0].timestamp = uint64(START - 1);
        expectRefusal(reports, reason);
        reports = good();
        reports[0].pricedSlots = 1;
        expectRefusal(reports, reason);
        reports = good();
        ++reports[0].prices[1];
        expectRefusal(reports, reason);
        reports = good();
        reports[0].cumulativeFunding[1] = 0;
        expectRefusal(reports, reason);
        reports = good();
        reports[0].reporter = reporterAt(3);
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(3)));
    }

    function test_refusesReplaysOnAnotherChain() public {
        Report[] memory reports = good();
        vm.chainId(1);
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0)));
        postRound(good());
    }

    function test_refusesReplaysOnAnotherContract() public {
        Report[] memory reports = good();
        deployRounds(REPORTERS, THRESHOLD);
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0)));
        postRound(good());
    }

    function test_refusesReplaysOfARound() public {
        Report[] memory reports = good();
        postRound(reports);
        skip(1);
        expectRefusal(reports, abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, START, START));
    }

    function test_aReportForAnotherPurposeMakesNoRound() public {
        bytes32 typehash = keccak256(
            "Report(uint64 timestamp,uint64 pricedSlots,uint8 purpose,uint256[] prices,int256[] cumulativeFunding)"
        );
        Report[] memory reports = good();
        bytes32[2] memory hashes =
            [keccak256(abi.encodePacked(reports[1].prices)), keccak256(abi.encodePacked(reports[1].cumulativeFunding))];
        bytes32 expiry =
            keccak256(abi.encode(typehash, reports[1].timestamp, reports[1].pricedSlots, 1, hashes[0], hashes[1]));
        signHash(reports[1], 1, expiry);
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(1)));
    }

    function test_ofTwoSetsTheLaterCountsInTheEnd() public {
        skip(5);
        Report[] memory earlier = good();
        skip(5);
        Report[] memory later = unanimous(3, values(101e9, 101e9), funding(1, -1));
        uint256 before = vm.snapshotState();
        postRound(earlier);
        assertEq(postRound(later), 2);
        vm.revertToState(before);
        postRound(later);
        expectRefusal(
            earlier, abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, START + 10, START + 5)
        );
    }

    function test_roundsKeepTheirInterval() public {
        deployRounds(REPORTERS, THRESHOLD, 10);
        postRound(good());
        skip(9);
        expectRefusal(good(), abi.encodeWithSelector(IGuardedPriceRounds.TooSoon.selector, START + 10, START + 9));
        skip(1);
        assertEq(postRound(good()), 2);
    }

    /// @dev One report that is old enough does not make the round so.
    function test_theIntervalCountsFromTheMedianTime() public {
        deployRounds(REPORTERS, THRESHOLD, 10);
        postRound(good());
        skip(11);
        Report[] memory reports = good();
        for (uint256 i = 0; i < 2; ++i) {
            reports[i] = reportAt(i, uint64(START + 9), values(100e9, 100e9), funding(1, -1));
        }
        expectRefusal(reports, abi.encodeWithSelector(IGuardedPriceRounds.TooSoon.selector, START + 10, START + 9));
    }

    function test_theIntervalIsBounded() public {
        uint64[2] memory intervals = [0, STALE_AFTER];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IGuardedPriceRounds.MinIntervalOutOfRange.selector, intervals[i]));
            deployPlain(intervals[i]);
        }
        assertEq(deployPlain(1).minInterval(), 1);
        assertEq(deployPlain(STALE_AFTER - 1).minInterval(), STALE_AFTER - 1);
    }

    function test_refusesReportsFromTheFutureAndStaleOnes() public {
        Report[] memory reports = good();
        reports[2] = reportAt(2, uint64(START + 1), values(100e9, 100e9), funding(0, 0));
        expectRefusal(
            reports, abi.encodeWithSelector(ISignedPriceRounds.ReportFromFuture.selector, reporterAt(2), START + 1)
        );
        uint64 old = uint64(START) - MAX_REPORT_AGE - 1;
        reports[2] = reportAt(2, old, values(100e9, 100e9), funding(0, 0));
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.ReportTooOld.selector, reporterAt(2), old));
        reports[2] = reportAt(2, old + 1, values(100e9, 100e9), funding(0, 0));
        assertEq(postRound(reports), 1);
    }

    function test_refusesReportsFromBeforeTheLastRound() public {
        postRound(good());
        bytes memory reason = abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, START, START);
        expectRefusal(good(), reason);
        skip(1);
        Report[] memory reports = good();
        reports[1] = reportAt(1, uint64(START), values(100e9, 100e9), funding(0, 0));
        expectRefusal(reports, reason);
        assertEq(postRound(good()), 2);
    }

    function test_refusesWrongLengths() public {
        for (uint256 length = SLOTS - 1; length <= SLOTS + 1; length += 2) {
            bytes memory reason = abi.encodeWithSelector(IPriceRounds.WrongLength.selector, SLOTS, length);
            Report[] memory reports = good();
            reports[1] = reportOf(1, new uint256[](length), funding(0, 0));
            expectRefusal(reports, reason);
            reports[1] = reportOf(1, values(1, 1), new int256[](length));
            expectRefusal(reports, reason);
        }
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_refusesPricesOutOfRange(uint256 price, bool second, uint256 who) public {
        price = bound(price, 1 << 64, type(uint256).max);
        uint256 slot = second ? 1 : 0;
        uint256[] memory prices = values(5e9, 5e9);
        prices[slot] = price;
        expectRefusalOf(who % 3, prices, funding(0, 0), IPriceRounds.PriceOutOfRange.selector, slot);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_refusesFundingOutOfRange(uint64 price, uint256 excess, bool above, uint256 who) public {
        price = uint64(bound(price, 1, type(uint64).max));
        int256 away = int256(bound(excess, 1 << 64, 1 << 254));
        int256 paid = int256(uint256(price)) + (above ? -away : away);
        bytes4 selector = IPriceRounds.EffectivePriceOutOfRange.selector;
        expectRefusalOf(who % 3, values(5e9, price), funding(0, paid), selector, 1);
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_mediansOfReportsInRangeAreInRange(uint64[4] memory p, uint256[4] memory e, uint256 signs) public {
        Report[] memory reports = new Report[](4);
        for (uint256 i = 0; i < 4; ++i) {
            uint256 price = bound(p[i], LEAST_PRICE, type(uint64).max);
            // Half of the effective prices are at the limits.
            uint256 magnitude = e[i] % 2 == 0 ? type(uint64).max : e[i] % (1 << 64);
            int256 effective = signs >> i & 1 == 1 ? -int256(magnitude) : int256(magnitude);
            reports[i] = reportOf(i, values(5e9, price), funding(0, int256(price) - effective));
        }
        postRound(reports);
        int256 median = rounds.round(1).effectivePrices[1];
        assertTrue(-(1 << 64) < median && median < 1 << 64);
    }

    function test_refusesReportsThatPriceAnEmptySlot() public {
        uint64[3] memory priced = [7, 4, 1 << 63];
        uint256[3] memory slots = [uint256(2), 2, 63];
        for (uint256 i = 0; i < 3; ++i) {
            Report[] memory reports = good();
            reports[i] = reportOn(i, uint64(START), priced[i], values(100e9, 100e9), funding(0, 0));
            expectRefusal(reports, abi.encodeWithSelector(IGuardedPriceRounds.SlotIsEmpty.selector, slots[i]));
        }
    }

    function test_valuesInSlotsThatAReportDoesNotPriceAreIgnored() public {
        Report[] memory reports = good();
        for (uint256 i = 0; i < 3; ++i) {
            uint256[] memory prices = values(100e9, 100e9);
            int256[] memory paid = funding(0, 0);
            (prices[2], paid[2]) = (type(uint256).max - i, type(int256).min);
            reports[i] = reportOf(i, prices, paid);
        }
        assertEq(postRound(reports), 1);
        assertEq(rounds.round(1).prices, values(100e9, 100e9));
        assertEq(rounds.round(1).effectivePrices[2], 0);
    }

    function test_aReporterMayBeAContract() public {
        address[] memory set = reporterSet(3);
        set[1] = address(new ReporterWallet(reporterAt(1)));
        setReporters(set, 3);
        Report[] memory reports = good();
        reports[1].reporter = set[1];
        bytes memory genuine = reports[1].signature;
        reports[1].signature = malleated(genuine);
        expectRefusal(reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, set[1]));
        reports[1].signature = genuine;
        assertEq(postRound(reports), 1);
    }

    function test_unknownRoundsAreRefused() public {
        postRound(good());
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
            rounds.parametersVersion(id);
        }
    }

    function expectRefusalOf(uint256 who, uint256[] memory prices, int256[] memory paid, bytes4 selector, uint256 slot)
        private
    {
        Report[] memory reports = good();
        reports[who] = reportOf(who, prices, paid);
        expectRefusal(reports, abi.encodeWithSelector(selector, slot));
    }

    function expectRefusal(Report[] memory reports, bytes memory reason) private {
        vm.expectRevert(reason);
        postRound(reports);
    }

    function deployPlain(uint64 minInterval) private returns (PriceRounds) {
        return
            Deploy.priceRounds(governance, risk, breaker, STALE_AFTER, minInterval, MAX_REPORT_AGE, reporterSet(3), 2);
    }

    function setReporters(address[] memory set, uint256 threshold) private {
        vm.prank(governance);
        rounds.setReporters(set, threshold);
    }

    function post(uint256 a, uint256 b) private returns (uint64) {
        return postRound(unanimous(3, values(a, b), funding(0, 0)));
    }

    function good() private view returns (Report[] memory) {
        return unanimous(3, values(100e9, 100e9), funding(1, -1));
    }

    function values(uint256 a, uint256 b) private pure returns (uint256[] memory list) {
        list = new uint256[](SLOTS);
        (list[0], list[1]) = (a, b);
    }

    function funding(int256 a, int256 b) private pure returns (int256[] memory list) {
        list = new int256[](SLOTS);
        (list[0], list[1]) = (a, b);
    }
}

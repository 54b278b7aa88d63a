// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IPriceRounds, Round, VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {IGuardedPriceRounds} from "../../src/interfaces/IGuardedPriceRounds.sol";
import {ISignedPriceRounds, Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {MarginFractions} from "../../src/interfaces/IRiskParameters.sol";
import {PriceRounds} from "../../src/PriceRounds.sol";
import {ReporterWallet} from "../mocks/ReporterWallet.sol";
import {Deploy} from "../utils/Deploy.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

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
        reports[0] = reportAt(0, 1, uint64(START - 9), values(300, 30), funding(7, -5));
        reports[1] = reportAt(2, 1, uint64(START), values(100, 10), funding(9, 0));
        reports[2] = reportAt(3, 1, uint64(START - 4), values(400, 300), funding(8, -6));
        vm.expectEmit(address(rounds));
        emit IPriceRounds.RoundPosted(1, uint64(START - 4));
        assertEq(postRound(1, reports), 1);

        Round memory round = rounds.round(1);
        assertEq(round.prices, values(200, 30));
        assertEq(round.effectivePrices[0], 200 - 8);
        assertEq(round.effectivePrices[1], 30 + 5);
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
            reports[i] = reportAt(i, 1, uint64(START - i), values(100 + i, 203 - i), funding(paid, -paid));
        }
        postRound(1, reports);
        Round memory round = rounds.round(1);
        assertEq(round.prices, values(101, 201));
        assertEq(round.effectivePrices[0], 101 - 1);
        assertEq(round.effectivePrices[1], 201 + 2);
        assertEq(round.timestamp, START - 2);
    }

    function test_aMinorityCannotMoveThePriceOutOfTheOthersRange() public {
        Report[] memory reports = new Report[](3);
        reports[0] = reportOf(0, 1, values(1, 1), funding(-1e18, 1e18));
        reports[1] = reportOf(1, 1, values(100, 200), funding(3, 4));
        reports[2] = reportOf(2, 1, values(102, 202), funding(5, 6));
        postRound(1, reports);
        assertEq(rounds.round(1).prices, values(100, 200));
        assertEq(rounds.round(1).effectivePrices[1], 200 - 6);
    }

    function test_derivesBothVectors() public {
        post(1, 1_000_001, 3);
        uint256[] memory maintenance = rounds.marginsPerUnit(1, VectorKind.Maintenance);
        uint256[] memory initial = rounds.marginsPerUnit(1, VectorKind.Initial);
        assertEq(maintenance, values(25_001, 1), "2.5 % rounded up");
        assertEq(initial, values(300_001, 1), "30 % rounded up");
    }

    function test_aRoundKeepsTheParametersItWasPostedAt() public {
        post(1, 1000, 1000);
        MarginFractions memory tighter = fractionsWith(risk.asset(0), 100_000, 400_000);
        vm.prank(steward);
        risk.tighten(0, tighter);
        assertEq(rounds.marginsPerUnit(1, VectorKind.Maintenance), values(25, 25));
        assertEq(rounds.parametersVersion(1), 1);
        assertEq(rounds.roundInputs(1, VectorKind.Maintenance)[SLOTS], 25);
        assertEq(rounds.roundInputs(1, VectorKind.Initial)[SLOTS], 300);

        skip(1);
        post(2, 1000, 1000);
        assertEq(rounds.marginsPerUnit(2, VectorKind.Maintenance), values(100, 25));
        assertEq(rounds.marginsPerUnit(2, VectorKind.Initial), values(400, 300));
        assertEq(rounds.marginsPerUnit(1, VectorKind.Maintenance), values(25, 25));
        assertEq(rounds.parametersVersion(2), 2);
    }

    function test_agreesWithTypedDataOfEthAccount() public {
        // Digest and signature by eth_account 0.14.0: encode_typed_data and sign_message with the key 0xA11CE.
        deployCodeTo(
            Deploy.artefact("PriceRounds"),
            abi.encode(governance, risk, breaker, STALE_AFTER, MAX_REPORT_AGE, reporterSet(1), 1),
            FIXED_ADDRESS
        );
        uint256[] memory prices = values(98_700e9, 3500e9);
        prices[2] = 1;
        int256[] memory paid = funding(-1e9, 2.5e9);
        assertEq(
            PriceRounds(FIXED_ADDRESS).reportDigest(1, 1_700_000_000, prices, paid),
            0x5ae553dcd77fc47ad9cbd14269c21b99bb76600fcbd162d3faf510ebceb533a4
        );
        bytes memory signature = bytes.concat(
            hex"0aa0a3119989a07e2fc89d9361358e9b92b9b07e59b6acc5d96d80434863f935",
            hex"003e108399ce0fc3f26491d69d6415b03cf9b1ef98c44721c6c13b9419996077",
            hex"1b"
        );
        Report memory report = Report(reporterAt(0), 1_700_000_000, prices, paid, "");
        rounds = PriceRounds(FIXED_ADDRESS);
        sign(report, 0, 1);
        assertEq(report.signature, signature);
    }

    function test_refusesTooFewAndTooManyReports() public {
        Report[] memory two = unanimous(2, 1, values(1, 1), funding(0, 0));
        expectRefusal(1, two, abi.encodeWithSelector(ISignedPriceRounds.WrongReportCount.selector, 2));
        Report[] memory five = unanimous(5, 1, values(1, 1), funding(0, 0));
        expectRefusal(1, five, abi.encodeWithSelector(ISignedPriceRounds.WrongReportCount.selector, 5));
    }

    function test_refusesStrangersAndDuplicates() public {
        Report[] memory reports = good(1);
        reports[1] = reportOf(4, 1, values(1, 1), funding(0, 0));
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.NotReporter.selector, reporterAt(4)));
        reports[1] = reportOf(0, 1, values(2, 2), funding(0, 0));
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.DuplicateReporter.selector, reporterAt(0)));
        reports[1] = reports[2];
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.DuplicateReporter.selector, reporterAt(2)));
    }

    function test_refusesMalleableAndMalformedSignatures() public {
        bytes memory reason = abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(1));
        bytes memory genuine = good(1)[1].signature;
        bytes[] memory bad = new bytes[](5);
        bad[0] = malleated(genuine);
        bad[1] = "";
        bad[2] = bytes.concat(genuine, hex"00");
        bad[3] = new bytes(65);
        bad[4] = good(1)[0].signature;
        for (uint256 i = 0; i < bad.length; ++i) {
            Report[] memory reports = good(1);
            reports[1].signature = bad[i];
            expectRefusal(1, reports, reason);
        }
    }

    function test_everyPartOfAReportIsSigned() public {
        bytes memory reason = abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0));
        Report[] memory reports = good(1);
        reports[0].timestamp = uint64(START - 1);
        expectRefusal(1, reports, reason);
        reports = good(1);
        reports[0].prices[1] = 101;
        expectRefusal(1, reports, reason);
        reports = good(1);
        reports[0].cumulativeFunding[1] = 0;
        expectRefusal(1, reports, reason);
        reports = good(2);
        expectRefusal(1, reports, reason);
        reports = good(1);
        reports[0].reporter = reporterAt(3);
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(3)));
    }

    function test_refusesReplaysOnAnotherChain() public {
        Report[] memory reports = good(1);
        vm.chainId(1);
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0)));
        postRound(1, good(1));
    }

    function test_refusesReplaysOnAnotherContract() public {
        Report[] memory reports = good(1);
        deployRounds(REPORTERS, THRESHOLD);
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0)));
        postRound(1, good(1));
    }

    function test_refusesReplaysOfARound() public {
        Report[] memory reports = good(1);
        postRound(1, reports);
        expectRefusal(1, reports, abi.encodeWithSelector(IGuardedPriceRounds.WrongRoundId.selector, 2, 1));
        skip(1);
        reports = good(1);
        expectRefusal(2, reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, reporterAt(0)));
    }

    function test_refusesSkippedRounds() public {
        expectRefusal(2, good(2), abi.encodeWithSelector(IGuardedPriceRounds.WrongRoundId.selector, 1, 2));
        expectRefusal(0, good(0), abi.encodeWithSelector(IGuardedPriceRounds.WrongRoundId.selector, 1, 0));
    }

    function test_refusesReportsFromTheFutureAndStaleOnes() public {
        Report[] memory reports = good(1);
        reports[2] = reportAt(2, 1, uint64(START + 1), values(1, 1), funding(0, 0));
        expectRefusal(
            1, reports, abi.encodeWithSelector(ISignedPriceRounds.ReportFromFuture.selector, reporterAt(2), START + 1)
        );
        uint64 old = uint64(START) - MAX_REPORT_AGE - 1;
        reports[2] = reportAt(2, 1, old, values(1, 1), funding(0, 0));
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.ReportTooOld.selector, reporterAt(2), old));
        reports[2] = reportAt(2, 1, old + 1, values(1, 1), funding(0, 0));
        assertEq(postRound(1, reports), 1);
    }

    function test_refusesReportsFromBeforeTheLastRound() public {
        postRound(1, good(1));
        bytes memory reason = abi.encodeWithSelector(IGuardedPriceRounds.RoundOutOfOrder.selector, START, START);
        expectRefusal(2, good(2), reason);
        skip(1);
        Report[] memory reports = good(2);
        reports[1] = reportAt(1, 2, uint64(START), values(100, 100), funding(0, 0));
        expectRefusal(2, reports, reason);
        assertEq(postRound(2, good(2)), 2);
    }

    function test_refusesWrongLengths() public {
        for (uint256 length = SLOTS - 1; length <= SLOTS + 1; length += 2) {
            bytes memory reason = abi.encodeWithSelector(IPriceRounds.WrongLength.selector, SLOTS, length);
            Report[] memory reports = good(1);
            reports[1] = reportOf(1, 1, new uint256[](length), funding(0, 0));
            expectRefusal(1, reports, reason);
            reports[1] = reportOf(1, 1, values(1, 1), new int256[](length));
            expectRefusal(1, reports, reason);
        }
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_refusesPricesOutOfRange(uint256 price, bool second, uint256 who) public {
        price = bound(price, 1 << 64, type(uint256).max);
        uint256 slot = second ? 1 : 0;
        uint256[] memory prices = values(5, 5);
        prices[slot] = price;
        expectRefusalOf(who % 3, prices, funding(0, 0), IPriceRounds.PriceOutOfRange.selector, slot);
        prices[slot] = 0;
        expectRefusalOf(who % 3, prices, funding(0, 0), IPriceRounds.PriceOutOfRange.selector, slot);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_refusesFundingOutOfRange(uint64 price, uint256 excess, bool above, uint256 who) public {
        price = uint64(bound(price, 1, type(uint64).max));
        int256 away = int256(bound(excess, 1 << 64, 1 << 254));
        int256 paid = int256(uint256(price)) + (above ? -away : away);
        bytes4 selector = IPriceRounds.EffectivePriceOutOfRange.selector;
        expectRefusalOf(who % 3, values(5, price), funding(0, paid), selector, 1);
    }

    /// forge-config: default.fuzz.runs = 200
    function testFuzz_mediansOfReportsInRangeAreInRange(uint64[4] memory p, uint256[4] memory e, uint256 signs) public {
        Report[] memory reports = new Report[](4);
        for (uint256 i = 0; i < 4; ++i) {
            uint256 price = bound(p[i], 1, type(uint64).max);
            // Half of the effective prices are at the limits.
            uint256 magnitude = e[i] % 2 == 0 ? type(uint64).max : e[i] % (1 << 64);
            int256 effective = signs >> i & 1 == 1 ? -int256(magnitude) : int256(magnitude);
            reports[i] = reportOf(i, 1, values(1, price), funding(0, int256(price) - effective));
        }
        postRound(1, reports);
        int256 median = rounds.round(1).effectivePrices[1];
        assertTrue(-(1 << 64) < median && median < 1 << 64);
    }

    function test_refusesDataInAnEmptySlot() public {
        uint256[] memory prices = values(5, 5);
        prices[2] = 1;
        expectRefusalOf(0, prices, funding(0, 0), IGuardedPriceRounds.SlotIsEmpty.selector, 2);
        int256[] memory paid = funding(0, 0);
        paid[2] = -1;
        expectRefusalOf(1, values(5, 5), paid, IGuardedPriceRounds.SlotIsEmpty.selector, 2);
    }

    function test_aReporterMayBeAContract() public {
        address[] memory set = reporterSet(3);
        set[1] = address(new ReporterWallet(reporterAt(1)));
        setReporters(set, 3);
        Report[] memory reports = good(1);
        reports[1].reporter = set[1];
        bytes memory genuine = reports[1].signature;
        reports[1].signature = malleated(genuine);
        expectRefusal(1, reports, abi.encodeWithSelector(ISignedPriceRounds.WrongSignature.selector, set[1]));
        reports[1].signature = genuine;
        assertEq(postRound(1, reports), 1);
    }

    function test_unknownRoundsAreRefused() public {
        postRound(1, good(1));
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
            vm.expectRevert(reason);
            rounds.parametersVersion(id);
        }
    }

    function expectRefusalOf(uint256 who, uint256[] memory prices, int256[] memory paid, bytes4 selector, uint256 slot)
        private
    {
        Report[] memory reports = good(1);
        reports[who] = reportOf(who, 1, prices, paid);
        expectRefusal(1, reports, abi.encodeWithSelector(selector, slot));
    }

    function expectRefusal(uint64 roundId, Report[] memory reports, bytes memory reason) private {
        vm.expectRevert(reason);
        postRound(roundId, reports);
    }

    function setReporters(address[] memory set, uint256 threshold) private {
        vm.prank(governance);
        rounds.setReporters(set, threshold);
    }

    function post(uint64 roundId, uint256 a, uint256 b) private {
        assertEq(postRound(roundId, unanimous(3, roundId, values(a, b), funding(0, 0))), roundId);
    }

    function good(uint64 roundId) private view returns (Report[] memory) {
        return unanimous(3, roundId, values(100, 100), funding(1, -1));
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

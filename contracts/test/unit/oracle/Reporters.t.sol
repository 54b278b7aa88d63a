// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IGuardedPriceRounds} from "../../../src/interfaces/IGuardedPriceRounds.sol";
import {ISignedPriceRounds, Report} from "../../../src/interfaces/ISignedPriceRounds.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {ReporterFixture} from "../../utils/ReporterFixture.sol";

/// @notice Who may report, and who decides that.
contract ReportersTest is ReporterFixture {
    function setUp() public {
        deployBook(1, perpetuals(1));
        deployRounds(5, 3);
    }

    function test_deploymentSetsTheFirstSet() public view {
        assertEq(rounds.reporters(), reporterSet(5));
        assertEq(rounds.threshold(), 3);
        assertEq(rounds.owner(), governance);
        assertEq(rounds.maxReportAge(), MAX_REPORT_AGE);
        assertEq(rounds.staleAfter(), STALE_AFTER);
        assertEq(address(rounds.riskParameters()), address(risk));
        assertEq(address(rounds.breaker()), address(breaker));
    }

    function test_deploymentRefusesReportsThatAreNeverYoungEnoughOrStaleAtOnce() public {
        uint64[3] memory ages = [0, 61, STALE_AFTER];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISignedPriceRounds.ReportAgeOutOfRange.selector, ages[i]));
            Deploy.priceRounds(governance, risk, breaker, STALE_AFTER, 1, ages[i], reporterSet(3), 2);
        }
        vm.expectRevert(IGuardedPriceRounds.ZeroStaleAge.selector);
        Deploy.priceRounds(governance, risk, breaker, 0, 1, 1, reporterSet(3), 2);
    }

    function test_governanceReplacesTheSet() public {
        address[] memory set = new address[](3);
        (set[0], set[1], set[2]) = (reporterAt(4), reporterAt(5), reporterAt(6));
        vm.expectEmit(address(rounds));
        emit ISignedPriceRounds.ReportersSet(set, 2);
        setReporters(set, 2);
        assertEq(rounds.reporters(), set);
        assertEq(rounds.threshold(), 2);

        Report[] memory reports = reportsOf(4, 0);
        vm.expectRevert(abi.encodeWithSelector(ISignedPriceRounds.NotReporter.selector, reporterAt(0)));
        postRound(reports);
        assertEq(postRound(reportsOf(4, 6)), 1);
    }

    function test_onlyGovernanceReplacesTheSet() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        rounds.setReporters(reporterSet(3), 2);
    }

    function test_governanceMovesInTwoSteps() public {
        vm.prank(governance);
        rounds.transferOwnership(stranger);
        assertEq(rounds.owner(), governance);
        vm.prank(stranger);
        rounds.acceptOwnership();
        assertEq(rounds.owner(), stranger);
    }

    function test_refusesBadSets() public {
        refuses(reporterSet(0), 0, abi.encodeWithSelector(ISignedPriceRounds.WrongReporterCount.selector, 0));
        refuses(reporterSet(16), 9, abi.encodeWithSelector(ISignedPriceRounds.WrongReporterCount.selector, 16));
        address[] memory set = reporterSet(3);
        set[1] = address(0);
        refuses(set, 2, abi.encodeWithSelector(ISignedPriceRounds.ZeroReporter.selector));
        set[1] = set[2];
        refuses(set, 2, abi.encodeWithSelector(ISignedPriceRounds.DuplicateReporter.selector, set[2]));
    }

    /// forge-config: default.fuzz.runs = 100
    function testFuzz_aQuorumIsMoreThanHalfOfTheReporters(uint256 count, uint256 threshold) public {
        count = bound(count, 1, 15);
        threshold = bound(threshold, 0, 16);
        if (threshold > count || threshold <= count / 2) {
            refuses(
                reporterSet(count),
                threshold,
                abi.encodeWithSelector(ISignedPriceRounds.WrongThreshold.selector, threshold)
            );
        } else {
            setReporters(reporterSet(count), threshold);
            assertEq(rounds.threshold(), threshold);
        }
    }

    function test_aThresholdBeyondTheReportersIsRefusedHoweverLarge() public {
        refuses(
            reporterSet(3),
            type(uint256).max,
            abi.encodeWithSelector(ISignedPriceRounds.WrongThreshold.selector, type(uint256).max)
        );
    }

    function test_theLargestSetReports() public {
        setReporters(reporterSet(15), 15);
        Report[] memory reports = unanimous(15, price(), new int256[](1));
        assertEq(postRound(reports), 1);
    }

    function reportsOf(uint256 a, uint256 b) private view returns (Report[] memory reports) {
        reports = new Report[](2);
        reports[0] = reportOf(a, price(), new int256[](1));
        reports[1] = reportOf(b, price(), new int256[](1));
    }

    function setReporters(address[] memory set, uint256 threshold) private {
        vm.prank(governance);
        rounds.setReporters(set, threshold);
    }

    function refuses(address[] memory set, uint256 threshold, bytes memory reason) private {
        vm.expectRevert(reason);
        setReporters(set, threshold);
    }

    function price() private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = 100e9;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {PriceRounds} from "../../src/PriceRounds.sol";
import {Deploy} from "./Deploy.sol";
import {BookFixture} from "./BookFixture.sol";

/// @title ReporterFixture
/// @notice Reporters with keys, who sign as EIP-712 says: the digest is computed here, not asked of the contract.
abstract contract ReporterFixture is BookFixture {
    uint64 internal constant STALE_AFTER = 1 hours;
    uint64 internal constant MAX_REPORT_AGE = 1 minutes;

    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant FIRST_KEY = 0xA11CE;

    PriceRounds internal rounds;

    function deployRounds(uint256 reporterCount, uint256 threshold) internal {
        rounds = Deploy.priceRounds(
            governance, risk, breaker, STALE_AFTER, MAX_REPORT_AGE, reporterSet(reporterCount), threshold
        );
        makeGuardian(address(rounds));
    }

    function reporterAt(uint256 index) internal pure returns (address) {
        return vm.addr(FIRST_KEY + index);
    }

    function reporterSet(uint256 count) internal pure returns (address[] memory set) {
        set = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            set[i] = reporterAt(i);
        }
    }

    /// @dev A report of this moment.
    function reportOf(uint256 index, uint64 roundId, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report memory)
    {
        return reportAt(index, roundId, uint64(block.timestamp), prices, funding);
    }

    function reportAt(uint256 index, uint64 roundId, uint64 timestamp, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report memory report)
    {
        report = Report(reporterAt(index), timestamp, prices, funding, "");
        sign(report, index, roundId);
    }

    /// @dev The same report of the first `count` reporters.
    function unanimous(uint256 count, uint64 roundId, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report[] memory reports)
    {
        reports = new Report[](count);
        for (uint256 i = 0; i < count; ++i) {
            reports[i] = reportOf(i, roundId, prices, funding);
        }
    }

    /// @dev Posts a round with the medians named as they are.
    function postRound(uint64 roundId, Report[] memory reports) internal returns (uint64 recordedId) {
        return rounds.postRound(roundId, reports, mediansOf(reports));
    }

    /// @dev Which report holds each median: found by sorting, while the contract counts. Reports of any lengths.
    function mediansOf(Report[] memory reports) internal pure returns (bytes memory medians) {
        uint256 slots = reports.length == 0 ? 0 : reports[0].prices.length;
        medians = new bytes(1 + 2 * slots);
        int256[] memory column = new int256[](reports.length);
        for (uint256 place = 0; place < medians.length; ++place) {
            for (uint256 k = 0; k < reports.length; ++k) {
                column[k] = valueAt(reports[k], place, slots);
            }
            medians[place] = bytes1(uint8(lowerMedianOf(column)));
        }
    }

    /// @dev A value of a report as `medians` counts them; 0 where it has none.
    function valueAt(Report memory report, uint256 place, uint256 slots) internal pure returns (int256) {
        if (place == 0) return int256(uint256(report.timestamp));
        if (place <= slots) return place <= report.prices.length ? int256(report.prices[place - 1]) : int256(0);
        uint256 slot = place - 1 - slots;
        return slot < report.cumulativeFunding.length ? report.cumulativeFunding[slot] : int256(0);
    }

    /// @dev Which of some values is the median, by sorting; 0 for none.
    function lowerMedianOf(int256[] memory column) internal pure returns (uint256) {
        if (column.length == 0) return 0;
        uint256[] memory order = new uint256[](column.length);
        for (uint256 k = 0; k < column.length; ++k) {
            uint256 place = k;
            for (; place > 0 && column[order[place - 1]] > column[k]; --place) {
                order[place] = order[place - 1];
            }
            order[place] = k;
        }
        return order[(column.length - 1) / 2];
    }

    function sign(Report memory report, uint256 index, uint64 roundId) internal view {
        bytes32 digest = digestOf(report, roundId, domainOf("zksolvency PriceRounds", block.chainid, address(rounds)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(FIRST_KEY + index, digest);
        report.signature = abi.encodePacked(r, s, v);
    }

    function digestOf(Report memory report, uint64 roundId, bytes32 domain) internal pure returns (bytes32) {
        bytes32 typehash =
            keccak256("Report(uint64 roundId,uint64 timestamp,uint256[] prices,int256[] cumulativeFunding)");
        bytes32 prices = keccak256(abi.encodePacked(report.prices));
        bytes32 funding = keccak256(abi.encodePacked(report.cumulativeFunding));
        bytes32 structHash = keccak256(abi.encode(typehash, roundId, report.timestamp, prices, funding));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function domainOf(string memory name, uint256 chainId, address verifyingContract) internal pure returns (bytes32) {
        bytes32 typehash =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return
            keccak256(abi.encode(typehash, keccak256(bytes(name)), keccak256(bytes("1")), chainId, verifyingContract));
    }

    /// @dev The other signature that recovers to the same signer.
    function malleated(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        uint8 v = uint8(signature[64]);
        return abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }
}

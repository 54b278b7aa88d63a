// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {BookFixture} from "./BookFixture.sol";
import {Deploy} from "./Deploy.sol";

/// @title ReporterFixture
/// @notice Reporters with keys, who sign as EIP-712 says: the digest is computed here, not asked of the contract.
abstract contract ReporterFixture is BookFixture {
    uint64 internal constant STALE_AFTER = 1 hours;
    uint64 internal constant MAX_REPORT_AGE = 1 minutes;
    /// @dev The least that a deployment may choose, so that sequences are short.
    uint64 internal constant MIN_INTERVAL = 1;

    uint8 private constant ORDINARY = 0;
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant FIRST_KEY = 0xA11CE;

    PriceRounds internal rounds;

    function deployRounds(uint256 reporterCount, uint256 threshold) internal {
        deployRounds(reporterCount, threshold, MIN_INTERVAL);
    }

    function deployRounds(uint256 reporterCount, uint256 threshold, uint64 minInterval) internal {
        address[] memory set = reporterSet(reporterCount);
        rounds =
            Deploy.priceRounds(governance, risk, breaker, staleAfter(), minInterval, MAX_REPORT_AGE, set, threshold);
        makeSource(rounds);
    }

    function staleAfter() internal view virtual returns (uint64) {
        return STALE_AFTER;
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

    /// @dev A report of this moment that prices every slot with an asset.
    function reportOf(uint256 index, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report memory)
    {
        return reportAt(index, uint64(block.timestamp), prices, funding);
    }

    /// @dev A report of some moment that prices every slot with an asset.
    function reportAt(uint256 index, uint64 timestamp, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report memory)
    {
        return reportOn(index, timestamp, listedSlots(), prices, funding);
    }

    /// @dev A report of some moment that prices some slots.
    function reportOn(
        uint256 index,
        uint64 timestamp,
        uint64 pricedSlots,
        uint256[] memory prices,
        int256[] memory funding
    ) internal view returns (Report memory report) {
        report = Report(reporterAt(index), timestamp, pricedSlots, prices, funding, "");
        sign(report, index);
    }

    /// @dev The same report of the first `count` reporters.
    function unanimous(uint256 count, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report[] memory reports)
    {
        return unanimousOn(count, listedSlots(), prices, funding);
    }

    /// @dev The same, of some slots.
    function unanimousOn(uint256 count, uint64 pricedSlots, uint256[] memory prices, int256[] memory funding)
        internal
        view
        returns (Report[] memory reports)
    {
        reports = new Report[](count);
        for (uint256 i = 0; i < count; ++i) {
            reports[i] = reportOn(i, uint64(block.timestamp), pricedSlots, prices, funding);
        }
    }

    /// @dev Posts reports with the medians named as they are.
    function postRound(Report[] memory reports) internal returns (uint64 recordedId) {
        return rounds.postRound(reports, mediansOf(reports));
    }

    /// @dev Which report holds each median: found by sorting those that price the slot, while the contract counts. Reports of
    ///      any lengths.
    function mediansOf(Report[] memory reports) internal pure returns (bytes memory medians) {
        uint256 slots = reports.length == 0 ? 0 : reports[0].prices.length;
        medians = new bytes(1 + 2 * slots);
        for (uint256 place = 0; place < medians.length; ++place) {
            medians[place] = bytes1(uint8(lowerMedianOf(reports, place, slots)));
        }
    }

    /// @dev A value of a report as `medians` counts them; 0 where it has none.
    function valueAt(Report memory report, uint256 place, uint256 slots) internal pure returns (int256) {
        if (place == 0) return int256(uint256(report.timestamp));
        if (place <= slots) return place <= report.prices.length ? int256(report.prices[place - 1]) : int256(0);
        uint256 slot = place - 1 - slots;
        return slot < report.cumulativeFunding.length ? report.cumulativeFunding[slot] : int256(0);
    }

    /// @dev Whether a value of a report counts in the median of its place.
    function doesCount(Report memory report, uint256 place, uint256 slots) internal pure returns (bool) {
        return place == 0 || report.pricedSlots >> ((place - 1) % slots) & 1 == 1;
    }

    /// @dev Which report holds the median of a place; 0 when none counts there.
    function lowerMedianOf(Report[] memory reports, uint256 place, uint256 slots) internal pure returns (uint256) {
        uint256[] memory order = new uint256[](reports.length);
        uint256 count = 0;
        for (uint256 k = 0; k < reports.length; ++k) {
            if (!doesCount(reports[k], place, slots)) continue;
            uint256 to = count;
            ++count;
            for (; to > 0 && valueAt(reports[order[to - 1]], place, slots) > valueAt(reports[k], place, slots); --to) {
                order[to] = order[to - 1];
            }
            order[to] = k;
        }
        return count == 0 ? 0 : order[(count - 1) / 2];
    }

    function sign(Report memory report, uint256 index) internal view {
        signHash(report, index, hashOf(report));
    }

    /// @dev Signs other typed data in place of the report.
    function signHash(Report memory report, uint256 index, bytes32 structHash) internal view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(FIRST_KEY + index, digestOf(structHash));
        report.signature = abi.encodePacked(r, s, v);
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = domainOf("zksolvency PriceRounds", block.chainid, address(rounds));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function hashOf(Report memory report) internal pure returns (bytes32) {
        return hashFor(report, ORDINARY);
    }

    /// @param purpose 0 for a round, 1 for a settlement.
    function hashFor(Report memory report, uint8 purpose) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Report(uint64 timestamp,uint64 pricedSlots,uint8 purpose,uint256[] prices,int256[] cumulativeFunding)"
        );
        bytes32 prices = keccak256(abi.encodePacked(report.prices));
        bytes32 funding = keccak256(abi.encodePacked(report.cumulativeFunding));
        return keccak256(abi.encode(typehash, report.timestamp, report.pricedSlots, purpose, prices, funding));
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

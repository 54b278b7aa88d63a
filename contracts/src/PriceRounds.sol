// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {GuardedPriceRounds} from "./GuardedPriceRounds.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IRiskParameters, SlotParameters} from "./interfaces/IRiskParameters.sol";
import {ISignedPriceRounds, Report} from "./interfaces/ISignedPriceRounds.sol";
import {ReportTable} from "./libraries/ReportTable.sol";

/// @title PriceRounds
/// @notice See ISignedPriceRounds.
contract PriceRounds is ISignedPriceRounds, GuardedPriceRounds, EIP712 {
    using ReportTable for uint256[];

    /// @notice The most reporters in a set.
    uint256 public constant MAX_REPORTERS = 15;

    bytes32 private constant REPORT_TYPEHASH =
        keccak256("Report(uint64 roundId,uint64 timestamp,uint256[] prices,int256[] cumulativeFunding)");

    /// @inheritdoc ISignedPriceRounds
    uint64 public immutable maxReportAge;

    /// @inheritdoc ISignedPriceRounds
    uint256 public threshold;

    address[] private _reporters;

    /// @dev 1 + the place of a reporter in the set; 0 for everybody else.
    mapping(address reporter => uint256) private _numbers;

    /// @param governance Sets the reporters and allows deviations.
    /// @param riskParameters_ Of the book.
    /// @param breaker_ Must make this contract a guardian.
    /// @param staleAfter_ How old the latest round may be, seconds.
    /// @param maxReportAge_ How old a report may be when it is posted, seconds; below `staleAfter_`.
    /// @param reporters_ The first reporters.
    /// @param threshold_ How many reports make a round.
    constructor(
        address governance,
        IRiskParameters riskParameters_,
        ICircuitBreaker breaker_,
        uint64 staleAfter_,
        uint64 maxReportAge_,
        address[] memory reporters_,
        uint256 threshold_
    ) GuardedPriceRounds(governance, riskParameters_, breaker_, staleAfter_) EIP712("zksolvency PriceRounds", "1") {
        if (maxReportAge_ == 0 || maxReportAge_ >= staleAfter_) revert ReportAgeOutOfRange(maxReportAge_);
        maxReportAge = maxReportAge_;
        _setReporters(reporters_, threshold_);
    }

    /// @inheritdoc ISignedPriceRounds
    function postRound(uint64 roundId, Report[] calldata reports, bytes calldata medians)
        external
        returns (uint64 recordedId)
    {
        _requireNext(roundId);
        uint256 height = reports.length;
        if (height < threshold || height > _reporters.length) revert WrongReportCount(height);
        uint256 count = assetCount;
        if (medians.length != 1 + 2 * count) revert WrongLength(1 + 2 * count, medians.length);

        uint256[] memory table = _admitAll(roundId, reports);
        Draft memory draft = _draft();
        draft.timestamp = _medianTime(table, medians);
        for (uint256 i = 0; i < count; ++i) {
            (draft.prices[i], draft.funding[i]) = _medians(table, i, medians, draft.slots[i]);
        }
        return _post(draft);
    }

    /// @inheritdoc ISignedPriceRounds
    function setReporters(address[] calldata reporters_, uint256 threshold_) external onlyOwner {
        _setReporters(reporters_, threshold_);
    }

    /// @inheritdoc ISignedPriceRounds
    function reporters() external view returns (address[] memory) {
        return _reporters;
    }

    /// @inheritdoc ISignedPriceRounds
    function reportDigest(
        uint64 roundId,
        uint64 timestamp,
        uint256[] calldata prices,
        int256[] calldata cumulativeFunding
    ) public view returns (bytes32) {
        bytes32 pricesHash = _hash(prices);
        bytes32 fundingHash = _hash(_words(cumulativeFunding));
        return _hashTypedDataV4(keccak256(abi.encode(REPORT_TYPEHASH, roundId, timestamp, pricesHash, fundingHash)));
    }

    /// @dev What EIP-712 makes of an array: the hash of its words.
    function _hash(uint256[] calldata words) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            // In memory that is not allocated: it is read at once, and never again.
            let scratch := mload(0x40)
            let size := shl(5, words.length)
            calldatacopy(scratch, words.offset, size)
            result := keccak256(scratch, size)
        }
    }

    /// @dev The same words without a sign.
    function _words(int256[] calldata numbers) private pure returns (uint256[] calldata words) {
        assembly ("memory-safe") {
            words.offset := numbers.offset
            words.length := numbers.length
        }
    }

    function _setReporters(address[] memory reporters_, uint256 threshold_) private {
        uint256 count = reporters_.length;
        if (count == 0 || count > MAX_REPORTERS) revert WrongReporterCount(count);
        if (threshold_ > count || 2 * threshold_ <= count) revert WrongThreshold(threshold_);
        address[] memory former = _reporters;
        for (uint256 i = 0; i < former.length; ++i) {
            delete _numbers[former[i]];
        }
        for (uint256 i = 0; i < count; ++i) {
            address reporter = reporters_[i];
            if (reporter == address(0)) revert ZeroReporter();
            if (_numbers[reporter] != 0) revert DuplicateReporter(reporter);
            _numbers[reporter] = i + 1;
        }
        _reporters = reporters_;
        threshold = threshold_;
        emit ReportersSet(reporters_, threshold_);
    }

    /// @dev Reverts unless each report counts.
    /// @return table Their values.
    function _admitAll(uint64 roundId, Report[] calldata reports) private view returns (uint256[] memory table) {
        uint256 height = reports.length;
        table = ReportTable.create(height);
        uint256 seen = 0;
        for (uint256 k = 0; k < height; ++k) {
            Report calldata report = reports[k];
            seen |= _admitReporter(report.reporter, seen);
            _admit(roundId, report, table, k);
        }
    }

    /// @dev Reverts unless a reporter is of the set, and was not seen before.
    /// @param seen Bitmap of the reporters before.
    /// @return The bit of this one.
    function _admitReporter(address reporter, uint256 seen) private view returns (uint256) {
        uint256 number = _numbers[reporter];
        if (number == 0) revert NotReporter(reporter);
        if (seen >> number & 1 == 1) revert DuplicateReporter(reporter);
        return 1 << number;
    }

    /// @dev Reverts unless a report counts. The signature comes last: everything else is cheaper to refuse.
    function _admit(uint64 roundId, Report calldata report, uint256[] memory table, uint256 row) private view {
        address reporter = report.reporter;
        uint64 timestamp = report.timestamp;
        _requireNewer(timestamp);
        if (timestamp > block.timestamp) revert ReportFromFuture(reporter, timestamp);
        if (block.timestamp - timestamp > maxReportAge) revert ReportTooOld(reporter, timestamp);

        uint256[] calldata prices = report.prices;
        int256[] calldata funding = report.cumulativeFunding;
        if (prices.length != assetCount) revert WrongLength(assetCount, prices.length);
        if (funding.length != assetCount) revert WrongLength(assetCount, funding.length);
        table.set(row, timestamp, prices, funding);

        bytes32 digest = reportDigest(roundId, timestamp, prices, funding);
        if (!SignatureChecker.isValidSignatureNow(reporter, digest, report.signature)) revert WrongSignature(reporter);
    }

    /// @dev Reverts unless the report that is named for the time holds the median.
    function _medianTime(uint256[] memory table, bytes calldata medians) private pure returns (uint64) {
        uint256 time = table.timeAt(_named(table, medians, 0));
        _requireMedian(table, table.compareTime(time), 0);
        return uint64(time);
    }

    /// @dev Reverts unless each report would make a round by itself, as far as a slot goes, and the reports that are named
    ///      for its price and funding hold the medians.
    function _medians(uint256[] memory table, uint256 slot, bytes calldata medians, SlotParameters memory parameters)
        private
        view
        returns (uint256 price, int256 funding)
    {
        price = table.priceAt(_named(table, medians, 1 + slot), slot);
        funding = table.fundingAt(_named(table, medians, 1 + slot + assetCount), slot);
        (uint256 priceCounts, uint256 fundingCounts, bool areInRange) = table.compare(slot, price, funding);
        bool areZero = (price | uint256(funding) | priceCounts | fundingCounts) == 0;
        if (parameters.limits.greatestPrice == 0 ? !areZero : !areInRange) _requireEach(table, slot, parameters);
        _requireMedian(table, priceCounts, 1 + slot);
        _requireMedian(table, fundingCounts, 1 + slot + assetCount);
    }

    /// @dev The report that the poster names for a median. Reverts when there is none.
    function _named(uint256[] memory table, bytes calldata medians, uint256 place) private pure returns (uint256 row) {
        row = uint8(medians[place]);
        if (row >= table.length) revert NotMedian(place);
    }

    function _requireMedian(uint256[] memory table, uint256 counts, uint256 place) private pure {
        if (!table.isLowerMedian(counts)) revert NotMedian(place);
    }

    /// @dev Reverts with what is wrong, unless each report would make a round by itself, as far as a slot goes.
    function _requireEach(uint256[] memory table, uint256 slot, SlotParameters memory parameters) private pure {
        for (uint256 k = 0; k < table.length; ++k) {
            _effectivePrice(parameters, slot, table.priceAt(k, slot), table.fundingAt(k, slot));
        }
    }
}

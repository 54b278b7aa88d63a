// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {GuardedPriceRounds} from "./GuardedPriceRounds.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IRiskParameters} from "./interfaces/IRiskParameters.sol";
import {ISignedPriceRounds, Report} from "./interfaces/ISignedPriceRounds.sol";
import {SortedColumns} from "./libraries/SortedColumns.sol";

/// @title PriceRounds
/// @notice See ISignedPriceRounds.
contract PriceRounds is ISignedPriceRounds, GuardedPriceRounds, EIP712 {
    using SortedColumns for int256[];

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
    function postRound(uint64 roundId, Report[] calldata reports) external returns (uint64 recordedId) {
        _requireNext(roundId);
        uint256 height = reports.length;
        if (height < threshold || height > _reporters.length) revert WrongReportCount(height);

        Draft memory draft = _draft();
        uint256 count = draft.prices.length;
        int256[] memory times = new int256[](height);
        int256[] memory prices = new int256[](count * height);
        int256[] memory funding = new int256[](count * height);
        uint256 seen = 0;
        for (uint256 k = 0; k < height; ++k) {
            Report calldata report = reports[k];
            seen = _admit(roundId, report, seen, count);
            times.insert(height, 0, k, int256(uint256(report.timestamp)));
            _addValues(prices, funding, k, height, report, draft);
        }

        draft.timestamp = uint64(uint256(times.lowerMedian(height, 0)));
        for (uint256 i = 0; i < count; ++i) {
            draft.prices[i] = uint256(prices.lowerMedian(height, i));
            draft.funding[i] = funding.lowerMedian(height, i);
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
        bytes32 pricesHash = keccak256(abi.encodePacked(prices));
        bytes32 fundingHash = keccak256(abi.encodePacked(cumulativeFunding));
        return _hashTypedDataV4(keccak256(abi.encode(REPORT_TYPEHASH, roundId, timestamp, pricesHash, fundingHash)));
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

    /// @dev Reverts unless a report counts. The signature comes last: everything else is cheaper to refuse.
    /// @param seen Bitmap of the reporters that were admitted before.
    /// @return The same with this one.
    function _admit(uint64 roundId, Report calldata report, uint256 seen, uint256 count)
        private
        view
        returns (uint256)
    {
        address reporter = report.reporter;
        uint256 number = _numbers[reporter];
        if (number == 0) revert NotReporter(reporter);
        if (seen >> number & 1 == 1) revert DuplicateReporter(reporter);

        uint64 timestamp = report.timestamp;
        _requireNewer(timestamp);
        if (timestamp > block.timestamp) revert ReportFromFuture(reporter, timestamp);
        if (block.timestamp - timestamp > maxReportAge) revert ReportTooOld(reporter, timestamp);
        if (report.prices.length != count) revert WrongLength(count, report.prices.length);
        if (report.cumulativeFunding.length != count) revert WrongLength(count, report.cumulativeFunding.length);

        bytes32 digest = reportDigest(roundId, timestamp, report.prices, report.cumulativeFunding);
        if (!SignatureChecker.isValidSignatureNow(reporter, digest, report.signature)) revert WrongSignature(reporter);
        return seen | 1 << number;
    }

    /// @dev Sorts the values of a report into the columns. Reverts unless it would make a round by itself.
    function _addValues(
        int256[] memory prices,
        int256[] memory funding,
        uint256 filled,
        uint256 height,
        Report calldata report,
        Draft memory draft
    ) private pure {
        uint256[] calldata ownPrices = report.prices;
        int256[] calldata ownFunding = report.cumulativeFunding;
        for (uint256 i = 0; i < ownPrices.length; ++i) {
            _effectivePrice(draft.slots[i], i, ownPrices[i], ownFunding[i]);
            prices.insert(height, i, filled, int256(ownPrices[i]));
            funding.insert(height, i, filled, ownFunding[i]);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IExpiries, Report} from "../interfaces/IExpiries.sol";
import {IRiskParameters} from "../interfaces/IRiskParameters.sol";
import {ISignedPriceRounds} from "../interfaces/ISignedPriceRounds.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {PackedParameters} from "../libraries/PackedParameters.sol";
import {ReportTable} from "../libraries/ReportTable.sol";
import {GuardedPriceRounds} from "./GuardedPriceRounds.sol";

/// @title PriceRounds
/// @notice See ISignedPriceRounds.
contract PriceRounds is ISignedPriceRounds, GuardedPriceRounds, EIP712 {
    using PackedParameters for bytes;
    using ReportTable for uint256[];

    /// @notice The most reporters in a set.
    uint256 public constant MAX_REPORTERS = 15;

    /// @notice The longest `maxReportAge` that a deployment may choose, seconds.
    uint64 public constant LONGEST_REPORT_AGE = 60;

    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "Report(uint64 timestamp,uint64 pricedSlots,uint8 purpose,uint256[] prices,int256[] cumulativeFunding)"
    );

    /// @dev Purposes of a report: to make a round, to settle an expiry. One that is signed for the one does not serve the
    ///      other.
    uint8 private constant ORDINARY = 0;
    uint8 private constant SETTLEMENT = 1;

    /// @inheritdoc ISignedPriceRounds
    uint64 public immutable maxReportAge;

    /// @inheritdoc ISignedPriceRounds
    uint256 public threshold;

    address[] private _reporters;

    /// @dev 1 + the place of a reporter in the set; 0 for any other address.
    mapping(address reporter => uint256) private _numbers;

    /// @param governance Sets the reporters.
    /// @param riskParameters_ Of the book.
    /// @param expiries_ Of the book; may have no code yet.
    /// @param breaker_ Must make this contract its price source.
    /// @param staleAfter_ How old the latest round may be, seconds.
    /// @param minInterval_ The least time between prices that are posted, seconds; below `staleAfter_`.
    /// @param maxReportAge_ How old a report may be when it is posted, seconds; at most `LONGEST_REPORT_AGE`, and below
    ///                      `staleAfter_`.
    /// @param reporters_ The first reporters.
    /// @param threshold_ How many reports make a round.
    constructor(
        address governance,
        IRiskParameters riskParameters_,
        IExpiries expiries_,
        ICircuitBreaker breaker_,
        uint64 staleAfter_,
        uint64 minInterval_,
        uint64 maxReportAge_,
        address[] memory reporters_,
        uint256 threshold_
    )
        GuardedPriceRounds(governance, riskParameters_, expiries_, breaker_, staleAfter_, minInterval_)
        EIP712("zksolvency PriceRounds", "1")
    {
        bool isInRange = maxReportAge_ != 0 && maxReportAge_ <= LONGEST_REPORT_AGE && maxReportAge_ < staleAfter_;
        if (!isInRange) revert ReportAgeOutOfRange(maxReportAge_);
        maxReportAge = maxReportAge_;
        _setReporters(reporters_, threshold_);
    }

    /// @inheritdoc ISignedPriceRounds
    function postRound(Report[] calldata reports, bytes calldata medians) external returns (uint64 recordedId) {
        Draft memory draft = _draft();
        uint256 listed = draft.parameters.listed();
        (uint256[] memory table, uint256 pricedByAll) = _admitAll(reports, medians, listed, 0);
        draft.timestamp = _medianTime(table, medians);
        for (uint256 i = 0; i < assetCount; ++i) {
            if (listed >> i & 1 == 0) continue;
            uint256[] memory rows = pricedByAll >> i & 1 == 1 ? table : _rowsOf(table, i);
            if (rows.length == 0) continue;
            draft.live |= 1 << i;
            (draft.prices[i], draft.funding[i]) = _medians(table, rows, i, medians);
        }
        return _post(draft);
    }

    /// @inheritdoc ISignedPriceRounds
    function settlementOf(uint64 expiry, uint64 slots, Report[] calldata reports, bytes calldata medians)
        external
        view
        returns (uint256[] memory prices, int256[] memory funding)
    {
        Draft memory draft = _draft();
        (prices, funding) = (draft.prices, draft.funding);
        (uint256[] memory table,) = _admitAll(reports, medians, draft.parameters.listed(), expiry);
        for (uint256 i = 0; i < assetCount; ++i) {
            if (slots >> i & 1 == 0) continue;
            uint256[] memory rows = table.pricing(i);
            if (rows.length < threshold) revert SlotUndecided(i);
            (prices[i], funding[i]) = _medians(table, rows, i, medians);
        }
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
        uint64 timestamp,
        uint64 pricedSlots,
        uint8 purpose,
        uint256[] calldata prices,
        int256[] calldata cumulativeFunding
    ) public view returns (bytes32) {
        bytes32 pricesHash = _hash(prices);
        bytes32 fundingHash = _hash(_words(cumulativeFunding));
        return _hashTypedDataV4(_structHash(timestamp, pricedSlots, purpose, pricesHash, fundingHash));
    }

    /// @dev What EIP-712 makes of a report, given the hashes of its arrays.
    function _structHash(uint256 time, uint256 pricedSlots, uint256 purpose, bytes32 pricesHash, bytes32 fundingHash)
        private
        pure
        returns (bytes32 result)
    {
        bytes32 typehash = REPORT_TYPEHASH;
        assembly ("memory-safe") {
            // In memory that is not allocated, as below.
            let scratch := mload(0x40)
            mstore(scratch, typehash)
            mstore(add(scratch, 0x20), time)
            mstore(add(scratch, 0x40), pricedSlots)
            mstore(add(scratch, 0x60), purpose)
            mstore(add(scratch, 0x80), pricesHash)
            mstore(add(scratch, 0xa0), fundingHash)
            result := keccak256(scratch, 0xc0)
        }
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
    /// @param listed Bitmap of the slots with an asset.
    /// @param expiry When all of them were seen, for a settlement; 0 for a round.
    /// @return table Their values.
    /// @return pricedByAll Bitmap of the slots that each of them prices.
    function _admitAll(Report[] calldata reports, bytes calldata medians, uint256 listed, uint64 expiry)
        private
        view
        returns (uint256[] memory table, uint256 pricedByAll)
    {
        uint256 height = reports.length;
        if (height < threshold || height > _reporters.length) revert WrongReportCount(height);
        uint256 places = 1 + 2 * assetCount;
        if (medians.length != places) revert WrongLength(places, medians.length);
        table = ReportTable.create(height);
        pricedByAll = listed;
        uint64 newest = newestTimestamp;
        uint256 seen = 0;
        for (uint256 k = 0; k < height; ++k) {
            Report calldata report = reports[k];
            seen |= _admitReporter(report.reporter, seen);
            if (expiry == 0) _requireTimely(report, newest);
            else if (report.timestamp != expiry) revert ReportNotOfExpiry(report.reporter);
            pricedByAll &= _admit(report, expiry == 0 ? ORDINARY : SETTLEMENT, listed, table, k);
        }
    }

    /// @dev Reverts unless a report is young, and younger than the last prices.
    function _requireTimely(Report calldata report, uint64 newest) private view {
        uint64 timestamp = report.timestamp;
        if (timestamp <= newest) revert RoundOutOfOrder(newest, timestamp);
        if (timestamp > block.timestamp) revert ReportFromFuture(report.reporter, timestamp);
        if (block.timestamp - timestamp > maxReportAge) revert ReportTooOld(report.reporter, timestamp);
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

    /// @dev Reverts unless a report of its time counts. The signature comes last: everything else is cheaper to refuse.
    /// @return priced Bitmap of the slots that the report prices.
    function _admit(Report calldata report, uint8 purpose, uint256 listed, uint256[] memory table, uint256 row)
        private
        view
        returns (uint64 priced)
    {
        uint64 timestamp = report.timestamp;
        priced = report.pricedSlots;
        if (priced & ~listed != 0) revert SlotIsEmpty(_lowestSlot(priced & ~listed));

        uint256[] calldata prices = report.prices;
        int256[] calldata funding = report.cumulativeFunding;
        if (prices.length != assetCount) revert WrongLength(assetCount, prices.length);
        if (funding.length != assetCount) revert WrongLength(assetCount, funding.length);
        table.set(row, timestamp, priced, prices, funding);
        _requireSigned(report, reportDigest(timestamp, priced, purpose, prices, funding));
    }

    function _requireSigned(Report calldata report, bytes32 digest) private view {
        address reporter = report.reporter;
        if (!SignatureChecker.isValidSignatureNow(reporter, digest, report.signature)) revert WrongSignature(reporter);
    }

    /// @dev Reverts unless the report that is named for the time holds the median.
    function _medianTime(uint256[] memory table, bytes calldata medians) private pure returns (uint64) {
        uint256 time = table.timeAt(_named(table, medians, 0));
        _requireMedian(table, table.compareTime(time), 0);
        return uint64(time);
    }

    /// @dev The reports that make the price of a slot which some of them omit: those that price it, if they are a quorum.
    ///      None when so many omit it that no quorum of all reporters could price it. Reverts in between.
    function _rowsOf(uint256[] memory table, uint256 slot) private view returns (uint256[] memory rows) {
        rows = table.pricing(slot);
        if (rows.length >= threshold) return rows;
        if (table.length - rows.length <= _reporters.length - threshold) revert SlotUndecided(slot);
        _requireInRange(rows, slot);
        return new uint256[](0);
    }

    /// @dev Reverts unless each report that prices a slot is in range there, and the reports that are named for its price and
    ///      funding hold the medians. A report that does not price the slot may be named: no value but the median passes.
    /// @param rows The reports that price the slot, which make its median.
    function _medians(uint256[] memory table, uint256[] memory rows, uint256 slot, bytes calldata medians)
        private
        view
        returns (uint256 price, int256 funding)
    {
        price = table.priceAt(_named(table, medians, 1 + slot), slot);
        funding = table.fundingAt(_named(table, medians, 1 + slot + assetCount), slot);
        (uint256 priceCounts, uint256 fundingCounts, bool areInRange) = rows.compare(slot, price, funding);
        if (!areInRange) _requireInRange(rows, slot);
        _requireMedian(rows, priceCounts, 1 + slot);
        _requireMedian(rows, fundingCounts, 1 + slot + assetCount);
    }

    /// @dev The report that the poster names for a median. Reverts when there is none.
    function _named(uint256[] memory table, bytes calldata medians, uint256 place) private pure returns (uint256 row) {
        row = uint8(medians[place]);
        if (row >= table.length) revert NotMedian(place);
    }

    function _requireMedian(uint256[] memory table, uint256 counts, uint256 place) private pure {
        if (!table.isLowerMedian(counts)) revert NotMedian(place);
    }

    /// @dev Reverts with what is wrong, unless each report is in range in a slot.
    function _requireInRange(uint256[] memory rows, uint256 slot) private pure {
        for (uint256 k = 0; k < rows.length; ++k) {
            uint256 price = rows.priceAt(k, slot);
            if (price >= MarginMath.PRICE_LIMIT) revert PriceOutOfRange(slot);
            (bool inRange,) = MarginMath.effectivePrice(price, rows.fundingAt(k, slot));
            if (!inRange) revert EffectivePriceOutOfRange(slot);
        }
    }

    /// @param slots A bitmap, not 0.
    function _lowestSlot(uint256 slots) private pure returns (uint256 slot) {
        while (slots >> slot & 1 == 0) ++slot;
    }
}

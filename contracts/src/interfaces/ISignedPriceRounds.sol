// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuardedPriceRounds} from "./IGuardedPriceRounds.sol";
import {Report} from "./IExpiries.sol";

/// @title ISignedPriceRounds
/// @notice Price rounds that a quorum of reporters signs, and any address may post.
///
///         The time of a round is the median of its reports; price and funding of a slot are each the median of the reports
///         that price it. Of an even number that is the lower of the two in the middle, which some reporter signed. Less
///         than half of the reports that price a slot, whatever they say, cannot move it beyond what the others say. A
///         quorum is more than half of all reporters, so that no two disjoint groups can speak for them.
///
///         A slot that a quorum of the reports prices is live. One that more reports omit than a quorum can spare is stale:
///         no quorum of all reporters could price it. A set that leaves a slot in between is refused, so that the poster
///         cannot make a slot stale by the choice of reports.
///
///         A report names a time and no round: of two sets the later one counts in the end, whichever is posted first.
interface ISignedPriceRounds is IGuardedPriceRounds {
    /// @notice Thrown when there are fewer reports than the threshold, or more than reporters.
    /// @param count How many came.
    error WrongReportCount(uint256 count);

    /// @notice Thrown when a report is not of a reporter.
    /// @param reporter Whom the report names.
    error NotReporter(address reporter);

    /// @notice Thrown when a reporter is listed twice, among the reports of a round or in a set.
    /// @param reporter The one who is listed twice.
    error DuplicateReporter(address reporter);

    /// @notice Thrown when a report comes from the future.
    /// @param reporter Whose report it is.
    /// @param timestamp Its time, Unix seconds: after that of the block.
    error ReportFromFuture(address reporter, uint64 timestamp);

    /// @notice Thrown when a report is older than `maxReportAge`.
    /// @param reporter Whose report it is.
    /// @param timestamp Its time, Unix seconds.
    error ReportTooOld(address reporter, uint64 timestamp);

    /// @notice Thrown when a report for a settlement is not of the time of the expiry.
    /// @param reporter Whose report it is.
    error ReportNotOfExpiry(address reporter);

    /// @notice Thrown when a signature is not the reporter's over this report, this chain and this contract, or is in its
    ///         malleable form.
    /// @param reporter Whom the report names.
    error WrongSignature(address reporter);

    /// @notice Thrown when too few reports price a slot for a quorum, and too few omit it for the slot to be stale; for a
    ///         settlement, which no stale slot has, when too few price it.
    /// @param slot The first such slot, from 0.
    error SlotUndecided(uint256 slot);

    /// @notice Thrown when the report that the poster names for a value does not hold the median, or there is no such
    ///         report.
    /// @param place Which byte of `medians` names it.
    error NotMedian(uint256 place);

    /// @notice Thrown when a set has no reporter, or more than `MAX_REPORTERS`.
    /// @param count How many the set has.
    error WrongReporterCount(uint256 count);

    /// @notice Thrown unless more than half of the reporters, and no more than all of them, make a quorum.
    /// @param threshold As given.
    error WrongThreshold(uint256 threshold);

    /// @notice Thrown when the zero address is to be a reporter.
    error ZeroReporter();

    /// @notice Thrown at deployment when no report could ever be young enough, or one could make a round that is stale
    ///         at once.
    /// @param maxReportAge As given, seconds: 0, above `LONGEST_REPORT_AGE`, or not below `staleAfter`.
    error ReportAgeOutOfRange(uint64 maxReportAge);

    /// @notice Governance set the reporters.
    /// @param reporters All of them from now on.
    /// @param threshold How many of them make a round.
    event ReportersSet(address[] reporters, uint256 threshold);

    /// @notice Posts prices: records the next round, or holds them as the candidate. Any caller.
    /// @param reports At least `threshold` reports, of different reporters, in any order.
    /// @param medians Which report holds each median, a byte each: its place in `reports`, from 0. First that of the time,
    ///        then those of the prices slot by slot, then those of the funding. The medians are what the reports make them:
    ///        the poster only says where they are, and any of several equal values will do. The bytes of a slot that is
    ///        stale or empty may be anything.
    /// @return recordedId The round; 0 when the prices are held as the candidate.
    function postRound(Report[] calldata reports, bytes calldata medians) external returns (uint64 recordedId);

    /// @notice What reports say of an expiry: the medians, as for a round. What a settlement asks for beside them is in
    ///         IExpiries.
    /// @param expiry Of each report, Unix seconds, above 0.
    /// @param slots The slots to settle, bit i for slot i: a quorum prices each.
    /// @param reports As for `postRound`, but of that time, however old, and signed with purpose 1.
    /// @param medians As for `postRound`; the byte of the time counts nothing.
    /// @return prices Of these slots [1e-9 USD], below 2^64; 0 for others.
    /// @return funding Cumulative funding per unit of these slots [1e-9 USD], with |price - funding| < 2^64; 0 for others.
    function settlementOf(uint64 expiry, uint64 slots, Report[] calldata reports, bytes calldata medians)
        external
        view
        returns (uint256[] memory prices, int256[] memory funding);

    /// @notice Replaces the reporters. Only governance.
    /// @param reporters_ 1 to `MAX_REPORTERS` addresses, none twice, none zero. What others signed is void.
    /// @param threshold_ More than half of them, and at most all.
    function setReporters(address[] calldata reporters_, uint256 threshold_) external;

    /// @notice Whose reports count.
    /// @return 1 to `MAX_REPORTERS` addresses.
    function reporters() external view returns (address[] memory);

    /// @notice How many reports make a round.
    /// @return More than half of the reporters.
    function threshold() external view returns (uint256);

    /// @notice How old a report may be when it is posted, for ever.
    /// @return Seconds, above 0, at most `LONGEST_REPORT_AGE`, and below `staleAfter`.
    function maxReportAge() external view returns (uint64);

    /// @notice What a reporter signs.
    /// @param timestamp When the prices were seen, Unix seconds.
    /// @param pricedSlots The slots that the report prices, bit i for slot i.
    /// @param purpose 0 for a round, 1 for a settlement.
    /// @param prices Mark price of each slot [1e-9 USD].
    /// @param cumulativeFunding Cumulative funding per unit of each slot [1e-9 USD].
    /// @return The digest of the EIP-712 typed data, whether such a report would count or not.
    function reportDigest(
        uint64 timestamp,
        uint64 pricedSlots,
        uint8 purpose,
        uint256[] calldata prices,
        int256[] calldata cumulativeFunding
    ) external view returns (bytes32);
}

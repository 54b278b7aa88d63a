// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IGuardedPriceRounds} from "./IGuardedPriceRounds.sol";

/// @notice What one reporter saw, signed as EIP-712 typed data:
///         Report(uint64 roundId,uint64 timestamp,uint256[] prices,int256[] cumulativeFunding)
///         in the domain (name "zksolvency PriceRounds", version "1", chain id, this contract).
struct Report {
    address reporter;
    /// When the reporter saw these prices, Unix seconds.
    uint64 timestamp;
    /// Mark price of each slot [1e-9 USD]: above 0 and below 2^64; 0 in an empty slot.
    uint256[] prices;
    /// Cumulative funding per unit of each slot [1e-9 USD]; 0 in an empty slot.
    int256[] cumulativeFunding;
    /// 65 bytes r, s, v with s in the lower half; what ERC-1271 takes when the reporter is a contract.
    bytes signature;
}

/// @title ISignedPriceRounds
/// @notice Price rounds that a quorum of reporters signs, and anybody may post.
///
///         Price, funding and time of a round are each the median of its reports; of an even number of reports the
///         lower of the two in the middle, which some reporter signed. Less than half of the reports of a round, whatever
///         they say, cannot move any of them beyond what the others say. A quorum is more than half of all reporters, so
///         that no two disjoint groups can speak for them.
interface ISignedPriceRounds is IGuardedPriceRounds {
    /// @notice Thrown when there are fewer reports than the threshold, or more than reporters.
    error WrongReportCount(uint256 count);

    /// @notice Thrown when a report is not of a reporter.
    error NotReporter(address reporter);

    /// @notice Thrown when a reporter stands twice, among the reports of a round or in a set.
    error DuplicateReporter(address reporter);

    /// @notice Thrown when a report comes from the future.
    error ReportFromFuture(address reporter, uint64 timestamp);

    /// @notice Thrown when a report is older than `maxReportAge`.
    error ReportTooOld(address reporter, uint64 timestamp);

    /// @notice Thrown when a signature is not the reporter's over this report, this chain and this contract, or is in its
    ///         malleable form.
    error WrongSignature(address reporter);

    /// @notice Thrown when a set has no reporter, or more than `MAX_REPORTERS`.
    error WrongReporterCount(uint256 count);

    /// @notice Thrown unless more than half of the reporters, and no more than all of them, make a quorum.
    error WrongThreshold(uint256 threshold);

    /// @notice Thrown when the zero address is to be a reporter.
    error ZeroReporter();

    /// @notice Thrown at deployment when no report could ever be young enough, or one could make a round that is stale
    ///         at once.
    error ReportAgeOutOfRange(uint64 maxReportAge);

    /// @notice Governance set the reporters.
    event ReportersSet(address[] reporters, uint256 threshold);

    /// @notice Posts the next round. Anybody; the signatures speak.
    /// @param roundId The next round.
    /// @param reports At least `threshold` reports, of different reporters, in any order.
    /// @return recordedId The round, or 0 when it moves a price too far: then the circuit breaker is tripped instead.
    function postRound(uint64 roundId, Report[] calldata reports) external returns (uint64 recordedId);

    /// @notice Replaces the reporters. Only governance.
    function setReporters(address[] calldata reporters, uint256 threshold) external;

    /// @notice The reporters.
    function reporters() external view returns (address[] memory);

    /// @notice k: how many reports make a round.
    function threshold() external view returns (uint256);

    /// @notice How old a report may be when it is posted, seconds.
    function maxReportAge() external view returns (uint64);

    /// @notice What a reporter signs.
    function reportDigest(
        uint64 roundId,
        uint64 timestamp,
        uint256[] calldata prices,
        int256[] calldata cumulativeFunding
    ) external view returns (bytes32);
}

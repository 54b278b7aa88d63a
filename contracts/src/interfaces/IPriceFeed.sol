// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IPriceFeed
/// @notice The part of Chainlink's AggregatorV3Interface that is read: of price feeds, and of the feed that tells whether
///         the sequencer of a layer 2 is up.
interface IPriceFeed {
    /// @notice The unit of an answer.
    /// @return Digits after its point.
    function decimals() external view returns (uint8);

    /// @notice The latest answer.
    /// @return roundId The feed's round.
    /// @return answer USD price of one token or contract, in units of 10^-decimals; of a sequencer feed 0 for up, 1 for down.
    /// @return startedAt When the round began, Unix seconds; of a sequencer feed when the answer last changed.
    /// @return updatedAt When the answer was given, Unix seconds; 0 while the round is not complete.
    /// @return answeredInRound The feed's round in which the answer was given.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/interfaces/AggregatorV3Interface.sol";

/// @dev Stands in for a live feed, which no test chain has, behind Chainlink's own interface. Answers what it is told.
contract MockChainlinkFeed is AggregatorV3Interface {
    uint8 public immutable decimals;

    uint80 private _roundId;
    int256 private _answer;
    uint256 private _startedAt;
    uint256 private _updatedAt;
    uint80 private _answeredInRound;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    /// @dev A complete round of this moment.
    function answer(int256 value) external {
        set(_roundId + 1, value, block.timestamp, block.timestamp, _roundId + 1);
    }

    function set(uint80 roundId, int256 value, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) public {
        (_roundId, _answer, _startedAt, _updatedAt, _answeredInRound) =
        (roundId, value, startedAt, updatedAt, answeredInRound);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_roundId, _answer, _startedAt, _updatedAt, _answeredInRound);
    }

    function getRoundData(uint80) external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_roundId, _answer, _startedAt, _updatedAt, _answeredInRound);
    }

    function description() external pure returns (string memory) {
        return "mock / USD";
    }

    function version() external pure returns (uint256) {
        return 4;
    }
}

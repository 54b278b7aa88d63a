// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceFeed} from "../../src/interfaces/IPriceFeed.sol";

/// @dev Replaces a live feed, which no test chain has. Answers what it is told.
contract MockChainlinkFeed is IPriceFeed {
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
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ITips} from "./ITips.sol";

/// @title ITipPot
/// @notice ETH that rewards flags, paid in by any address. An empty pot pays what it has.
interface ITipPot is ITips {
    /// @notice Thrown when more is withdrawn than the tip pot holds.
    /// @param pot What it holds, wei.
    error PotTooSmall(uint256 pot);

    /// @notice The pot was filled.
    /// @param from By whom.
    /// @param amount With how much, wei.
    event TipsFunded(address indexed from, uint256 amount);

    /// @notice The owner took ETH out of the pot.
    /// @param to Where it went.
    /// @param amount How much, wei.
    event TipsWithdrawn(address indexed to, uint256 amount);

    /// @notice Adds ETH to the tip pot.
    function fundTips() external payable;

    /// @notice Takes ETH out of the pot. Only the owner.
    /// @param to Where it goes.
    /// @param amount How much, wei.
    function withdrawTips(address payable to, uint256 amount) external;

    /// @notice What a flag earns while the pot lasts.
    /// @return Wei.
    function tip() external view returns (uint256);

    /// @notice ETH for tips, without what waits for `claimTip`.
    /// @return Wei.
    function tipPot() external view returns (uint256);
}

// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {ITipPot} from "../interfaces/ITipPot.sol";
import {Tips} from "../libraries/Tips.sol";

/// @title TipPot
/// @notice See ITipPot.
abstract contract TipPot is ITipPot, Tips {
    /// @inheritdoc ITipPot
    uint256 public immutable tip;

    constructor(uint256 tip_) {
        tip = tip_;
    }

    receive() external payable {
        emit TipsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ITipPot
    function fundTips() external payable {
        emit TipsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ITipPot
    function tipPot() public view returns (uint256) {
        return address(this).balance - _totalCredit;
    }

    /// @dev Pays the tip, or what is left of the pot. The last step of its caller.
    function _payFromPot(address recipient) internal {
        uint256 amount = tipPot();
        if (amount > tip) amount = tip;
        if (amount == 0 || recipient == address(0)) return;
        _payTip(recipient, amount);
    }

    /// @dev Takes ETH out of the pot, never out of what recipients were credited.
    function _withdrawTips(address payable to, uint256 amount) internal {
        uint256 pot = tipPot();
        if (amount > pot) revert PotTooSmall(pot);
        emit TipsWithdrawn(to, amount);
        Address.sendValue(to, amount);
    }
}

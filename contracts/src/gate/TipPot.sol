// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {ISolvencyGate} from "../interfaces/ISolvencyGate.sol";

/// @title TipPot
/// @notice ETH that rewards flags. Paying out never reverts: a recipient that does not take its tip is credited, and an
///         empty pot pays what it has.
abstract contract TipPot is ISolvencyGate {
    /// @dev Enough for a smart wallet to take ETH; a bound on what a recipient can burn of the caller's gas.
    uint256 private constant PAYMENT_GAS = 50_000;

    /// @inheritdoc ISolvencyGate
    uint256 public immutable tip;

    /// @inheritdoc ISolvencyGate
    mapping(address recipient => uint256 amount) public tipCredit;

    uint256 private _totalCredit;

    constructor(uint256 tip_) {
        tip = tip_;
    }

    receive() external payable {
        emit TipsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ISolvencyGate
    function fundTips() external payable {
        emit TipsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ISolvencyGate
    function claimTip(address payable to) external {
        uint256 amount = tipCredit[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        tipCredit[msg.sender] = 0;
        _totalCredit -= amount;
        emit TipClaimed(msg.sender, to, amount);
        Address.sendValue(to, amount);
    }

    /// @inheritdoc ISolvencyGate
    function tipPot() public view returns (uint256) {
        return address(this).balance - _totalCredit;
    }

    /// @dev The last step of its caller, which must have changed all its state by then: the recipient may call back.
    function _payTip(address recipient) internal {
        uint256 amount = tipPot();
        if (amount > tip) amount = tip;
        if (amount == 0 || recipient == address(0)) return;

        bool paid;
        assembly ("memory-safe") {
            // No word of the answer is copied, so it cannot cost the caller either.
            paid := call(PAYMENT_GAS, recipient, amount, 0, 0, 0, 0)
        }
        if (paid) {
            emit TipPaid(recipient, amount);
        } else {
            tipCredit[recipient] += amount;
            _totalCredit += amount;
            emit TipCredited(recipient, amount);
        }
    }

    /// @dev Takes ETH out of the pot, never out of what recipients were credited.
    function _withdrawTips(address payable to, uint256 amount) internal {
        uint256 pot = tipPot();
        if (amount > pot) revert PotTooSmall(pot);
        emit TipsWithdrawn(to, amount);
        Address.sendValue(to, amount);
    }
}

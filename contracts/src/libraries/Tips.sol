// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {ITips} from "../interfaces/ITips.sol";

/// @title Tips
/// @notice See ITips.
abstract contract Tips is ITips {
    /// @dev Enough for a smart wallet to take ETH; a bound on what a recipient can burn of the caller's gas.
    uint256 private constant PAYMENT_GAS = 50_000;

    /// @inheritdoc ITips
    mapping(address recipient => uint256 amount) public tipCredit;

    /// @dev Of all recipients, wei.
    uint256 internal _totalCredit;

    /// @inheritdoc ITips
    function claimTip(address payable to) external {
        uint256 amount = tipCredit[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        tipCredit[msg.sender] = 0;
        _totalCredit -= amount;
        emit TipClaimed(msg.sender, to, amount);
        Address.sendValue(to, amount);
    }

    /// @dev The last step of its caller, which must have changed all its state by then: the recipient may call back.
    function _payTip(address recipient, uint256 amount) internal {
        bool paid;
        assembly ("memory-safe") {
            // No word of the answer is copied, so it cannot cost the caller either.
            paid := call(PAYMENT_GAS, recipient, amount, 0, 0, 0, 0)
        }
        if (paid) emit TipPaid(recipient, amount);
        else _credit(recipient, amount);
    }

    function _credit(address recipient, uint256 amount) internal {
        tipCredit[recipient] += amount;
        _totalCredit += amount;
        emit TipCredited(recipient, amount);
    }
}

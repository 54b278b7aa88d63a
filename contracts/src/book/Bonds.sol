// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IBookVault} from "../interfaces/IBookVault.sol";
import {Tips} from "../libraries/Tips.sol";

/// @title Bonds
/// @notice What accounts leave in ETH when they are opened, one word an account.
abstract contract Bonds is IBookVault, Tips, ReentrancyGuardTransient {
    struct Bond {
        address opener;
        uint96 amount;
    }

    /// @inheritdoc IBookVault
    address public immutable book;

    /// @inheritdoc IBookVault
    uint256 public immutable openingBond;

    mapping(uint256 account => Bond) private _bonds;

    modifier onlyBook() {
        if (msg.sender != book) revert NotTheBook();
        _;
    }

    constructor(address book_, uint256 openingBond_) {
        (book, openingBond) = (book_, SafeCast.toUint96(openingBond_));
    }

    /// @inheritdoc IBookVault
    function postBond(uint256 account, address opener) external payable onlyBook {
        if (msg.value != openingBond) revert WrongBond(openingBond);
        if (msg.value == 0) return;
        _bonds[account] = Bond(opener, uint96(msg.value));
        emit BondPosted(account, opener, msg.value);
    }

    /// @inheritdoc IBookVault
    function refillBond(uint256 account, address from) external payable onlyBook {
        Bond storage bond = _bonds[account];
        uint256 due = openingBond - bond.amount;
        if (msg.value < due) revert WrongBond(due);
        if (due != 0) {
            bond.amount = uint96(openingBond);
            emit BondPosted(account, from, due);
        }
        if (msg.value > due) _credit(from, msg.value - due);
    }

    /// @inheritdoc IBookVault
    function payBond(uint256 account, address recipient) external onlyBook nonReentrant {
        uint256 amount = _bonds[account].amount;
        if (amount == 0) return;
        _bonds[account].amount = 0;
        emit BondPaid(account, recipient, amount);
        _payTip(recipient, amount);
    }

    /// @inheritdoc IBookVault
    function moveBond(uint256 account, uint256 successor) external onlyBook {
        _bonds[successor] = _bonds[account];
        delete _bonds[account];
    }

    /// @inheritdoc IBookVault
    function returnBond(uint256 account) external onlyBook nonReentrant {
        Bond memory bond = _bonds[account];
        if (bond.amount == 0) return;
        delete _bonds[account];
        emit BondReturned(account, bond.opener, bond.amount);
        _payTip(bond.opener, bond.amount);
    }

    /// @inheritdoc IBookVault
    function bondOf(uint256 account) external view returns (address opener, uint256 amount) {
        return (_bonds[account].opener, _bonds[account].amount);
    }
}

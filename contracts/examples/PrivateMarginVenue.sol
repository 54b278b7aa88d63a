// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IRegistrarGate} from "../src/interfaces/IRegistrarGate.sol";

/// @title PrivateMarginVenue
/// @notice How a venue plugs the gate in: it holds the collateral of accounts whose positions it keeps off chain, and
///         lets none of it leave before the account was proven solvent WITHOUT it.
/// @dev Needs the gate's REGISTRAR_ROLE. The operator, who matches trades, is trusted to set commitments that are true;
///      it can pay only the account that a withdrawal was booked for, and only while that account is solvent.
contract PrivateMarginVenue {
    using SafeERC20 for IERC20;

    /// @notice Thrown when the caller is not the operator.
    error NotOperator(address caller);

    /// @notice Thrown when an account has no withdrawal booked.
    error NothingBooked(address account);

    /// @notice Thrown when an account was not proven solvent lately, with the withdrawal already taken off its state.
    error NotProvenSolvent(address account);

    /// @notice Collateral came in; the operator adds it to the account's hidden state.
    event Deposited(address indexed account, uint256 amount);

    /// @notice A withdrawal was taken off the account's hidden state.
    event WithdrawalBooked(address indexed account, uint256 amount);

    /// @notice A withdrawal was paid.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice How fresh a proof of solvency must be, seconds.
    uint256 public constant MAX_SOLVENCY_AGE = 10 minutes;

    /// @notice The collateral token.
    IERC20 public immutable token;

    /// @notice The gate.
    IRegistrarGate public immutable gate;

    /// @notice Who keeps the hidden states.
    address public immutable operator;

    /// @notice What an account may take once it is proven solvent.
    mapping(address account => uint256 amount) public booked;

    modifier onlyOperator() {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        _;
    }

    /// @param token_ The collateral token.
    /// @param gate_ The gate, which must make this contract its registrar.
    /// @param operator_ Who keeps the hidden states.
    constructor(IERC20 token_, IRegistrarGate gate_, address operator_) {
        token = token_;
        gate = gate_;
        operator = operator_;
    }

    /// @notice Deposits the caller's collateral.
    function deposit(uint256 amount) external {
        emit Deposited(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Sets the commitment of an account after its hidden state changed: a deposit, a trade, funding.
    function updateCommitment(address account, uint256 commitment) external onlyOperator {
        gate.register(uint160(account), commitment);
    }

    /// @notice Books a withdrawal: `commitment` is to the state without the amount. The earlier proof of solvency is
    ///         void from here on.
    function bookWithdrawal(address account, uint256 amount, uint256 commitment) external onlyOperator {
        booked[account] += amount;
        emit WithdrawalBooked(account, amount);
        gate.register(uint160(account), commitment);
    }

    /// @notice Pays what was booked, once the account is proven solvent without it. Any address may submit the proof.
    function withdraw() external {
        uint256 amount = booked[msg.sender];
        if (amount == 0) revert NothingBooked(msg.sender);
        if (!gate.isSolvent(uint160(msg.sender), MAX_SOLVENCY_AGE)) revert NotProvenSolvent(msg.sender);
        booked[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Ends the liquidation of a flagged account: `commitment` is to its state afterwards. Withdrawals that were
    ///         booked and not taken stay with the venue: the state afterwards has them back.
    function settleLiquidation(address account, uint256 commitment) external onlyOperator {
        booked[account] = 0;
        gate.resolve(uint160(account), commitment);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRegistrarGate} from "@zksolvency/contracts/src/interfaces/IRegistrarGate.sol";

/// @title Venue
/// @notice Lets an account act only while it is proven solvent. Start here: put your own rules into `act`.
contract Venue {
    /// @notice Thrown when the caller was not proven solvent lately.
    error NotProvenSolvent(address account);

    /// @notice An account did what only a solvent account may do.
    event Acted(address indexed account);

    /// @notice How fresh a proof must be, seconds.
    uint256 public constant MAX_SOLVENCY_AGE = 10 minutes;

    /// @notice The gate that proofs are sent to.
    IRegistrarGate public immutable gate;

    constructor(IRegistrarGate gate_) {
        gate = gate_;
    }

    /// @notice Does something that only a solvent account may do.
    function act() external {
        if (!gate.isSolvent(uint160(msg.sender), MAX_SOLVENCY_AGE)) revert NotProvenSolvent(msg.sender);
        emit Acted(msg.sender);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGroth16Verifier} from "./IGroth16Verifier.sol";

/// @title IVerified
/// @notice A contract whose proofs are of one statement.
interface IVerified {
    /// @notice The verifier of the statement, for ever.
    /// @return The verifier.
    function verifier() external view returns (IGroth16Verifier);
}

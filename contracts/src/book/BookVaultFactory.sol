// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IBookVault, IBookVaultFactory, VaultTerms} from "../interfaces/IBookVault.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {BookVault} from "./BookVault.sol";

/// @title BookVaultFactory
/// @notice See IBookVaultFactory.
contract BookVaultFactory is IBookVaultFactory {
    /// @inheritdoc IBookVaultFactory
    function create(address[] calldata tokens, ICircuitBreaker breaker, VaultTerms calldata terms)
        external
        returns (IBookVault)
    {
        return new BookVault(msg.sender, tokens, breaker, terms);
    }
}

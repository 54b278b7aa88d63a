// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title FaucetToken
/// @notice Collateral for demos and tests: an ERC-20 of any decimals. Every address may mint any amount, so it is worth
///         nothing. It exists on local chains only: no public book can hold it by mistake.
contract FaucetToken is ERC20 {
    uint256 private constant ANVIL_CHAIN_ID = 31337;
    uint256 private constant LOCAL_CHAIN_ID = 1337;

    /// @notice Thrown at deployment on any chain that is not a local one.
    error FaucetOnPublicChain(uint256 chainId);

    uint8 private immutable _decimals;

    /// @param name_ The token's name.
    /// @param symbol_ The token's symbol.
    /// @param decimals_ Digits after the point.
    constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
        if (block.chainid != ANVIL_CHAIN_ID && block.chainid != LOCAL_CHAIN_ID) {
            revert FaucetOnPublicChain(block.chainid);
        }
        _decimals = decimals_;
    }

    /// @notice Mints `amount` tokens to `to`. Every address may call it.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Digits after the point.
    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}

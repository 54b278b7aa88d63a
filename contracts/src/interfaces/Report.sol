// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What one reporter saw, signed as EIP-712 typed data:
///         Report(uint64 timestamp,uint64 pricedSlots,uint8 purpose,uint256[] prices,int256[] cumulativeFunding)
///         in the domain (name "zksolvency PriceRounds", version "1", chain id, this contract). The purpose is 0 for a round,
///         1 for the settlement of an expiry.
struct Report {
    /// Who signed it: a key, or a contract with ERC-1271.
    address reporter;
    /// When the reporter saw these prices, Unix seconds.
    uint64 timestamp;
    /// The slots that the report prices, bit i for slot i; none without an asset.
    uint64 pricedSlots;
    /// Mark price of each slot [1e-9 USD], below 2^64; anything in a slot that the report does not price.
    uint256[] prices;
    /// Cumulative funding per unit of each slot [1e-9 USD]; anything in a slot that the report does not price.
    int256[] cumulativeFunding;
    /// 65 bytes r, s, v with s in the lower half; what ERC-1271 takes when the reporter is a contract.
    bytes signature;
}

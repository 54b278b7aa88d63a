// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IBookVault
/// @notice The tokens behind the accounts of one book. The book that deployed it, and nothing else, moves them: its
///         owners approve the vault, and never the book.
interface IBookVault {
    /// @notice Thrown when another caller than the book moves tokens.
    error NotTheBook();

    /// @notice Thrown when a transfer moved another amount than it was told to: the token takes fees, or rebases.
    error InexactTransfer();

    /// @notice Thrown when more of a token is to be paid than came in and did not go out: accounts owe more than they have,
    ///         and what is left was paid to those who asked first.
    error HoldingsExhausted();

    /// @notice Thrown when the vault holds less of a token than came in and did not go out: it rebased, or was seized.
    ///         Tokens that anybody sends to the vault make good for it.
    error HoldingsShort();

    /// @notice Takes tokens in. Only the book.
    /// @param asset A slot that has a token, or N for the settlement currency.
    /// @param amount In the token's own units.
    /// @param from Who pays, and has approved the vault.
    function collect(uint256 asset, uint256 amount, address from) external;

    /// @notice Pays tokens out. Only the book.
    /// @param asset As for `collect`.
    /// @param amount In the token's own units.
    /// @param recipient Who is paid.
    function pay(uint256 asset, uint256 amount, address recipient) external;

    /// @notice The only caller that moves tokens.
    /// @return The book.
    function book() external view returns (address);

    /// @notice The token behind a slot, for ever.
    /// @param asset A slot, or N for the settlement currency.
    /// @return The token; zero for a derivative or an empty slot.
    function tokenOf(uint256 asset) external view returns (address);

    /// @notice What came in of a token less what went out.
    /// @param asset A slot, or N for the settlement currency.
    /// @return In the token's own units, 10^-decimals.
    function holdingsOf(uint256 asset) external view returns (uint256);
}

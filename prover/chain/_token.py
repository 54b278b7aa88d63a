"""Client of ERC-20 tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prover.chain._chain import Contract
from verifier import ChainError


@dataclass(frozen=True)
class TokenClient:
    """An ERC-20 token.

    Attributes:
        contract: the token.
    """

    contract: Contract  # with the ABI of `FaucetToken`: ERC-20 and `mint`

    def decimals(self) -> int:
        """Decimals of an amount."""
        return int(self.contract.read("decimals"))

    def symbol(self) -> str:
        """Symbol of the token."""
        return str(self.contract.read("symbol"))

    def balance_of(self, holder: str) -> int:
        """Balance of an address [the token's own units]."""
        return int(self.contract.read("balanceOf", holder))

    def require_balance(self, amount: int) -> None:
        """Raise ChainError when the sender holds less than an amount [the token's own units]."""
        sender = self.contract.chain.sender
        if self.balance_of(sender) < amount:
            raise ChainError(f"{sender} does not hold enough {self.symbol()} for this")

    def approve(self, spender: str, amount: int) -> None:
        """Approve a spender for an amount of the sender's tokens, unless the allowance suffices.

        Args:
            spender: the contract.
            amount: in the token's own units.

        Raises:
            ChainError: the token refuses.
        """
        allowed = int(self.contract.read("allowance", self.contract.chain.sender, spender))
        if allowed >= amount:
            return
        if allowed:  # some tokens, such as USDT, require a reset to 0 first
            self.contract.send("approve", spender, 0)
        self.contract.send("approve", spender, amount)

    def mint(self, holder: str, amount: int) -> Mapping[str, Any]:
        """Mint tokens of `FaucetToken`, which only local chains have."""
        return self.contract.send("mint", holder, amount)

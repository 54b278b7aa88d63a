"""A client of ERC-20 tokens, as far as a margin book needs them."""

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

    contract: Contract  # with the interface of `FaucetToken`: that of any ERC-20 token, and `mint`

    def decimals(self) -> int:
        """Digits after the point."""
        return int(self.contract.read("decimals"))

    def symbol(self) -> str:
        """Its symbol, as it calls itself."""
        return str(self.contract.read("symbol"))

    def balance_of(self, holder: str) -> int:
        """What an address holds, in the token's own units."""
        return int(self.contract.read("balanceOf", holder))

    def require_balance(self, amount: int) -> None:
        """See that the sender holds that much [the token's own units]. Raises ChainError when it does not."""
        sender = self.contract.chain.sender
        if self.balance_of(sender) < amount:
            raise ChainError(f"{sender} does not hold enough {self.symbol()} for this")

    def allow(self, spender: str, amount: int) -> None:
        """See to it that a contract may take that much of the sender's tokens.

        Args:
            spender: the contract.
            amount: in the token's own units.

        Raises:
            ChainError: the token refuses.
        """
        allowed = int(self.contract.read("allowance", self.contract.chain.sender, spender))
        if allowed >= amount:
            return
        if allowed:  # some tokens, USDT among them, replace no allowance by another
            self.contract.send("approve", spender, 0)
        self.contract.send("approve", spender, amount)

    def mint(self, holder: str, amount: int) -> Mapping[str, Any]:
        """Make tokens out of nothing: `FaucetToken` alone, which local chains alone have."""
        return self.contract.send("mint", holder, amount)

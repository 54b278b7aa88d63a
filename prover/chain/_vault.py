"""A client of `BookVault`: the tokens of a margin book, and the queue of what leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from prover.chain._chain import Contract


class QueuedWithdrawal(NamedTuple):
    """A withdrawal that waits in the queue of its asset.

    Attributes:
        recipient: address.
        due_at: when it is due, on the clock `active_time(NO_FLAGS)` of the circuit breaker.
        amount: what is not paid yet, in the token's own units; 0 when all of it was paid.
    """

    recipient: str
    due_at: int
    amount: int


@dataclass(frozen=True)
class VaultClient:
    """A deployed `BookVault`. An asset is a slot, N for the settlement currency; amounts are in the token's own units.

    Attributes:
        contract: the vault.
    """

    contract: Contract

    def pay_out(self, asset: int, count: int) -> Mapping[str, Any]:
        """Pay the first withdrawals of a queue that are due, as far as the outflow limit allows. Any sender may."""
        return self.contract.send("payOut", asset, count)

    def claim_credit(self, asset: int, to: str) -> Mapping[str, Any]:
        """Pay the credit of the sender to an address."""
        return self.contract.send("claimCredit", asset, to)

    def withdrawal_delay(self) -> int:
        """How long a withdrawal waits, in seconds in which accounts could be flagged."""
        return int(self.contract.read("withdrawalDelay"))

    def outflow_ppm(self) -> int:
        """The share of a token that may leave within an hour [ppm]."""
        return int(self.contract.read("outflowPpm"))

    def least_outflow(self, asset: int) -> int:
        """How much may leave within an hour when the share is less."""
        return int(self.contract.read("leastOutflowOf", asset))

    def outflow_left(self, asset: int) -> int:
        """How much the outflow limit lets out now."""
        return int(self.contract.read("outflowLeft", asset))

    def queue(self, asset: int) -> range:
        """Places of the withdrawals that wait."""
        following, end = self.contract.read("queueOf", asset)
        return range(int(following), int(end))

    def withdrawal(self, asset: int, index: int) -> QueuedWithdrawal:
        """The withdrawal at a place; zeros when it was paid or never made."""
        recipient, due_at, amount = self.contract.read("withdrawalAt", asset, index)
        return QueuedWithdrawal(str(recipient), int(due_at), int(amount))

    def token(self, asset: int) -> str | None:
        """The token of an asset; None for a derivative."""
        address = str(self.contract.read("tokenOf", asset))
        return address if int(address, 16) else None

    def holdings(self, asset: int) -> int:
        """What came in of a token less what went out."""
        return int(self.contract.read("holdingsOf", asset))

    def queued(self, asset: int) -> int:
        """The sum of the withdrawals in a queue."""
        return int(self.contract.read("queuedOf", asset))

    def credit(self, asset: int, recipient: str) -> int:
        """What the recipient of failed transfers can claim."""
        return int(self.contract.read("creditOf", asset, recipient))

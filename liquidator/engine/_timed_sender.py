"""A sender that tells how long its transactions take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from liquidator.engine._clock import Clock
from prover.chain import TransactionSender


@dataclass(frozen=True)
class TimedSender:
    """Another sender, whose transactions are timed from the call to the receipt.

    Attributes:
        sender: sends.
        clock: steady.
        tell: takes the time of each transaction that was mined [s].
    """

    sender: TransactionSender
    clock: Clock
    tell: Callable[[float], None]

    @property
    def address(self) -> str:
        """Of the account, checksummed."""
        return self.sender.address

    def next_nonce(self) -> int:
        """The nonce of the account's next transaction, if it sends nothing else meanwhile."""
        return self.sender.next_nonce()

    def send(self, request: Mapping[str, Any], what: str) -> Mapping[str, Any]:
        """Send a call, and wait until it is mined. Errors are those of the other sender."""
        began = self.clock.steady()
        receipt = self.sender.send(request, what)
        self.tell(self.clock.steady() - began)
        return receipt

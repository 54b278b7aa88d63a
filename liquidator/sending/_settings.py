"""How an outbox sends."""

from dataclasses import dataclass
from typing import Final

MILLION: Final = 10**6


@dataclass(frozen=True, slots=True)
class SendingSettings:
    """How an outbox sends.

    Attributes:
        private_url: JSON-RPC endpoint over HTTP that gets transactions before the node does; None for none.
        private_blocks: a transaction that is not in one of so many blocks goes to the public node too.
        profit_share: the most that fees may take of a profit that is known [ppm].
        final_blocks: a transaction is watched until so many blocks, its own among them, hold it.
        watch_seconds: how often blocks of mined transactions are looked at [s].
    """

    private_url: str | None = None
    private_blocks: int = 3
    profit_share: int = 500_000
    final_blocks: int = 64
    watch_seconds: float = 1.0

    def fee_limit(self, profit: int | None) -> int | None:
        """The most that a transaction may cost [wei]; None for no limit.

        Args:
            profit: what it gains [wei]; None where that is not known.
        """
        return None if profit is None else max(profit, 0) * self.profit_share // MILLION

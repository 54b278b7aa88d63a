"""The end of a book whose reporters have fallen silent."""

from typing import NamedTuple, Self

from prover.onchain._book import MarginBook
from prover.onchain._sending import Receipt


class WindDown(NamedTuple):
    """How far a book is from its end, or in it.

    Attributes:
        is_started: whether everything has settled at the last prices, for ever.
        next_at: the first second at which the next step can be taken, Unix: the start, or the next round, which
            repeats the prices of spot.
        now: time of the next block, Unix seconds.
    """

    is_started: bool
    next_at: int
    now: int

    @classmethod
    def read(cls, book: MarginBook, now: int | None = None) -> Self:
        """Read it from the contracts.

        Args:
            book: deployed.
            now: time to judge by, Unix seconds; None for an estimate of the next block's.

        Raises:
            ChainError: no round was ever posted, so there is nothing to end; or not reached.
        """
        contracts = book.contracts
        rounds, is_started = contracts.rounds, contracts.expiries.status().is_winding_down
        last = book.latest_round().timestamp
        wait = rounds.stale_after() if is_started else contracts.expiries.silence()
        return cls(is_started, last + wait + 1, contracts.chain.next_block_time() if now is None else now)

    @property
    def is_due(self) -> bool:
        """Whether the next step can be taken now."""
        return self.now >= self.next_at


def wind_down(book: MarginBook) -> Receipt:
    """Start the end of a book, or record its next round, from any account.

    Raises:
        ChainError: too early: the reporters are not silent for long enough (refusal `SilenceTooShort`), or the last
            round is young enough for proofs (`RoundsAreFresh`); or not reached.
    """
    if book.contracts.expiries.status().is_winding_down:
        return book.contracts.rounds.record_wind_down()
    return book.contracts.expiries.start_wind_down()

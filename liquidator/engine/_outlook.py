"""What a forecast said of accounts, as long as they have not changed; the order of work comes from it."""

import threading
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from liquidator.engine._events import BelowLine, Screened
from liquidator.risk import expected_loss
from verifier import VectorKind

_USD: Final = 1e18


class KnownRisk(NamedTuple):
    """What a forecast said of an account. Secret.

    Attributes:
        margin: equity less health [USD].
        deviation: of health, until the account may be sold [USD].
    """

    margin: float
    deviation: float


class Outlook:
    """The newest forecast. The loop reads it, another thread writes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: Mapping[int, KnownRisk] = {}
        self._changed: set[int] = set()
        """Accounts that changed after the states that the forecast is about."""
        self._changed_since: set[int] = set()
        """The same of the forecast that is being made."""

    def order(self, screened: Screened) -> Sequence[BelowLine]:
        """The account that may cost most comes first.

        The loss is expected from present health, and from the forecast's volatility. An account that it does not know,
        or a missing overdraft, counts with what it lacks: without a forecast the account that lacks most comes first.
        """
        with self._lock:
            self._changed.update(screened.opened.changed)
            self._changed_since.update(screened.opened.changed)
            known, changed = self._known, self._changed
            return sorted(screened.below, key=lambda one: (-_loss(one, known, changed), one.health))

    def begin(self) -> None:
        """The states of now are what the next forecast is about."""
        with self._lock:
            self._changed_since = set()

    def publish(self, known: Mapping[int, KnownRisk]) -> None:
        """Take a new forecast in."""
        with self._lock:
            self._known, self._changed = known, self._changed_since.copy()


def _loss(one: BelowLine, known: Mapping[int, KnownRisk], changed: set[int]) -> float:
    health, risk = one.health / _USD, known.get(one.account)
    if risk is None or one.account in changed or one.ground is not VectorKind.MAINTENANCE:
        return -health
    return expected_loss(health + risk.margin, risk.deviation)

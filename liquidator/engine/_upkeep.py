"""What the engine does for itself: rounds are kept, what has passed is given up, and the store does not grow."""

from dataclasses import dataclass, field
from typing import Final

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._clock import Clock
from liquidator.engine._events import Ordered
from liquidator.engine._journal import Journal
from liquidator.engine._roles import RoleAgent
from liquidator.store import RecordedRound, StoreError
from prover.chain import OnchainRound, RoundsClient

FORGET_SECONDS: Final = 3_600.0
KEPT_SECONDS: Final = 30 * 86_400.0
"""Of jobs that are over, and of rounds."""


@dataclass
class Upkeep(RoleAgent):
    """An agent that comes after those of the roles.

    Attributes:
        journal: of what is sent.
        rounds: tells whether a round is calm.
        clock: of the engine.
        alarms: told of a store that fails.
    """

    journal: Journal
    rounds: RoundsClient
    clock: Clock
    alarms: Alarms
    _kept: int = field(default=0, init=False)
    _forgot_at: float | None = field(default=None, init=False)

    def act(self, ordered: Ordered) -> None:
        """Do what is due. A store that cannot be used is an alarm, and stops nothing but what sends."""
        opened = ordered.screened.opened
        now = self.clock.steady()
        try:
            if opened.round is not None and opened.round.id != self._kept:
                self._keep(opened.round)
                self.alarms.end(AlarmKind.STORE)
            self.journal.abandon_older(opened.seen.round_id)
            if self._forgot_at is None or now >= self._forgot_at + FORGET_SECONDS:
                self._forgot_at = now
                self.journal.store.forget(self.clock.now() - KEPT_SECONDS)
        except StoreError as error:
            self.alarms.begin(AlarmKind.STORE, str(error))

    def _keep(self, round_: OnchainRound) -> None:
        recorded = RecordedRound(
            round_.id,
            round_.timestamp,
            tuple(round_.prices),
            tuple(round_.vectors.effective_prices),
            round_.reduce_only,
            round_.stale,
            self.rounds.is_calm(round_.id),
        )
        self.journal.store.keep_round(self.journal.chain_id, self.journal.book, recorded)
        self._kept = round_.id

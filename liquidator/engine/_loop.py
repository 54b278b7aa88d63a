"""The loop: a look at each new block, from the round to the jobs of the roles."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from liquidator.engine._alarms import AlarmKind
from liquidator.engine._block_bell import BlockBell
from liquidator.engine._clock import Clock
from liquidator.engine._events import BelowLine, Ordered, RoundSeen, Screened, Stage, StatesOpened
from liquidator.engine._pauses import Pauses
from liquidator.engine._roles import RoleAgent
from liquidator.engine._telemetry import Telemetry
from liquidator.engine._watchdog import Watchdog
from liquidator.engine._watched import WatchedAccounts
from liquidator.store import StoreError
from prover.onchain import OtherChainError
from verifier import ChainError, InputError, ToolError

_LOG: Final = structlog.get_logger("liquidator")

_LONGEST_PAUSE: Final = 5.0
"""Between two looks while the node does not answer [s]."""

_GIVES_WAY: Final = 0.15
"""After what is urgent was begun: proofs and transactions have processor and node for themselves [s]."""

OrderBelow = Callable[[Screened], Sequence[BelowLine]]
"""Puts accounts below a line in the order in which they are worked on."""


def by_shortfall(screened: Screened) -> Sequence[BelowLine]:
    """The account that lacks most comes first."""
    return sorted(screened.below, key=lambda one: one.health)


@dataclass
class Loop:
    """Looks at the chain, and lets the roles act.

    Attributes:
        watched: the book and its accounts.
        agents: one for each role.
        pauses: of jobs; those of an account end when it changes.
        telemetry: told of each stage.
        watchdog: told of each block.
        clock: steady.
        poll: between two looks for a new block [s].
        look: between two looks without one [s].
        order: puts accounts below a line in order.
        bell: rings at each block; None waits for the next look.
    """

    watched: WatchedAccounts
    agents: Sequence[RoleAgent]
    pauses: Pauses
    telemetry: Telemetry
    watchdog: Watchdog
    clock: Clock
    poll: float
    look: float
    order: OrderBelow = by_shortfall
    bell: BlockBell | None = None
    _seen: RoundSeen | None = field(default=None, init=False)

    def run(self, stop: threading.Event) -> None:
        """Look until the event is set. What a node refuses is tried again.

        Raises:
            OtherChainError: another chain answers now.
        """
        pause = self.poll
        while not stop.is_set():
            self.telemetry.alarms.beat()
            try:
                self.step()
            except OtherChainError:
                raise
            except (ChainError, InputError, ToolError) as error:
                self._lost(error)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - a bug at one look must not end the watch
                self.telemetry.alarms.begin(AlarmKind.LOOP, f"unexpected {type(error).__name__} in the loop")
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self.telemetry.alarms.end(AlarmKind.LOOP)
                pause = self.poll
            self._wait(pause, stop)

    def step(self) -> Ordered | None:
        """Look once, if there is a new block or it is time to.

        Returns:
            What was found; None where nothing was looked at.

        Raises:
            ChainError, InputError, ToolError: the node is not reached, or lacks the book.
        """
        began = self.clock.steady()
        contracts = self.watched.book.contracts
        block = contracts.chain.block_number()
        last = self._seen
        if last is not None and last.block == block and began < last.seen_at + self.look:
            self.watchdog.saw(block)
            self.telemetry.looked()
            return None
        round_id = contracts.rounds.latest_id()
        seen = RoundSeen(block, round_id, last is None or last.round_id != round_id, began)
        self.telemetry.round_seen(seen)
        round_ = self.watched.round(round_id)
        began = self._took(Stage.ROUND_SEEN, began)
        known = self.watched.known(seen, round_) if seen.is_new else None
        if known is not None:
            ordered = self._order(known)
            for agent in self.agents:
                agent.hurry(ordered)
            if ordered.below:
                self.clock.pause(_GIVES_WAY, threading.Event())
        self.watchdog.saw(block)
        began = self.clock.steady()
        opened = self.watched.refresh(seen, round_)
        self.telemetry.states_opened(opened)
        self._took(Stage.STATES_OPENED, began)
        ordered = self._order(opened)
        self.telemetry.ordered(ordered)
        self._end_pauses(opened)
        for agent in self.agents:
            agent.act(ordered)
        self._seen = seen
        self.telemetry.looked()
        return ordered

    def _wait(self, seconds: float, stop: threading.Event) -> None:
        if self.bell is None:
            self.clock.pause(seconds, stop)
        else:
            self.bell.wait(seconds, stop)

    def _order(self, opened: StatesOpened) -> Ordered:
        began = self.clock.steady()
        screened = Screened(opened, self._screen(opened))
        began = self._took(Stage.SCREENED, began)
        ordered = Ordered(screened, self.order(screened))
        self._took(Stage.ORDERED, began)
        return ordered

    def _screen(self, opened: StatesOpened) -> Sequence[BelowLine]:
        if opened.round is None:
            return ()
        screened = self.watched.matrix.screen(opened.round.vectors)
        return [
            BelowLine(account, kind, health)
            for kind, ground in screened.grounds.items()
            for account, health in ground.below.items()
        ]

    def _end_pauses(self, opened: StatesOpened) -> None:
        try:
            for account in opened.changed:
                self.pauses.clear(account)
        except StoreError as error:  # they have ended all the same
            self.telemetry.alarms.begin(AlarmKind.STORE, str(error))

    def _lost(self, error: ChainError | InputError | ToolError) -> None:
        if AlarmKind.NODE_LOST not in self.telemetry.alarms.lasting():
            _LOG.warning("the book cannot be seen", error=error)
        self.watchdog.lost(error)

    def _took(self, stage: Stage, began: float) -> float:
        now = self.clock.steady()
        self.telemetry.stage(stage, now - began)
        return now

"""The watchdog: what is wrong with node, clock and gas, seen by blocks and not by errors alone."""

from dataclasses import dataclass, field
from typing import Final

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._clock import Clock
from liquidator.engine._metrics import Metrics
from prover.chain import Chain
from verifier import ZkSolvencyError

WEI: Final = 10**18
_BALANCE_SECONDS: Final = 60.0


@dataclass
class Watchdog:
    """Compares the newest block with the clock, and the balance with what is needed.

    Attributes:
        chain: the node.
        alarms: told of what is wrong.
        metrics: told of all of it.
        clock: of this machine.
        max_block_age: older is an alarm [s]; None for never.
        max_clock: how far a new block may be ahead of the clock [s].
        least_wei: below is an alarm.
    """

    chain: Chain
    alarms: Alarms
    metrics: Metrics
    clock: Clock
    max_block_age: float | None
    max_clock: float
    least_wei: int
    _block: int | None = field(default=None, init=False)
    _time: int = field(default=0, init=False)
    _asked_at: float | None = field(default=None, init=False)

    def saw(self, block: int) -> None:
        """A block number was read. Raises ChainError when the node does not tell its time, or the balance."""
        if block != self._block:
            self._time = self.chain.timestamp()
            self._block = block
            self._compare_clocks()
        self.alarms.end(AlarmKind.NODE_LOST)
        self.metrics.block.set(block)
        self._ask_balance()
        self.check_age()

    def lost(self, error: ZkSolvencyError) -> None:
        """The node does not answer, or lacks the book."""
        self.metrics.node_up.set(0)
        self.alarms.begin(AlarmKind.NODE_LOST, str(error))
        self.check_age()

    def check_age(self) -> None:
        """See how old the newest block is."""
        if self._block is None:
            return
        age = max(0.0, self.clock.now() - self._time)
        self.metrics.block_age.set(age)
        if self.max_block_age is not None and age > self.max_block_age:
            self.metrics.node_up.set(0)
            self.alarms.begin(AlarmKind.BLOCK_AGE, f"the newest block {self._block} is {age:.0f} s old")
            return
        self.alarms.end(AlarmKind.BLOCK_AGE)
        if AlarmKind.NODE_LOST not in self.alarms.lasting():
            self.metrics.node_up.set(1)

    def _compare_clocks(self) -> None:
        ahead = self._time - self.clock.now()
        if ahead > self.max_clock:
            self.alarms.begin(AlarmKind.CLOCK, f"the newest block is {ahead:.0f} s ahead of this clock")
        else:
            self.alarms.end(AlarmKind.CLOCK)

    def _ask_balance(self) -> None:
        now = self.clock.steady()
        if self._asked_at is not None and now < self._asked_at + _BALANCE_SECONDS:
            return
        balance = self.chain.balance(self.chain.sender)
        self._asked_at = now
        self.metrics.balance.set(balance / WEI)
        if balance < self.least_wei:
            self.alarms.begin(AlarmKind.GAS, f"{self.chain.sender} has {balance / WEI:.4f} ETH left")
        else:
            self.alarms.end(AlarmKind.GAS)

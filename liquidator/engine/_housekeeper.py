"""The housekeeper's role: prepares rounds, pays withdrawals that are due, and writes debts off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from liquidator.engine._clock import Clock
from liquidator.engine._events import JobEvent, JobKey, Mined, Ordered, Statement, StatesOpened
from liquidator.engine._jobs import Jobs
from liquidator.engine._journal import Journal
from liquidator.engine._roles import RoleAgent
from prover.account import State
from prover.onchain import GuardedAccount, LiquidationMarket, WriteoffProver, due_pay_outs, flagged_since
from verifier import MARGIN_KINDS, VectorKind


@dataclass
class Housekeeper(RoleAgent):
    """Does what helps all users of a book. Debts are written off where the guardian's accounts are known.

    Attributes:
        market: the book and its engine.
        writer: writes debts off; None leaves them.
        jobs: runs proofs and transactions.
        journal: of what is sent.
        clock: steady.
        prepares: whether rounds are prepared while accounts are flagged.
        pay_out: withdrawals in one pay-out; 0 pays none.
        interval: between two looks at the queues [s].
    """

    market: LiquidationMarket
    writer: WriteoffProver | None
    jobs: Jobs
    journal: Journal
    clock: Clock
    prepares: bool
    pay_out: int
    interval: float
    _prepared: set[tuple[int, VectorKind]] = field(default_factory=set, init=False, repr=False)
    _paid_at: float | None = field(default=None, init=False)

    def act(self, ordered: Ordered) -> None:
        """Begin what is due."""
        opened = ordered.screened.opened
        if self.prepares:
            self._prepare(opened)
        if self.writer is not None:
            self._write_off(opened, self.writer)
        now = self.clock.steady()
        if self.pay_out and (self._paid_at is None or now >= self._paid_at + self.interval):
            self._paid_at = now
            self.jobs.begin(JobKey(Statement.PAY_OUT), partial(self._pay_out, opened.seen.round_id))

    def _prepare(self, opened: StatesOpened) -> None:
        round_id = opened.seen.round_id
        self._prepared = {one for one in self._prepared if one[0] == round_id}
        for ground in MARGIN_KINDS:
            is_flagged = any(flagged_since(one, ground) for one in opened.flagged.values())
            if round_id and is_flagged and (round_id, ground) not in self._prepared:
                self.jobs.begin(
                    JobKey(Statement.PREPARE_ROUND, ground=ground), partial(self._prepare_round, round_id, ground)
                )

    def _prepare_round(self, round_id: int, ground: VectorKind) -> Iterator[JobEvent]:
        with self.journal.sending(Statement.PREPARE_ROUND, None, round_id, ground):
            receipt = self.market.engine.prepare_round(round_id, ground)
        self._prepared.add((round_id, ground))
        yield Mined(None, Statement.PREPARE_ROUND, receipt)

    def _write_off(self, opened: StatesOpened, writer: WriteoffProver) -> None:
        for account in opened.flagged:
            one = opened.accounts.get(account)
            if one is not None and is_debt(one.sealed.state):
                self.jobs.begin(
                    JobKey(Statement.WRITE_OFF, account),
                    partial(self._write_off_one, writer, one, opened.seen.round_id),
                )

    def _write_off_one(self, writer: WriteoffProver, account: GuardedAccount, round_id: int) -> Iterator[JobEvent]:
        about = f"{account.sealed.commitment:x}"
        with self.journal.sending(Statement.WRITE_OFF, account.identity, round_id, about):
            receipt = writer.write_off(account.viewing)
        yield Mined(account.identity, Statement.WRITE_OFF, receipt)

    def _pay_out(self, round_id: int) -> Iterator[JobEvent]:
        book = self.market.book
        spot = book.contracts.book.spot_assets()
        for slot in [slot for slot in range(book.n) if spot >> slot & 1] + [book.n]:
            due = due_pay_outs(book, slot, self.pay_out)
            if due:
                about = f"{slot} {due[0].index} {book.contracts.chain.block_number()}"
                with self.journal.sending(Statement.PAY_OUT, None, round_id, about):
                    receipt = book.contracts.book.vault.pay_out(slot, self.pay_out)
                yield Mined(None, Statement.PAY_OUT, receipt)


def is_debt(state: State) -> bool:
    """Whether an account has no position, and owes."""
    return not any(state.balances) and state.quote < 0

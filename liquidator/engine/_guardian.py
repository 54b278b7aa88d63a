"""The guardian's role: flags, notices, answers to challenges, and expired positions turned into cash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from liquidator.engine._clock import Clock
from liquidator.engine._events import JobEvent, JobKey, Mined, Ordered, Statement, StatesOpened
from liquidator.engine._jobs import Jobs
from liquidator.engine._journal import Journal
from liquidator.engine._roles import RoleAgent
from liquidator.engine._sales import EngineSale, NoticeFolder
from prover.account import ViewingKeys
from prover.chain import Level, OnchainRound
from prover.onchain import (
    ExpiryKeeper,
    GuardedAccount,
    LiquidationKeeper,
    LiquidationMarket,
    NoticeMaker,
    Sale,
    flagged_since,
)
from verifier import MARGIN_KINDS, ProvingError, VectorKind

SETTLED: Final = 32
"""Blocks at the end of the chain whose challenges are read again: they may be of another fork."""


@dataclass
class Guardian(RoleAgent):
    """Acts for the accounts of one guardian.

    Attributes:
        market: the book and its engine.
        keeper: flags and answers.
        maker: makes notices.
        expiries: turns expired positions into cash.
        jobs: runs proofs and transactions.
        journal: of what is sent.
        clock: steady.
        recipient: of bonds: an address as an integer, from 1 to 2^160 - 1.
        notices: where they go; None makes none.
        seconds: how far a notice looks ahead.
        step: between two rates of a notice [s].
    """

    market: LiquidationMarket
    keeper: LiquidationKeeper
    maker: NoticeMaker
    expiries: ExpiryKeeper
    jobs: Jobs
    journal: Journal
    clock: Clock
    recipient: int
    notices: NoticeFolder | None = None
    seconds: int = 60
    step: int = 12
    _sales: dict[tuple[int, VectorKind], EngineSale] = field(default_factory=dict, init=False)
    _newest: StatesOpened | None = field(default=None, init=False, repr=False)
    _has_acted: bool = field(default=False, init=False)
    _idle: set[tuple[int, VectorKind]] = field(default_factory=set, init=False)
    _challenged: set[int] = field(default_factory=set, init=False)
    _challenges_until: int | None = field(default=None, init=False)
    _own_flags: dict[tuple[int, VectorKind], int] = field(default_factory=dict, init=False)
    """Blocks of its own flags that are newer than the accounts as they were read."""

    def hurry(self, ordered: Ordered) -> None:
        """Flag what is below a line and was not flagged: the engine refuses where an account has changed since."""
        opened = self._newest = ordered.screened.opened
        for one in ordered.below:
            flagged = opened.flagged.get(one.account)
            is_known = flagged is not None and flagged_since(flagged, one.ground)
            if opened.round is not None and not is_known:
                self._flag(opened, opened.accounts[one.account], one.ground)

    def act(self, ordered: Ordered) -> None:
        """Begin what is due. Raises ChainError when the node is not reached."""
        opened = self._newest = ordered.screened.opened
        if not self._has_acted and self.notices is not None:
            self.notices.clear()
        self._has_acted = True
        accounts, round_ = opened.accounts, opened.round
        self._expire(opened)
        if round_ is None:
            return
        for key, block in list(self._own_flags.items()):
            if block <= opened.block:
                self._own_flags.pop(key)
        ages = self._ages(opened)
        lifetimes = {ground: auction.lifetime for ground, auction in self.market.auctions.items()}
        for one in ordered.below:
            age = ages.get((one.account, one.ground))
            if age is None or age > lifetimes[one.ground]:
                self._flag(opened, accounts[one.account], one.ground)
        for (account, ground), age in ages.items():
            if account in accounts and age <= lifetimes[ground]:
                self._notice(accounts[account], ground, round_, age)
        self._forget(ages)
        self._answer(opened)

    def _ages(self, opened: StatesOpened) -> Mapping[tuple[int, VectorKind], int]:
        """How old each flag is [active s]."""
        flagged = {
            (account, ground): flagged_since(one, ground)
            for account, one in opened.flagged.items()
            for ground in MARGIN_KINDS
            if flagged_since(one, ground)
        }
        if not flagged:
            return {}
        time = self.market.book.contracts.breaker.active_time(Level.NO_FLAGS)
        return {key: time - since for key, since in flagged.items()}

    def _flag(self, opened: StatesOpened, account: GuardedAccount, ground: VectorKind) -> None:
        """Begin a flag. Where many wait for their turn, each is proven at the round that is the newest by then."""
        key = account.identity, ground
        if key in self._own_flags:
            return
        sale = self._sale(account.viewing, ground)

        def work() -> Iterator[JobEvent]:
            newest = self._newest or opened
            round_, now = newest.round, newest.accounts.get(account.identity)
            if round_ is None or now is None:
                return
            for event in sale.flag(now, round_, opened.seen.seen_at):
                self._own_flags[key] = event.receipt["blockNumber"]
                yield event
            self._notice(now, ground, round_, 0)  # a job of its own: other flags do not wait for its proofs

        self.jobs.begin(JobKey(Statement.FLAG, *key), work)

    def _notice(self, account: GuardedAccount, ground: VectorKind, round_: OnchainRound, age: int) -> None:
        sale, commitment = self._sale(account.viewing, ground), account.sealed.commitment
        if sale.is_due(round_, commitment, age):
            key = JobKey(Statement.NOTICE, account.identity, ground)
            self.jobs.begin(key, lambda: sale.look(round_, commitment, age))

    def _sale(self, viewing: ViewingKeys, ground: VectorKind) -> EngineSale:
        key = viewing.identity, ground
        if key not in self._sales:
            sale = Sale(self.keeper, self.maker, viewing, ground, self.recipient, seconds=self.seconds, step=self.step)
            self._sales[key] = EngineSale(sale, self.clock, self.journal, self.notices)
        return self._sales[key]

    def _forget(self, ages: Mapping[tuple[int, VectorKind], int]) -> None:
        """Drop the sales of accounts that are flagged no more: at two looks, since a flag may be younger than one."""
        busy = {(key.account, key.ground) for key in self.jobs.in_flight}
        idle = {key for key in self._sales if key not in ages and key not in busy}
        for key in idle & self._idle:
            self._sales.pop(key).close()
        self._idle = idle

    def _expire(self, opened: StatesOpened) -> None:
        for account, one in opened.asleep.items():
            key = JobKey(Statement.EXPIRE, account)
            self.jobs.begin(key, partial(self._settle, one.viewing, opened.seen.round_id))

    def _settle(self, viewing: ViewingKeys, round_id: int) -> Iterator[JobEvent]:
        account, book = viewing.identity, self.market.book.contracts.book
        while True:
            about = f"from epoch {book.account(account).epoch}"
            with self.journal.sending(Statement.EXPIRE, account, round_id, about):
                receipt = self.expiries.advance(viewing)
            if receipt is None:
                return
            yield Mined(account, Statement.EXPIRE, receipt)

    def _answer(self, opened: StatesOpened) -> None:
        """Answer the challenges of accounts: those that there are at the first look, and then each new one."""
        engine, block = self.market.engine, opened.block
        accounts = opened.accounts
        if self._challenges_until is None:
            self._challenged |= set(engine.challenged(list(accounts), block))
        else:
            first = max(self._challenges_until - SETTLED, 0) + 1
            self._challenged |= set(engine.challenges(first, block)) & accounts.keys()
        self._challenges_until = block
        for account in [one for one in list(self._challenged) if one in accounts]:
            self.jobs.begin(JobKey(Statement.ANSWER, account), partial(self._submit_answer, accounts[account].viewing))

    def _submit_answer(self, viewing: ViewingKeys) -> Iterator[JobEvent]:
        account = viewing.identity
        challenge = self.market.engine.challenge_of(account)
        if challenge is None:
            self._challenged.discard(account)
            return
        try:
            with self.journal.sending(Statement.ANSWER, account, challenge.round_id):
                receipt = self.keeper.answer(viewing, self.recipient)
        except ProvingError:  # it was below its margin then: there is no answer
            self._challenged.discard(account)
            raise
        self._challenged.discard(account)
        yield Mined(account, Statement.ANSWER, receipt)

"""A reporter: reads feeds, signs what it sees, exchanges reports, and posts the sets of a quorum.

A program runs it so:

    reporter = Reporter(connect, signer, feeds, peers=peers, publishers=publishers, rules=PostingRules())
    for event in reporter.events(interval=10, stop=threading.Event()):
        match event:
            case Look(): ...  # what it saw and signed, which reports count, and what it did with them
            case LookFailed(): ...  # the node or the signer does not answer: it tries again
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from tenacity import (
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_when_event_set,
    wait_random_exponential,
)

from prover.chain import AccountSigner, Report, unsigned_report
from prover.market import (
    PostingOutcome,
    PostingStatus,
    RoundRefusedError,
    asset_symbol,
)
from prover.onchain import MarginBook, OtherChainError, PostedReports, PriceSource, ReportFile, post_reports
from prover.oracle._exchange import PeerReports, ReportPublisher
from prover.oracle._feeds import PriceFeed
from prover.oracle._observation import Observation, observe
from prover.oracle._posting import PostingReason, PostingRules, strange_slots, turn
from prover.oracle._report_pool import ReportPool
from verifier import ChainError, InputError, ToolError, UndecidedError, ZkSolvencyError

LONGEST_PAUSE: Final = 60.0
"""Between two attempts to reach a node or a signer [s]."""

_FRESH_PART: Final = 2
"""A price is reported while it is younger than this part of the age at which the book takes a report: a half."""


class Decision(StrEnum):
    """What a reporter does with the reports of a look.

    POSTED: a round is recorded.
    HELD: the prices are held as a candidate.
    CALM: a set is not worth a transaction now.
    WAITING: another reporter's turn.
    LEFT: a set is due, and this reporter does not post.
    WOULD_POST: a set is due, and this is a dry run.
    NO_REPORT: this reporter has nothing to report, and posts no set without its own report.
    NO_QUORUM: too few reports, or too few of them agree on which assets have a price.
    TOO_SOON: the contract takes no set yet.
    WOUND_DOWN: the book winds down, and takes no set any more.
    STRANGE: the agreed prices are far from what this reporter sees.
    OVERTAKEN: another set was posted meanwhile.
    REFUSED: the set was refused.
    UNDECIDED: the transaction was sent, and may still be mined.
    """

    POSTED = "posted"
    HELD = "held"
    CALM = "calm"
    WAITING = "waiting"
    LEFT = "left to others"
    WOULD_POST = "would post"
    NO_REPORT = "no report"
    NO_QUORUM = "no quorum"
    TOO_SOON = "too soon"
    WOUND_DOWN = "the book winds down"
    STRANGE = "strange prices"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"
    UNDECIDED = "undecided"


class Mode(StrEnum):
    """What a reporter may do.

    DRY: nothing is signed, published or sent.
    SIGN: reports are signed and published, and other reporters post.
    POST: sets are posted too, which costs gas.
    """

    DRY = "dry"
    SIGN = "sign"
    POST = "post"


class Outcome(NamedTuple):
    """What came of the reports of a look.

    Attributes:
        decision: what was done.
        reason: why the set is due; None when it is not.
        detail: in words, where there is more to say.
        pause: until it is worth looking again [s]; None for the usual interval.
        posted: result of the transaction.
        error: why it failed.
    """

    decision: Decision
    reason: PostingReason | None = None
    detail: str = ""
    pause: float | None = None
    posted: PostedReports | None = None
    error: ZkSolvencyError | None = None


@dataclass(frozen=True)
class Look:
    """One look.

    Attributes:
        time: of the next block, Unix seconds.
        round_id: the newest round before it; 0 for none.
        observation: what the feeds say.
        signed: the new report; None where there is nothing new to report.
        reports: addresses of the reporters whose reports count now.
        threshold: how many make a round.
        rejected: which reports are not believed, and why, in words.
        faults: what is wrong with feeds and publishing, in words.
        outcome: what came of it.
    """

    time: int
    round_id: int
    observation: Observation
    signed: ReportFile | None
    reports: tuple[str, ...]
    threshold: int
    rejected: tuple[str, ...]
    faults: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True)
class LookFailed:
    """A look failed: the node or the remote signer does not answer, or refuses. The reporter tries again.

    Attributes:
        error: why.
    """

    error: ZkSolvencyError


ReporterEvent = Look | LookFailed


@dataclass
class Reporter:
    """A reporter of a margin book.

    It posts no set without its own report, and none whose prices are far from what it sees. Reports of others are
    believed when the contract would take them, and a bad one costs nothing but itself.

    The node is connected to for each look alone, so a local one serves other commands in between.

    Attributes:
        connect: opens the book.
        signer: the reporter's account, which also sends transactions.
        feeds: where prices come from.
        peers: where the reports of other reporters are.
        publishers: where its own reports go.
        rules: when it posts.
        mode: what it may do.
        max_age: maximum age of a price by the feed's own time [s]; None for half of that of a report.
        min_feeds: how many feeds must price an asset.
    """

    connect: Callable[[], AbstractContextManager[MarginBook]]
    signer: AccountSigner
    feeds: Sequence[PriceFeed]
    peers: Sequence[PeerReports] = ()
    publishers: Sequence[ReportPublisher] = ()
    rules: PostingRules = field(default_factory=PostingRules)
    mode: Mode = Mode.SIGN
    max_age: int | None = None
    min_feeds: int = 1
    _pool: ReportPool = field(default_factory=ReportPool, init=False)
    _due: tuple[int, float] | None = field(default=None, init=False)
    _distrusted: set[str] = field(default_factory=set, init=False)

    def events(self, interval: float, stop: threading.Event) -> Iterator[ReporterEvent]:
        """Look until the event is set.

        Args:
            interval: between two looks [s]; one that waits for its turn looks earlier.
            stop: ends it, between two looks.

        Raises:
            ChainError, InputError, ToolError: the first look fails.
            OtherChainError: another chain answers now.
        """
        look = self.look()
        yield look
        while not stop.wait(_pause(look, interval)):
            for attempt in _retries(interval, stop):
                with attempt:
                    look = self.look()
                failure = attempt.retry_state.outcome.exception() if attempt.retry_state.outcome else None
                if isinstance(failure, ZkSolvencyError) and not isinstance(failure, OtherChainError):
                    yield LookFailed(failure)
            if not stop.is_set():
                yield look

    def look(self, *, waits_for_turn: bool = True) -> Look:
        """Look once.

        Args:
            waits_for_turn: whether to leave a due set to the reporters whose turn comes before, for their time.

        Raises:
            ChainError: the node or the remote signer does not answer, or refuses.
            InputError: the account is no reporter of the book.
            ToolError: the local chain does not start.
        """
        places: list[PriceFeed | PeerReports] = [*self.feeds, *self.peers]
        for place in places:
            place.start()
        with self.connect() as book:
            source = PriceSource.read(book.contracts)
            self._require_reporter(source)
            now = book.contracts.chain.next_block_time()
            max_age = source.quorum.max_report_age // _FRESH_PART if self.max_age is None else self.max_age
            seen = observe(book, source, self.feeds, now, max_age=max_age, min_feeds=self.min_feeds)
            own = self._new_report(book, source, seen)
            faults = [*seen.faults]
            if own is not None and self.mode is not Mode.DRY:
                self._pool.add(book, source, "own report", own, now)
                faults += self._publish(own)
            rejected = tuple(self._collect(book, source))
            now = book.contracts.chain.next_block_time()
            reports = self._pool.admissible(source, now)
            if own is not None and self.mode is Mode.DRY:
                reports[own.report.reporter] = own
            reports = self._trusted(source, reports)
            outcome = self._decide(book, source, reports, now, waits_for_turn=waits_for_turn)
            return Look(
                time=now,
                round_id=0 if source.rules.latest is None else source.rules.latest.id,
                observation=seen,
                signed=None if self.mode is Mode.DRY else own,
                reports=tuple(reports),
                threshold=source.quorum.threshold,
                rejected=rejected,
                faults=tuple(faults),
                outcome=outcome,
            )

    def _require_reporter(self, source: PriceSource) -> None:
        if self.signer.address.lower() not in map(str.lower, source.quorum.reporters):
            raise InputError(
                f"{self.signer.address} is no reporter of this book: governance makes it one with setReporters"
            )

    def _new_report(self, book: MarginBook, source: PriceSource, seen: Observation) -> ReportFile | None:
        """What is to be reported; None when nothing is newer than the last report and the last set."""
        last = self._pool.of(self.signer.address)
        newest = max(source.rules.newest_timestamp, 0 if last is None else last.report.timestamp)
        if seen.is_empty or seen.timestamp <= newest:
            return None
        rounds, chain = book.contracts.rounds, book.contracts.chain
        time, prices, funding = seen.timestamp, seen.prices, seen.funding
        if self.mode is Mode.DRY:
            report = unsigned_report(self.signer.address, timestamp=time, prices=prices, funding=funding)
        else:
            report = rounds.sign(self.signer, timestamp=time, prices=prices, funding=funding)
        return ReportFile(chain.chain_id, rounds.contract.address, report)

    def _publish(self, own: ReportFile) -> Iterator[str]:
        for publisher in self.publishers:
            try:
                publisher.publish(own)
            except InputError as error:
                yield f"the report is not published: {error}"

    def _collect(self, book: MarginBook, source: PriceSource) -> Iterator[str]:
        """Take reports, one's own from before a restart among them; says what is not believed, and why."""
        for peer in self.peers:
            for name, content in peer.read(source.quorum.reporters):
                try:
                    if isinstance(content, ZkSolvencyError):
                        raise content
                    now = book.contracts.chain.next_block_time()
                    self._pool.add(book, source, name, ReportFile.parse(content, name), now)
                except ZkSolvencyError as error:
                    yield str(error)

    def _decide(
        self,
        book: MarginBook,
        source: PriceSource,
        reports: Mapping[str, ReportFile],
        now: int,
        *,
        waits_for_turn: bool,
    ) -> Outcome:
        if source.rules.is_last or self.signer.address not in reports:
            return Outcome(Decision.WOUND_DOWN if source.rules.is_last else Decision.NO_REPORT)
        try:
            expected = source.outcome([file.report for file in reports.values()], now)
        except RoundRefusedError as error:
            return _refused(book, error)
        reason = self.rules.reason(source.rules, expected, now)
        if reason is None:
            self._due = None
            return Outcome(Decision.CALM)
        obstacle = self._obstacle(book, source, reports[self.signer.address].report, expected)
        if obstacle is not None:
            return obstacle._replace(reason=reason)
        wait = self._wait(source, len(reports)) if waits_for_turn else 0
        if wait > 0:
            return Outcome(Decision.WAITING, reason, pause=wait)
        return self._post(book, source, reports, reason)

    def _obstacle(self, book: MarginBook, source: PriceSource, own: Report, expected: PostingOutcome) -> Outcome | None:
        """Why this reporter does not post a set that is due; None when it does."""
        strange = strange_slots(source, expected, own)
        if strange:
            symbols = ", ".join(asset_symbol(book.assets, slot) for slot in strange)
            return Outcome(Decision.STRANGE, detail=symbols)
        if self.mode is Mode.POST:
            return None
        return Outcome(Decision.WOULD_POST if self.mode is Mode.DRY else Decision.LEFT)

    def _wait(self, source: PriceSource, reports: int) -> float:
        """How long other reporters have to post before this one does [s]. An incomplete set waits for one turn more."""
        key = source.rules.newest_timestamp
        if self._due is None or self._due[0] != key:
            self._due = (key, time.monotonic())
        round_id = 1 if source.rules.latest is None else source.rules.latest.id + 1
        turns = turn(self.signer.address, source.quorum.reporters, round_id)
        turns += reports < len(source.quorum.reporters)
        return self._due[1] + turns * self.rules.stagger - time.monotonic()

    def _post(
        self,
        book: MarginBook,
        source: PriceSource,
        reports: Mapping[str, ReportFile],
        reason: PostingReason,
    ) -> Outcome:
        rounds, before = book.contracts.rounds, source.rules.newest_timestamp
        if rounds.newest_timestamp() != before:
            return Outcome(Decision.OVERTAKEN, reason)
        try:
            posted = post_reports(book, reports)
        except UndecidedError as error:
            return Outcome(Decision.UNDECIDED, reason, error=error)
        except (ChainError, InputError) as error:
            if rounds.newest_timestamp() != before:
                return Outcome(Decision.OVERTAKEN, reason, error=error)
            self._distrust(book, reports)
            return Outcome(Decision.REFUSED, reason, error=error)
        self._distrusted.clear()
        decision = Decision.HELD if posted.posting.status is PostingStatus.HELD else Decision.POSTED
        return Outcome(decision, reason, posted=posted)

    def _trusted(self, source: PriceSource, reports: Mapping[str, ReportFile]) -> dict[str, ReportFile]:
        """The reports without those that are distrusted, unless the others are no quorum."""
        trusted = {name: file for name, file in reports.items() if name not in self._distrusted}
        return trusted if len(trusted) >= source.quorum.threshold else dict(reports)

    def _distrust(self, book: MarginBook, reports: Mapping[str, ReportFile]) -> None:
        """Leave out reporters with code until a set is posted: code may take a signature when asked, not when mined.

        No other report that is believed can make the contract refuse a set.
        """
        self._distrusted |= {
            name for name in reports if name != self.signer.address and book.contracts.chain.has_code(name)
        }


def _refused(book: MarginBook, error: RoundRefusedError) -> Outcome:
    """Why the contract takes no set of these reports now: each is good, so a later set may do."""
    if error.error == "WrongReportCount":
        return Outcome(Decision.NO_QUORUM)
    if error.error == "SlotUndecided":
        slot = error.arguments[0]
        symbol = asset_symbol(book.assets, slot) if isinstance(slot, int) else str(slot)
        return Outcome(Decision.NO_QUORUM, detail=f"too few price {symbol}, and too few leave it out")
    return Outcome(Decision.TOO_SOON, detail=str(error))


def _pause(look: Look, interval: float) -> float:
    pause = look.outcome.pause
    return interval if pause is None else min(pause, interval)


def _retries(interval: float, stop: threading.Event) -> Retrying:
    """Looks again after a failure, later each time; ends quietly when it is stopped."""
    return Retrying(
        sleep=sleep_using_event(stop),
        stop=stop_when_event_set(stop),
        wait=wait_random_exponential(multiplier=interval, max=LONGEST_PAUSE),
        retry=retry_if_exception(_may_pass),
        retry_error_callback=lambda _: None,
    )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ChainError | InputError | ToolError) and not isinstance(error, OtherChainError)

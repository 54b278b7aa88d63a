"""Putting an engine together from its settings."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import platformdirs

from liquidator.engine._alarms import Alarms
from liquidator.engine._block_bell import BlockBell
from liquidator.engine._checks import Check, book_check, clock_check, core_check, gas_check
from liquidator.engine._clock import Clock, SystemClock
from liquidator.engine._dry_sender import DrySender
from liquidator.engine._engine import Engine
from liquidator.engine._events import Stage
from liquidator.engine._forecasting import open_predictor
from liquidator.engine._jobs import Jobs
from liquidator.engine._journal import Journal
from liquidator.engine._keys import open_guardian_key, open_signer
from liquidator.engine._loop import Loop, by_shortfall
from liquidator.engine._metrics import Metrics
from liquidator.engine._parts import Parts, statements_of
from liquidator.engine._pauses import Pauses
from liquidator.engine._settings import Role, Settings
from liquidator.engine._telemetry import Telemetry
from liquidator.engine._timed_backend import TimedBackend
from liquidator.engine._timed_sender import TimedSender
from liquidator.engine._watchdog import Watchdog
from liquidator.engine._watched import WatchedAccounts
from liquidator.screening import AccountMatrix
from liquidator.sending import Outbox, SendingSettings
from liquidator.store import EngineStore
from prover.chain import AccountSigner, Chain, RequestPolicy, SendingAccount
from prover.market import PPM, parse_decimal
from prover.onchain import (
    AccountReader,
    DeploymentKind,
    DeploymentRecord,
    EventStore,
    LiquidationMarket,
    book_artifacts,
)
from prover.storage import user_folder
from prover.toolchain import NativeBackend, ProgressSink, compile_contracts, ignore_progress, open_backend
from verifier import InputError

STORE: Final = "engine.sqlite"
EVENTS: Final = "events.sqlite"
_ETHER_DECIMALS: Final = 18


@contextmanager
def open_engine(
    settings: Settings,
    *,
    dry_run: bool = False,
    clock: Clock | None = None,
    progress: ProgressSink = ignore_progress,
) -> Iterator[Engine]:
    """An engine, for as long as the context. Nothing is sent before it runs.

    Args:
        settings: what it does, and where.
        dry_run: say what would be sent, and what it would cost; send nothing.
        clock: None for that of the machine.
        progress: receives what is built.

    Raises:
        InputError: a file or key of the settings cannot be used, or the node serves another chain.
        ChainError: the node is not reached.
        ToolError: a tool or statement is missing, or the store cannot be used.
    """
    clock = clock or SystemClock()
    record = DeploymentRecord.load(settings.book.deployment, DeploymentKind.BOOK)
    policy = RequestPolicy(
        response_seconds=settings.node.timeout_seconds, request_seconds=1.5 * settings.node.timeout_seconds
    )
    signer = open_signer(settings.sender, policy)
    guardian = settings.guardian if settings.roles & {Role.GUARDIAN, Role.HOUSEKEEPER} else None
    reader = None if guardian is None else AccountReader(open_guardian_key(guardian))
    folder = data_folder(settings)
    code = compile_contracts(progress=progress)
    statements = statements_of(settings)
    artifacts = book_artifacts(statements, record.assets().n, settings.book.keys, progress=progress)
    with ExitStack() as stack:
        if dry_run:  # an engine that runs beside it keeps its own file
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="zksolvency-dry-run-")))
        events = stack.enter_context(EventStore(folder / EVENTS))
        store = stack.enter_context(EngineStore(folder / STORE, clock.now))
        outbox = None if dry_run else _outbox(settings, signer, store, policy)
        sending = outbox or DrySender(
            SendingAccount.connect(settings.node.rpc, signer.address, policy, settings.node.confirmations)
        )
        metrics = Metrics()
        timed_sender = TimedSender(sending, clock, partial(metrics.observe, Stage.MINED))
        chain = Chain(settings.node.rpc, code, policy=policy, sending=timed_sender)
        book = record.open_book(chain, events)
        market = LiquidationMarket.of(book)
        backend = open_backend()
        stack.callback(backend.close)
        about = {
            "chain": chain.chain_id,
            "book": book.contracts.book.contract.address,
            "sender": chain.sender,
            "roles": sorted(map(str, settings.roles)),
        }
        alarms = Alarms(settings.alarms, clock, dict(about), lambda kind: metrics.alarms.labels(kind).inc())
        stack.callback(alarms.close)
        telemetry = Telemetry(metrics, alarms, clock, about)
        pauses = Pauses.of(store, book, clock)
        if outbox is not None:
            metrics.open_transactions.set_function(lambda: outbox.open_transactions)
        jobs = Jobs(
            telemetry.job,
            pauses,
            workers=settings.work.workers,
            passing=settings.work.passing_seconds,
            final=settings.work.final_seconds,
        )
        stack.callback(jobs.close)
        telemetry.in_flight = lambda: jobs.in_flight
        timed = TimedBackend(backend, clock, partial(metrics.observe, Stage.PROVEN))
        journal = Journal(store, outbox, chain.chain_id, book.contracts.book.contract.address)
        parts = Parts(settings, market, artifacts, timed, jobs, journal, signer, policy, clock, alarms, is_dry=dry_run)
        watchdog = Watchdog(
            chain,
            alarms,
            metrics,
            clock,
            settings.node.max_block_age_seconds,
            settings.node.max_clock_seconds,
            parse_decimal(settings.sender.least_ether, _ETHER_DECIMALS, "sender.least_ether"),
        )
        if isinstance(backend, NativeBackend):
            for one in artifacts.values():
                backend.warm(one)
        watched = WatchedAccounts(book, reader, AccountMatrix(book.n))
        predictor = stack.enter_context(open_predictor(parts, watched, telemetry))
        websocket = settings.node.websocket
        checks = [*_checks(parts), *([] if predictor is None else [predictor.check()])]
        loop = Loop(
            watched,
            parts.agents() if predictor is None else [*parts.agents(), predictor],
            pauses,
            telemetry,
            watchdog,
            clock,
            poll=settings.node.poll_seconds,
            look=settings.node.look_seconds,
            order=by_shortfall if predictor is None else predictor.outlook.order,
            bell=None
            if websocket is None
            else stack.enter_context(BlockBell(websocket, settings.node.timeout_seconds)),
        )
        sending_for, port = outbox or nullcontext(), settings.status.port
        yield Engine(checks, loop, jobs, sending_for, telemetry, port, parts.reporting(), predictor)


def _outbox(settings: Settings, signer: AccountSigner, store: EngineStore, policy: RequestPolicy) -> Outbox:
    node, share = settings.node, settings.sender.profit_share_percent * PPM // 100
    terms = SendingSettings(node.private_rpc, node.private_blocks, share)
    return Outbox(node.rpc, signer, store, terms, policy=policy, confirmations=node.confirmations)


def data_folder(settings: Settings) -> Path:
    """Where the engine keeps its files: made if it is missing.

    Raises:
        InputError: it cannot be made.
    """
    folder = settings.work.data
    if folder is None:
        remedy = "name one with work.data"
        folder = user_folder(lambda: platformdirs.user_data_path("zksolvency"), "data folder", remedy) / "liquidator"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"data folder {folder}: {error.strerror}") from None
    return folder


def _checks(parts: Parts) -> Iterator[Check]:
    settings, book = parts.settings, parts.market.book
    chain = book.contracts.chain
    yield Check("chain", detail=f"chain {chain.chain_id} at {chain.url}")
    yield book_check(book)
    yield clock_check(settings, chain, parts.clock)
    yield gas_check(settings, chain)
    yield core_check()
    yield from parts.checks()

"""Putting an engine together from its settings."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import platformdirs

from liquidator.engine._alarms import Alarms
from liquidator.engine._checks import Check, book_check, checked, clock_check, core_check, gas_check, key_checks
from liquidator.engine._clock import Clock, SystemClock
from liquidator.engine._engine import Engine
from liquidator.engine._events import Stage
from liquidator.engine._guardian import Guardian
from liquidator.engine._jobs import Jobs
from liquidator.engine._keys import open_guardian_key, open_signer
from liquidator.engine._loop import Loop
from liquidator.engine._metrics import Metrics
from liquidator.engine._pauses import Pauses
from liquidator.engine._roles import RoleAgent
from liquidator.engine._sales import NoticeFolder
from liquidator.engine._settings import GuardianSettings, Role, Settings
from liquidator.engine._telemetry import Telemetry
from liquidator.engine._timed_backend import TimedBackend
from liquidator.engine._watchdog import Watchdog
from liquidator.engine._watched import WatchedAccounts
from liquidator.screening import AccountMatrix
from liquidator.store import EngineStore
from prover.chain import ENGINE_STATEMENTS, AccountSigner, RequestPolicy
from prover.liquidation import Liquidity, load_recipients
from prover.market import parse_decimal
from prover.onchain import (
    AccountReader,
    DeploymentKind,
    DeploymentRecord,
    EventStore,
    ExpireProver,
    ExpiryKeeper,
    LiquidationMarket,
    LiquidationProver,
    MarginBook,
    book_artifacts,
    open_chain,
)
from prover.storage import require_writable, user_folder
from prover.toolchain import NativeBackend, ProgressSink, compile_contracts, ignore_progress, open_backend
from verifier import InputError

STORE: Final = "engine.sqlite"
EVENTS: Final = "events.sqlite"
_ETHER_DECIMALS: Final = 18


@dataclass(frozen=True)
class _Parts:
    """What roles are made of."""

    settings: Settings
    book: MarginBook
    market: LiquidationMarket
    prover: LiquidationProver
    expiries: ExpiryKeeper
    jobs: Jobs
    signer: AccountSigner
    clock: Clock


@contextmanager
def open_engine(
    settings: Settings, *, clock: Clock | None = None, progress: ProgressSink = ignore_progress
) -> Iterator[Engine]:
    """An engine, for as long as the context. Nothing is sent before it runs.

    Args:
        settings: what it does, and where.
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
    guardian = settings.guardian if Role.GUARDIAN in settings.roles else None
    reader = None if guardian is None else AccountReader(open_guardian_key(guardian))
    folder = data_folder(settings)
    code = compile_contracts(progress=progress)
    artifacts = book_artifacts([*ENGINE_STATEMENTS, "expire"], record.assets().n, settings.book.keys, progress=progress)
    with ExitStack() as stack:
        chain = stack.enter_context(
            open_chain(code, settings.node.rpc, signer, confirmations=settings.node.confirmations, policy=policy)
        )
        events = stack.enter_context(EventStore(folder / EVENTS))
        store = stack.enter_context(EngineStore(folder / STORE, clock.now))
        book = record.open_book(chain, events)
        market = LiquidationMarket.of(book)
        backend = open_backend()
        stack.callback(backend.close)
        metrics = Metrics()
        about = {
            "chain": chain.chain_id,
            "book": book.contracts.book.contract.address,
            "sender": chain.sender,
            "roles": sorted(map(str, settings.roles)),
        }
        alarms = Alarms(settings.alarms, clock, dict(about))
        stack.callback(alarms.close)
        telemetry = Telemetry(metrics, alarms, clock, about)
        pauses = Pauses.of(store, book, clock)
        jobs = Jobs(
            telemetry.job,
            pauses,
            workers=settings.work.workers,
            passing=settings.work.passing_seconds,
            final=settings.work.final_seconds,
        )
        stack.callback(jobs.close)
        telemetry.in_flight = lambda: jobs.in_flight
        timed = TimedBackend(backend, clock, lambda seconds: metrics.observe(Stage.PROVEN, seconds))
        prover = LiquidationProver(artifacts, timed)
        expiries = ExpiryKeeper(book, ExpireProver(artifacts["expire"], timed))
        parts = _Parts(settings, book, market, prover, expiries, jobs, signer, clock)
        agents: list[RoleAgent] = []
        if guardian is not None:
            agents.append(_guardian(parts, guardian))
        watchdog = Watchdog(
            chain,
            alarms,
            metrics,
            clock,
            settings.node.max_block_age_seconds,
            settings.node.max_clock_seconds,
            parse_decimal(settings.sender.least_ether, _ETHER_DECIMALS, "sender.least_ether"),
        )
        checks = list(_checks(parts))
        if isinstance(backend, NativeBackend):
            for one in artifacts.values():
                backend.warm(one)
        loop = Loop(
            WatchedAccounts(book, reader, AccountMatrix(book.n)),
            agents,
            pauses,
            telemetry,
            watchdog,
            clock,
            poll=settings.node.poll_seconds,
            look=settings.node.look_seconds,
        )
        yield Engine(checks, loop, jobs, telemetry, settings.status.port)


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


def _guardian(parts: _Parts, settings: GuardianSettings) -> Guardian:
    assets, chain = parts.book.assets, parts.book.contracts.chain
    costs = Liquidity.uniform(assets.n) if settings.liquidity is None else Liquidity.load(settings.liquidity, assets)
    notices = None
    if settings.notices is not None and settings.liquidators is not None:
        notices = NoticeFolder(settings.notices, load_recipients(settings.liquidators), parts.signer)
    return Guardian(
        parts.market,
        parts.prover.keeper(parts.market),
        parts.prover.maker(parts.market, costs),
        parts.expiries,
        parts.jobs,
        parts.clock,
        int(settings.recipient or chain.sender, 16),
        notices,
        settings.notice_seconds,
        settings.step_seconds,
    )


def _checks(parts: _Parts) -> Iterator[Check]:
    settings, chain = parts.settings, parts.book.contracts.chain
    yield Check("chain", detail=f"chain {chain.chain_id} at {chain.url}")
    yield book_check(parts.book)
    yield clock_check(settings, chain, parts.clock)
    yield gas_check(settings, chain)
    yield core_check()
    yield from key_checks(parts.market, {name: parts.prover.artifacts[name].key for name in ENGINE_STATEMENTS})
    yield checked("key of expire", partial(_digest, parts.expiries))
    folder = None if settings.guardian is None else settings.guardian.notices
    if folder is not None:
        yield checked("notices", partial(_writable, folder))


def _digest(expiries: ExpiryKeeper) -> str:
    expiries.require_key()
    return f"digest {expiries.prover.artifacts.key.digest()[:16]}.."


def _writable(folder: Path) -> str:
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    require_writable(folder / "notice.json")
    return str(folder)

"""Forecasts beside the loop: after the flags of a round, in a thread whose work is done by another process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import structlog

from liquidator.engine._alarms import AlarmKind
from liquidator.engine._background import BackgroundProcess
from liquidator.engine._checks import Check, checked
from liquidator.engine._clock import Clock
from liquidator.engine._events import Ordered, Stage
from liquidator.engine._impact_costs import ImpactCosts
from liquidator.engine._margin_calls import MarginCalls
from liquidator.engine._outlook import KnownRisk, Outlook
from liquidator.engine._price_archive import KnownPrices, PriceArchive
from liquidator.engine._roles import RoleAgent
from liquidator.engine._settings import PredictionSettings
from liquidator.engine._telemetry import Telemetry
from liquidator.engine._watched import WatchedAccounts
from liquidator.risk import (
    HORIZONS,
    AssetMarket,
    Holdings,
    MarketModel,
    Nearest,
    Sampling,
    daily_volume,
    nearest,
)
from prover.account import ViewingKeys
from prover.chain import OnchainRound
from prover.market import PriceRound
from prover.onchain import GuardedAccount
from verifier import InputError, ZkSolvencyError

_LOG: Final = structlog.get_logger("liquidator")


class _Snapshot(NamedTuple):
    """What a forecast is about. Secret.

    Attributes:
        round: the newest one.
        identities: of the accounts.
        amounts: theirs, as `AccountMatrix.amounts` has them.
        accounts: by identity; the loop changes it meanwhile.
    """

    round: OnchainRound
    identities: tuple[int, ...]
    amounts: Any
    accounts: Mapping[int, GuardedAccount]


class _Fitted(NamedTuple):
    symbols: list[tuple[str, ...]]
    model: MarketModel
    markets: tuple[AssetMarket, ...]
    fitted_at: float


@dataclass
class Predictor(RoleAgent):
    """An agent that comes after those of the roles: it copies the accounts, and returns at once.

    Attributes:
        settings: how often, and how much.
        watched: the book and its accounts.
        archive: of past prices.
        telemetry: told of it.
        clock: of the engine.
        calls: tell owners; None for no calls.
        costs: that the guardian's sales go by, once markets are known; None where impact decides nothing.
        outlook: takes what is found.
        background: does the work.
    """

    settings: PredictionSettings
    watched: WatchedAccounts
    archive: PriceArchive
    telemetry: Telemetry
    clock: Clock
    calls: MarginCalls | None = None
    costs: ImpactCosts | None = None
    outlook: Outlook = field(default_factory=Outlook, init=False)
    background: BackgroundProcess = field(default_factory=BackgroundProcess)
    _pool: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1, "prediction"), init=False)
    _future: Future[None] | None = field(default=None, init=False)
    _next: float | None = field(default=None, init=False)
    _fitted: _Fitted | None = field(default=None, init=False, repr=False)
    _is_closed: bool = field(default=False, init=False)

    def act(self, ordered: Ordered) -> None:
        """Begin a forecast, if one is due and none runs."""
        opened, now = ordered.screened.opened, self.clock.steady()
        is_busy = self._future is not None and not self._future.done()
        if opened.round is None or is_busy or self._is_closed or (self._next is not None and now < self._next):
            return
        self._next = now + self.settings.interval_seconds
        self.outlook.begin()
        identities, amounts = self.watched.matrix.amounts()
        snapshot = _Snapshot(opened.round, identities, amounts, opened.accounts)
        self._future = self._pool.submit(self._guarded, partial(self._predict, snapshot))

    def check(self) -> Check:
        """Whether the past prices are long enough: the engine starts in any case, and forecasts once they are."""

        def look() -> str:
            known = self.archive.load(self.clock.now())
            return f"assets: {len(known.symbols)}, prices: {len(known.history.times)}, one every {known.history.step} s"

        return replace(checked("prediction", look), is_warning=True)

    def settle(self) -> None:
        """Wait until no forecast is being made."""
        if self._future is not None:
            self._future.result()

    def close(self) -> None:
        """Make no more forecasts, and end the process."""
        self._is_closed = True
        self.background.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.background.close()
        if self.calls is not None:
            self.calls.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except InputError as error:  # most often too short a history, which time mends
            self._failed(str(error))
        except ZkSolvencyError as error:
            self._failed(str(error), is_alarm=True)
        except Exception as error:  # noqa: BLE001 - its words may hold secrets, and no bug of a forecast ends the watch
            self._failed(f"a bug: unexpected {type(error).__name__}", is_alarm=True)
        else:
            self.telemetry.alarms.end(AlarmKind.PREDICTION)

    def _failed(self, problem: str, *, is_alarm: bool = False) -> None:
        if self._is_closed:
            return
        self.outlook.publish({})
        self.telemetry.not_predicted(problem)
        if is_alarm:
            self.telemetry.alarms.begin(AlarmKind.PREDICTION, problem)

    def _predict(self, snapshot: _Snapshot) -> None:
        began = self.clock.steady()
        if self._fitted is None or began >= self._fitted.fitted_at + self.settings.refit_seconds:
            self._fitted = self._fit(began)
        round_ = self.watched.book.price_round(snapshot.round)
        if self.costs is not None:
            self.costs.know(round_, self._fitted.markets)
        found = self.background.call(
            self.settings.seconds,
            _nearest,
            snapshot.amounts,
            round_,
            self._fitted.symbols,
            self._fitted.model,
            self.settings.accounts,
            Sampling(self.settings.paths, seed=snapshot.round.id),
        )
        accounts = [snapshot.identities[place] for place in found.places.tolist()]
        risks = map(KnownRisk, found.margin.tolist(), found.deviation.tolist())
        self.outlook.publish(dict(zip(accounts, risks, strict=True)))
        called = 0
        if self.calls is not None:
            called = self._call(self.calls, snapshot, dict(zip(accounts, found.crossing.tolist(), strict=True)))
        self.telemetry.stage(Stage.PREDICTED, self.clock.steady() - began)
        self.telemetry.predicted(snapshot.round.id, len(accounts), found.unvalued, called)

    def _fit(self, now: float) -> _Fitted:
        known = self.archive.load(self.clock.now())
        model = self.background.call(
            self.settings.seconds, MarketModel.fit, known.history, HORIZONS, self.settings.volatility
        )
        markets = [] if self.costs is None else list(_markets(known, model))
        return _Fitted(known.symbols, model, tuple(markets), now)

    def _call(self, calls: MarginCalls, snapshot: _Snapshot, crossing: Mapping[int, Sequence[float]]) -> int:
        def viewing(account: int) -> ViewingKeys | None:
            known = snapshot.accounts.get(account)
            return None if known is None else known.viewing

        return calls.after(crossing, viewing, snapshot.round)


def _nearest(
    amounts: "np.ndarray[Any, Any]",
    round_: PriceRound,
    symbols: Sequence[Sequence[str]],
    model: MarketModel,
    count: int,
    sampling: Sampling,
) -> Nearest:
    """In the other process."""
    return nearest(Holdings.of_amounts(amounts), round_, symbols, model, count, sampling=sampling)


def _markets(known: KnownPrices, model: MarketModel) -> Iterator[AssetMarket]:
    """Those whose file of past prices has a volume."""
    for source, volatility in zip(known.sources, model.daily_volatility.tolist(), strict=True):
        if source.path is not None:
            try:
                yield AssetMarket(source.symbols, volatility, daily_volume(source.path))
            except InputError as error:
                _LOG.warning("no volume, so no impact", asset=source.symbols[0], error=error)

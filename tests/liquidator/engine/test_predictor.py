"""Forecasts beside the loop: when they are made, what they lead to, and that no failure of theirs reaches the loop."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._events import BelowLine, LeftOut, Ordered, RoundSeen, Screened, StatesOpened
from liquidator.engine._metrics import Metrics
from liquidator.engine._outlook import KnownRisk
from liquidator.engine._predictor import Predictor
from liquidator.engine._price_archive import KnownPrices, PriceSource
from liquidator.engine._settings import AlarmSettings, PredictionSettings
from liquidator.engine._telemetry import Telemetry
from liquidator.risk import PriceHistory, VolatilityMethod
from liquidator.screening import AccountMatrix
from prover.account import State
from tests.liquidator.engine.fake_clock import FakeClock
from tests.liquidator.risk.risk_stage import BITCOIN, BOOK, HOURLY, ROUND
from verifier import InputError, ToolError, VectorKind

SETTINGS = PredictionSettings(paths=200, volatility=VolatilityMethod.EWMA, interval_seconds=60, refit_seconds=3_600)
SLOT = BOOK.slots["BTC-PERP"]


class Inline:
    """Calls at once, in the same process."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.error: Exception | None = None
        self.hold: threading.Event | None = None

    def call(self, _: float, function: Callable[..., Any], *arguments: Any) -> Any:
        self.called.append(function.__name__)
        if self.hold is not None:
            self.hold.wait(60)
        if self.error is not None:
            raise self.error
        return function(*arguments)

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


class Bench:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.metrics = Metrics()
        self.alarms = Alarms(AlarmSettings(), self.clock, {})
        self.telemetry = Telemetry(self.metrics, self.alarms, self.clock, {})
        self.matrix = AccountMatrix(BOOK.n)
        self.matrix.put_all({7: bitcoin(300.0), 8: bitcoin(5_000.0), 9: bitcoin(-50.0)})
        self.loads = 0
        self.problem: InputError | None = None
        self.told: list[dict[int, Any]] = []
        watched = SimpleNamespace(matrix=self.matrix, book=SimpleNamespace(price_round=lambda _: ROUND))
        calls = SimpleNamespace(after=self.call_owners, close=lambda: None)
        archive = SimpleNamespace(load=self.load)
        self.background = Inline()
        self.predictor = Predictor(
            SETTINGS, cast("Any", watched), cast("Any", archive), self.telemetry, self.clock, cast("Any", calls)
        )
        self.predictor.background = cast("Any", self.background)

    def load(self, _: float) -> KnownPrices:
        self.loads += 1
        if self.problem is not None:
            raise self.problem
        source = PriceSource(BITCOIN, HOURLY)
        return KnownPrices(PriceHistory.load({"WBTC": HOURLY}), (source,))

    def call_owners(self, crossing: dict[int, Any], _: object, __: object) -> int:
        self.told.append(crossing)
        return 1

    def act(self) -> None:
        self.predictor.act(look())

    def look(self) -> None:
        """A look, and the end of what it began."""
        self.act()
        self.predictor.settle()


def bitcoin(equity: float) -> State:
    """One Bitcoin long, with so much above or below maintenance margin [USD]."""
    balances = [0] * BOOK.n
    balances[SLOT] = 10**9
    margin = ROUND.vectors.maintenance.long[SLOT]
    worth = ROUND.vectors.effective_prices[SLOT]
    return State(tuple(balances), (margin - worth) * 10**9 + round(equity * 10**18))


def look(*below: tuple[int, float], changed: tuple[int, ...] = ()) -> Ordered:
    round_ = cast("Any", SimpleNamespace(id=3))
    opened = StatesOpened(RoundSeen(1, 3, True, 0.0), 1, round_, {}, {}, {}, LeftOut(), changed)
    lines = [BelowLine(account, VectorKind.MAINTENANCE, health * 1e18) for account, health in below]
    return Ordered(Screened(opened, lines), lines)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.predictor.close()
    made.alarms.close()


def test_a_forecast_tells_owners_and_orders_work(bench: Bench) -> None:
    bench.look()
    (crossing,) = bench.told
    assert set(crossing) == {7, 8, 9}
    assert crossing[9] == [1.0] * 4
    assert crossing[7][-1] > crossing[8][-1] > 0
    status = bench.telemetry.status()
    assert status["prediction"] == {"round": 3, "accounts": 3, "unvalued": 0, "problem": None}
    assert bench.metrics.forecast_accounts._value.get() == 3
    ordered = look((9, -50.0), (7, -49.0))
    assert [one.account for one in bench.predictor.outlook.order(ordered.screened)] == [9, 7]


def test_the_check_before_a_start_says_how_long_the_past_is_and_stops_nothing(bench: Bench) -> None:
    check = bench.predictor.check()
    assert (check.is_fatal, check.problem, check.detail) == (False, "", "assets: 1, prices: 336, one every 3600 s")
    bench.problem = InputError("past prices: har needs over 500")
    check = bench.predictor.check()
    assert (check.is_fatal, check.problem) == (False, "past prices: har needs over 500")


def test_forecasts_come_at_their_interval_and_estimates_at_theirs(bench: Bench) -> None:
    for _ in range(70):
        bench.look()
        bench.clock.time += 30
    assert len(bench.told) == 35
    assert bench.loads == 1
    bench.clock.time += 3_600
    bench.look()
    assert bench.loads == 2


def test_the_loop_does_not_wait_and_a_slow_forecast_is_not_begun_twice(bench: Bench) -> None:
    bench.background.hold = threading.Event()
    bench.act()
    for _ in range(5):
        bench.clock.time += 60
        bench.act()
    assert bench.told == []
    bench.background.hold.set()
    bench.predictor.settle()
    assert len(bench.told) == 1


def test_nothing_is_forecast_before_the_first_round(bench: Bench) -> None:
    ordered = look()
    opened = ordered.screened.opened
    none = StatesOpened(opened.seen, 1, None, {}, {}, {}, LeftOut())
    bench.predictor.act(Ordered(Screened(none, []), []))
    bench.predictor.settle()
    assert bench.loads == 0


def test_too_short_a_history_is_no_alarm_and_mends_itself(bench: Bench) -> None:
    bench.problem = InputError("past prices: har needs over 500")
    bench.look()
    assert bench.telemetry.status()["prediction"] == {"problem": "past prices: har needs over 500"}
    assert bench.alarms.lasting() == {}
    bench.problem = None
    bench.clock.time += 60
    bench.look()
    assert bench.telemetry.status()["prediction"]["problem"] is None


@pytest.mark.parametrize("error", [ToolError("the process that predicts has ended"), KeyError("987654321")])
def test_a_failure_is_an_alarm_shows_no_value_and_forgets_the_forecast(bench: Bench, error: Exception) -> None:
    bench.look()
    order = bench.predictor.outlook.order
    bench.predictor.outlook.publish({8: KnownRisk(margin=1.0, deviation=5_000.0)})
    below = look((9, -50.0), (8, -49.0)).screened
    assert [one.account for one in order(below)] == [8, 9]
    bench.background.error = error
    bench.clock.time += 60
    bench.look()
    detail = bench.alarms.lasting()[AlarmKind.PREDICTION]
    assert "987654321" not in detail
    assert bench.metrics.forecast_accounts._value.get() == 0
    assert [one.account for one in order(below)] == [9, 8]
    bench.background.error = None
    bench.clock.time += 60
    bench.look()
    assert bench.alarms.lasting() == {}


def test_the_accounts_of_a_forecast_are_those_of_its_look(bench: Bench) -> None:
    """The loop goes on while a forecast is made: it must not see half of a change."""
    bench.background.hold = threading.Event()
    bench.act()
    bench.matrix.remove(8)
    bench.matrix.put(7, bitcoin(1e6))
    bench.background.hold.set()
    bench.predictor.settle()
    assert set(bench.told[0]) == {7, 8, 9}
    assert np.isclose(bench.told[0][9][0], 1.0)

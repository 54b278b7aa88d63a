"""Bids: the reservation rate, and a bidding process that hangs, ends or talks nonsense."""

import sys
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._bidding_process import BiddingProcess
from liquidator.engine._bids import PricedOffer, ReservationBids
from liquidator.engine._settings import AlarmSettings
from prover.account import State
from prover.market import BALANCE_DECIMALS, PRICE_DECIMALS, QUOTE_DECIMALS
from tests.liquidator.engine.fake_clock import FakeClock
from verifier import VectorKind

N = 13
DOLLAR, PRICE, UNIT = 10**QUOTE_DECIMALS, 10**PRICE_DECIMALS, 10**BALANCE_DECIMALS
SYMBOLS = [f"ASSET-{slot}" for slot in range(N)]


def parcel(profit: int, units: int = 1, *, times: range = range(100), reasons: Sequence[str] = ()) -> Any:
    """A parcel of asset 0, at a price of 1,000 USD."""
    amounts = (units * UNIT, *(0,) * (N - 1))
    return SimpleNamespace(
        parcel=SimpleNamespace(
            ticket=SimpleNamespace(amounts=amounts, legs={0: amounts[0]}),
            claim=SimpleNamespace(rate=1_000, uncovered_rate=0, cured=True),
        ),
        estimate=SimpleNamespace(profit=profit * DOLLAR, reward=0, impact=0, gas=0),
        times=times,
        reasons=tuple(reasons),
    )


def offer(*parcels: Any, elapsed: int = 50, quote: int = 10_000, held: int = 0, least: int = 1) -> PricedOffer:
    prices = (1_000 * PRICE,) * N
    round_ = SimpleNamespace(id=7, prices=prices, vectors=SimpleNamespace(effective_prices=prices))
    notice = SimpleNamespace(ground=VectorKind.MAINTENANCE)
    return PricedOffer(
        cast("Any", SimpleNamespace(parcels=parcels, elapsed=elapsed, notice=notice)),
        cast("Any", round_),
        State((held * UNIT, *(0,) * (N - 1)), quote * DOLLAR),
        least * DOLLAR,
    )


def test_the_parcel_with_the_largest_surplus_is_taken() -> None:
    bids = ReservationBids(0)
    assert bids.choose(offer(parcel(5), parcel(9), parcel(7))) == 1
    assert ReservationBids(10_000).choose(offer(parcel(15), parcel(20, units=2))) == 0


@pytest.mark.parametrize(
    "one",
    [parcel(0), parcel(50, times=range(51, 100)), parcel(50, times=range(50)), parcel(50, reasons=["no margin"])],
    ids=["too little profit", "not reached", "over", "not to be carried"],
)
def test_what_cannot_be_taken_or_earns_too_little_waits(one: Any) -> None:
    assert ReservationBids(0).choose(offer(one)) is None


def test_the_reservation_is_exact_and_grows_with_the_exposure_that_is_added() -> None:
    """A tenth of a per cent of 1,000 USD, and as much again where that is the whole equity."""
    bids = ReservationBids(1_000)
    empty = offer(parcel(0), quote=1_000_000_000)
    assert bids.reservation(empty, empty.offer.parcels[0].parcel.ticket.amounts) == DOLLAR + DOLLAR + 10**12
    full = offer(parcel(0), quote=0, held=9)
    amounts = full.offer.parcels[0].parcel.ticket.amounts
    assert bids.reservation(full, amounts) == 2_111_111 * DOLLAR // 10**6
    hedge = offer(parcel(0), quote=20_000, held=-9)
    assert bids.reservation(hedge, amounts) == 2 * DOLLAR
    assert bids.choose(offer(parcel(2), quote=1_000)) is None
    assert bids.choose(offer(parcel(3), quote=1_000)) == 0


class Bench:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.alarms = Alarms(AlarmSettings(), self.clock, {})
        self.opened: list[BiddingProcess] = []

    def bidder(self, source: str, seconds: float = 20.0) -> BiddingProcess:
        """A process that runs a program; where it fails, parcel 0 is taken."""

        class Fallback:
            def choose(self, _: PricedOffer) -> int:
                return 0

        command = (sys.executable, "-c", f"import json, sys, time\n{source}")
        made = BiddingProcess(command, seconds, Fallback(), self.alarms, self.clock, SYMBOLS)
        self.opened.append(made)
        return made


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for one in made.opened:
        one.close()
    made.alarms.close()


ANSWER = """
for line in sys.stdin:
    asked = json.loads(line)
    places = [one["place"] for one in asked["parcels"]]
    print(json.dumps({"id": asked["id"], "place": CHOICE}), flush=True)
"""


def test_a_process_chooses_among_what_can_be_taken(bench: Bench) -> None:
    bidder = bench.bidder(ANSWER.replace("CHOICE", "places[-1]"))
    assert bidder.choose(offer(parcel(5), parcel(6), parcel(0))) == 1
    assert bidder.choose(offer(parcel(5), parcel(6), parcel(7))) == 2
    assert bench.bidder(ANSWER.replace("CHOICE", "None")).choose(offer(parcel(5))) is None
    assert bench.alarms.lasting() == {}


def test_a_process_is_told_exact_amounts(bench: Bench) -> None:
    told = 'asked["parcels"][0]["profit"] == "5" and asked["parcels"][0]["legs"] == {"ASSET-0": "2"}'
    bidder = bench.bidder(ANSWER.replace("CHOICE", f"1 if {told} else 0"))
    assert bidder.choose(offer(parcel(5, units=2), parcel(6))) == 1


def test_where_nothing_can_be_taken_no_process_is_asked(bench: Bench) -> None:
    assert bench.bidder("sys.exit(1)").choose(offer(parcel(0))) is None
    assert bench.alarms.lasting() == {}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("time.sleep(60)", "has not answered within"),
        ("sys.exit(0)", "has ended"),
        ("print('nonsense', flush=True); time.sleep(60)", "no JSON"),
        ("print('[' * 100_000, flush=True); time.sleep(60)", "too long a line"),
        ("print('[' * 4_000, flush=True); time.sleep(60)", "no JSON"),
        ('print(\'{"id": 2, "place": 0}\', flush=True); time.sleep(60)', "another question"),
        ('print(\'{"id": 1, "place": 0, "x": 0}\', flush=True); time.sleep(60)', "other fields"),
        (ANSWER.replace("CHOICE", "2"), "no parcel that was offered"),
        (ANSWER.replace("CHOICE", "True"), "no parcel that was offered"),
        (ANSWER.replace("CHOICE", "-1"), "no parcel that was offered"),
    ],
)
def test_a_process_that_fails_is_told_of_once_and_the_built_in_rate_decides(
    bench: Bench, source: str, words: str
) -> None:
    bidder = bench.bidder(source, seconds=1.0 if "sleep" in source and "print" not in source else 20.0)
    choices = offer(parcel(5), parcel(6), parcel(0))
    assert bidder.choose(choices) == 0
    assert words in bench.alarms.lasting()[AlarmKind.BIDDER]
    assert bidder.choose(choices) == 0  # it is not asked again for a minute


def test_a_command_that_does_not_start_is_told_of(bench: Bench) -> None:
    bidder = BiddingProcess(("no-such-program",), 1.0, ReservationBids(0), bench.alarms, bench.clock, SYMBOLS)
    assert bidder.choose(offer(parcel(5))) == 0
    assert "does not start" in bench.alarms.lasting()[AlarmKind.BIDDER]


def test_a_process_that_failed_is_asked_again_after_a_minute(bench: Bench, tmp_path: Any) -> None:
    first = tmp_path / "first"
    source = f"""
import pathlib
mark = pathlib.Path({str(first)!r})
if not mark.exists():
    mark.touch()
    sys.exit(1)
"""
    bidder = bench.bidder(source + ANSWER.replace("CHOICE", "1"))
    choices = offer(parcel(5), parcel(6))
    assert bidder.choose(choices) == 0
    bench.clock.time += 60
    assert bidder.choose(choices) == 1
    assert bench.alarms.lasting() == {}

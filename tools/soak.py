"""An engine that watches many accounts for a long time: does it miss a breach, and does its memory grow?

`make soak` runs it for an hour with 1,000 accounts and a round a second; `python -m tools.soak --minutes 5` for less.
Prices walk at random. The accounts are thinly margined, so some cross maintenance margin now and then, and are flagged
by real proofs. At the end the rounds are replayed offline, in exact integers: each account that was below its margin at
some rounds in a row has to be flagged, and each flag is of an account that was below it at the round of the flag.

It ends by itself, with exit code 1 where a breach was missed, a flag was wrong, or memory grew.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console
from rich.progress import track

from prover.account import State, assess_at
from prover.toolchain import Anvil
from tools.crowd import open_crowd
from tools.watched_market import RunningEngine, WatchedMarket, run_engine
from verifier import RoundVectors, VectorKind

PPM: Final = 10**6
WALKING: Final = ("BTC-PERP", "ETH-PERP")
STEP_PPM: Final = 300
"""Standard deviation of a price's step at a round."""

MOST_PPM: Final = 3_000
"""The largest step, which is within the limits of the book."""

HEADROOM_PPM: Final = 30_000
"""An account's health at the first round is at most this part of its notional value."""

SIZE: Final = 10**9
LATE_ROUNDS: Final = 10
"""An account that was below its margin at so many rounds in a row, and has no flag, was missed."""

WARM_PART: Final = 0.25
"""Of the time, in which memory may grow."""

MOST_GROWTH: Final = 0.05
"""Of the memory after that."""


@dataclass(frozen=True)
class Summary:
    """What a run showed.

    Attributes:
        minutes: that it took.
        accounts: that were watched.
        rounds: that were posted.
        seconds_a_round: mean.
        breaches: accounts that were below maintenance margin at some round.
        flags: accounts that were flagged.
        missed: accounts that were below it at `LATE_ROUNDS` rounds in a row and were not flagged.
        false_flags: flags of accounts that were not below it at the round of the flag.
        late_p50, late_p99, late_most: rounds from the first of a breach to that of the account's first flag.
        memory_warm, memory_end: of the engine, medians of a quarter of the time each [MB].
        alarms: that lasted at the end.
    """

    minutes: float
    accounts: int
    rounds: int
    seconds_a_round: float
    breaches: int
    flags: int
    missed: int
    false_flags: int
    late_p50: float
    late_p99: float
    late_most: int
    memory_warm: float
    memory_end: float
    alarms: list[str]

    @property
    def is_good(self) -> bool:
        """Whether nothing was missed or wrong, and memory stayed."""
        is_flat = self.memory_end <= self.memory_warm * (1 + MOST_GROWTH)
        return not self.missed and not self.false_flags and is_flat and self.flags > 0


def new_states(market: WatchedMarket, count: int, draw: random.Random) -> list[State]:
    """Accounts with one position each, long or short, and little more than its maintenance margin."""
    states = []
    for _ in range(count):
        symbol, size = draw.choice(WALKING), draw.randrange(SIZE // 10, SIZE)
        slot, price, side = market.book.assets.slots[symbol], market.price(symbol), draw.choice((1, -1))
        margin = size * price * market.book.assets.assets[slot].maintenance_margin_ppm // PPM
        headroom = size * price * draw.randrange(HEADROOM_PPM) // PPM
        balances = [0] * market.book.n
        balances[slot] = side * size
        states.append(State(tuple(balances), -side * size * price + margin + headroom + price))
    return states


def walk(market: WatchedMarket, draw: random.Random) -> Iterator[dict[str, int]]:
    """Prices round by round, for ever [1e-9 USD]."""
    prices = {symbol: market.price(symbol) for symbol in WALKING}
    while True:
        for symbol, price in prices.items():
            step = max(-MOST_PPM, min(MOST_PPM, round(draw.gauss(0, STEP_PPM))))
            prices[symbol] = price * (PPM + step) // PPM
        yield dict(prices)


def run(market: WatchedMarket, engine: RunningEngine, seconds: float, draw: random.Random) -> tuple[int, list[float]]:
    """Post a round a second.

    Returns:
        How many, and the engine's memory after each [MB].
    """
    process, memory, began = psutil.Process(engine.pid), [], time.monotonic()
    for place, prices in enumerate(walk(market, draw), start=1):
        market.post(prices)
        memory.append(process.memory_info().rss / 1e6)
        wait = began + place - time.monotonic()
        if time.monotonic() - began >= seconds:
            return place, memory
        time.sleep(max(wait, 0))
    raise AssertionError


def replay(
    states: Mapping[int, State], rounds: Mapping[int, RoundVectors], flags: Mapping[int, Sequence[int]]
) -> tuple[int, int, int, list[int]]:
    """Compare flags with exact health.

    Args:
        states: by identity.
        rounds: by id, in order.
        flags: the rounds of each account's flags, in order: one that has expired is set again.

    Returns:
        Accounts that were ever below, that were missed, flags that are wrong, and for each right one by how many rounds
        it came after the first round of its breach.
    """
    breaches, missed, wrong, late = 0, 0, 0, []
    for account, state in states.items():
        below = [
            round_ for round_, vectors in rounds.items() if assess_at(state, vectors, VectorKind.MAINTENANCE).health < 0
        ]
        breaches += bool(below)
        if account in flags:
            first, known = flags[account][0], set(below)
            wrong += sum(flag not in known for flag in flags[account])
            late += [first - _first_of_run(below, first)] if first in known else []
        else:
            missed += _longest_run(below) >= LATE_ROUNDS
    return breaches, missed, wrong, late


def _first_of_run(rounds: Sequence[int], last: int) -> int:
    known = set(rounds)
    while last - 1 in known:
        last -= 1
    return last


def _longest_run(rounds: Sequence[int]) -> int:
    longest = run_ = 0
    for place, round_ in enumerate(rounds):
        run_ = run_ + 1 if place and rounds[place - 1] == round_ - 1 else 1
        longest = max(longest, run_)
    return longest


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="how long  [default: 60]")
    parser.add_argument("--accounts", type=int, default=1_000, help="how many are watched  [default: 1000]")
    parser.add_argument("--seed", type=int, default=1, help="of prices and accounts  [default: 1]")
    options = parser.parse_args()
    draw, errors = random.Random(options.seed), Console(stderr=True)
    with Anvil(timestamp=int(time.time())) as node, tempfile.TemporaryDirectory(prefix="zksolvency-") as name:
        market = WatchedMarket.deploy(node)
        market.post({})
        states = new_states(market, options.accounts, draw)
        crowd = open_crowd(node, market.book, market.guardian, states)
        opened = {
            viewing.identity: sealed.state
            for viewing, sealed in track(crowd, "opening accounts", len(states), console=errors)
        }
        with run_engine(market, Path(name)) as engine:
            while engine.status().get("accounts", 0) < len(opened):
                time.sleep(0.2)
            errors.print(f"{options.minutes:g} minutes of a round a second: the log is {engine.log}", highlight=False)
            began = time.monotonic()
            count, memory = run(market, engine, 60 * options.minutes, draw)
            seconds = time.monotonic() - began
            time.sleep(5)  # for flags on their way
            alarms = sorted(engine.status()["alarms"])
        summary = _summary(market, opened, memory, alarms, count, seconds)
    print(json.dumps(asdict(summary), indent=1))
    sys.exit(0 if summary.is_good else 1)


def _summary(
    market: WatchedMarket,
    states: Mapping[int, State],
    memory: Sequence[float],
    alarms: list[str],
    count: int,
    seconds: float,
) -> Summary:
    contracts = market.book.contracts
    assert contracts.engine is not None
    latest = contracts.rounds.latest_id()
    rounds = {number: contracts.rounds.round(number).vectors for number in range(1, latest + 1)}
    events = contracts.engine.contract.logs("AccountFlagged", first_block=contracts.book.first_block)
    flags: dict[int, list[int]] = {}
    for event in events:
        flags.setdefault(int(event.arguments["account"]), []).append(int(event.arguments["roundId"]))
    breaches, missed, wrong, late = replay(states, rounds, flags)
    quarter = max(len(memory) // 4, 1)
    warm = int(len(memory) * WARM_PART)
    tail = statistics.quantiles(late, n=100, method="inclusive") if len(late) > 1 else [0.0] * 99
    return Summary(
        minutes=seconds / 60,
        accounts=len(states),
        rounds=count,
        seconds_a_round=seconds / count,
        breaches=breaches,
        flags=len(flags),
        missed=missed,
        false_flags=wrong,
        late_p50=tail[49],
        late_p99=tail[98],
        late_most=max(late, default=0),
        memory_warm=statistics.median(memory[warm : warm + quarter]),
        memory_end=statistics.median(memory[-quarter:]),
        alarms=alarms,
    )


if __name__ == "__main__":
    main()

"""How long from a round of prices to the flag of an account that it puts below its margin, with many accounts watched.

`python -m tools.tick_to_flag 50000 100000` opens 50,000 hidden accounts on a local node, has an engine in another
process watch them, posts rounds that each put one more account below its margin, and does the same with 100,000.
The flags are real proofs that real verifiers check; only the openings of the crowd are not proven (`tools/crowd.py`).

A time begins before the transaction with the prices is sent, and ends when the engine has the receipt of the flag.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from prover.account import State
from prover.toolchain import Anvil
from tools.crowd import open_crowd
from tools.watched_market import RunningEngine, WatchedMarket, run_engine
from verifier import ToolError

BITCOIN: Final = "BTC-PERP"
TICKS: Final = 60
TICK_PPM: Final = 200
"""By which Bitcoin falls at each tick."""

SIZE: Final = 10**9
"""Of the position that each tick puts below its margin [1e-9 BTC]."""

SECONDS_BETWEEN: Final = (0.5, 1.5)
"""At random, so that no tick comes in step with what the engine does by the clock."""

SETTLED_BLOCKS: Final = 128
FLAG_SECONDS: Final = 20.0
PPM: Final = 10**6
STAGES: Final = ("round-seen", "states-opened", "screened", "ordered", "proven", "mined")


def bitcoin(market: WatchedMarket, tick: int) -> int:
    """Its price after so many ticks [1e-9 USD]."""
    return market.price(BITCOIN) * (PPM - TICK_PPM * tick) // PPM


def new_crowd(market: WatchedMarket, count: int, ticks: range) -> list[State]:
    """Accounts that stay healthy, and for each tick one that falls below its margin at it, in random order."""
    draw, slot = random.Random(count), market.book.assets.slots[BITCOIN]
    maintenance = market.book.assets.assets[slot].maintenance_margin_ppm
    states = []
    for tick in ticks:
        middle = (bitcoin(market, tick) + bitcoin(market, tick - 1)) // 2
        balances = [0] * market.book.n
        balances[slot] = SIZE
        states.append(State(tuple(balances), -SIZE * middle * (PPM - maintenance) // PPM))
    spot = market.book.assets.spot
    while len(states) < count:
        held = [draw.randrange(0 if spot >> place & 1 else -SIZE, SIZE) for place in range(market.book.n)]
        worth = sum(abs(balance) * price for balance, price in zip(held, market.prices, strict=True))
        states.append(State(tuple(held), worth * 2))
    draw.shuffle(states)
    return states


def measure(market: WatchedMarket, engine: RunningEngine, ticks: range) -> tuple[list[float], Mapping[str, float]]:
    """Post the ticks one after another.

    Returns:
        Seconds from tick to flag, and the mean of each of the engine's stages [s].
    """
    found, before, draw = [], _stages(engine.status()), random.Random(ticks.start)
    for tick in track(ticks, description="ticks", console=Console(stderr=True)):
        seen = engine.log.stat().st_size
        began = market.post({BITCOIN: bitcoin(market, tick)}, pause=draw.uniform(*SECONDS_BETWEEN))
        found.append(_flagged_at(engine, seen) - began)
    after = _stages(engine.status())
    means = {stage: (after[stage][1] - before[stage][1]) / (after[stage][0] - before[stage][0] or 1) for stage in after}
    return found, means


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.tick_to_flag", description=__doc__.partition("\n")[0])
    parser.add_argument("accounts", type=int, nargs="+", help="how many are watched, rising")
    sizes: list[int] = parser.parse_args().accounts
    console, rows = Console(width=130), []
    with Anvil(timestamp=int(time.time())) as node, tempfile.TemporaryDirectory(prefix="zksolvency-") as name:
        market = WatchedMarket.deploy(node)
        market.post({})
        opened = 0
        for place, size in enumerate(sizes):
            ticks = range(1 + place * TICKS, 1 + (place + 1) * TICKS)
            states, began = new_crowd(market, size - opened, ticks), time.monotonic()
            crowd = open_crowd(node, market.book, market.guardian, states)
            opened += len(list(track(crowd, "opening accounts", len(states), console=Console(stderr=True))))
            opening = time.monotonic() - began
            node.request("anvil_mine", hex(SETTLED_BLOCKS))  # an engine reads the newest blocks at each look
            folder = Path(name) / str(size)
            folder.mkdir()
            began = time.monotonic()
            with run_engine(market, folder) as engine:
                while engine.status().get("accounts", 0) < size:
                    time.sleep(0.2)
                ready = time.monotonic() - began
                rows.append((size, opening, ready, *measure(market, engine, ticks)))
    table = Table(
        "accounts", "opened [s]", "read [s]", "p50 [ms]", "p99 [ms]", "most [ms]", *(f"{s} [ms]" for s in STAGES)
    )
    for size, opening, ready, found, means in rows:
        middle, tail = statistics.median(found), statistics.quantiles(found, n=100, method="inclusive")[98]
        times = (middle, tail, max(found), *(means.get(stage, 0.0) for stage in STAGES))
        table.add_row(f"{size:,}", f"{opening:.0f}", f"{ready:.0f}", *(f"{1000 * one:.1f}" for one in times))
    console.print(table)


def _stages(status: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Count and sum of each stage."""
    return {name: (one["count"], one["count"] * one["mean"]) for name, one in status["stages"].items()}


def _flagged_at(engine: RunningEngine, since: int) -> float:
    """When the engine had the receipt of the next flag [Unix s]."""
    deadline = time.monotonic() + FLAG_SECONDS
    while time.monotonic() < deadline:
        for line in engine.lines(since):
            if line.get("event") == "mined" and line.get("statement") == "flag":
                return datetime.fromisoformat(line["timestamp"]).timestamp()
        time.sleep(0.005)
    raise ToolError(f"no flag in {FLAG_SECONDS:.0f} s:\n{engine.log.read_text()[-2000:]}")


if __name__ == "__main__":
    main()

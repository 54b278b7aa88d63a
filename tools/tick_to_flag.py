"""How long from a round of prices to the flag of an account that it puts below its margin, with many accounts watched.

`python -m tools.tick_to_flag 50000 100000` opens 50,000 hidden accounts on a local node, has an engine in another
process watch them, posts rounds that each put one more account below its margin, and does the same with 100,000.
The flags are real proofs that real verifiers check; only the openings of the crowd are not proven (`tools/crowd.py`).

A time begins before the transaction with the prices is sent, and ends when the engine has the receipt of the flag.
"""

import argparse
import json
import random
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import requests
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount
from rich.console import Console
from rich.progress import track
from rich.table import Table

from prover.account import GuardianKey, State
from prover.chain import BookSettings, Chain, median_indices, report_arguments
from prover.onchain import DeploymentRecord, EngineSettings, MarginBook, book_code, deploy_book
from prover.onchain.local_market import constant_prices
from prover.toolchain import Anvil, load_book
from tools.crowd import open_crowd
from verifier import ToolError

BOOK: Final = "majors-13"
BITCOIN: Final = "BTC-PERP"
TICKS: Final = 60
TICK_PPM: Final = 200
"""By which Bitcoin falls at each tick."""

SIZE: Final = 10**9
"""Of the position that each tick puts below its margin [1e-9 BTC]."""

SECONDS_BETWEEN: Final = 1.0
START_SECONDS: Final = 3_600.0
FLAG_SECONDS: Final = 20.0
WEI: Final = 10**20
PPM: Final = 10**6
_POST_GAS: Final = 5_000_000
STAGES: Final = ("round-seen", "states-opened", "screened", "ordered", "proven", "mined")


@dataclass(frozen=True)
class Market:
    """A book on a local node.

    Attributes:
        node: mines at once.
        book: as governance uses it.
        guardian: whom the crowd names.
        reporters: who sign prices.
        prices: at the first round [1e-9 USD].
    """

    node: Anvil
    book: MarginBook
    guardian: GuardianKey
    reporters: Sequence[LocalAccount]
    prices: Sequence[int]

    @classmethod
    def deploy(cls, node: Anvil) -> "Market":
        """A book with a liquidation engine."""
        assets, guardian = load_book(BOOK), GuardianKey.generate()
        reporters = [Signer.create() for _ in range(3)]
        point = (guardian.point.x, guardian.point.y)
        settings = BookSettings([one.address for one in reporters], 2, [point], min_interval=1)
        chain = Chain(node.url, book_code(assets.n, engine=True))
        book = deploy_book(chain, assets, {}, settings, engine=EngineSettings())
        prices = constant_prices()
        return cls(node, book, guardian, reporters, [prices[asset.symbol] for asset in assets.assets])

    def bitcoin(self, tick: int) -> int:
        """Its price after so many ticks [1e-9 USD]."""
        return self.prices[self.book.assets.slots[BITCOIN]] * (PPM - TICK_PPM * tick) // PPM

    def post(self, tick: int) -> float:
        """Post the prices after so many ticks. Returns when the transaction was handed to the node [Unix s]."""
        chain, rounds, slot = self.book.contracts.chain, self.book.contracts.rounds, self.book.assets.slots[BITCOIN]
        prices: list[int | None] = [*self.prices]
        prices[slot] = self.bitcoin(tick)
        seen = chain.timestamp() + 1
        reports = [rounds.sign(one, timestamp=seen, prices=prices, funding=[0] * self.book.n) for one in self.reporters]
        data = rounds.contract.raw.encode_abi("postRound", [report_arguments(reports), median_indices(reports)])
        call = {"from": chain.sender, "to": rounds.contract.address, "data": data, "gas": hex(_POST_GAS)}
        self.node.move_clock(seen)
        time.sleep(SECONDS_BETWEEN)  # the engine has looked at the empty block
        began = time.time()
        self.node.request("eth_sendTransaction", call)
        return began

    def crowd(self, count: int, ticks: range) -> list[State]:
        """Accounts that stay healthy, and for each tick one that falls below its margin at it, in random order."""
        draw, slot = random.Random(count), self.book.assets.slots[BITCOIN]
        maintenance = self.book.assets.assets[slot].maintenance_margin_ppm
        states = []
        for tick in ticks:
            middle = (self.bitcoin(tick) + self.bitcoin(tick - 1)) // 2
            balances = [0] * self.book.n
            balances[slot] = SIZE
            states.append(State(tuple(balances), -SIZE * middle * (PPM - maintenance) // PPM))
        spot = self.book.assets.spot
        while len(states) < count:
            held = [draw.randrange(0 if spot >> place & 1 else -SIZE, SIZE) for place in range(self.book.n)]
            worth = sum(abs(balance) * price for balance, price in zip(held, self.prices, strict=True))
            states.append(State(tuple(held), worth * 2))
        draw.shuffle(states)
        return states


@contextmanager
def engine(market: Market, folder: Path) -> Iterator[tuple[Path, int]]:
    """`zksolvency liquidator run` with the role of the guardian: its log, and the port of its status."""
    passphrase, sender = secrets.token_hex(16), Signer.create()
    secret = folder / "passphrase"
    secret.touch(0o600)
    secret.write_text(passphrase + "\n")
    market.guardian.save(folder / "guardian.age", passphrase)
    keystore = folder / "sender.json"
    keystore.touch(0o600)
    keystore.write_text(json.dumps(sender.encrypt(passphrase, kdf="pbkdf2", iterations=2)))
    market.node.request("anvil_setBalance", sender.address, hex(WEI))
    DeploymentRecord.of_book(market.book, BOOK).save(folder / "book.json")
    (folder / "liquidator.toml").write_text(
        f"""roles = ["guardian"]
[node]
rpc = ["{market.node.url}"]
poll_seconds = 0.02
[book]
deployment = "book.json"
[sender]
keystore = "sender.json"
passphrase_file = "passphrase"
[guardian]
key = "guardian.age"
passphrase_file = "passphrase"
[work]
data = "data"
[status]
port = 0
"""
    )
    log = folder / "log"
    command = [str(Path(sys.executable).parent / "zksolvency"), "liquidator", "run", "--config", "liquidator.toml"]
    with log.open("wb") as errors, subprocess.Popen(command, cwd=folder, stderr=errors) as process:
        try:
            yield log, _port(log, process)
        finally:
            process.terminate()


def measure(market: Market, log: Path, port: int, ticks: range) -> tuple[list[float], Mapping[str, float]]:
    """Post the ticks one after another.

    Returns:
        Seconds from tick to flag, and the mean of each of the engine's stages [s].
    """
    found, before = [], _stages(_status(port))
    for tick in track(ticks, description="ticks", console=Console(stderr=True)):
        seen = log.stat().st_size
        began = market.post(tick)
        found.append(_flagged_at(log, seen) - began)
    after = _stages(_status(port))
    means = {stage: (after[stage][1] - before[stage][1]) / (after[stage][0] - before[stage][0] or 1) for stage in after}
    return found, means


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.tick_to_flag", description=__doc__.partition("\n")[0])
    parser.add_argument("accounts", type=int, nargs="+", help="how many are watched, rising")
    sizes: list[int] = parser.parse_args().accounts
    console, rows = Console(width=130), []
    with Anvil(timestamp=int(time.time())) as node, tempfile.TemporaryDirectory(prefix="zksolvency-") as name:
        market = Market.deploy(node)
        market.post(0)
        opened = 0
        for place, size in enumerate(sizes):
            ticks = range(1 + place * TICKS, 1 + (place + 1) * TICKS)
            states, began = market.crowd(size - opened, ticks), time.monotonic()
            crowd = open_crowd(node, market.book, market.guardian, states)
            opened += len(list(track(crowd, "opening accounts", len(states), console=Console(stderr=True))))
            opening = time.monotonic() - began
            folder = Path(name) / str(size)
            folder.mkdir()
            began = time.monotonic()
            with engine(market, folder) as (log, port):
                while _status(port).get("accounts", 0) < size:
                    time.sleep(0.2)
                ready = time.monotonic() - began
                rows.append((size, opening, ready, *measure(market, log, port, ticks)))
    table = Table(
        "accounts", "opened [s]", "read [s]", "p50 [ms]", "p99 [ms]", "most [ms]", *(f"{s} [ms]" for s in STAGES)
    )
    for size, opening, ready, found, means in rows:
        middle, tail = statistics.median(found), statistics.quantiles(found, n=100, method="inclusive")[98]
        times = (middle, tail, max(found), *(means.get(stage, 0.0) for stage in STAGES))
        table.add_row(f"{size:,}", f"{opening:.0f}", f"{ready:.0f}", *(f"{1000 * one:.1f}" for one in times))
    console.print(table)


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for line in _lines(log, 0):
            if line.get("event") == "started":
                return int(line["port"])
        time.sleep(0.1)
    raise ToolError(f"the engine did not start:\n{log.read_text()[-2000:]}")


def _status(port: int) -> dict[str, Any]:
    status: dict[str, Any] = requests.get(f"http://127.0.0.1:{port}/status", timeout=60).json()
    return status


def _stages(status: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Count and sum of each stage."""
    return {name: (one["count"], one["count"] * one["mean"]) for name, one in status["stages"].items()}


def _flagged_at(log: Path, since: int) -> float:
    """When the engine had the receipt of the next flag [Unix s]."""
    deadline = time.monotonic() + FLAG_SECONDS
    while time.monotonic() < deadline:
        for line in _lines(log, since):
            if line.get("event") == "mined" and line.get("statement") == "flag":
                return datetime.fromisoformat(line["timestamp"]).timestamp()
        time.sleep(0.005)
    raise ToolError(f"no flag in {FLAG_SECONDS:.0f} s:\n{log.read_text()[-2000:]}")


def _lines(log: Path, since: int) -> Iterator[dict[str, Any]]:
    with log.open() as file:
        file.seek(since)
        for line in file:
            if re.match(r"\{.*\}\n", line):
                yield json.loads(line)


if __name__ == "__main__":
    main()

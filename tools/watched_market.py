"""A margin book on a local node, and an engine in a process of its own that watches the accounts of its guardian."""

import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import requests
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from prover.account import GuardianKey
from prover.chain import BookSettings, Chain, median_indices, report_arguments
from prover.onchain import DeploymentRecord, EngineSettings, MarginBook, book_code, deploy_book
from prover.onchain.local_market import constant_prices
from prover.toolchain import Anvil, load_book
from verifier import ToolError

BOOK: Final = "majors-13"
START_SECONDS: Final = 3_600.0
WEI: Final = 10**20

_POST_GAS: Final = 5_000_000
_RACES: Final = 50


@dataclass(frozen=True)
class WatchedMarket:
    """A book with a liquidation engine, and those who keep it.

    Attributes:
        node: mines at once.
        book: as governance uses it.
        guardian: whom it accepts.
        reporters: who sign prices.
        prices: at the first round, by slot [1e-9 USD].
    """

    node: Anvil
    book: MarginBook
    guardian: GuardianKey
    reporters: Sequence[LocalAccount]
    prices: Sequence[int]

    @classmethod
    def deploy(cls, node: Anvil) -> Self:
        """Deploy the contracts."""
        assets, guardian = load_book(BOOK), GuardianKey.generate()
        reporters = [Signer.create() for _ in range(3)]
        point = (guardian.point.x, guardian.point.y)
        settings = BookSettings([one.address for one in reporters], 2, [point], min_interval=1)
        chain = Chain(node.url, book_code(assets.n, engine=True))
        book = deploy_book(chain, assets, {}, settings, engine=EngineSettings())
        prices = constant_prices()
        return cls(node, book, guardian, reporters, [prices[asset.symbol] for asset in assets.assets])

    def price(self, symbol: str) -> int:
        """Of an asset, at the first round [1e-9 USD]."""
        return self.prices[self.book.assets.slots[symbol]]

    def post(self, changed: Mapping[str, int], *, pause: float = 0.0) -> float:
        """Post the next round.

        Args:
            changed: prices that are not those of the first round, by symbol [1e-9 USD].
            pause: between the block that moves the clock and the transaction [s].

        Returns:
            When the transaction was handed to the node [Unix s].
        """
        chain, rounds = self.book.contracts.chain, self.book.contracts.rounds
        prices: list[int | None] = [*self.prices]
        for symbol, price in changed.items():
            prices[self.book.assets.slots[symbol]] = price
        seen = self._next_second()
        reports = [rounds.sign(one, timestamp=seen, prices=prices, funding=[0] * self.book.n) for one in self.reporters]
        data = rounds.contract.raw.encode_abi("postRound", [report_arguments(reports), median_indices(reports)])
        call = {"from": chain.sender, "to": rounds.contract.address, "data": data, "gas": hex(_POST_GAS)}
        time.sleep(pause)
        began = time.time()
        self.node.request("eth_sendTransaction", call)
        return began

    def _next_second(self) -> int:
        """Mine a block that is later than the newest one, and return its time."""
        for _ in range(_RACES):
            seen = self.book.contracts.chain.timestamp() + 1
            try:
                self.node.move_clock(seen)
            except ToolError:  # a transaction of the engine was mined meanwhile, at a later time
                continue
            return seen
        raise ToolError("the node's clock cannot be moved: too much is mined")


class RunningEngine(NamedTuple):
    """`zksolvency liquidator run` in a process of its own.

    Attributes:
        log: what it writes on standard error.
        port: of its status, on loopback.
        pid: of its process.
    """

    log: Path
    port: int
    pid: int

    def status(self) -> dict[str, Any]:
        """What it tells of itself."""
        status: dict[str, Any] = requests.get(f"http://127.0.0.1:{self.port}/status", timeout=60).json()
        return status

    def lines(self, since: int = 0) -> Iterator[dict[str, Any]]:
        """Its log from a place on."""
        return _lines(self.log, since)


@contextmanager
def run_engine(market: WatchedMarket, folder: Path) -> Iterator[RunningEngine]:
    """Run an engine with the role of the guardian, until the context ends.

    Args:
        market: that it watches.
        folder: a new one, for its keys and data.

    Raises:
        ToolError: it does not start.
    """
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
max_clock_seconds = 86400
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
            yield RunningEngine(log, _port(log, process), process.pid)
        finally:
            process.terminate()


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for line in _lines(log, 0):
            if line.get("event") == "started":
                return int(line["port"])
        time.sleep(0.1)
    raise ToolError(f"the engine did not start:\n{log.read_text()[-2000:]}")


def _lines(log: Path, since: int) -> Iterator[dict[str, Any]]:
    with log.open() as file:
        file.seek(since)
        for line in file:
            if re.match(r"\{.*\}\n", line):
                yield json.loads(line)

"""The crash of November 2018, lived through by engines: only prices are posted, and no command is typed.

A guardian, liquidators that ask for different rewards, and a housekeeper: each is a machine of its own, with settings,
keys and a data folder. They share the chain, and a folder in which notices arrive.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cli.account_stage import PASSPHRASE, spellings, write_quick_wallet

from liquidator.engine import Engine, load_settings, open_engine
from prover import AssetList
from prover.account import Wallet, WalletAccount
from prover.liquidation import LiquidatorKey
from prover.market import PRICE_DECIMALS, PricePoint
from prover.onchain import BookProver, DeploymentRecord, EngineSettings, book_artifacts, find_words
from prover.onchain.local_crash import BITCOIN, CRASH_STATEMENTS, STALE_AFTER, Crash, crash_hours
from prover.onchain.local_market import Market, Trader, price_series, with_cheap_bitcoin
from prover.toolchain import Anvil, AnyBackend, compile_contracts, compile_verifiers
from tests.liquidator.engine.engine_stage import to_toml, write_liquidator, write_sender

pytestmark = [pytest.mark.full, pytest.mark.deep]

BOOK = Path(__file__).parents[3] / "books" / "majors-13.json"
RESERVATIONS_PPM = (100, 400, 800, 1_500, 3_000)
"""Part of the notional that must be left to each liquidator, one after the other."""

SECONDS = 12
"""Between two looks while an account is flagged."""

LOOKS = 60
"""How many of them follow an hour at most."""

LOOKS_OF_A_ROUND = 5


@dataclass(frozen=True)
class Desk:
    """The engines of a crash.

    Attributes:
        crash: the market.
        guardian: flags and sells.
        liquidators: in the order of `Crash.liquidators`.
        housekeeper: writes off.
    """

    crash: Crash
    guardian: Engine
    liquidators: Sequence[Engine]
    housekeeper: Engine

    def play(self, points: Sequence[PricePoint]) -> None:
        """Post hours, and let the engines act until no account is below its margin."""
        for point in points:
            self.crash.market.post(point.timestamp)
            for look in range(1, LOOKS + 1):
                if not self._look():
                    break
                self._wait(SECONDS)
                if look % LOOKS_OF_A_ROUND == 0:
                    self.crash.market.repeat(point.timestamp, self._time() + SECONDS)
            else:
                raise AssertionError(f"accounts stay flagged: {self.guardian.telemetry.status()}")

    def _look(self) -> bool:
        """Each engine looks once, the liquidator that asks for most first. Returns whether an account is below."""
        crash, status = self.crash, self.guardian.once()
        round_ = crash.last_round()
        assert {account.identity for account in crash.below(round_)} == crash.flagged(), "no breach without a flag"
        if not status["below"] and not crash.flagged():
            return False
        for engine in reversed(self.liquidators):
            self._wait(1)
            engine.once()
        for trader in crash.liquidators:
            held = trader.owner.state().sealed.state.balances[crash.market.book.slots[BITCOIN]]
            if held > 0:
                crash.close(trader, held, round_)
        self.housekeeper.once()
        return True

    def _time(self) -> int:
        return self.crash.market.contracts.chain.timestamp()

    def _wait(self, seconds: int) -> None:
        self.crash.market.node.move_clock(self._time() + seconds)
        self.crash.market.node.request("evm_mine")


def book_file(path: Path) -> AssetList:
    """The example book that takes Bitcoin of 2018, as a file."""
    content, book = json.loads(BOOK.read_text()), with_cheap_bitcoin(AssetList.load(BOOK))
    for entry, asset in zip(content["assets"], book.assets, strict=True):
        if asset.limits is not None:
            for name in ("least_price", "deviation_amount"):
                entry["limits"][name] = f"{Decimal(getattr(asset.limits, name)).scaleb(-PRICE_DECIMALS):f}"
    path.write_text(json.dumps(content))
    assert AssetList.load(path) == book
    return book


@dataclass
class Machines:
    """Writes the files of engines.

    Attributes:
        crash: the market.
        folder: for all of them.
    """

    crash: Crash
    folder: Path

    def settings(self, name: str, **tables: Any) -> Path:
        """The settings of an engine, in a folder of its own."""
        place = self.place(name)
        write_sender(place / "sender.json", self.crash.market.node)
        settings = {
            "node": {"rpc": [self.crash.market.node.url], "poll_seconds": 0.05, "look_seconds": 0.01},
            "book": {"deployment": str(self.folder / "margin-book.json")},
            "sender": {"keystore": "sender.json", "passphrase_file": "passphrase"},
            "work": {"data": str(place / "data"), "passing_seconds": 0.1},
            "status": {"port": 0},
        }
        path = place / "liquidator.toml"
        path.write_text(to_toml({**tables, **settings}))
        return path

    def place(self, name: str) -> Path:
        """The folder of a machine, with what opens its keys."""
        place = self.folder / name
        if not place.exists():
            place.mkdir()
            (place / "passphrase").write_text(PASSPHRASE + "\n")
            (place / "passphrase").chmod(0o600)
        return place

    def guarding(self, *roles: str) -> Path:
        """A machine with the guardian's key."""
        name = roles[0]
        write_quick_wallet(self.place(name) / "guardian.age", self.crash.market.guardian)  # type: ignore[arg-type]
        guardian = {"key": "guardian.age", "passphrase_file": "passphrase"}
        if "guardian" in roles:
            guardian |= {"liquidators": str(self.folder / "liquidators.txt"), "notices": str(self.folder / "notices")}
        return self.settings(name, roles=list(roles), guardian=guardian, housekeeper={"interval_seconds": 0.01})

    def taking(self, number: int, trader: Trader, key: LiquidatorKey) -> Path:
        """A machine that takes over with the account of a liquidator."""
        name = f"takes-{number}"
        place = self.place(name)
        write_liquidator(place / "liquidator.age", key)
        write_quick_wallet(place / "wallet.age", Wallet((WalletAccount("desk", trader.owner.keys),)))
        liquidator = {
            "key": "liquidator.age",
            "passphrase_file": "passphrase",
            "wallet": "wallet.age",
            "wallet_passphrase_file": "passphrase",
            "notices": str(self.folder / "notices"),
            "ether_usd": "200",
            "reservation_ppm": RESERVATIONS_PPM[number],
        }
        return self.settings(name, roles=["liquidator"], liquidator=liquidator)


@contextmanager
def desk(folder: Path, backend: AnyBackend, hours: Sequence[PricePoint], traders: int, bidders: int) -> Iterator[Desk]:
    """A market in which traders are long, and the engines that watch it."""
    book = book_file(folder / "book.json")
    prover, artifacts = BookProver.build(book.n, backend), book_artifacts(CRASH_STATEMENTS, book.n)
    made = {item.instance.name: item for item in (*prover.artifacts.values(), *artifacts.values())}
    with ExitStack() as stack:
        node = stack.enter_context(Anvil(timestamp=hours[0].timestamp - 3_600))
        code = compile_contracts() | compile_verifiers(made)
        market = Market.deploy(node, code, book, engine=EngineSettings(), stale_after=STALE_AFTER)
        crash = Crash(replace(market, series=hours), prover, artifacts, lambda _: None)
        crash.open(traders, bidders)
        DeploymentRecord.of_book(market.new_user(0)[0], str(folder / "book.json")).save(folder / "margin-book.json")
        keys = [LiquidatorKey.generate() for _ in range(bidders)]
        (folder / "liquidators.txt").write_text("".join(f"{key.recipient}\n" for key in keys))
        (folder / "notices").mkdir()
        machines = Machines(crash, folder)
        taking = [
            machines.taking(number, trader, key)
            for number, (trader, key) in enumerate(zip(crash.liquidators, keys, strict=True))
        ]
        paths = [machines.guarding("guardian"), machines.guarding("housekeeper"), *taking]
        guardian, housekeeper, *liquidators = [stack.enter_context(open_engine(load_settings(path))) for path in paths]
        yield Desk(crash, guardian, liquidators, housekeeper)


def won(crash: Crash) -> list[int]:
    """How many parcels each liquidator took."""
    engine = crash.market.contracts.engine
    assert engine is not None
    takers = Counter(event.arguments["taker"] for event in engine.contract.logs("TakenOver"))
    return [takers[trader.owner.identity] for trader in crash.liquidators]


def assert_nothing_is_left_or_told(crash: Crash, folder: Path, written: str) -> None:
    """The books agree, no account is below its margin, and no secret is on the chain, in a log or in a store."""
    assert crash.imbalances() == []
    assert crash.below(crash.last_round()) == []
    secrets = dict(crash.secrets())
    stores = [path.read_bytes() for path in folder.glob("*/data/*") if path.is_file()]
    assert stores
    assert not find_words(secrets, [*crash.public_words(), *stores])
    texts = {text for value in secrets.values() if abs(value) > 10**6 for text in spellings(abs(value))} | {PASSPHRASE}
    assert not {text for text in texts if text in written}
    assert not {text for text in texts for store in stores if text.encode() in store}


def test_engines_live_through_an_hour_of_the_crash(
    tmp_path: Path, backend: AnyBackend, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two traders, of whom one has too much leverage."""
    hours = crash_hours(price_series(), 13, 1)
    fall = next(number for number, hour in enumerate(hours) if hour.price < hours[0].price * 96 // 100)
    with desk(tmp_path, backend, [hours[0], hours[fall]], 2, 2) as engines:
        engines.play(engines.crash.market.series[1:])
        cheap, dear = won(engines.crash)
        assert (cheap > 0, dear) == (True, 0)
        assert_nothing_is_left_or_told(engines.crash, tmp_path, "".join(capfd.readouterr()))

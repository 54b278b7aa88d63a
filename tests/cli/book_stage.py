"""A node with a deployed margin book, for the tests of its commands."""

import atexit
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from cli.harness import ROOT
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from prover.account import GuardianKey, point_to_text
from prover.chain import BookSettings, Chain, Report
from prover.market import PRICE_DECIMALS, parse_decimal
from prover.onchain import DeploymentRecord, EngineSettings, MarginBook, book_code, deploy_book
from prover.onchain.local_market import post_prices
from prover.toolchain import Anvil, load_book

BOOK: Final = "majors-13"
PRICES: Final[Mapping[str, str]] = json.loads((ROOT / "examples" / "round-1.json").read_text())["prices"]
"""Of every asset of the book, by symbol [USD]."""

QUORUM: Final = 2


@dataclass
class BookStage:
    """A node, the book on it, and every party that is not an account.

    Attributes:
        node: of the chain.
        book: as governance uses it: the node's first unlocked account.
        record: the file that --deployment takes.
        guardian: whom the book accepts.
        reporters: three, of whom two make a round.
    """

    node: Anvil
    book: MarginBook
    record: Path
    guardian: GuardianKey
    reporters: Sequence[LocalAccount] = field(repr=False)

    @property
    def options(self) -> list[object]:
        """What a command needs to find the book."""
        return ["--rpc", self.node.url, "--deployment", self.record]

    @property
    def guardian_text(self) -> str:
        """The guardian's point as --guardian takes it."""
        return point_to_text(self.guardian.point)

    def prices(self, **changes: str | None) -> list[int | None]:
        """Prices of every slot [1e-9 USD], some changed: `BTC_PERP="100000"` sets BTC-PERP, None for no price."""
        named = {**PRICES, **{symbol.replace("_", "-"): price for symbol, price in changes.items()}}
        texts = [named[asset.symbol] for asset in self.book.assets.assets]
        return [None if text is None else parse_decimal(text, PRICE_DECIMALS, "price") for text in texts]

    def reports(
        self,
        *,
        count: int = QUORUM,
        timestamp: int | None = None,
        funding: Mapping[str, str] | None = None,
        **changes: str | None,
    ) -> list[Report]:
        """Signed reports, one second after the newest block where no time is given.

        Args:
            count: how many.
            timestamp: when the prices were seen.
            funding: cumulative, by symbol [USD]; none where none is given.
            changes: as for `prices`.
        """
        seen = self.book.contracts.chain.timestamp() + 1 if timestamp is None else timestamp
        prices, paid = self.prices(**changes), [0] * self.book.n
        for symbol, amount in (funding or {}).items():
            paid[self.book.assets.slots[symbol]] = parse_decimal(amount, PRICE_DECIMALS, symbol)
        rounds = self.book.contracts.rounds
        return [
            rounds.sign(reporter, timestamp=seen, prices=prices, funding=paid) for reporter in self.reporters[:count]
        ]

    def post(self, funding: Mapping[str, str] | None = None, **changes: str | None) -> int:
        """Post the next round and return its id, by a candidate where a price leaps. Arguments as for `reports`."""
        return post_prices(
            self.node, self.book.contracts, lambda seen: self.reports(timestamp=seen, funding=funding, **changes)
        )


@contextmanager
def book_stage(
    folder: Path, *, first_round: bool = True, gate: bool = False, engine: EngineSettings | None = None
) -> Iterator[BookStage]:
    """A deployed book, on the node that all stages of this process share; put back afterwards.

    Args:
        folder: for the record.
        first_round: whether round 1 is posted.
        gate: whether the book has a gate that flags accounts.
        engine: of the book's liquidation engine; None for a book without one.
    """
    node, book, guardian, reporters = _deployed(gate, engine)
    before = node.request("evm_snapshot")
    try:
        node.move_clock(
            max(book.contracts.chain.timestamp() + 1, int(time.time()))
        )  # a node put back lives in the past
        record = folder / "margin-book.json"
        DeploymentRecord.of_book(book, BOOK).save(record)
        stage = BookStage(node, book, record, guardian, reporters)
        if first_round:
            stage.post()
        yield stage
    finally:
        node.request("evm_revert", before)


@cache
def _deployed(
    gate: bool, engine: EngineSettings | None
) -> tuple[Anvil, MarginBook, GuardianKey, Sequence[LocalAccount]]:
    """A node with a book, until the process ends."""
    assets = load_book(BOOK)
    code = book_code(assets.n, gate=gate, engine=engine is not None)
    node = Anvil()
    atexit.register(node.close)
    guardian = GuardianKey.generate()
    reporters = [Signer.create() for _ in range(3)]
    settings = BookSettings(
        reporters=[reporter.address for reporter in reporters],
        threshold=QUORUM,
        guardians=[(guardian.point.x, guardian.point.y)],
        min_interval=1,
    )
    book = deploy_book(Chain(node.url, code), assets, {}, settings, gate=gate, engine=engine)
    return node, book, guardian, reporters

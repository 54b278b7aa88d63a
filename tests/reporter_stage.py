"""Three reporters of a real book on a real node, each with a feed of its own, and a folder that they share."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from cli.book_stage import PRICES, BookStage
from eth_account.signers.local import LocalAccount

from prover.chain import AccountSigner, Chain, ContractCode, RequestPolicy
from prover.onchain import DeploymentKind, DeploymentRecord, MarginBook, ReportFile
from prover.oracle import FileFeed, Mode, PeerReports, PostingRules, Reporter, ReportFolder
from prover.toolchain import compile_contracts

POLICY = RequestPolicy(attempts=1, response_seconds=2, request_seconds=2)
ETHER = 10**18


@cache
def _code() -> Mapping[str, ContractCode]:
    return compile_contracts()


@dataclass
class ReporterStage:
    """Reporters that look when a test says so.

    Attributes:
        stage: the book.
        folder: of the reports.
        feeds: file of each reporter's feed.
        reporters: in the order of the contract.
    """

    stage: BookStage
    folder: Path
    feeds: Sequence[Path] = field(init=False)
    reporters: list[Reporter] = field(init=False)

    def __post_init__(self) -> None:
        self.reports = self.folder / "reports"
        self.reports.mkdir()
        self.feeds = [self.folder / f"feed-{number}.json" for number in range(3)]
        self.reporters = [self.reporter(number) for number in range(3)]

    def reporter(self, number: int, signer: AccountSigner | None = None, **changes: Any) -> Reporter:
        """A new reporter with the key of one, which posts at once when a set is due."""
        account = self.stage.reporters[number] if signer is None else signer
        self.stage.node.request("anvil_setBalance", account.address, hex(ETHER))
        folder = ReportFolder(self.reports)
        peers: list[PeerReports] = [folder]
        settings: dict[str, Any] = {
            "peers": peers,
            "publishers": [folder],
            "rules": PostingRules(stagger=0),
            "mode": Mode.POST,
        }
        feeds = [FileFeed(self.feeds[number])]
        return Reporter(self.connect(account), account, feeds, **settings | changes)

    def connect(self, signer: AccountSigner, url: str | None = None) -> Any:
        """What opens the book for a reporter."""

        @contextmanager
        def connect() -> Iterator[MarginBook]:
            chain = Chain(url or self.stage.node.url, _code(), signer, policy=POLICY)
            yield DeploymentRecord.load(self.stage.record, DeploymentKind.BOOK).open_book(chain)

        opened: Any = connect
        return opened

    @property
    def rounds(self) -> Any:
        """The price source, as governance uses it."""
        return self.stage.book.contracts.rounds

    def now(self) -> int:
        """Time of the next block."""
        return self.stage.book.contracts.chain.next_block_time()

    def advance(self, seconds: int = 2) -> None:
        """Let time pass on the chain."""
        self.stage.node.move_clock(self.now() + seconds)

    def see(self, *numbers: int, age: int = 0, **changes: str | None) -> None:
        """Write feeds: prices of now, some changed; `BTC_PERP="100000"` sets BTC-PERP, None leaves it out.

        Args:
            numbers: of the reporters; none for all.
            age: of the prices [s].
            changes: of prices.
        """
        named = {**PRICES, **{symbol.replace("_", "-"): price for symbol, price in changes.items()}}
        content = {
            "format": "zksolvency/prices/1",
            "timestamp": self.now() - age,
            "prices": {symbol: price for symbol, price in named.items() if price is not None},
        }
        for number in numbers or range(3):
            self.feeds[number].write_text(json.dumps(content))

    def report_path(self, number: int) -> Path:
        """The file of a reporter in the folder."""
        return self.reports / f"{self.stage.reporters[number].address.lower()}.json"

    def signed(self, number: int, **changes: Any) -> ReportFile:
        """A report that a reporter signs by hand, with the prices of the feeds."""
        signer: LocalAccount = self.stage.reporters[number]
        said = {"timestamp": self.now(), "prices": self.stage.prices(), "funding": [0] * self.stage.book.n, **changes}
        report = self.rounds.sign(signer, **said)
        return ReportFile(self.stage.book.contracts.chain.chain_id, self.rounds.contract.address, report)

    def put(self, number: int, file: ReportFile, **fields: object) -> None:
        """Put a report into the place of a reporter, some fields of its file changed."""
        self.report_path(number).write_text(json.dumps(file.to_json() | fields))

    def nonces(self) -> list[int]:
        """How many transactions each reporter has sent."""
        return [
            int(self.stage.node.request("eth_getTransactionCount", one.address, "latest"), 16)
            for one in self.stage.reporters
        ]


def altered(file: ReportFile, **changes: Any) -> ReportFile:
    """The same file with another report, whose signature stays."""
    return replace(file, report=replace(file.report, **changes))

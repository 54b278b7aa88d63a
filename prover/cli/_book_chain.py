"""What the commands of a margin book share: the record of its deployment, its chain, and the names of its assets."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import typer
from pydantic import Field

from prover import AssetList
from prover.chain import BookContracts, Chain, ContractCode, OnchainRound
from prover.cli._chain import (
    NodeOptions,
    SenderOptions,
    load_deployed_book,
    open_node,
    record_path,
    require_deployed,
)
from prover.cli._output import as_hex, emit, print_facts
from prover.cli._progress import progress
from prover.cli._wallets import wallet_path
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS, parse_decimal
from prover.onchain import EventStore, MarginBook
from prover.storage import AddressText, FileModel, load_model, write_file
from prover.toolchain import compile_contracts
from verifier import InputError

FORMAT: Final = "zksolvency/book-deployment/1"
LOCAL_RECORD: Final = "margin-book.json"
STORE: Final = "books.sqlite"
USD: Final = "USD"
"""Names the settlement currency where an asset is asked for."""

SHORT_DIGITS: Final = 10

KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        metavar="FOLDER",
        help="Keys of ceremonies, in a folder for each statement, such as FOLDER/update-13.  "
        "[default: this machine's development keys]",
    ),
]

BookDeploymentOption = Annotated[
    Path | None,
    typer.Option("--deployment", metavar="FILE", help="Record of the book's deployment.  [default: the local chain's]"),
]


class _RecordFile(FileModel):
    format: Literal["zksolvency/book-deployment/1"]
    chain_id: Annotated[int, Field(ge=1)]
    book: str
    book_digest: str
    first_block: Annotated[int, Field(ge=0)]
    risk_parameters: AddressText
    breaker: AddressText
    rounds: AddressText
    margin_book: AddressText
    tokens: dict[str, AddressText]


@dataclass(frozen=True)
class BookRecord:
    """Where the contracts of a margin book stand. Nothing of it is secret.

    Attributes:
        chain_id: of the chain.
        book: name in books/, or path of a file.
        book_digest: of the assets and fractions that were deployed.
        first_block: no event of the book is older.
        risk_parameters: address.
        breaker: address.
        rounds: address of the price source.
        margin_book: address.
        tokens: address by symbol, of each spot asset and of `USD`.
    """

    chain_id: int
    book: str
    book_digest: str
    first_block: int
    risk_parameters: str
    breaker: str
    rounds: str
    margin_book: str
    tokens: Mapping[str, str]

    @classmethod
    def of(cls, onchain: MarginBook, book: str) -> Self:
        """The record of a deployment.

        Args:
            onchain: the deployment.
            book: name in books/, or path of a file.
        """
        contracts = onchain.contracts
        slots = {**onchain.assets.slots, USD: onchain.n}
        tokens = {symbol: contracts.book.token_of(slot) for symbol, slot in slots.items()}
        addresses = contracts.addresses()
        return cls(
            chain_id=contracts.chain.chain_id,
            book=book,
            book_digest=onchain.assets.digest(),
            first_block=contracts.book.first_block,
            risk_parameters=addresses["risk_parameters"],
            breaker=addresses["breaker"],
            rounds=addresses["rounds"],
            margin_book=addresses["book"],
            tokens={symbol: address for symbol, address in tokens.items() if address is not None},
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a record.

        Raises:
            InputError: there is none yet, or it is malformed.
        """
        if not path.exists():
            raise InputError(f"no margin book at {path}: run `zksolvency book deploy` first")
        content = load_model(_RecordFile, path, "book deployment").model_dump()
        del content["format"]
        if _is_path(content["book"]):
            content["book"] = str(path.parent / content["book"])
        return cls(**content)

    def save(self, path: Path, *, overwrite: bool = True) -> None:
        """Write the record: the file of a book is named as seen from it, so the two can be handed on together.

        Args:
            path: the file.
            overwrite: False refuses to replace an existing file.

        Raises:
            InputError: the file cannot be written.
        """
        content = self.to_json()
        if _is_path(self.book):
            content["book"] = f"./{os.path.relpath(self.book, path.parent)}"
        write_file(path, json.dumps(content, indent=2) + "\n", overwrite=overwrite)

    def to_json(self) -> dict[str, Any]:
        """The file form, for a file in the working directory."""
        return {"format": FORMAT, **asdict(self)}

    def assets(self) -> AssetList:
        """The book that was deployed; needs no chain.

        Raises:
            InputError: there is no such book, or it has changed since.
        """
        return load_deployed_book(self.book, self.book_digest)

    def open(self, chain: Chain, store: EventStore | None = None) -> MarginBook:
        """The deployment.

        Args:
            chain: where it stands.
            store: keeps what is read of it.

        Raises:
            InputError: another chain, no contract at the addresses, or the book has changed since.
            ChainError: the node is not reached.
        """
        addresses = {
            "risk_parameters": self.risk_parameters,
            "breaker": self.breaker,
            "rounds": self.rounds,
            "book": self.margin_book,
        }
        require_deployed(chain, self.chain_id, addresses.values())
        contracts = BookContracts.at(chain, addresses, self.first_block)
        kept = None if store is None else store.of(chain.chain_id, contracts.book.contract.address)
        return MarginBook(contracts, self.assets(), kept)


def _is_path(book: str) -> bool:
    return "/" in book or book.endswith(".json")


def book_record_path(deployment: Path | None, rpc: str | None) -> Path:
    """The record that a command is about. Raises as `record_path`."""
    return record_path(deployment, rpc, LOCAL_RECORD)


@dataclass(frozen=True)
class BookOptions(NodeOptions):
    """Which margin book a command reads.

    Attributes:
        deployment: record of the book's deployment; None for the local chain's.
    """

    deployment: BookDeploymentOption = None

    def record(self) -> BookRecord:
        """The record of the book's deployment. Raises InputError when there is none, or a malformed one."""
        return BookRecord.load(book_record_path(self.deployment, self.rpc))

    @contextmanager
    def open(self) -> Iterator[MarginBook]:
        """The book, for as long as the context.

        Raises:
            InputError: there is no such record, or it is one of another chain.
            ToolError, ChainError: as for `open_node`.
        """
        record = self.record()
        with self.open_chain(contract_code()) as chain, open_store() as store:
            yield record.open(chain, store)


@dataclass(frozen=True)
class BookSenderOptions(SenderOptions, BookOptions):
    """Which margin book a command sends transactions to, and who signs them."""


@contextmanager
def open_book(
    rpc: str | None,
    keystore: Path | None,
    deployment: Path | None,
    *,
    reads_only: bool = False,
    confirmations: int = 1,
) -> Iterator[MarginBook]:
    """The margin book to work on, at `rpc` or on the local anvil for as long as the context.

    Args:
        rpc: what --rpc says.
        keystore: what --keystore says; its passphrase is asked for.
        deployment: what --deployment says.
        reads_only: nothing will be sent, so the node need not have an unlocked account.
        confirmations: what --confirmations says.

    Raises:
        As `open_node`; InputError also when there is no such record, or it is one of another chain.
    """
    record = BookRecord.load(book_record_path(deployment, rpc))
    with (
        open_node(rpc, keystore, contract_code(), reads_only=reads_only, confirmations=confirmations) as chain,
        open_store() as store,
    ):
        yield record.open(chain, store)


@contextmanager
def open_store() -> Iterator[EventStore | None]:
    """What was read of margin books, beside the user's wallet; None for a user without a home folder."""
    try:
        path = wallet_path(None).with_name(STORE)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (InputError, OSError):
        yield None
        return
    with EventStore(path) as store:
        yield store


def contract_code() -> dict[str, ContractCode]:
    """Every contract but the verifiers, compiled where they are not cached. Raises ToolError."""
    with progress() as sink:
        return compile_contracts(progress=sink)


def asset_slot(assets: AssetList, symbol: str, where: str = "--asset") -> int:
    """The number of an asset in transfers: its slot, N for `USD`.

    Raises:
        InputError: the book has no such asset.
    """
    return assets.n if symbol == USD else assets.slot(symbol, where)


def asset_symbol(assets: AssetList, slot: int) -> str:
    """The name of a slot, `USD` for N."""
    if slot == assets.n:
        return USD
    return assets.assets[slot].symbol if slot < len(assets.assets) else f"slot {slot}"


def slot_symbols(assets: AssetList, slots: int) -> list[str]:
    """The names of the slots of a bitmap."""
    return [asset_symbol(assets, slot) for slot in range(assets.n) if slots >> slot & 1]


def asset_decimals(assets: AssetList, slot: int) -> int:
    """Digits after the point of an amount of a slot, N for the settlement currency."""
    return QUOTE_DECIMALS if slot == assets.n else BALANCE_DECIMALS


def parse_amount(assets: AssetList, slot: int, text: str, where: str = "--amount") -> int:
    """A positive amount of a slot [1e-9 token], of the settlement currency [1e-18 USD].

    Raises:
        InputError: no decimal number above 0, or one with too many digits after the point.
    """
    amount = parse_decimal(text, asset_decimals(assets, slot), where)
    if amount <= 0:
        raise InputError(f"{where}: must be above 0")
    return amount


def short_id(identity: int) -> str:
    """The first ten hex digits of an account's identity: enough to tell accounts apart in a table."""
    return f"{as_hex(identity)[: 2 + SHORT_DIGITS]}.."


def round_age(book: MarginBook, round_: OnchainRound) -> int:
    """How old the prices of a round will be in the next block [s], as far as can be told.

    A local chain mines nothing while it is idle, so its newest block may be older than now.
    """
    return max(book.contracts.chain.timestamp(), int(time.time())) - round_.timestamp


def sent(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """What every command tells of a transaction."""
    return {"transaction": receipt["transactionHash"].to_0x_hex(), "gas": receipt["gasUsed"]}


def report(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result of one line a fact, or as one JSON object."""
    emit(result, lambda console: print_facts(console, _facts(result)), as_json=as_json)


def cell(value: object) -> str:
    """A value as people read it."""
    if value is None or isinstance(value, bool):
        return {None: "-", True: "yes", False: "no"}[value]
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in result.items():
        label = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield from ((f"{label}, {key}", cell(item)) for key, item in value.items())
        else:
            yield label, cell(value)

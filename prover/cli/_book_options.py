"""Which margin book a command is about, and the keys of its statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from prover.chain import ContractCode
from prover.cli._node_options import NodeOptions, SenderOptions, record_path
from prover.cli._progress import progress
from prover.onchain import DeploymentKind, DeploymentRecord, MarginBook, open_user_store
from prover.toolchain import compile_contracts

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


@dataclass(frozen=True)
class BookOptions(NodeOptions):
    """Which margin book a command reads.

    Attributes:
        deployment: record of the book's deployment; None for the local chain's.
    """

    deployment: BookDeploymentOption = None

    def record(self) -> DeploymentRecord:
        """The record of the book's deployment. Raises InputError when there is none, or a malformed one."""
        return book_record(self.deployment, self.rpc)

    @contextmanager
    def open(self) -> Iterator[MarginBook]:
        """The book, for as long as the context.

        Raises:
            InputError: there is no such record, or it is one of another chain.
            ToolError, ChainError: as for `open_chain`.
        """
        record = self.record()
        with self.open_chain(contract_code()) as chain, open_user_store() as store:
            yield record.open_book(chain, store)


@dataclass(frozen=True)
class BooksOptions(NodeOptions):
    """Which margin books of one chain a command reads.

    Attributes:
        deployment: records of the books' deployments; None for the local chain's.
    """

    deployment: Annotated[
        list[Path] | None,
        typer.Option(
            "--deployment",
            metavar="FILE",
            help="Record of a book's deployment; repeat it for several books of one chain.  "
            "[default: the local chain's]",
        ),
    ] = None

    def records(self) -> list[DeploymentRecord]:
        """The records of the deployments, each book once. Raises InputError as `BookOptions.record`."""
        paths: list[Path | None] = [*self.deployment] if self.deployment else [None]
        records = [book_record(path, self.rpc) for path in paths]
        return list({record.domain: record for record in records}.values())

    @contextmanager
    def open(self) -> Iterator[list[MarginBook]]:
        """The books, for as long as the context. Raises as `BookOptions.open`."""
        records = self.records()
        with self.open_chain(contract_code()) as chain, open_user_store() as store:
            yield [record.open_book(chain, store) for record in records]


@dataclass(frozen=True)
class BookSenderOptions(SenderOptions, BookOptions):
    """Which margin book a command sends transactions to, and who signs them."""


def book_record(deployment: Path | None, rpc: str | None) -> DeploymentRecord:
    """The record of the margin book that a command is about. Arguments and errors as for `record_path`."""
    kind = DeploymentKind.BOOK
    return DeploymentRecord.load(record_path(deployment, rpc, kind), kind)


def contract_code() -> dict[str, ContractCode]:
    """Every contract but the verifiers, compiled where they are not cached. Raises ToolError."""
    with progress() as sink:
        return compile_contracts(progress=sink)

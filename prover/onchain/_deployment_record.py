"""The record of a deployment: its contracts, and the book that they serve. Nothing of it is secret."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from prover.account import Domain
from prover.chain import (
    BOOK_ROLES,
    GATE_ROLES,
    OPTIONAL_BOOK_ROLES,
    BookContracts,
    Chain,
    GateContracts,
    RoundsClient,
)
from prover.market import USD, AssetList
from prover.onchain._book import MarginBook
from prover.onchain._calendar import present_assets
from prover.onchain._registrar_gate import RegistrarGate
from prover.onchain._store import EventStore
from prover.storage import AddressText, FileModel, load_model, write_file
from prover.toolchain import is_book_path, load_book, local_chain_folder
from verifier import InputError

FORMAT: Final = "zksolvency/deployment/4"


class DeploymentKind(StrEnum):
    """What was deployed."""

    GATE = "gate"
    BOOK = "margin-book"


_ROLES: Final = {DeploymentKind.GATE: GATE_ROLES, DeploymentKind.BOOK: BOOK_ROLES}
_OPTIONAL: Final = {DeploymentKind.GATE: {}, DeploymentKind.BOOK: OPTIONAL_BOOK_ROLES}
_WORDS: Final = {DeploymentKind.GATE: "gate", DeploymentKind.BOOK: "margin book"}
_COMMANDS: Final = {DeploymentKind.GATE: "chain deploy", DeploymentKind.BOOK: "book deploy"}
_LOCAL_FILES: Final = {DeploymentKind.GATE: "deployment.json", DeploymentKind.BOOK: "margin-book.json"}


class OtherChainError(InputError):
    """The node serves another chain than the one of a record."""


class _RecordFile(FileModel):
    format: Literal["zksolvency/deployment/4"]
    kind: DeploymentKind
    chain_id: Annotated[int, Field(ge=1)]
    book: str
    book_digest: str
    first_block: Annotated[int, Field(ge=0)]
    contracts: dict[str, AddressText]
    tokens: dict[str, AddressText]

    @model_validator(mode="after")
    def _has_every_role(self) -> Self:
        roles = _ROLES[self.kind]
        if set(self.contracts) - set(_OPTIONAL[self.kind]) != set(roles):
            raise ValueError(f"the contracts of a {_WORDS[self.kind]} are {', '.join(roles)}")
        return self


@dataclass(frozen=True)
class DeploymentRecord:
    """What a deployment has put on a chain.

    Attributes:
        kind: what was deployed.
        chain_id: of the chain.
        book: name in books/, or path of a file.
        book_digest: of the assets and fractions that were deployed.
        first_block: no event of the contracts is older.
        contracts: address by role, as of `GateContracts` or `BookContracts`. Some roles a book may do without.
        tokens: address by symbol, of each spot asset and of `USD`; none for a gate.
    """

    kind: DeploymentKind
    chain_id: int
    book: str
    book_digest: str
    first_block: int
    contracts: Mapping[str, str]
    tokens: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_gate(cls, gate: RegistrarGate, book: str) -> Self:
        """The record of a gate.

        Args:
            gate: the deployment.
            book: name of its assets in books/, or path of their file.
        """
        contracts = gate.contracts
        return cls(
            DeploymentKind.GATE,
            contracts.chain.chain_id,
            book,
            gate.assets.digest(),
            contracts.first_block,
            contracts.addresses(),
        )

    @classmethod
    def of_book(cls, onchain: MarginBook, book: str) -> Self:
        """The record of a margin book.

        Args:
            onchain: the deployment.
            book: name of its assets in books/, or path of their file.
        """
        contracts = onchain.contracts
        slots = {**onchain.assets.slots, USD: onchain.n}
        tokens = {symbol: contracts.book.token_of(slot) for symbol, slot in slots.items()}
        return cls(
            DeploymentKind.BOOK,
            contracts.chain.chain_id,
            book,
            onchain.assets.digest(),
            contracts.book.first_block,
            contracts.addresses(),
            {symbol: address for symbol, address in tokens.items() if address is not None},
        )

    @classmethod
    def load(cls, path: Path, kind: DeploymentKind) -> Self:
        """Read a record.

        Args:
            path: the file.
            kind: what it must be the record of.

        Raises:
            InputError: there is none yet, it is malformed, or it is the record of something else.
        """
        if not path.exists():
            raise InputError(f"no record of a {_WORDS[kind]} at {path}: run `zksolvency {_COMMANDS[kind]}` first")
        content = load_model(_RecordFile, path, "record").model_dump(exclude={"format"})
        record = cls(**content)
        if record.kind is not kind:
            raise InputError(f"record {path}: this is the record of a {_WORDS[record.kind]}, expected a {_WORDS[kind]}")
        if is_book_path(record.book):
            return cls(**content | {"book": str(path.parent / record.book)})
        return record

    @classmethod
    def load_any(cls, path: Path) -> Self:
        """Read a record of either kind. Raises InputError as `load`."""
        kind = load_model(_RecordFile, path, "record").kind if path.exists() else DeploymentKind.BOOK
        return cls.load(path, kind)

    def save(self, path: Path, *, overwrite: bool = True) -> None:
        """Write the record: the file of a book is named as seen from it, so the two can be handed on together.

        Args:
            path: the file.
            overwrite: False refuses to replace an existing file.

        Raises:
            InputError: the file cannot be written.
        """
        content = self.to_json()
        if is_book_path(self.book):
            content["book"] = f"./{os.path.relpath(self.book, path.parent)}"
        write_file(path, json.dumps(content, indent=2) + "\n", overwrite=overwrite)

    def to_json(self) -> dict[str, Any]:
        """The file form, for a file in the working directory."""
        return {"format": FORMAT, **asdict(self)}

    @property
    def domain(self) -> Domain:
        """What the accounts of a margin book are bound to."""
        return Domain(self.chain_id, int(self.contracts["book"], 16))

    def assets(self) -> AssetList:
        """The book that was deployed; needs no chain.

        Raises:
            InputError: there is no such book, or it has changed since.
        """
        assets = load_book(self.book)
        if assets.digest() != self.book_digest:
            raise InputError(f"the book {self.book} is not the one that was deployed: assets or fractions differ")
        return assets

    def open_gate(self, chain: Chain) -> RegistrarGate:
        """The gate.

        Raises:
            InputError: another chain, no contract at the addresses, or the book has changed since.
            ChainError: the node is not reached.
        """
        self._require_deployed(chain)
        return RegistrarGate(GateContracts.at(chain, self.contracts, self.first_block), self.assets())

    def open_book(self, chain: Chain, store: EventStore | None = None) -> MarginBook:
        """The margin book.

        Args:
            chain: where it is deployed.
            store: keeps what is read of it.

        Raises:
            InputError: another chain, no contract at the addresses, or the book has changed since.
            ChainError: the node is not reached.
        """
        self._require_deployed(chain)
        contracts = BookContracts.at(chain, self.contracts, self.first_block)
        kept = None if store is None else store.of(chain.chain_id, contracts.book.contract.address)
        deployed = MarginBook(contracts, self.assets(), kept)
        return replace(deployed, assets=present_assets(deployed))

    def open_rounds(self, chain: Chain) -> RoundsClient:
        """The price source of either kind. Raises as `open_book`."""
        if self.kind is DeploymentKind.GATE:
            return self.open_gate(chain).contracts.prices.rounds
        return self.open_book(chain).contracts.rounds

    def _require_deployed(self, chain: Chain) -> None:
        if chain.chain_id != self.chain_id:
            raise OtherChainError(f"the deployment is on chain {self.chain_id}, the node serves chain {chain.chain_id}")
        if not all(map(chain.has_code, self.contracts.values())):
            raise InputError("the chain has no contracts at the deployment's addresses: was it reset?")


def local_record(kind: DeploymentKind) -> Path:
    """The file of the local chain's own record.

    Raises:
        InputError: the user has no cache folder.
    """
    return local_chain_folder() / _LOCAL_FILES[kind]

"""The list of contracts that a deployment has paid for, in a file until the record of the deployment is written."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from prover.chain import DeployedContract
from prover.cli._output import note
from prover.storage import AddressText, FileModel, load_model, write_file
from verifier import InputError, UndecidedError, ZkSolvencyError

FORMAT: Final = "zksolvency/partial-deployment/1"


class Entry(FileModel):
    """One contract: without its transaction while that is being sent."""

    chain_id: int
    contract: str
    address: AddressText
    transaction: str | None


class _PartialFile(FileModel):
    format: Literal["zksolvency/partial-deployment/1"]
    contracts: tuple[Entry, ...]


class PartialRecord:
    """Lists contracts in a file as they are deployed, after those that an earlier deployment left there."""

    def __init__(self, path: Path, chain_id: int) -> None:
        self._path = path
        self._chain_id = chain_id
        self._earlier = read_entries(path)
        self._made: list[Entry] = []
        self._pending: list[Entry] = []
        self._is_saved = True

    def begin(self, name: str, expected: str) -> None:
        """List a contract without its transaction: it may stand if the program ends before it is told more."""
        self._pending = [Entry(chain_id=self._chain_id, contract=name, address=expected, transaction=None)]
        self._save()

    def finish(self, contract: DeployedContract) -> None:
        """List a contract that stands."""
        name, address, transaction = contract
        self._made.append(Entry(chain_id=self._chain_id, contract=name, address=address, transaction=transaction))
        self._pending = []
        self._save()

    def remove(self) -> None:
        """The record says it all."""
        if self._earlier:
            note(f"{self._path} is removed; an earlier deployment had left there: {_words(self._earlier)}")
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def fail(self, error: BaseException) -> None:
        """Keep what stands in the file, and tell of it in the error."""
        if isinstance(error, ZkSolvencyError) and not isinstance(error, UndecidedError):
            self._pending = []  # refused
        with suppress(InputError):
            self._save()
        if not self._made and not self._pending:
            return
        where = f"{self._path} lists them" if self._is_saved else f"{self._path} cannot be written, so keep this list"
        told = f"deployed before that: {_words([*self._made, *self._pending])}; {where}"
        if isinstance(error, ZkSolvencyError):
            error.args = (f"{error}. {told[0].upper()}{told[1:]}", *error.args[1:])
        else:
            note(told)

    def _save(self) -> None:
        entries = [*self._earlier, *self._made, *self._pending]
        self._is_saved = False
        if entries:
            content = {"format": FORMAT, "contracts": [entry.model_dump() for entry in entries]}
            write_file(self._path, json.dumps(content, indent=2) + "\n")
        else:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._is_saved = True


def read_entries(path: Path) -> list[Entry]:
    """What an earlier deployment left. Raises InputError."""
    if not os.path.lexists(path):
        return []
    return list(load_model(_PartialFile, path, "list of an earlier deployment").contracts)


def _words(entries: list[Entry]) -> str:
    return ", ".join(
        f"{entry.contract} at {entry.address}" + ("" if entry.transaction else " (perhaps: it was being sent)")
        for entry in entries
    )

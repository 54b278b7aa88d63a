"""The contracts that a deployment has paid for, in a file until the record of the deployment is written."""

import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from prover.chain import DeployedContract
from prover.storage import AddressText, FileModel, load_model, write_file
from verifier import InputError, UndecidedError, ZkSolvencyError

_LOG: Final = logging.getLogger("prover.onchain")

FORMAT: Final = "zksolvency/partial-deployment/1"


class _Entry(FileModel):
    chain_id: int
    contract: str
    address: AddressText
    transaction: str | None


class _JournalFile(FileModel):
    format: Literal["zksolvency/partial-deployment/1"]
    contracts: tuple[_Entry, ...]


class JournalFile:
    """Lists contracts in a file as they are deployed, after those that an earlier deployment left there.

    Args:
        path: the file; it exists only while it lists contracts.

    Raises:
        InputError: the list of an earlier deployment cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._earlier = read_journal(path)
        self._made: list[DeployedContract] = []
        self._pending: list[DeployedContract] = []
        self._is_saved = True

    def begin(self, contract: DeployedContract) -> None:
        """List a contract without its transaction: it may be mined after the program has ended."""
        self._pending = [contract]
        self._save()

    def finish(self, contract: DeployedContract) -> None:
        """List a contract that is on the chain."""
        self._made.append(contract)
        self._pending = []
        self._save()

    def remove(self) -> None:
        """Remove the file, once the record of the deployment is written."""
        if self._earlier:
            _LOG.info("%s is removed; an earlier deployment had left there: %s", self._path, _words(self._earlier))
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def fail(self, error: BaseException) -> None:
        """Keep in the file what was deployed, and name it in the error that ended the deployment."""
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
            _LOG.warning("%s", told)

    def _save(self) -> None:
        contracts = [*self._earlier, *self._made, *self._pending]
        self._is_saved = False
        if contracts:
            entries = [
                {"chain_id": chain_id, "contract": name, "address": address, "transaction": transaction}
                for chain_id, name, address, transaction in contracts
            ]
            write_file(self._path, json.dumps({"format": FORMAT, "contracts": entries}, indent=2) + "\n")
        else:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._is_saved = True


def read_journal(path: Path) -> list[DeployedContract]:
    """What an earlier deployment left; nothing if there is no file. Raises InputError."""
    if not os.path.lexists(path):
        return []
    entries = load_model(_JournalFile, path, "list of an earlier deployment").contracts
    return [DeployedContract(entry.chain_id, entry.contract, entry.address, entry.transaction) for entry in entries]


def _words(contracts: list[DeployedContract]) -> str:
    return ", ".join(
        f"{contract.name} at {contract.address}" + ("" if contract.transaction else " (perhaps: it was being sent)")
        for contract in contracts
    )

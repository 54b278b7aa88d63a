"""A client of `BookRegistrar`, which lets a solvency gate work on the accounts of a book."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.chain._book import Permission
from verifier.chain._chain import Contract


@dataclass(frozen=True)
class RegistrarClient:
    """A deployed `BookRegistrar`.

    Attributes:
        contract: the registrar.
    """

    contract: Contract

    def sync(self, account: int) -> Mapping[str, Any]:
        """Give the gate the present commitment of an account, by its identity."""
        return self.contract.send("sync", account)

    def address_of(self, account: int) -> str | None:
        """The name of an account in the gate; None before its first `sync`."""
        address = str(self.contract.read("addressOf", account))
        return address if int(address, 16) else None

    def is_solvent(self, account: int, max_age: int) -> bool:
        """Whether the gate calls the account's present state solvent, at a round at most `max_age` seconds old."""
        return bool(self.contract.read("isSolvent", account, max_age))

    def permission_of(self, account: int) -> Permission:
        """What an account may do now as far as its flag goes."""
        return Permission(self.contract.read("permissionOf", account))

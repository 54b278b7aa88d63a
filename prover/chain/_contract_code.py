"""Compiled contracts, as a chain deploys and decodes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from verifier import InputError, read_json

_UNLINKED: Final = "__$"


@dataclass(frozen=True, slots=True)
class ContractCode:
    """A compiled contract.

    Attributes:
        name: as in its source.
        abi: its JSON ABI.
        bytecode: creation code, 0x-prefixed hex.
    """

    name: str
    abi: Sequence[Mapping[str, Any]]
    bytecode: str

    @classmethod
    def from_foundry(cls, artifact: Path) -> Self:
        """Read what forge writes for a contract.

        Args:
            artifact: such as out/Venue.sol/Venue.json.

        Raises:
            InputError: no such file, no artifact of forge, or a contract that cannot be deployed: an interface, an
                abstract contract, or one that is to be linked with a library first.
        """
        where = f"artifact {artifact}"
        value = read_json(artifact, "artifact")
        match value:
            case {"abi": list(abi), "bytecode": {"object": str(bytecode)}}:
                pass
            case _:
                raise InputError(f"{where}: not what forge writes to out/<file>.sol/<contract>.json")
        if bytecode in ("", "0x"):
            raise InputError(f"{where}: an interface or an abstract contract has no code to deploy")
        if _UNLINKED in bytecode:
            raise InputError(f"{where}: its code calls a library: link it with forge first (`--libraries`)")
        return cls(artifact.stem, abi, bytecode)

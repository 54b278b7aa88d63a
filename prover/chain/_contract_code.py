"""Compiled contracts, as a chain deploys and decodes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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

"""A liquidator's key: it opens the notices that guardians send."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

import pyrage

from prover.formats import text_of
from prover.storage import FileModel, read_secret, validate_model, write_secret
from verifier import InputError, open_input_file, parse_json, read_bounded

FORMAT: Final = "zksolvency/liquidator/1"

MAX_RECIPIENTS: Final = 256
"""Of one notice."""

_MAX_LIST_BYTES: Final = 1 << 16


class _LiquidatorFile(FileModel):
    format: Literal["zksolvency/liquidator/1"]
    identity: str


@dataclass(frozen=True)
class LiquidatorKey:
    """What opens notices that are encrypted to its recipient. It moves nothing.

    Attributes:
        identity: an X25519 identity of age. Secret.

    Raises:
        InputError: no such identity. It is not shown.
    """

    identity: str = field(repr=False)

    def __post_init__(self) -> None:
        try:
            pyrage.x25519.Identity.from_str(self.identity)
        except pyrage.IdentityError:
            raise InputError("liquidator key: no X25519 identity of age") from None

    @classmethod
    def generate(cls) -> Self:
        """A fresh key from the operating system."""
        return cls(str(pyrage.x25519.Identity.generate()))

    @cached_property
    def recipient(self) -> str:
        """What guardians encrypt to: public, 62 characters that begin with age1."""
        return str(pyrage.x25519.Identity.from_str(self.identity).to_public())

    @classmethod
    def load(cls, path: Path, passphrase: str) -> Self:
        """Read a key file.

        Raises:
            InputError: not to be opened (see `read_secret`), or malformed. No secret is shown.
        """
        where = f"liquidator key {path}"
        content = parse_json(read_secret(path, passphrase, "liquidator key"), where)
        return cls(validate_model(_LiquidatorFile, content, where).identity)

    def save(self, path: Path, passphrase: str, *, overwrite: bool = False) -> None:
        """Write the key file. Raises as `write_secret`."""
        content = {"format": FORMAT, "identity": self.identity}
        write_secret(path, json.dumps(content, indent=2) + "\n", passphrase, overwrite=overwrite)


def require_recipients(recipients: Iterable[str]) -> list[str]:
    """Registered liquidators in their usual spelling.

    Args:
        recipients: as `LiquidatorKey.recipient`.

    Raises:
        InputError: none, too many, one that is mistyped, or the same one twice.
    """
    listed = [_recipient(text, place) for place, text in enumerate(recipients, 1)]
    if not 0 < len(listed) <= MAX_RECIPIENTS:
        raise InputError(f"a notice goes to 1 to {MAX_RECIPIENTS} liquidators")
    if len(set(listed)) < len(listed):
        raise InputError("a liquidator is named twice")
    return listed


def _recipient(text: str, place: int) -> str:
    try:
        return str(pyrage.x25519.Recipient.from_str(text))
    except pyrage.RecipientError:
        raise InputError(f"liquidator {place}: mistyped, or no X25519 recipient of age") from None


def load_recipients(path: Path) -> list[str]:
    """Read the registered liquidators, a recipient a line, as `age --recipients-file` does. # begins a comment.

    Raises:
        InputError: not to be read, or as `require_recipients`.
    """
    where = f"recipients {path}"
    with open_input_file(path, where) as file:
        text = text_of(read_bounded(file, where, _MAX_LIST_BYTES), where)
    lines = (line.strip() for line in text.splitlines())
    try:
        return require_recipients(line for line in lines if line and not line.startswith("#"))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None

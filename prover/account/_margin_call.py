"""What a guardian tells the owner of an account that nears its line: sealed, so that it says nothing to others.

A sealed call looks like random bytes to those without the viewing key. So a bulletin of many calls may be public: it
has as many as its size says, true ones and random ones, and an owner finds its own by trying.
"""

import base64
import binascii
import hmac
import json
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import Field

from prover.account._keys import Domain
from prover.account._sealed import ViewingKeys
from prover.storage import AddressText, FileModel, validate_model, write_file
from verifier import InputError, open_input_file, parse_json, read_bounded

FORMAT: Final = "zksolvency/margin-calls/1"
CALL_BYTES: Final = 96
"""Of a sealed call: a nonce, the message, and a tag of 32 bytes each."""

_PART: Final = 32
_LABEL: Final = b"zksolvency.margin-call"
_MESSAGE: Final = struct.Struct(">B?BBIQQ")
_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 24


class MarginCall(NamedTuple):
    """A forecast for one account. Secret.

    Attributes:
        is_urgent: whether it is about the next hour; else about the next 24.
        hour: probability to be below maintenance margin within 1 hour [%].
        day: the same within 24 hours [%].
        minutes: after which the probability reaches a tenth: act before.
        round_id: of the prices.
        time: of the prices, Unix seconds.
    """

    is_urgent: bool
    hour: int
    day: int
    minutes: int
    round_id: int
    time: int

    def seal(self, viewing: ViewingKeys) -> bytes:
        """Encrypt it for the owner of an account.

        Args:
            viewing: of the account, which its owner and its guardian have.
        """
        nonce = secrets.token_bytes(_PART)
        pad, key = _pad_and_key(viewing, nonce)
        message = _MESSAGE.pack(_VERSION, *self).ljust(_PART, b"\0")
        text = bytes(one ^ other for one, other in zip(message, pad, strict=True))
        return nonce + text + hmac.digest(key, text, "sha256")

    @classmethod
    def open(cls, sealed: bytes, viewing: ViewingKeys) -> Self | None:
        """Decrypt a call; None where it is not for this account, or was changed on its way."""
        if len(sealed) != CALL_BYTES:
            return None
        nonce, text, tag = sealed[:_PART], sealed[_PART : 2 * _PART], sealed[2 * _PART :]
        pad, key = _pad_and_key(viewing, nonce)
        if not hmac.compare_digest(tag, hmac.digest(key, text, "sha256")):
            return None
        message = bytes(one ^ other for one, other in zip(text, pad, strict=True))
        version, *fields = _MESSAGE.unpack(message[: _MESSAGE.size])
        return cls(*fields) if version == _VERSION else None


def _pad_and_key(viewing: ViewingKeys, nonce: bytes) -> tuple[bytes, bytes]:
    """A pad and a key of the tag, by HMAC-SHA512 as a pseudorandom function of the nonce."""
    about = _LABEL + viewing.identity.to_bytes(_PART) + nonce
    made = hmac.digest(viewing.view_key.to_bytes(_PART), about, "sha512")
    return made[:_PART], made[_PART:]


class _CallsFile(FileModel):
    format: Literal["zksolvency/margin-calls/1"]
    chain_id: Annotated[int, Field(ge=0, lt=1 << 64)]
    book: AddressText
    round: Annotated[int, Field(ge=0, lt=1 << 64)]
    calls: tuple[str, ...]


@dataclass(frozen=True)
class CallBulletin:
    """Sealed calls for many owners. All of it may be public.

    Attributes:
        domain: of the book.
        round_id: of the prices.
        calls: true and random ones, in random order.
    """

    domain: Domain
    round_id: int
    calls: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, domain: Domain, round_id: int, calls: Sequence[bytes], size: int) -> Self:
        """Hide calls among random ones.

        Args:
            domain: of the book.
            round_id: of the prices.
            calls: true ones.
            size: of the bulletin; doubled until the calls have a place.
        """
        while size < len(calls):
            size *= 2
        mixed = [*calls, *(secrets.token_bytes(CALL_BYTES) for _ in range(size - len(calls)))]
        secrets.SystemRandom().shuffle(mixed)
        return cls(domain, round_id, tuple(mixed))

    def find(self, viewing: ViewingKeys) -> MarginCall | None:
        """The call for an account; None where there is none."""
        opened = (MarginCall.open(sealed, viewing) for sealed in self.calls)
        return next((call for call in opened if call is not None), None)

    def save(self, path: Path) -> None:
        """Write the file, in place of an older one. Raises InputError when the folder or disk does not take it."""
        content = {
            "format": FORMAT,
            "chain_id": self.domain.chain_id,
            "book": f"0x{self.domain.contract:040x}",
            "round": self.round_id,
            "calls": [base64.b64encode(sealed).decode() for sealed in self.calls],
        }
        write_file(path, json.dumps(content, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            InputError: not to be read, too large or malformed.
        """
        where = f"margin calls {path}"
        with open_input_file(path, where) as file:
            found = validate_model(_CallsFile, parse_json(read_bounded(file, where, _MAX_BYTES), where), where)
        try:
            calls = tuple(base64.b64decode(text, validate=True) for text in found.calls)
        except (binascii.Error, ValueError):
            raise InputError(f"{where}: a call is not in base64") from None
        return cls(Domain(found.chain_id, int(found.book, 16)), found.round, calls)

"""One seed a wallet: the owner secret of every account is derived from it (spec ZS-13).

A wallet that has its seed loses nothing: the seed tells the owner secrets, and the chain tells the accounts.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final, Self

from prover.account._babyjubjub import SUBGROUP_ORDER
from prover.account._keys import Domain
from prover.formats import decode_checked, encode_checked
from verifier import InputError

SEED_BYTES: Final = 32

SEED_KIND: Final = "zksseed"
"""How the text of a seed begins; its version follows."""

MAX_INDEX: Final = (1 << 32) - 1

_PREFIX: Final = f"{SEED_KIND}1"
_SALT: Final = b"zksolvency/seed/1"
_OWNER: Final = b"owner"


@dataclass(frozen=True)
class Seed:
    """What the owner secrets of a wallet are derived from. It moves every account that is derived from it.

    Attributes:
        secret: 32 bytes.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SEED_BYTES:
            raise InputError(f"seed: expected {SEED_BYTES} bytes")

    @classmethod
    def generate(cls) -> Self:
        """A fresh seed from the operating system."""
        return cls(secrets.token_bytes(SEED_BYTES))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the text of a seed, in either case and in groups, as it may have been written down.

        Raises:
            InputError: no seed, of a later version, cut short, or mistyped. It is not shown.
        """
        joined = "".join(text.split()).lower()
        if joined.startswith(SEED_KIND) and not joined.startswith(_PREFIX):
            raise InputError(f"seed: it does not begin with {_PREFIX}: mistyped, or of a later version of the format")
        return cls(decode_checked(_PREFIX, joined, (SEED_BYTES,), "seed"))

    def to_text(self) -> str:
        """The seed as letters and digits with a checksum, to be written down: 66 characters."""
        return encode_checked(_PREFIX, self.secret)

    def owner_secret(self, domain: Domain, index: int) -> int:
        """The owner secret of an account (spec ZS-13), uniform in [1, l) to within 2^-261.

        512 bits are reduced modulo l - 1. Rejection would have no bias at all, at the price of a loop that every other
        implementation must repeat to the letter; a bias of 2^-261 is beyond any observer.

        Args:
            domain: the book that the account is in. Another book gives another secret.
            index: of the account in its book, below 2^32.

        Raises:
            InputError: the index is out of range.
        """
        if not 0 <= index <= MAX_INDEX:
            raise InputError(f"index of an account: outside 0 to {MAX_INDEX}")
        info = _OWNER + domain.chain_id.to_bytes(8) + domain.contract.to_bytes(20) + index.to_bytes(4)
        return 1 + int.from_bytes(_hkdf_sha512(self.secret, _SALT, info)) % (SUBGROUP_ORDER - 1)


def _hkdf_sha512(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF of RFC 5869 with SHA-512 and an output of 64 bytes, which is one block."""
    extracted = hmac.digest(salt, key, "sha512")
    return hmac.digest(extracted, info + b"\x01", "sha512")

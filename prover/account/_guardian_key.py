"""A guardian's key: the secret in an encrypted file, and the public point as text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

from prover.account._babyjubjub import BASE, Point, clear_cofactor, random_scalar
from prover.account._keys import Domain, require_scalar
from prover.account._opening import OwnerRecord, derive_viewing_keys
from prover.account._sealed import ViewingKeys
from prover.storage import FileModel, NaturalText, read_secret, validate_model, write_secret
from verifier import InputError, parse_json, parse_natural

FORMAT: Final = "zksolvency/guardian/1"


class _GuardianFile(FileModel):
    format: Literal["zksolvency/guardian/1"]
    secret: NaturalText


@dataclass(frozen=True)
class GuardianKey:
    """What opens every account that named its point as guardian. It moves none of them.

    Attributes:
        secret: scalar in [1, l).
    """

    secret: int = field(repr=False)

    def __post_init__(self) -> None:
        require_scalar(self.secret, "guardian secret")

    @classmethod
    def generate(cls) -> Self:
        """A fresh key from the operating system."""
        return cls(random_scalar())

    @cached_property
    def point(self) -> Point:
        """secret * B: public; owners name it when they open an account."""
        return self.secret * BASE

    def viewing(self, owner_point: Point, owner_tag: int, domain: Domain) -> ViewingKeys:
        """The viewing keys of an account. Arguments and errors as for `ViewingKeys.of_guardian`."""
        return ViewingKeys.of_guardian(self.secret, owner_point, owner_tag, domain)

    def viewing_of_all(self, owners: Sequence[OwnerRecord], domain: Domain) -> list[ViewingKeys | InputError]:
        """The viewing keys of many accounts. Arguments and result as for `derive_viewing_keys`."""
        return derive_viewing_keys(self.secret, owners, domain)

    @classmethod
    def load(cls, path: Path, passphrase: str) -> Self:
        """Read a key file.

        Raises:
            InputError: not to be opened (see `read_secret`), or malformed. No secret is shown.
        """
        where = f"guardian key {path}"
        return cls.from_json(parse_json(read_secret(path, passphrase, "guardian key"), where), where)

    def save(self, path: Path, passphrase: str, *, overwrite: bool = False) -> None:
        """Write the key file. Raises as `write_secret`."""
        write_secret(path, json.dumps(self.to_json(), indent=2) + "\n", passphrase, overwrite=overwrite)

    @classmethod
    def from_json(cls, value: object, where: str = "guardian key") -> Self:
        """Read the decrypted key. Raises InputError as `load`."""
        return cls(int(validate_model(_GuardianFile, value, where).secret))

    def to_json(self) -> dict[str, object]:
        """The key before it is encrypted: the secret."""
        return {"format": FORMAT, "secret": str(self.secret)}


def point_to_text(point: Point) -> str:
    """A point as its coordinates X,Y in decimal: what --guardian takes.

    It needs no checksum: with a given coordinate two points at most are on the curve, so a mistyped one is not.
    """
    return f"{point.x},{point.y}"


def point_from_text(text: str) -> Point:
    """Read X,Y in decimal.

    Raises:
        InputError: not of that form, not on the curve, or of small order.
    """
    parts = text.strip().split(",")
    if len(parts) != 2:
        raise InputError("point: expected the two coordinates as X,Y")
    point = Point(parse_natural(parts[0], "point"), parse_natural(parts[1], "point"))
    clear_cofactor(point)
    return point

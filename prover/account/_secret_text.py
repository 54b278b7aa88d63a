"""What an owner has written down, as it is typed: a seed, or an owner secret."""

import re
from typing import Final

from prover.account._babyjubjub import SUBGROUP_ORDER
from prover.account._seed import SEED_KIND, Seed
from verifier import InputError

_SECRET: Final = re.compile(r"0x([0-9a-fA-F]{1,64})|([0-9]{1,78})")


def secret_from_text(text: str) -> Seed | int:
    """Read a seed or an owner secret, as `wallet show --secrets` prints them. It is in no error.

    Raises:
        InputError: neither, or as `Seed.from_text` and `owner_secret_from_text`.
    """
    if text.strip().lower().startswith(SEED_KIND):
        return Seed.from_text(text)
    return owner_secret_from_text(text)


def owner_secret_from_text(text: str) -> int:
    """Read an owner secret: decimal, or hex with 0x. It is in no error.

    Raises:
        InputError: no such number, or not in [1, l).
    """
    match = _SECRET.fullmatch(text.strip())
    secret = 0 if match is None else int(match[1], 16) if match[1] else int(match[2])
    if not 1 <= secret < SUBGROUP_ORDER:
        raise InputError(
            "owner secret: expected a number, decimal or in hex with 0x, as `wallet show --secrets` prints it; "
            f"a seed begins with {SEED_KIND}"
        )
    return secret

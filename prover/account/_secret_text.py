"""An owner secret as its owner types it."""

import re
from typing import Final

from prover.account._babyjubjub import SUBGROUP_ORDER
from verifier import InputError

_SECRET: Final = re.compile(r"0x([0-9a-fA-F]{1,64})|([0-9]{1,78})")


def owner_secret_from_text(text: str) -> int:
    """Read an owner secret: decimal, or hex with 0x. It is in no error.

    Raises:
        InputError: no such number, or not in [1, l).
    """
    match = _SECRET.fullmatch(text.strip())
    secret = 0 if match is None else int(match[1], 16) if match[1] else int(match[2])
    if not 1 <= secret < SUBGROUP_ORDER:
        raise InputError(
            "owner secret: expected a number, decimal or in hex with 0x, as `wallet show --secrets` prints it"
        )
    return secret

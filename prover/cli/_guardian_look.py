"""The account that a guardian means by an identity or how that begins."""

from collections.abc import Sequence
from typing import Final

from prover.cli._output import as_hex
from prover.onchain import GuardedAccount
from verifier import InputError

MIN_PREFIX: Final = 6  # characters: 0x and four digits


def choose(accounts: Sequence[GuardedAccount], text: str) -> GuardedAccount:
    """The account that an option or argument names.

    Args:
        accounts: to choose from.
        text: its identity in hex with 0x, or how that begins.

    Raises:
        InputError: too short, none, or more than one.
    """
    wanted = text.lower().removesuffix("..")
    if len(wanted) < MIN_PREFIX or not wanted.startswith("0x"):
        raise InputError(f"account: give 0x and at least {MIN_PREFIX - 2} digits of the account's identity")
    found = [account for account in accounts if as_hex(account.identity).startswith(wanted)]
    if len(found) != 1:
        many = "more than one account begins" if found else "no account that named this guardian begins"
        raise InputError(f"account: {many} like this; see `zksolvency guardian show`")
    return found[0]

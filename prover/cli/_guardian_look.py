"""The account that a guardian means by an identity or how that begins."""

from collections.abc import Iterator
from typing import Final

from prover.cli._output import as_hex
from prover.onchain import GuardedAccount, Snapshot
from verifier import ChainError, InputError

MIN_PREFIX: Final = 6  # characters: 0x and four digits
MAX_NAMED: Final = 20


def choose(snapshot: Snapshot, text: str) -> GuardedAccount:
    """The account that an option or argument names.

    Args:
        snapshot: a look at the accounts to choose from.
        text: its identity in hex with 0x, or how that begins.

    Raises:
        InputError: too short, none, or more than one.
        ChainError: the node's logs do not hold its state.
    """
    wanted = text.lower().removesuffix("..")
    if len(wanted) < MIN_PREFIX or not wanted.startswith("0x"):
        raise InputError(f"account: give 0x and at least {MIN_PREFIX - 2} digits of the account's identity")
    if any(as_hex(identity).startswith(wanted) for identity in snapshot.unread):
        raise ChainError("account: the node's logs do not hold its present state; ask another node")
    found = [account for account in snapshot.accounts if as_hex(account.identity).startswith(wanted)]
    if len(found) != 1:
        many = "more than one account begins" if found else "no account that named this guardian begins"
        raise InputError(f"account: {many} like this; see `zksolvency guardian show`")
    return found[0]


def left_out(snapshot: Snapshot) -> Iterator[str]:
    """What the node leaves out of a look, in words."""
    for what, identities in (
        ("the present state of the account", snapshot.unread),
        ("the opening of the account", snapshot.unopened),
    ):
        for identity in identities[:MAX_NAMED]:
            yield f"the node's logs do not hold {what} {as_hex(identity)}"
        if len(identities) > MAX_NAMED:
            yield f"nor those of {len(identities) - MAX_NAMED} further accounts"

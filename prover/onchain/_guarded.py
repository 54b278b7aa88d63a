"""One of a guardian's accounts, by its identity or how that begins."""

from typing import Final

from prover.onchain._snapshot import GuardedAccount, Snapshot
from verifier import ChainError, InputError

MIN_PREFIX: Final = 6  # characters: 0x and four digits


def find_guarded(snapshot: Snapshot, text: str) -> GuardedAccount:
    """The account that an identity names.

    Args:
        snapshot: a look at the accounts to choose from.
        text: its identity in hex with 0x, or how that begins; perhaps with dots at its end.

    Raises:
        InputError: too short, none, more than one, or one that is closed.
        ChainError: the node's logs do not hold its state.
    """
    wanted = text.lower().removesuffix("..")
    if len(wanted) < MIN_PREFIX or not wanted.startswith("0x"):
        raise InputError(f"account: give 0x and at least {MIN_PREFIX - 2} digits of the account's identity")
    if any(_hex(identity).startswith(wanted) for identity in snapshot.unread):
        raise ChainError("account: the node's logs do not hold its present state; ask another node")
    if any(_hex(identity).startswith(wanted) for identity in snapshot.closed):
        raise InputError("account: it is closed, or has moved to another identity")
    found = [account for account in snapshot.accounts if _hex(account.identity).startswith(wanted)]
    if len(found) != 1:
        many = "more than one account begins" if found else "no account that named this guardian begins"
        raise InputError(f"account: {many} like this; see `zksolvency guardian show`")
    return found[0]


def _hex(identity: int) -> str:
    return f"0x{identity:064x}"

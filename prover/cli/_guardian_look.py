"""A guardian's look at its accounts: at one moment, and again without deriving or decrypting twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from prover._guardian_key import GuardianKey
from prover.cli._output import as_hex
from prover.onchain import Guarded, GuardianView, OnchainBook, ReadState, Standing, standing
from verifier import InputError
from verifier.chain import OnchainRound

MIN_PREFIX: Final = 6  # characters: 0x and four digits


class Side(StrEnum):
    """Where an account stands at a round."""

    HEALTHY = "healthy"
    NO_NEW_RISK = "below initial"
    LIQUIDATABLE = "liquidatable"


@dataclass(frozen=True)
class Seen:
    """An account as a guardian sees it.

    Attributes:
        guarded: the account.
        state: its present state.
        standing: at the newest round; None before the first.
    """

    guarded: Guarded
    state: ReadState
    standing: Standing | None

    @property
    def identity(self) -> int:
        """Names the account."""
        return self.guarded.opened.account

    @property
    def side(self) -> Side | None:
        """Where it stands; None before the first round."""
        if self.standing is None:
            return None
        if self.standing.maintenance.health < 0:
            return Side.LIQUIDATABLE
        return Side.HEALTHY if self.standing.initial.health >= 0 else Side.NO_NEW_RISK


@dataclass(frozen=True)
class Sight:
    """All accounts of a guardian at one moment.

    Attributes:
        block: the newest one when the look began.
        round: the newest one; None before the first.
        accounts: oldest first.
    """

    block: int
    round: OnchainRound | None
    accounts: Sequence[Seen]


class Looker:
    """Looks at the accounts of a guardian.

    Args:
        key: of the guardian.
    """

    def __init__(self, key: GuardianKey) -> None:
        self._view = GuardianView(key)

    def look(self, book: OnchainBook) -> Sight:
        """See all accounts.

        Raises:
            ChainError: the node is not reached, or lacks logs.
        """
        latest = book.contracts.rounds.latest_id()
        round_ = book.contracts.rounds.round(latest) if latest else None
        block, accounts = self._view.look(book)
        return Sight(block, round_, [_seen(account, state, round_) for account, state in accounts])


def _seen(account: Guarded, state: ReadState, round_: OnchainRound | None) -> Seen:
    return Seen(account, state, None if round_ is None else standing(account, state, round_))


def choose(accounts: Sequence[Seen], text: str) -> Seen:
    """The account that an option names.

    Args:
        accounts: to choose from.
        text: its identity in hex with 0x, or how that begins.

    Raises:
        InputError: too short, none, or more than one.
    """
    wanted = text.lower().removesuffix("..")
    if len(wanted) < MIN_PREFIX or not wanted.startswith("0x"):
        raise InputError(f"--account: give 0x and at least {MIN_PREFIX - 2} digits of the account's identity")
    found = [account for account in accounts if as_hex(account.identity).startswith(wanted)]
    if len(found) != 1:
        many = "more than one account begins" if found else "no account that named this guardian begins"
        raise InputError(f"--account: {many} like this; see `zksolvency guardian show`")
    return found[0]

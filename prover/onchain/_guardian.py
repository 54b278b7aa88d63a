"""What a guardian sees: every account that named it, from the chain's events alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from prover._babyjubjub import Point
from prover._guardian_key import GuardianKey
from prover._keys import AccountKeys, owner_tag
from prover._margin import Health
from prover.onchain._book import OnchainBook, ReadState
from prover.onchain._guardian_view import Guarded, GuardianView
from verifier.chain import OnchainRound


@dataclass(frozen=True)
class Standing:
    """Where an account stands at a round. All of it is secret but the account's identity.

    Attributes:
        account: the account.
        state: its present state.
        maintenance: equity and margin, to be left alone.
        initial: equity and margin, to increase risk.
    """

    account: Guarded
    state: ReadState = field(repr=False)
    maintenance: Health = field(repr=False)
    initial: Health = field(repr=False)


@dataclass(frozen=True)
class Guardian:
    """A guardian of a margin book. It reads accounts, and cannot move them.

    Attributes:
        book: the book.
        key: its secret.
    """

    book: OnchainBook
    key: GuardianKey

    def accounts(self) -> list[Guarded]:
        """Every account that named this guardian, oldest first.

        Whoever opens an account proves that the guardian derives its viewing key, so none is unreadable.
        """
        point = self.key.point
        opened = self.book.contracts.book.openings((point.x, point.y))
        return [Guarded.of(self.book, self.key, one) for one in opened]

    def standings(self, round_: OnchainRound) -> Iterator[Standing]:
        """Where each account stands at a round, oldest account first. `GuardianView` looks again and again."""
        for account, state in GuardianView(self.key).look(self.book).accounts:
            yield standing(account, state, round_)


def standing(account: Guarded, state: ReadState, round_: OnchainRound) -> Standing:
    """Where an account stands at a round."""
    return Standing(account, state, *state.health(round_))


def restore(book: OnchainBook, owner_secret: int) -> list[AccountKeys]:
    """Every account of an owner in a book, from its secret alone.

    Args:
        book: the book.
        owner_secret: scalar in [1, l).

    Returns:
        Keys of each account; their salt is not used.

    Raises:
        InputError: the secret is out of range.
        ChainError: the node is not reached.
    """
    tag = owner_tag(owner_secret)
    return [
        AccountKeys(owner_secret, Point(*opened.guardian_point), book.domain, salt=0)
        for opened in book.contracts.book.openings()
        if opened.owner_tag == tag
    ]

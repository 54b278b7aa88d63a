"""The accounts of an owner in a book, found again from the owner secret alone."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prover.account import BASE, OwnerKeys, Point, owner_tag
from prover.chain import AccountOpened
from prover.onchain._book import MarginBook
from verifier import InputError

_LOG: Final = logging.getLogger("prover.onchain")


def restore(book: MarginBook, owner_secret: int, guardians: Sequence[Point] = ()) -> list[OwnerKeys]:
    """The keys of every account of an owner in a book.

    The openings name the owner's guardians; stored ones count too. A node may leave openings out, so the contract is
    also asked for the account under each guardian that the book ever accepted. A warning says how many openings the
    node left out, by the number of accounts that the book has counted.

    Args:
        book: the book.
        owner_secret: scalar in [1, l).
        guardians: further guardians to try. With the right one, no log is needed.

    Raises:
        InputError: the secret is out of range, or a guardian's point is not on the curve.
        ChainError: the node is not reached.
    """
    contract, head = book.contracts.book, book.contracts.chain.block_number()
    openings, left_out = contract.checked_openings(head)
    kept = [] if book.store is None else book.store.openings()
    given = [OwnerKeys(owner_secret, point, book.domain) for point in (*guardians, owner_secret * BASE)]
    named = _under(book, owner_secret, _points([*openings, *kept], owner_tag(owner_secret), contract.known_guardians()))
    candidates = {keys.identity: keys for keys in (*named, *given)}
    present = contract.accounts(candidates, head)
    opened = {one.account for one in openings}
    found = [keys for identity, keys in candidates.items() if present[identity].commitment]
    left_out = max(left_out, len({keys.identity for keys in found} - opened))
    if left_out:
        _LOG.warning(
            "the node's logs hold no openings of %d accounts that the book has: accounts of this owner whose guardians "
            "the node does not tell of either are not found; ask another node, or name the guardian",
            left_out,
        )
    return found


def _points(
    openings: Iterable[AccountOpened], tag: int, guardians: Iterable[tuple[int, int]]
) -> Iterable[tuple[int, int]]:
    """Guardians of the owner's openings, oldest first, then every other one of the book."""
    named = [one.guardian_point for one in openings if one.owner_tag == tag]
    return dict.fromkeys([*named, *guardians])


def _under(book: MarginBook, owner_secret: int, points: Iterable[tuple[int, int]]) -> Iterator[OwnerKeys]:
    for point in points:
        try:
            yield OwnerKeys(owner_secret, Point(*point), book.domain)
        except InputError:  # not a point of the curve: the node returned a wrong log
            continue

"""The accounts of an owner in a book, found again from the owner secret alone."""

from prover._babyjubjub import Point
from prover._keys import OwnerKeys, owner_tag
from prover.onchain._book import MarginBook


def restore(book: MarginBook, owner_secret: int) -> list[OwnerKeys]:
    """The keys of every account of an owner in a book.

    Args:
        book: the book.
        owner_secret: scalar in [1, l).

    Raises:
        InputError: the secret is out of range.
        ChainError: the node is not reached.
    """
    tag = owner_tag(owner_secret)
    return [
        OwnerKeys(owner_secret, Point(*opened.guardian_point), book.domain)
        for opened in book.contracts.book.openings()
        if opened.owner_tag == tag
    ]

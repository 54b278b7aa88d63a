"""The accounts of an owner in a book, found again from a seed or an owner secret alone."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from prover.account import BASE, FoundAccount, OwnerKeys, Point, Seed, clear_cofactor, owner_tag
from prover.chain import AccountOpened, BookAccount
from prover.onchain._book import MarginBook
from verifier import FieldPair, InputError

_LOG: Final = logging.getLogger("prover.onchain")

GAP_LIMIT: Final = 20
"""How many indices in a row may have no account in a book. A search ends after as many."""


@dataclass(frozen=True)
class FoundAccounts:
    """What a search of a book has found.

    Attributes:
        accounts: of the owner; those of a seed by index.
        left_out: how many openings of the book, at least, the node's logs do not hold. Where it is not 0, accounts
            whose guardians the node does not tell of either are missing.
    """

    accounts: Sequence[FoundAccount]
    left_out: int


def find_accounts(
    book: MarginBook, secret: Seed | int, guardians: Sequence[Point] = (), gap: int = GAP_LIMIT
) -> FoundAccounts:
    """Every account of a seed or an owner secret in a book.

    The openings name the owner's guardians; stored ones count too. A node may leave openings out, so the contract is
    also asked for the account under each guardian that the book ever accepted. A warning says how many openings the
    node left out, by the number of accounts that the book has counted. The indices of a seed are looked for in turn,
    until `gap` of them in a row have no account.

    Args:
        book: the book.
        secret: a seed, or an owner secret in [1, l).
        guardians: further guardians to try. With the right one, no log is needed.
        gap: at least 1. An account of a seed after a longer gap is not found.

    Raises:
        InputError: the owner secret is out of range, or a guardian's point is not on the curve.
        ChainError: the node is not reached.
    """
    if isinstance(secret, Seed):
        records = _Records.read(book, guardians)
        known = [
            (FoundAccount(keys, index), state)
            for index, states in _search(records, secret, 0, gap)
            for keys, state in states
        ]
    else:
        records = _Records.read(book, [*guardians, secret * BASE])
        (states,) = records.states([secret])
        known = [(FoundAccount(keys), state) for keys, state in states]
    found = [account for account, state in known if state.commitment]
    left_out = max(records.left_out, len({account.keys.identity for account in found} - set(records.opened)))
    if left_out:
        _LOG.warning(
            "the node's logs hold no openings of %d accounts that the book %s has: accounts of this owner whose "
            "guardians the node does not tell of either are not found; ask another node, or name the guardian",
            left_out,
            book.contracts.book.contract.address,
        )
    return FoundAccounts(found, left_out)


def restore(book: MarginBook, owner_secret: int, guardians: Sequence[Point] = ()) -> list[OwnerKeys]:
    """The keys of every account of an owner secret in a book. Arguments and errors as for `find_accounts`."""
    return [account.keys for account in find_accounts(book, owner_secret, guardians).accounts]


def unused_index(
    book: MarginBook, seed: Seed, next_own: int, guardians: Sequence[Point] = (), gap: int = GAP_LIMIT
) -> int:
    """The index of the next account of a seed in a book, which no copy of the wallet has used.

    The contract is asked for the accounts at the indices around, under each guardian that is known. So no opening has
    to be read, and an opening that the node leaves out makes no difference.

    Args:
        book: where the account will live.
        seed: of the wallet.
        next_own: above every index that the wallet has in the book, opened or not.
        guardians: that accounts may have named, beside those that the book ever accepted.
        gap: see `find_accounts`.

    Raises:
        InputError: too many indices below were never opened: `find_accounts` would not find the account.
        ChainError: the node is not reached.
    """
    records = _Records.kept(book, guardians)
    newest = max((index for index, _ in _search(records, seed, max(next_own - gap, 0), gap)), default=-1)
    if newest >= next_own:
        _LOG.warning(
            "another copy of the wallet has opened accounts in this book: `wallet restore --own-seed` adds them here"
        )
    index = max(next_own, newest + 1)
    if index - newest > gap:
        raise InputError(
            f"the last {gap} accounts of the wallet in this book were never opened, and a restoration looks no "
            "further: open one of them first (`account open` with its name)"
        )
    return index


def require_unlinked(book: MarginBook, keys: OwnerKeys, guardians: Sequence[Point] = ()) -> None:
    """Refuse to open an account whose owner secret has an account under another guardian.

    Its owner tag would tell the public that both accounts are of one owner. An account that is open passes.

    Args:
        book: where the account will live.
        keys: of the account.
        guardians: as for `unused_index`.

    Raises:
        InputError: there is such an account: another copy of the wallet has opened it.
        ChainError: the node is not reached.
    """
    (states,) = _Records.kept(book, [*guardians, keys.guardian]).states([keys.owner_secret])
    known = {one.identity for one, state in states if state.is_used}
    if known and keys.identity not in known:
        raise InputError(
            "another copy of the wallet has opened an account with this secret and another guardian: opening this one "
            "would show the public that both are yours; choose another --name"
        )


def _search(
    records: "_Records", seed: Seed, first: int, gap: int
) -> Iterator[tuple[int, list[tuple[OwnerKeys, BookAccount]]]]:
    """Indices that the book knows of, and what it knows, until a gap."""
    end = first + gap
    while first < end:
        indices = range(first, end)
        secrets = [seed.owner_secret(records.book.domain, index) for index in indices]
        for index, states in zip(indices, records.states(secrets), strict=True):
            known = [(keys, state) for keys, state in states if state.is_used]
            if known:
                end = index + 1 + gap
                yield index, known
        first = indices.stop


@dataclass(frozen=True)
class _Records:
    """What tells of the accounts of an owner in a book, at the end of a block.

    Attributes:
        book: the book.
        block: number.
        named: points of the guardians that the known openings name, by owner tag, the oldest first.
        guardians: further points that accounts may have named.
        opened: identities of accounts whose openings the node's logs hold.
        left_out: how many more the book has counted.
    """

    book: MarginBook
    block: int
    named: Mapping[int, Sequence[Point]]
    guardians: Sequence[Point]
    opened: Collection[int] = ()
    left_out: int = 0

    @classmethod
    def kept(cls, book: MarginBook, guardians: Iterable[Point]) -> Self:
        """Without a search of the node's logs for openings: those that are kept count."""
        return cls(book, book.contracts.chain.block_number(), _named(_kept(book)), _guardians(book, guardians))

    @classmethod
    def read(cls, book: MarginBook, guardians: Iterable[Point]) -> Self:
        """With the openings of the node's logs."""
        block = book.contracts.chain.block_number()
        openings, left_out = book.contracts.book.checked_openings(block)
        return cls(
            book,
            block,
            _named([*openings, *_kept(book)]),
            _guardians(book, guardians),
            {one.account for one in openings},
            left_out,
        )

    def states(self, secrets: Iterable[int]) -> list[list[tuple[OwnerKeys, BookAccount]]]:
        """For each owner secret the accounts that it may have, and what the contract knows of them."""
        candidates = [list(self._candidates(secret)) for secret in secrets]
        asked = {keys.identity for one in candidates for keys in one}
        known = self.book.contracts.book.accounts(asked, self.block)
        return [[(keys, known[keys.identity]) for keys in one] for one in candidates]

    def _candidates(self, secret: int) -> Iterable[OwnerKeys]:
        points = dict.fromkeys([*self.named.get(owner_tag(secret), ()), *self.guardians])
        keys = (OwnerKeys(secret, point, self.book.domain) for point in points)
        return {one.identity: one for one in keys}.values()


def _kept(book: MarginBook) -> Sequence[AccountOpened]:
    return [] if book.store is None else book.store.openings()


def _named(openings: Iterable[AccountOpened]) -> dict[int, list[Point]]:
    named: dict[int, list[Point]] = {}
    for one in openings:
        named.setdefault(one.owner_tag, []).extend(_points([one.guardian_point]))
    return named


def _guardians(book: MarginBook, given: Iterable[Point]) -> list[Point]:
    """Those that the book ever accepted, and those that are given."""
    return [*_points(book.contracts.book.known_guardians()), *given]


def _points(pairs: Iterable[FieldPair]) -> Iterator[Point]:
    for pair in pairs:
        point = Point(*pair)
        try:
            clear_cofactor(point)
        except InputError:  # not a point of the curve: the node returned a wrong log
            continue
        yield point

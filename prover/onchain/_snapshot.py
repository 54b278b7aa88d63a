"""What a guardian sees of its accounts: all of them at the end of a block, or what has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from prover.chain import AccountOpened, BookAccount, OnchainRound
from prover.onchain._book import AccountView


@dataclass(frozen=True)
class GuardedAccount(AccountView):
    """An account that named this guardian.

    Attributes:
        opened: the event of its opening.
    """

    opened: AccountOpened


class Snapshot(NamedTuple):
    """All accounts of a guardian at the end of a block, each in the state that the contract has then.

    Attributes:
        block: its number.
        round: the newest price round; None before the first.
        accounts: oldest first.
        unread: identities of accounts of this guardian whose state at this block the node's logs do not hold, or hold
            falsely. No older state is shown in its place.
        unopened: identities of accounts of the book whose openings the node's logs do not hold. Whether they named
            this guardian is not known.
        hidden: how many more accounts the book has counted at this block, which no event of the node's logs names.
        closed: identities of accounts of this guardian that were closed, or have moved to another identity.
        asleep: identities of accounts that an expiry has passed by: they are of an older epoch than the round, and
            nothing can be proven of them at it before `ExpiryKeeper.expire`.
        known: what the contract has of each account of this guardian at this block, such as its flags, by identity.
    """

    block: int
    round: OnchainRound | None
    accounts: Sequence[GuardedAccount]
    unread: Sequence[int] = ()
    unopened: Sequence[int] = ()
    hidden: int = 0
    closed: Sequence[int] = ()
    asleep: Sequence[int] = ()
    known: Mapping[int, BookAccount] = MappingProxyType({})


class AccountNews(NamedTuple):
    """What has changed since the look, or the news, before.

    Attributes:
        block: the number of the block at whose end this is so.
        accounts: that were opened, or have another state.
        known: what the contract has of accounts that events name, or that were rechecked, such as their flags.
        left: identities of accounts that were closed, have moved, or whose opening a reorganisation took back.
        unread: identities of accounts that have another state, which the node's logs do not hold, or hold falsely.
        unopened: as of `Snapshot`.
        hidden: as of `Snapshot`.
    """

    block: int
    accounts: Sequence[GuardedAccount]
    known: Mapping[int, BookAccount]
    left: Sequence[int]
    unread: Sequence[int]
    unopened: Sequence[int] = ()
    hidden: int = 0

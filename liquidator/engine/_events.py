"""What passes from stage to stage: from a round of prices to a mined transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from prover.chain import BookAccount, OnchainRound
from prover.onchain import GuardedAccount, SaleEnd
from verifier import VectorKind, ZkSolvencyError


class Stage(StrEnum):
    """A step whose time is measured.

    ROUND_SEEN: a new block was looked at for a new round, and the round was read.
    STATES_OPENED: what has changed of the accounts was read and opened.
    SCREENED: accounts below a line were found.
    ORDERED: they were put in order.
    PROVEN: a proof was made.
    MINED: a transaction was sent and mined.
    NOTIFIED: a notice was proven, sealed and written.
    PREDICTED: a forecast was made, beside the loop.
    """

    ROUND_SEEN = "round-seen"
    STATES_OPENED = "states-opened"
    SCREENED = "screened"
    ORDERED = "ordered"
    PROVEN = "proven"
    MINED = "mined"
    NOTIFIED = "notified"
    PREDICTED = "predicted"


STAGES: Final = tuple(Stage)


class Statement(StrEnum):
    """What a job is for."""

    FLAG = "flag"
    NOTICE = "notice"
    ANSWER = "answer"
    EXPIRE = "expire"
    TAKE_OVER = "take-over"
    WRITE_OFF = "write-off"
    PREPARE_ROUND = "prepare-round"
    PAY_OUT = "pay-out"


@dataclass(frozen=True)
class JobKey:
    """What a job is about: no second one of the same key begins before it is over.

    Attributes:
        statement: what is to be done.
        account: identity; None for what is about no account.
        ground: of a flag; None where there is none.
    """

    statement: Statement
    account: int | None = None
    ground: VectorKind | None = None


@dataclass(frozen=True)
class RoundSeen:
    """A new round, or a new block at an old one.

    Attributes:
        block: number of the newest block.
        round_id: of the newest round; 0 before the first.
        is_new: whether the round is newer than the one before.
        seen_at: on the engine's steady clock [s].
    """

    block: int
    round_id: int
    is_new: bool
    seen_at: float


class LeftOut(NamedTuple):
    """What the node's logs lack.

    Attributes:
        unread: accounts without their present state.
        unopened: accounts without their opening.
        hidden: accounts that the book counts, and that no log names.
    """

    unread: int = 0
    unopened: int = 0
    hidden: int = 0


@dataclass(frozen=True)
class StatesOpened:
    """All accounts in the states that the contract has. The mappings change at the next look.

    Attributes:
        seen: what led to it.
        block: at whose end this is so.
        round: the newest round; None before the first.
        accounts: those that a proof can be made about now, by identity.
        asleep: those that an expiry has passed by: nothing can be proven of them before they are `expire`d.
        flagged: what the contract has of those that are flagged.
        left_out: what the node's logs lack.
        changed: identities of those that are new, or have a new state.
    """

    seen: RoundSeen
    block: int
    round: OnchainRound | None
    accounts: Mapping[int, GuardedAccount] = field(repr=False)
    asleep: Mapping[int, GuardedAccount] = field(repr=False)
    flagged: Mapping[int, BookAccount] = field(repr=False)
    left_out: LeftOut
    changed: Sequence[int] = ()


@dataclass(frozen=True)
class BelowLine:
    """An account that is below a line.

    Attributes:
        account: its identity.
        ground: which line.
        health: below 0, as a float for ordering alone [1e-18 USD]. Secret.
    """

    account: int
    ground: VectorKind
    health: float = field(repr=False)


@dataclass(frozen=True)
class Screened:
    """Which accounts are below which line.

    Attributes:
        opened: what was screened.
        below: in no order.
    """

    opened: StatesOpened
    below: Sequence[BelowLine]


@dataclass(frozen=True)
class Ordered:
    """The same, in the order in which they are worked on.

    Attributes:
        screened: before.
        below: the most urgent one first.
    """

    screened: Screened
    below: Sequence[BelowLine]


@dataclass(frozen=True)
class Mined:
    """A job's transaction was mined.

    Attributes:
        account: which; None for what is about no account.
        statement: what for.
        receipt: of the transaction.
        seconds: since the round was seen, where a round led to it.
    """

    account: int | None
    statement: Statement
    receipt: Mapping[str, Any]
    seconds: float | None = None


@dataclass(frozen=True)
class Notified:
    """A notice was written.

    Attributes:
        account: which is for sale.
        ground: its flag.
        round_id: of the proofs.
        file: name of the file.
        seconds: that it took to prove, seal and write.
    """

    account: int
    ground: VectorKind
    round_id: int
    file: str
    seconds: float


@dataclass(frozen=True)
class SaleOver:
    """Nothing more of an account is sold, as things are.

    Attributes:
        account: which.
        ground: its flag.
        end: why.
    """

    account: int
    ground: VectorKind
    end: SaleEnd


@dataclass(frozen=True)
class Refused:
    """A job was not done.

    Attributes:
        account: which; None for what is about no account.
        statement: what for.
        error: why.
        is_final: whether a later try alone does not help.
    """

    account: int | None
    statement: Statement
    error: ZkSolvencyError
    is_final: bool


@dataclass(frozen=True)
class WouldSend:
    """A dry run has come to a transaction, and ends the job there.

    Attributes:
        account: which; None for what is about no account.
        statement: what for.
        gas: that it would use.
        wei: that it would cost now.
    """

    account: int | None
    statement: Statement
    gas: int
    wei: int


JobEvent = Mined | Notified | SaleOver | WouldSend | Refused
"""What becomes of a job."""

"""What the store keeps, as types. Nothing of it is secret: the state of an account is never in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    """How far a job is."""

    BEGUN = "begun"
    SENT = "sent"
    """It has a transaction, which may be mined."""
    MINED = "mined"


class Outcome(StrEnum):
    """How a job ended."""

    DONE = "done"
    REFUSED = "refused"
    """By a contract, a node, a signer or for its costs."""
    INTERRUPTED = "interrupted"
    """The process ended before it could say. No transaction of it waits to be mined."""


class CooldownKind(StrEnum):
    """Why an action waits."""

    PASSING = "passing"
    """A refusal that may be over soon, such as a price round that is too old."""
    FINAL = "final"
    """A refusal that stays until the account changes."""


class Task(NamedTuple):
    """Something to do about an account, whatever the price round.

    Attributes:
        chain_id: of the chain.
        book: address of the margin book, checksummed.
        account: its identity; 0 for what is about no account.
        action: such as "flag maintenance".
    """

    chain_id: int
    book: str
    account: int
    action: str


@dataclass(frozen=True, slots=True)
class Job:
    """A task at one price round.

    Attributes:
        id: in the store.
        task: what to do.
        round_id: of the price round that is the reason.
        stage: how far it is.
        outcome: how it ended, by who began it; None before.
        detail: more about the outcome, for people.
        begun: Unix seconds.
        changed: when stage or outcome changed last, Unix seconds.
    """

    id: int
    task: Task
    round_id: int
    stage: Stage
    outcome: Outcome | None
    detail: str
    begun: float
    changed: float


@dataclass(frozen=True, slots=True)
class Cooldown:
    """A task that is left alone for a while.

    Attributes:
        task: what is not done.
        kind: whether the reason may pass.
        until: Unix seconds; None until it is cleared.
        reason: for people.
    """

    task: Task
    kind: CooldownKind
    until: float | None
    reason: str


class TransactionState(StrEnum):
    """What became of a nonce."""

    OPEN = "open"
    """Written, and perhaps broadcast: it may be mined."""
    MINED = "mined"
    """In a block that a reorganisation may still drop."""
    FINAL = "final"
    """In a block that is deep enough."""
    DROPPED = "dropped"
    """Never broadcast, or another transaction with its nonce is mined: it can never be mined."""


class SignedCall(NamedTuple):
    """A signed transaction.

    Attributes:
        digest: its hash.
        raw: its bytes, as they are broadcast.
    """

    digest: bytes
    raw: bytes


class Inclusion(NamedTuple):
    """The block that a transaction is mined in.

    Attributes:
        digest: hash of the transaction.
        block: number.
        block_hash: of the block.
        succeeded: whether it did what it was for: it did not revert, and is not the empty one that gave it up.
    """

    digest: bytes
    block: int
    block_hash: bytes
    succeeded: bool


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """A transaction with its replacements: one nonce, of which at most one is mined.

    Attributes:
        id: in the store.
        chain_id: of the chain.
        sender: address, checksummed.
        nonce: of all of them.
        job: that it is for; None for none.
        purpose: names the action, for people.
        fee_limit: the most that it may cost [wei]; None for no limit.
        state: what became of it.
        is_abandoned: whether what it is for has passed, so that an empty transaction may take its nonce.
        signed: oldest first.
        inclusion: where it is mined; None while it is not.
    """

    id: int
    chain_id: int
    sender: str
    nonce: int
    job: int | None
    purpose: str
    fee_limit: int | None
    state: TransactionState
    is_abandoned: bool
    signed: tuple[SignedCall, ...]
    inclusion: Inclusion | None


class RecordedRound(NamedTuple):
    """A price round as it was seen, with an item per slot.

    Attributes:
        id: from 1.
        timestamp: time of the prices, Unix seconds.
        prices: mark prices [1e-9 USD].
        effective_prices: mark price less funding [1e-9 USD], signed.
        reduce_only: bitmap of the slots in which no account may grow.
        stale: bitmap of the slots that keep an older price.
        is_calm: whether its prices are near those of the round before.
    """

    id: int
    timestamp: int
    prices: tuple[int, ...]
    effective_prices: tuple[int, ...]
    reduce_only: int
    stale: int
    is_calm: bool


class CallLevel(StrEnum):
    """How near an account is to its line, as its owner is told; the second is the more urgent."""

    EARLY = "early"
    URGENT = "urgent"


class CallRecord(NamedTuple):
    """What an owner was told of an account last.

    Attributes:
        level: how near it was.
        told: Unix seconds.
        is_over: whether the account has been safer since.
    """

    level: CallLevel
    told: float
    is_over: bool = False

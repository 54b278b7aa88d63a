"""Accounts that several workers share: each opens, keeps and screens its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from uuid import UUID, uuid4

from liquidator.screening._executor import Executor
from liquidator.screening._matrix import AccountMatrix
from prover.account import State, StateRecord, unseal_states
from verifier import MARGIN_KINDS, InputError, RoundVectors, ToolError, VectorKind

_kept: Final[dict[tuple[UUID, int], AccountMatrix]] = {}
"""The shards of this worker."""


@dataclass(frozen=True, slots=True)
class _Shard:
    """One part of the accounts.

    Attributes:
        name: of all accounts, and the number of the part.
        n: assets of the book.
    """

    name: tuple[UUID, int]
    n: int

    @property
    def matrix(self) -> AccountMatrix:
        """What this worker keeps of it.

        Raises:
            ToolError: nothing: it was started again. Without this, no account of the shard would ever be below a line.
        """
        try:
            return _kept[self.name]
        except KeyError:
            raise ToolError("a worker has lost its accounts: it was started again") from None


@dataclass(frozen=True, slots=True)
class _Change:
    shard: _Shard
    sealed: Mapping[int, StateRecord] = field(repr=False)
    removed: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Screening:
    shard: _Shard
    vectors: RoundVectors
    kinds: Sequence[VectorKind]


class ShardedAccounts:
    """Accounts of one book in parts, one a worker.

    States are opened where they are kept. Only those of accounts below a line come back. The viewing keys go to the
    workers: use machines that you trust with them. Use it as a context manager: at its end the workers forget all.

    A call raises ToolError when a worker has lost its accounts: begin again with all of them.

    Args:
        n: assets of the book.
        executor: of the workers.
    """

    def __init__(self, n: int, executor: Executor) -> None:
        self._executor = executor
        name = uuid4()
        self._shards = [_Shard((name, number), n) for number in range(executor.workers)]
        executor.map(_begin, self._shards)

    def change(self, sealed: Mapping[int, StateRecord], removed: Sequence[int] = ()) -> dict[int, InputError]:
        """Add accounts or replace their states, and take accounts out.

        Args:
            sealed: new states by identity.
            removed: identities of accounts that are kept.

        Returns:
            Why states did not open, by identity. These accounts keep the state before, if they had one.
        """
        count = len(self._shards)
        opened: list[dict[int, StateRecord]] = [{} for _ in self._shards]
        for identity, record in sealed.items():
            opened[identity % count][identity] = record
        gone: list[list[int]] = [[] for _ in self._shards]
        for identity in removed:
            gone[identity % count].append(identity)
        changes = [_Change(*each) for each in zip(self._shards, opened, gone, strict=True)]
        return {one: why for failed in self._executor.map(_change, changes) for one, why in failed.items()}

    def screen(
        self, vectors: RoundVectors, kinds: Sequence[VectorKind] = MARGIN_KINDS
    ) -> dict[VectorKind, dict[int, State]]:
        """The states of the accounts below the line of each ground, by identity: those that `AccountMatrix` finds."""
        found = self._executor.map(_screen, [_Screening(shard, vectors, kinds) for shard in self._shards])
        return {kind: {one: state for part in found for one, state in part[kind].items()} for kind in kinds}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.map(_forget, self._shards)


def _begin(shard: _Shard) -> None:
    _kept[shard.name] = AccountMatrix(shard.n)


def _change(change: _Change) -> dict[int, InputError]:
    shard = change.shard
    for identity in change.removed:
        shard.matrix.remove(identity)
    opened = dict(zip(change.sealed, unseal_states(list(change.sealed.values()), shard.n), strict=True))
    shard.matrix.put_all({one: state.state for one, state in opened.items() if not isinstance(state, InputError)})
    return {one: error for one, error in opened.items() if isinstance(error, InputError)}


def _screen(screening: _Screening) -> dict[VectorKind, dict[int, State]]:
    matrix = screening.shard.matrix
    grounds = matrix.screen(screening.vectors, screening.kinds).grounds
    return {kind: {one: matrix.state(one) for one in ground.below} for kind, ground in grounds.items()}


def _forget(shard: _Shard) -> None:
    _kept.pop(shard.name, None)

"""Where work on many accounts runs: in this process, or in others of this machine."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_THREADS: Final = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
"""What libraries of linear algebra take the number of their threads from, when they are loaded."""


class Executor(Protocol):
    """Applies a function to many items."""

    @property
    def workers(self) -> int:
        """How many items it works on at once."""

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The result of each item.

        Item i of every call goes to the same worker, so that a function can keep what belongs to it.

        Args:
            function: of a module, by name.
            items: at least one a worker keeps all busy.
        """


class InProcess:
    """One item after the other, here."""

    workers: Final = 1

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The result of each item."""
        return list(map(function, items))


class LocalPool:
    """Processes of this machine, started afresh. Use it as a context manager.

    A worker that dies ends the pool: the next call raises `BrokenProcessPool`. What its worker kept is lost with it.

    Args:
        workers: processes; each computes with one thread of linear algebra.
    """

    def __init__(self, workers: int) -> None:
        self.workers: Final = workers
        self._stack = ExitStack()
        context = get_context("spawn")  # nothing that is secret here is copied to a worker
        self._pools = [
            self._stack.enter_context(ProcessPoolExecutor(1, context, initializer=_use_one_thread))
            for _ in range(workers)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The result of each item: item i by worker i modulo their number."""
        futures = [self._pools[place % self.workers].submit(function, item) for place, item in enumerate(items)]
        return [future.result() for future in futures]


def _use_one_thread() -> None:
    os.environ.update(dict.fromkeys(_THREADS, "1"))

"""Several long steps at once."""

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def in_parallel(work: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    """Do the work for each item, as many at once as there are processors.

    Args:
        work: waits for a program or a library most of the time: Python itself runs one thread at a time.
        items: what to do it for. After an error or an interruption, the work for no further item starts.

    Returns:
        The results, in the order of the items.
    """
    if not items:
        return []
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - slow to import, and often there is no work

    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        return list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)

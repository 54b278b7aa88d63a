"""Milliseconds of things that are compared."""

import time
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

Clock = Callable[[], float]


def interleaved(
    contestants: Mapping[K, Callable[[], object]],
    *,
    rounds: int,
    burst: int = 1,
    warm: bool,
    clock: Clock = time.perf_counter,
) -> dict[K, list[float]]:
    """Time contestants alternately, round after round, so that a drift of the machine affects all of them.

    Args:
        contestants: what to run, by name.
        rounds: turns that each gets.
        burst: timed runs in a turn.
        warm: whether each turn begins with a run that is not counted: what another left in the processor's caches
            is no part of a warm prover's time.
        clock: in seconds.

    Returns:
        Milliseconds of each run.
    """
    samples: dict[K, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            if warm:
                run()
            samples[name] += [milliseconds(run, clock) for _ in range(burst)]
    return samples


def milliseconds(run: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Of one run."""
    started = clock()
    run()
    return 1000 * (clock() - started)

"""Many accounts of one guardian: opened, screened, and shared among workers."""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

from liquidator.screening import AccountMatrix, LocalPool, ShardedAccounts
from prover.account import (
    BASE,
    SUBGROUP_ORDER,
    Domain,
    OwnerRecord,
    State,
    StateRecord,
    ViewingKeys,
    assess_at,
    derive_viewing_keys,
    unseal_states,
)
from tools.bench._rows import Row
from tools.bench._timing import interleaved, milliseconds
from verifier import SCALAR_MODULUS, InputError, MarginsPerUnit, RoundVectors, VectorKind

OPENING: Final = "accounts: opening"
SCREENING: Final = "accounts: screening"
WORKERS: Final = "accounts: workers"

N: Final = 13
SIZES: Final = (100_000, 200_000, 1_000_000)
NEAR: Final = 20_000
OPENED: Final = 20_000
SHARED: Final = 100_000
RUNS: Final = 9
_WHAT: Final = {N: "every price moved", 3: "3 prices moved", 1: "1 price moved", 0: "no price moved"}
DRAWN: Final = 500
"""Different states; the rest repeat them."""

PRICES: Final = tuple(3**slot * 10**7 for slot in range(N))
DOLLAR: Final = 10**18


def measure_accounts() -> Iterator[Row]:
    """Every figure of many accounts. What is given as processor time has one thread of linear algebra."""
    yield from _opening()
    with LocalPool(1) as pool:
        (rows,) = pool.map(_screening, [random.Random(1)])
        yield from rows
    yield from _workers()


def _opening() -> Iterator[Row]:
    rng = random.Random(2)
    points = [rng.randrange(1, SUBGROUP_ORDER) * BASE for _ in range(20)]
    owners = [OwnerRecord(points[one % 20], rng.randrange(SCALAR_MODULUS)) for one in range(OPENED)]
    records = list(_records(rng, OPENED).values())
    opened = [one.state for one in unseal_states(records, N) if not isinstance(one, InputError)]
    states = dict(enumerate(opened))
    assert len(states) == OPENED
    for what, run in (
        ("viewing key and identity of an account", partial(derive_viewing_keys, 987654321, owners, Domain(31337, 1))),
        ("a state, opened", partial(unseal_states, records, N)),
        ("a state, put into the matrix", lambda: AccountMatrix(N).put_all(states)),
    ):
        yield _row(
            OPENING, what, "microseconds of processor time", [1000 * each / OPENED for each in _processor_times(run)]
        )


def _screening(rng: random.Random) -> list[Row]:
    """Run by a worker, so that it has one thread of linear algebra."""
    rows = []
    matrices = {size: _matrix(rng, size) for size in SIZES}
    for moved, what in _WHAT.items():
        runs = {size: partial(_screen_moved, matrix, moved, rng) for size, matrix in matrices.items()}
        samples = interleaved(runs, rounds=RUNS, warm=True, clock=time.process_time)
        for size, times in samples.items():
            rows.append(_row(SCREENING, f"{size:,} accounts, {what}", "ms of processor time", times))
        for small, large in pairwise(SIZES[:-1]):
            growth = min(samples[large]) / min(samples[small])
            rows.append(_row(SCREENING, f"{large:,} accounts / {small:,}, best samples, {what}", "times", [growth]))
    size, matrix = SIZES[-1], matrices[SIZES[-1]]
    vectors = _vectors(PRICES)
    matrix.put_all({one: _near(rng, vectors) for one in range(NEAR)})
    times = _processor_times(partial(_screen, matrix, vectors))
    rows.append(_row(SCREENING, f"{size:,} accounts, {NEAR:,} of them decided exactly", "ms of processor time", times))
    return rows


def _workers() -> Iterator[Row]:
    """Of the parent, and of the busiest worker: with a core each, what takes longest bounds the whole."""
    rng = random.Random(3)
    sealed = _records(rng, SHARED)
    for count in (1, 2):
        with LocalPool(count) as pool, ShardedAccounts(N, pool) as shards:
            pool.map(_open_few, [None] * count)  # imports and tables
            for what, runs, run in (
                (f"{SHARED:,} states opened", 1, lambda _: shards.change(sealed)),
                (f"{SHARED:,} accounts screened", RUNS, lambda step: _screen_shards(shards, step)),
            ):
                parent, busiest = [], []
                for step in range(runs):
                    before, own = pool.map(_processor_time, range(count)), time.process_time()
                    run(step)
                    parent.append(1000 * (time.process_time() - own))
                    after = pool.map(_processor_time, range(count))
                    busiest.append(1000 * max(end - start for start, end in zip(before, after, strict=True)))
                yield _row(WORKERS, f"{what} by {count}: the parent", "ms of processor time", parent)
                yield _row(WORKERS, f"{what} by {count}: the busiest worker", "ms of processor time", busiest)


def _processor_time(_: int) -> float:
    return time.process_time()


def _open_few(_: None) -> None:
    unseal_states(list(_records(random.Random(4), 10).values()), N)


def _screen_shards(shards: ShardedAccounts, step: int) -> None:
    shards.screen(_vectors([price + step for price in PRICES]))


def _matrix(rng: random.Random, size: int) -> AccountMatrix:
    """Accounts with positions in all assets; a few in a thousand are below a line."""
    matrix = AccountMatrix(N)
    drawn = [_state(rng) for _ in range(DRAWN)]
    for start in range(0, size, 10_000):
        matrix.put_all({one: drawn[one % DRAWN] for one in range(start, start + 10_000)})
    return matrix


def _state(rng: random.Random) -> State:
    """1,000 USD in each asset, long or short, and what covers it."""
    balances = tuple(rng.choice((-1, 1)) * rng.randrange(1, 2_000 * 10**18) // price for price in PRICES)
    equity = rng.randrange(500 * DOLLAR, 20_000 * DOLLAR)
    return State(balances, equity - sum(balance * price for balance, price in zip(balances, PRICES, strict=True)))


def _near(rng: random.Random, vectors: RoundVectors) -> State:
    """Within 3e-18 USD of the line at maintenance margin."""
    state = _state(rng)
    health = assess_at(state, vectors, VectorKind.MAINTENANCE).health
    return State(state.balances, state.quote - health + rng.randint(-3, 3))


def _vectors(prices: Sequence[int]) -> RoundVectors:
    margins = tuple(price // 20 for price in prices)
    return RoundVectors(
        tuple(prices),
        MarginsPerUnit.of_both_sides(margins),
        MarginsPerUnit.of_both_sides(2 * margin for margin in margins),
        MarginsPerUnit.of_both_sides([0] * N),
    )


def _screen_moved(matrix: AccountMatrix, moved: int, rng: random.Random) -> None:
    """At the prices, some of which have moved by up to a thousandth."""
    prices = [price + rng.randrange(price // 1000) if slot < moved else price for slot, price in enumerate(PRICES)]
    _screen(matrix, _vectors(prices))


def _screen(matrix: AccountMatrix, vectors: RoundVectors) -> None:
    matrix.screen(vectors)


def _records(rng: random.Random, size: int) -> dict[int, StateRecord]:
    """Sealed states by numbers that pass for identities: no two share an object."""
    viewing = ViewingKeys(rng.randrange(SCALAR_MODULUS), rng.randrange(SCALAR_MODULUS), Domain(31337, 1))
    drawn = [viewing.seal(_state(rng)) for _ in range(DRAWN)]
    records = {}
    for one in range(size):
        sealed, keys = drawn[one % DRAWN], replace(viewing)
        vars(keys)["identity"] = viewing.identity
        records[one] = StateRecord(keys, sealed.commitment, sealed.rho, list(sealed.ciphertext))
    return records


def _processor_times(run: Callable[[], object]) -> list[float]:
    """Milliseconds of each run after a first one, of all threads."""
    run()
    return [milliseconds(run, time.process_time) for _ in range(RUNS)]


def _row(metric: str, what: str, unit: str, samples: Sequence[float]) -> Row:
    middle, low, high = statistics.median(samples), min(samples), max(samples)
    return Row("accounts", N, what, metric, unit, middle, low, high, len(samples), None)

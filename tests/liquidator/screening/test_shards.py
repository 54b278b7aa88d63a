"""Accounts that workers share are found as one process would find them, wherever they are."""

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest
from steps import owner_keys

from liquidator.screening import AccountMatrix, Executor, InProcess, LocalPool, ShardedAccounts
from liquidator.screening._shards import _kept
from prover.account import State, StateRecord, ViewingKeys
from verifier import MarginsPerUnit, RoundVectors, ToolError

N = 13
PRICE = 10**9
ROUND = RoundVectors(
    (PRICE,) * N,
    MarginsPerUnit.of_both_sides([PRICE // 10] * N),
    MarginsPerUnit.of_both_sides([PRICE // 5] * N),
    MarginsPerUnit.of_both_sides([0] * N),
)


@pytest.fixture(params=[0, 2])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """In this process, and in two others."""
    if not request.param:
        yield InProcess()
        return
    with LocalPool(request.param) as pool:
        yield pool


def record_of(viewing: ViewingKeys, state: State) -> StateRecord:
    sealed = viewing.seal(state)
    return StateRecord(viewing, sealed.commitment, sealed.rho, sealed.ciphertext)


def test_shards_find_what_one_matrix_finds(executor: Executor) -> None:
    rng = random.Random(1)
    viewing = ViewingKeys.of_owner(owner_keys())
    states = {
        one: State(tuple(rng.randint(-10, 10) * PRICE for _ in range(N)), rng.randint(-50, 50) * 10**18)
        for one in range(20)
    }
    whole = AccountMatrix(N)
    whole.put_all(states)
    near = State((PRICE,) * N, -N * PRICE * (PRICE - PRICE // 10) - 1)  # floating point does not decide it
    changed = {1: State((0,) * N, -1), 30: near}
    with ShardedAccounts(N, executor) as shards:
        assert not shards.change({one: record_of(viewing, state) for one, state in states.items()})
        assert not shards.change({one: record_of(viewing, state) for one, state in changed.items()}, (2, 3, 5))
        found = shards.screen(ROUND)
    for one in (2, 3, 5):
        whole.remove(one)
    whole.put_all(changed)
    expected = {kind: set(ground.below) for kind, ground in whole.screen(ROUND).grounds.items()}
    assert {kind: set(below) for kind, below in found.items()} == expected
    assert all(2 < len(below) < 18 for below in found.values())
    assert all(state == (states | changed)[one] for below in found.values() for one, state in below.items())


def test_a_state_that_does_not_open_leaves_the_account_as_it_was(executor: Executor) -> None:
    viewing = ViewingKeys.of_owner(owner_keys())
    before, after = State((0,) * N, -1), State((0,) * N, 1)
    false = StateRecord(viewing, 7, 8, record_of(viewing, after).ciphertext)
    with ShardedAccounts(N, executor) as shards:
        shards.change({4: record_of(viewing, before), 5: record_of(viewing, before)})
        refused = shards.change({4: false, 5: record_of(viewing, after)})
        assert refused.keys() == {4}
        assert all(below == {4: before} for below in shards.screen(ROUND).values())


def test_two_sets_of_accounts_share_workers(executor: Executor) -> None:
    viewing = ViewingKeys.of_owner(owner_keys())
    with ShardedAccounts(N, executor) as one, ShardedAccounts(N, executor) as other:
        one.change({1: record_of(viewing, State((0,) * N, -1))})
        assert not any(other.screen(ROUND).values())
    assert not _kept


def test_a_worker_that_was_started_again_is_no_worker_without_accounts() -> None:
    with ShardedAccounts(N, InProcess()) as shards:
        _kept.clear()
        uses: tuple[Callable[[], object], ...] = (lambda: shards.screen(ROUND), lambda: shards.change({}, [1]))
        for use in uses:
            with pytest.raises(ToolError, match="lost its accounts"):
                use()


def test_a_worker_that_dies_ends_the_pool() -> None:
    with LocalPool(1) as pool:
        with pytest.raises(BrokenProcessPool):
            pool.map(os._exit, [1])
        with pytest.raises(BrokenProcessPool):
            pool.map(process_of, [1])


def test_an_item_goes_to_the_same_worker_each_time() -> None:
    with LocalPool(2) as pool:
        first, second = (pool.map(process_of, range(4)) for _ in range(2))
    assert first == second
    assert first[0] == first[2] != first[1] == first[3]
    assert os.getpid() not in first


def test_workers_compute_with_one_thread_each() -> None:
    with LocalPool(1) as pool:
        assert pool.map(os.getenv, ["OPENBLAS_NUM_THREADS"]) == ["1"]


def process_of(_: int) -> int:
    return os.getpid()

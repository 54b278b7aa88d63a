"""Screening finds exactly the accounts that the exact rule finds, however near to the line they are."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX, examples, margins, signed

import liquidator.screening._matrix as implementation
from liquidator.screening import AccountMatrix, Screened
from liquidator.screening._pass import Pass
from prover.account import State, assess_at
from verifier import MARGIN_KINDS, MarginsPerUnit, RoundVectors, VectorKind

N = 13
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "margin.json").read_text())
NO_MARGINS = MarginsPerUnit((0,) * N, (0,) * N)


@st.composite
def rounds(draw: st.DrawFn, n: int = N) -> RoundVectors:
    """Effective prices and margins anywhere in their ranges: negative prices too."""
    prices = draw(st.tuples(*[signed(PRICE_MAX)] * n))
    return RoundVectors(prices, *(draw(margins(n)) for _ in VectorKind))


@st.composite
def states(draw: st.DrawFn, n: int = N) -> State:
    return State(draw(st.tuples(*[signed(BALANCE_MAX)] * n)), draw(signed(QUOTE_MAX)))


def check(screened: Screened, accounts: dict[int, State], vectors: RoundVectors) -> None:
    """Compare with the exact rule: who is below, and how far health in floating point is from the exact one."""
    assert set(screened.identities) == accounts.keys()
    for kind, ground in screened.grounds.items():
        exact = {identity: assess_at(state, vectors, kind).health for identity, state in accounts.items()}
        assert sorted(ground.below) == sorted(identity for identity, health in exact.items() if health < 0)
        assert all(exact[identity] == health for identity, health in ground.decided.items())
        for identity, health, bound in zip(screened.identities, ground.health, ground.bound, strict=True):
            assert abs(int(health) - exact[identity]) <= bound
            assert ground.below.get(identity, health) in {health, exact[identity]}


def matrix_of(accounts: dict[int, State], n: int = N) -> AccountMatrix:
    matrix = AccountMatrix(n)
    matrix.put_all(accounts)
    return matrix


@examples(1000)
def test_the_accounts_below_are_those_of_the_exact_rule(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.lists(states(), max_size=5), rounds())
    def holds(drawn: list[State], vectors: RoundVectors) -> None:
        accounts = dict(enumerate(drawn))
        check(matrix_of(accounts).screen(vectors, tuple(VectorKind)), accounts, vectors)

    holds()


def on_the_line(balances: Sequence[int], vectors: RoundVectors, kind: VectorKind, health: int) -> State:
    """A state whose health is exactly this much, by its quote."""
    without = State(tuple(balances), 0)
    return State(without.balances, health - assess_at(without, vectors, kind).health)


def real_round(random_: random.Random) -> RoundVectors:
    """Prices of many magnitudes with margins of some percent; one price is negative, after funding."""
    prices = (*(int(10 ** random_.uniform(0, 14)) for _ in range(N - 1)), -5 * 10**8)
    margin = tuple(abs(price) // 20 + 1 for price in prices)
    spot = tuple(max(price, 0) // 10 for price in prices)
    return RoundVectors(
        prices,
        MarginsPerUnit(margin, margin),
        MarginsPerUnit(tuple(2 * d for d in margin), margin),
        MarginsPerUnit(spot, (0,) * N),
    )


@pytest.mark.parametrize("kind", MARGIN_KINDS)
def test_accounts_within_units_of_the_line_are_decided_exactly(kind: VectorKind) -> None:
    random_ = random.Random(1)
    vectors = real_round(random_)
    accounts = {}
    for identity in range(2000):
        balances = [random_.choice((-1, 0, 1)) * int(10 ** random_.uniform(0, 24)) for _ in range(N)]
        accounts[identity] = on_the_line(balances, vectors, kind, random_.randint(-3, 3))
    screened = matrix_of(accounts).screen(vectors)
    check(screened, accounts, vectors)
    assert len(screened.grounds[kind].decided) > 1900


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_shared_vectors_are_screened_as_they_say(vector: dict[str, Any]) -> None:
    """With stale slots, scaled spot and options: as they are, and moved to -1, 0 and 1 units from the line."""

    def numbers(name: str) -> tuple[int, ...]:
        return tuple(map(int, vector[name]))

    margins = (MarginsPerUnit(numbers(f"{kind}_long"), numbers(f"{kind}_short_extra")) for kind in VectorKind)
    vectors = RoundVectors(numbers("effective"), *margins)
    said = {
        VectorKind.MAINTENANCE: "health",
        VectorKind.INITIAL: "initial_health",
        VectorKind.OVERDRAFT: "overdraft_health",
    }
    for kind in VectorKind:
        health, quote = int(vector[said[kind]]), int(vector["quote"])
        quotes = {1: quote, 2: quote - health - 1, 3: quote - health, 4: quote - health + 1}
        accounts = {identity: State(numbers("balances"), each) for identity, each in quotes.items()}
        ground = matrix_of(accounts, vector["n"]).screen(vectors, (kind,)).grounds[kind]
        assert set(ground.below) == {2} | ({1} if health < 0 else set())


def test_an_empty_account_is_healthy_and_needs_no_exact_look() -> None:
    screened = matrix_of({7: State((0,) * N, 0)}).screen(RoundVectors((1,) * N, NO_MARGINS, NO_MARGINS, NO_MARGINS))
    assert all(not ground.below and not ground.decided for ground in screened.grounds.values())


def test_accounts_come_change_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implementation, "PIECE", 100)
    random_ = random.Random(2)
    vectors = real_round(random_)
    matrix, accounts = AccountMatrix(N), dict[int, State]()
    for step in range(150):
        for _ in range(random_.choice((0, 1, 60))):
            identity = random_.randrange(2000)
            balances = tuple(random_.choice((-1, 0, 1)) * random_.randrange(10**15) for _ in range(N))
            accounts[identity] = on_the_line(balances, vectors, VectorKind.MAINTENANCE, random_.randint(-2, 2))
            matrix.put(identity, accounts[identity])
        for identity in random_.sample(sorted(accounts), min(len(accounts), random_.choice((0, 0, 1, 9)))):
            matrix.remove(identity)
            del accounts[identity]
        assert len(matrix) == len(accounts)
        if step % 30 == 0:
            check(matrix.screen(vectors), accounts, vectors)
    assert len(accounts) > 1024  # it grew


def test_only_what_changed_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of many accounts is put, replaced or removed at a time, and one price moves."""
    random_ = random.Random(4)
    vectors = real_round(random_)
    accounts = {i: on_the_line((i * 10**9,) * N, vectors, VectorKind.MAINTENANCE, i % 3 - 1) for i in range(40)}
    matrix = matrix_of(accounts)
    check(matrix.screen(vectors), accounts, vectors)

    def refuse(*_: object) -> Pass:
        raise AssertionError("a full pass")

    monkeypatch.setattr(Pass, "full", refuse)
    for identity in range(30):
        match identity % 4:
            case 0:  # the last row takes its place
                matrix.remove(identity)
                del accounts[identity]
            case 1:
                accounts[identity] = on_the_line((5 * 10**9,) * N, vectors, VectorKind.MAINTENANCE, -1)
                matrix.put(identity, accounts[identity])
            case 2:
                accounts[100 + identity] = on_the_line((7 * 10**9,) * N, vectors, VectorKind.OVERDRAFT, -1)
                matrix.put(100 + identity, accounts[100 + identity])
            case 3:  # it never was
                matrix.put(1000, State((0,) * N, -1))
                matrix.remove(1000)
        prices = vectors.effective_prices
        vectors = replace(vectors, effective_prices=(prices[0] + 1, *prices[1:]))
        check(matrix.screen(vectors), accounts, vectors)


def test_another_kind_of_margin_is_computed_in_full() -> None:
    vectors = real_round(random.Random(5))
    accounts = {1: on_the_line((10**9,) * N, vectors, VectorKind.INITIAL, -1)}
    matrix = matrix_of(accounts)
    for kinds in (MARGIN_KINDS, (VectorKind.OVERDRAFT, VectorKind.INITIAL), (VectorKind.INITIAL,)):
        check(matrix.screen(vectors, kinds), accounts, vectors)


def test_a_state_of_another_book_size_is_refused() -> None:
    matrix = AccountMatrix(N)
    with pytest.raises(ValueError, match="another size than 13"):
        matrix.put(1, State((0,) * 28, 0))
    assert 1 not in matrix
    assert len(matrix) == 0


def test_a_round_of_another_book_size_is_refused() -> None:
    with pytest.raises(ValueError, match="another size than 2"):
        AccountMatrix(2).screen(RoundVectors((1,) * N, NO_MARGINS, NO_MARGINS, NO_MARGINS))


def test_what_was_found_does_not_change_later() -> None:
    vectors = real_round(random.Random(3))
    matrix = matrix_of({1: State((10**9,) * N, 0), 2: State((0,) * N, 5)})
    before = matrix.screen(vectors)
    kept = {kind: np.copy(ground.health) for kind, ground in before.grounds.items()}
    matrix.remove(1)
    matrix.put(2, State((0,) * N, -5))
    matrix.screen(vectors)
    assert before.identities == (1, 2)
    for kind, ground in before.grounds.items():
        assert (ground.health == kept[kind]).all()

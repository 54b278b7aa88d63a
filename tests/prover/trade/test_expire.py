"""What `expire` makes of a state: by hand, by its properties, and the shared vectors (spec ZS-80)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX, signed

from prover import State, expired_state
from tools.settlement_vectors import ExpireRow
from verifier import InputError, ProvingError, SettlementPrices

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "vectors" / "settlement.json").read_text())[
    "expire"
]


def row_of(vector: dict[str, Any]) -> ExpireRow:
    old = State(tuple(map(int, vector["old"]["balances"])), int(vector["old"]["quote"]))
    return ExpireRow(vector["name"], old, int(vector["slots"]), tuple(map(int, vector["prices"])))


def test_vectors_are_what_the_reference_says() -> None:
    for vector in VECTORS:
        assert row_of(vector).to_json() == vector, vector["name"]


def test_vectors_can_be_proven_and_cannot() -> None:
    assert len([vector for vector in VECTORS if vector["new"] is None]) > 8
    assert len([vector for vector in VECTORS if vector["new"] is not None]) > 40


def test_balances_become_cash_at_their_own_price() -> None:
    """Two calls at 5 USD and three written puts at 7 expire; a written perpetual stays."""
    old = State((2 * 10**9, -3 * 10**9, -(10**9)), 100 * 10**18)
    prices = SettlementPrices((5 * 10**9, 7 * 10**9, 9 * 10**9))
    assert expired_state(old, 0b011, prices) == State((0, 0, -(10**9)), 89 * 10**18)
    assert expired_state(old, 0b010, prices) == State((2 * 10**9, 0, -(10**9)), 79 * 10**18)
    assert expired_state(old, 0b111, prices) == State((0, 0, 0), 80 * 10**18)
    assert expired_state(old, 0, prices) == old


def test_a_negative_price_takes_from_the_long_side() -> None:
    assert expired_state(State((3, -5), 1), 0b11, SettlementPrices((-2, -7))) == State((0, 0), 1 - 6 + 35)


@given(
    st.lists(st.tuples(signed(BALANCE_MAX), signed(PRICE_MAX), st.booleans()), min_size=1, max_size=13),
    signed(QUOTE_MAX >> 8),
)
@settings(max_examples=200, deadline=None)
def test_the_account_is_worth_as_much_as_before(legs: list[tuple[int, int, bool]], quote: int) -> None:
    balances, prices, expires = zip(*legs, strict=True)
    slots = sum(1 << slot for slot, bit in enumerate(expires) if bit)
    old = State(balances, quote)
    try:
        new = expired_state(old, slots, SettlementPrices(prices))
    except ProvingError:
        assert abs(worth(old, prices)) + sum(BALANCE_MAX * PRICE_MAX for _ in legs) > QUOTE_MAX
        return
    assert worth(new, prices) == worth(old, prices)
    assert new.balances == tuple(0 if bit else balance for balance, bit in zip(balances, expires, strict=True))
    assert expired_state(new, slots, SettlementPrices(prices)) == new


def worth(state: State, prices: tuple[int, ...]) -> int:
    return state.quote + sum(balance * price for balance, price in zip(state.balances, prices, strict=True))


@pytest.mark.parametrize("sign", [-1, 1])
def test_quote_reaches_its_limit_and_no_further(sign: int) -> None:
    prices = SettlementPrices((3,))
    reached = expired_state(State((2 * sign,), sign * (QUOTE_MAX - 6)), 1, prices)
    assert reached == State((0,), sign * QUOTE_MAX)
    with pytest.raises(ProvingError, match="quote would leave its range") as caught:
        expired_state(State((2 * sign,), sign * (QUOTE_MAX - 5)), 1, prices)
    assert not any(character.isdigit() for character in str(caught.value))


def test_a_slot_that_the_book_has_not_and_prices_of_another_book_are_refused() -> None:
    old = State((1, 1), 0)
    for slots in (0b100, -1):
        with pytest.raises(InputError, match="no slot's"):
            expired_state(old, slots, SettlementPrices((1, 1)))
    with pytest.raises(InputError, match="settlement prices of 3"):
        expired_state(old, 1, SettlementPrices((1, 1, 1)))


def test_prices_are_in_their_range() -> None:
    assert SettlementPrices((PRICE_MAX, -PRICE_MAX)).n == 2
    for price in (PRICE_MAX + 1, -PRICE_MAX - 1):
        with pytest.raises(InputError, match="settlement prices: an effective price is outside"):
            SettlementPrices((0, price))

"""The reference margin rule: hand-computed cases, properties over thousands of states, and the shared vectors."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BALANCE_MAX, PPM, PRICE_MAX, Case, cases, examples, natural, signed

from prover import Health, assess, effective_price, liquidation_price, margin_per_unit_up
from tools.margin_vectors import FRACTIONS, Row, slot_of
from verifier import MarginsPerUnit

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "margin.json").read_text())


def health_of(case: Case) -> Health:
    return assess(case.balances, case.quote, case.effective_prices, case.margins)


def test_a_long_and_a_short_by_hand() -> None:
    # long 2 at 100 USD and 10 %, short 3 at 10 USD and 20 %, 50 USD owed: 200 - 30 - 50 = 120; 20 + 6 = 26
    margins = MarginsPerUnit.of_both_sides([10 * 10**9, 2 * 10**9])
    health = assess([2 * 10**9, -3 * 10**9], -50 * 10**18, [100 * 10**9, 10 * 10**9], margins)
    assert health == Health(equity=120 * 10**18, margin=26 * 10**18)
    assert health.health == 94 * 10**18
    assert health.ratio == Fraction(120, 26)


@pytest.mark.parametrize(("balance", "margin"), [(-2, 2 * 12), (-1, 12), (0, 0), (1, 7), (2, 2 * 7)])
def test_only_a_short_unit_needs_the_extra(balance: int, margin: int) -> None:
    assert assess([balance], 0, [100], MarginsPerUnit((7,), (5,))) == Health(equity=100 * balance, margin=margin)


def test_minus_one_is_liquidatable_and_zero_is_not() -> None:
    assert Health(equity=9, margin=9).is_healthy
    assert not Health(equity=8, margin=9).is_healthy


def row_of(vector: dict[str, Any]) -> Row:
    fractions = zip(*(map(int, vector[name]) for name in FRACTIONS), strict=True)
    spot = int(vector["spot"])
    slots = tuple(slot_of(item, is_spot=bool(spot >> index & 1)) for index, item in enumerate(fractions))
    prices, funding, balances = (tuple(map(int, vector[name])) for name in ("prices", "funding", "balances"))
    quote, stale, lambda_ppm, scale = (int(vector[name]) for name in ("quote", "stale", "lambda_ppm", "spot_scale"))
    after, stale_after = tuple(map(int, vector["next_effective"])), int(vector["next_stale"])
    return Row(vector["name"], prices, funding, slots, balances, quote, stale, lambda_ppm, scale, after, stale_after)


def test_vectors_are_what_the_reference_says() -> None:
    for vector in VECTORS:
        assert row_of(vector).to_json() == vector, vector["name"]


def test_vectors_stand_on_both_sides_of_the_line_and_on_it() -> None:
    assert {"-1", "0", "1"} <= {v["health"] for v in VECTORS}


@examples(2000)
def test_margin_is_the_smallest_integer_that_covers_the_fraction(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(natural(PRICE_MAX), natural(PPM))
    def holds(price: int, fraction: int) -> None:
        d = margin_per_unit_up(price, fraction)
        assert d * PPM >= price * fraction > (d - 1) * PPM
        assert 0 <= d <= price

    holds()


@examples(2000)
def test_health_stays_within_152_bits(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(cases())
    def holds(case: Case) -> None:
        assert abs(health_of(case).health) < 1 << 152

    holds()


@examples(500)
def test_margin_never_falls_when_a_position_grows_away_from_zero(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(cases(), st.integers(0, 2), st.integers(1, 1 << 40))
    def holds(case: Case, slot: int, more: int) -> None:
        balance = case.balances[slot]
        grown = balance + more if balance >= 0 else balance - more
        larger = replace(case, balances=(*case.balances[:slot], grown, *case.balances[slot + 1 :]))
        assert health_of(larger).margin >= health_of(case).margin

    holds()


@examples(500)
def test_opposite_accounts_have_opposite_equity_and_the_margins_of_the_other_side(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(cases())
    def holds(case: Case) -> None:
        mirrored = replace(case, balances=tuple(-b for b in case.balances), quote=-case.quote)
        sides = zip(case.balances, case.margins.long, case.margins.short, strict=True)
        both = sum(abs(balance) * (long + short) for balance, long, short in sides)
        assert health_of(mirrored).equity == -health_of(case).equity
        assert health_of(mirrored).margin + health_of(case).margin == both

    holds()


@examples(500)
def test_netting_two_accounts_never_needs_more_margin(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(cases(), cases())
    def holds(a: Case, b: Case) -> None:
        b = replace(a, balances=b.balances, quote=b.quote)
        both = replace(
            a, balances=tuple(x + y for x, y in zip(a.balances, b.balances, strict=True)), quote=a.quote + b.quote
        )
        assert health_of(both).equity == health_of(a).equity + health_of(b).equity
        assert health_of(both).margin <= health_of(a).margin + health_of(b).margin

    holds()


@examples(500)
def test_liquidation_price_is_the_edge_of_the_line(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(signed(BALANCE_MAX), signed(1 << 130), natural(PPM), signed(1 << 60), natural(PRICE_MAX))
    def holds(balance: int, rest: int, fraction: int, funding: int, present: int) -> None:
        def health_at(price: int) -> int:
            margins = MarginsPerUnit.of_both_sides([margin_per_unit_up(price, fraction)])
            return assess([balance], rest, [effective_price(price, funding)], margins).health

        found = liquidation_price(health_at, present, PRICE_MAX + 1)
        if health_at(present) < 0:
            assert found == present
        elif found is None:
            assert min(health_at(0), health_at(PRICE_MAX)) >= 0
        else:
            assert health_at(found) < 0 <= health_at(found + (1 if found < present else -1))

    holds()


@pytest.mark.parametrize(("present", "nearest"), [(81, 79), (99, 79), (101, 121), (110, 121), (119, 121)])
def test_an_account_can_be_liquidatable_on_both_sides(present: int, nearest: int) -> None:
    """Long of an asset, and short of options on it: the nearer line counts, and it depends on where the price is."""

    def health_at(price: int) -> int:
        return min(price - 80, 120 - price)

    assert liquidation_price(health_at, present, 1_000) == nearest


def test_of_two_lines_as_near_the_lower_counts() -> None:
    assert liquidation_price(lambda price: min(price - 80, 120 - price), 100, 1_000) == 79

"""The reference margin rule: hand-computed cases, properties over thousands of states, and the shared vectors."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BALANCE_MAX, PPM, PRICE_MAX, Case, cases, examples, natural, signed

from prover import Health, assess, effective_price, liquidation_price, margin_per_unit_up

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "margin.json").read_text())


def health_of(case: Case) -> Health:
    return assess(case.balances, case.quote, case.effective_prices, case.margins_per_unit)


def test_a_long_and_a_short_by_hand() -> None:
    # long 2 at 100 USD and 10 %, short 3 at 10 USD and 20 %, 50 USD owed: 200 - 30 - 50 = 120; 20 + 6 = 26
    health = assess([2 * 10**9, -3 * 10**9], -50 * 10**18, [100 * 10**9, 10 * 10**9], [10 * 10**9, 2 * 10**9])
    assert health == Health(equity=120 * 10**18, margin=26 * 10**18)
    assert health.health == 94 * 10**18
    assert health.ratio == Fraction(120, 26)


def test_minus_one_is_liquidatable_and_zero_is_not() -> None:
    assert Health(equity=9, margin=9).is_healthy
    assert not Health(equity=8, margin=9).is_healthy


def test_vectors_are_what_the_reference_says() -> None:
    for v in VECTORS:
        ints = {k: [int(x) for x in v[k]] for k in ("prices", "funding", "fractions_ppm", "balances")}
        e = list(map(effective_price, ints["prices"], ints["funding"]))
        d = list(map(margin_per_unit_up, ints["prices"], ints["fractions_ppm"]))
        assert ([str(x) for x in e], [str(x) for x in d]) == (v["effective"], v["margin_per_unit"]), v["name"]
        result = assess(ints["balances"], int(v["quote"]), e, d)
        assert (str(result.equity), str(result.margin), str(result.health)) == (v["equity"], v["margin"], v["health"])


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
def test_opposite_accounts_have_opposite_equity_and_the_same_margin(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(cases())
    def holds(case: Case) -> None:
        mirrored = replace(case, balances=tuple(-b for b in case.balances), quote=-case.quote)
        assert health_of(mirrored) == Health(equity=-health_of(case).equity, margin=health_of(case).margin)

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
    @given(signed(BALANCE_MAX), signed(1 << 130), natural(PPM), signed(1 << 60))
    def holds(balance: int, rest: int, fraction: int, funding: int) -> None:
        def health_at(price: int) -> int:
            one = assess([balance], rest, [effective_price(price, funding)], [margin_per_unit_up(price, fraction)])
            return one.health

        price = liquidation_price(health_at, balance, PRICE_MAX + 1)
        away = 1 if balance > 0 else -1
        if price is None:
            assert balance == 0 or min(health_at(0), health_at(PRICE_MAX)) >= 0
        else:
            assert health_at(price) < 0
            assert not 0 <= price + away <= PRICE_MAX or health_at(price + away) >= 0

    holds()

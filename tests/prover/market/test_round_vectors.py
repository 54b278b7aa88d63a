"""From prices to margins by side, by hand: what the shared vectors rest on (spec ZS-25)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PPM, PRICE_MAX, examples, natural

from prover import MarginFractions, MarginRules, assess, liquidation_price, margins_per_unit, round_vectors
from prover.market import is_calm
from prover.market._round_vectors import SPOT_SCALE, option_short_margin_up
from verifier import InputError, MarginsPerUnit, VectorKind

USD = 10**9
ZERO = MarginFractions(0)
CALL = MarginFractions(50_000, 200_000, 75_000, underlying=1), MarginFractions(100_000, 300_000, 150_000, underlying=1)


def put(strike: int) -> tuple[MarginFractions, MarginFractions]:
    maintenance, initial = CALL
    return replace(maintenance, strike=strike), replace(initial, strike=strike)


def rules_of(*slots: tuple[MarginFractions, MarginFractions], spot: int = 1) -> MarginRules:
    maintenance, initial = zip(*slots, strict=True)
    return MarginRules(maintenance, initial, spot, lambda_ppm=100_000)


SPOT = MarginFractions(100_000), MarginFractions(200_000)
PERPETUAL = MarginFractions(25_000), MarginFractions(50_000)
BOOK = rules_of(SPOT, PERPETUAL, CALL, put(120 * USD), (ZERO, ZERO))


def margins(kind: VectorKind, *prices: int, stale: int = 0) -> MarginsPerUnit:
    return margins_per_unit([*prices, 0], BOOK, kind, stale=stale)


def test_each_kind_by_hand() -> None:
    """Spot at 3 USD, a perpetual at 100, a call on it at 5, a put on it of 120 at 80."""
    prices = 3 * USD, 100 * USD, 5 * USD, 80 * USD
    assert margins(VectorKind.MAINTENANCE, *prices) == MarginsPerUnit(
        (USD * 3 // 10, USD * 25 // 10, USD // 4, 4 * USD, 0),
        (0, 0, USD * 75 // 10 - USD // 4, 16 * USD - 4 * USD, 0),  # 7.5 % of 100; 20 % of 80, above 7.5 % of 120
    )
    assert margins(VectorKind.INITIAL, *prices) == MarginsPerUnit(
        (USD * 6 // 10, 5 * USD, USD // 2, 8 * USD, 0), (0, 0, 15 * USD - USD // 2, 24 * USD - 8 * USD, 0)
    )
    assert margins(VectorKind.OVERDRAFT, *prices) == MarginsPerUnit.of_both_sides((USD * 27 // 10, 0, 0, 0, 0))


@pytest.mark.parametrize("kind", [VectorKind.MAINTENANCE, VectorKind.INITIAL])
def test_an_option_at_5_usd_is_not_margined_by_its_own_price_alone(kind: VectorKind) -> None:
    """30 % of 5 USD were a gift: the short side may have to deliver what costs 100."""
    of_kind = margins(kind, 0, 100 * USD, 5 * USD, 0)
    assert of_kind.short[2] == 100 * USD * (75 if kind is VectorKind.MAINTENANCE else 150) // 1_000
    assert of_kind.short[2] > 5 * USD * 300_000 // PPM


@pytest.mark.parametrize(
    ("underlying", "strike", "counted"), [(100, 0, 100), (100, 99, 100), (100, 100, 100), (100, 101, 101), (0, 7, 7)]
)
def test_of_a_put_the_larger_of_underlying_and_strike_counts(underlying: int, strike: int, counted: int) -> None:
    assert option_short_margin_up(0, underlying * PPM, strike * PPM, 0, 1) == counted


@pytest.mark.parametrize(
    ("price", "underlying", "margin"),
    [(0, 0, 0), (1, 0, 1), (0, 1, 1), (PPM + 1, 0, 2), (0, PPM + 1, 2), (10, 9, 1)],
)
def test_both_margins_of_a_short_option_are_rounded_up(price: int, underlying: int, margin: int) -> None:
    assert option_short_margin_up(price, underlying, 0, 1, 1) == margin


def test_stale_spot_backs_neither_new_risk_nor_debt() -> None:
    fresh, stale = (round_vectors((3 * USD, 100 * USD, 0, 0, 0), (0,) * 5, BOOK, stale=s) for s in (0, 1))
    assert stale.maintenance == fresh.maintenance
    assert stale.initial.long == (3 * USD, *fresh.initial.long[1:])
    assert stale.overdraft.long == (3 * USD, *fresh.overdraft.long[1:])
    for kind in (VectorKind.INITIAL, VectorKind.OVERDRAFT):
        assert assess((10**9, 0, 0, 0, 0), 0, stale.effective_prices, stale.margins(kind)).health == 0


def test_a_derivative_that_is_stale_bears_its_price_at_initial_margin() -> None:
    """On both sides: a trader who knows the true price could take out what is lost already."""
    prices = 3 * USD, 100 * USD, 5 * USD, 80 * USD
    for kind in (VectorKind.MAINTENANCE, VectorKind.OVERDRAFT):
        assert margins(kind, *prices, stale=0b01110) == margins(kind, *prices)
    fresh, stale = (margins(VectorKind.INITIAL, *prices, stale=bits) for bits in (0, 0b01110))
    assert stale.long == (fresh.long[0], *prices[1:], 0)
    assert stale.short == tuple(map(max, fresh.short, stale.long))
    assert stale.short[2] == fresh.short[2] > prices[2]


@pytest.mark.parametrize(("price", "lent"), [(0, 0), (1, 0), (9, 0), (10, 1), (19, 1), (PRICE_MAX, PRICE_MAX // 10)])
def test_at_the_overdraft_kind_spot_backs_a_part_of_its_value_rounded_down(price: int, lent: int) -> None:
    vectors = round_vectors((price, 100 * USD, 0, 0, 0), (0,) * 5, BOOK)
    assert vectors.effective_prices[0] - vectors.overdraft.long[0] == lent


@pytest.mark.parametrize("scale", [0, 1, SPOT_SCALE - 1, SPOT_SCALE, SPOT_SCALE + 1, 2 * SPOT_SCALE])
def test_a_scale_is_that_of_spot_alone_and_rounds_down(scale: int) -> None:
    """Slot 2 is now an option on spot: its margin follows the price of the market, and not the scaled one."""
    on_spot = replace(CALL[0], underlying=0), replace(CALL[1], underlying=0)
    book = rules_of(SPOT, PERPETUAL, on_spot, put(120 * USD), (ZERO, ZERO))
    prices, price = (3 * USD + 1, 100 * USD, 5 * USD, 80 * USD, 0), (3 * USD + 1) * scale // SPOT_SCALE
    scaled = round_vectors(prices, (0,) * 5, book, spot_scale=scale)
    plain = round_vectors(prices, (0,) * 5, book)
    alone = round_vectors((price, *prices[1:]), (0,) * 5, BOOK)
    assert scaled.effective_prices == (price, *prices[1:])
    for kind in VectorKind:
        assert scaled.margins(kind).long == alone.margins(kind).long
        assert scaled.margins(kind).short_extra == plain.margins(kind).short_extra


def test_a_scaled_price_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="effective price"):
        round_vectors((1 << 63, 0), (0, 0), rules_of((ZERO, ZERO), (ZERO, ZERO)), spot_scale=2 * SPOT_SCALE)
    accepted = round_vectors((1 << 63, 0), (0, 0), rules_of((ZERO, ZERO), (ZERO, ZERO)), spot_scale=2 * SPOT_SCALE - 1)
    assert accepted.effective_prices[0] == (1 << 64) - 10  # 2^63 / 1e18 is above 9


@examples(300)
def test_no_margin_is_below_0_or_beyond_64_bits(count: int) -> None:
    """d + x too: the largest price, strike and underlying at fractions of 1."""

    @settings(max_examples=count, deadline=None)
    @given(st.tuples(*[natural(PRICE_MAX)] * 3), st.tuples(*[natural(PPM)] * 4), natural(PRICE_MAX))
    def holds(prices: tuple[int, ...], fractions: tuple[int, ...], strike: int) -> None:
        option = MarginFractions(*fractions[:3], underlying=1, strike=strike)
        slots = option, option, MarginFractions(fractions[0])
        rules = MarginRules(slots, slots, spot=4, lambda_ppm=fractions[3])
        for kind in VectorKind:
            of_kind = margins_per_unit(prices, rules, kind)
            assert all(short >= long >= 0 for long, short in zip(of_kind.long, of_kind.short, strict=True))
            assert max(of_kind.short) <= PRICE_MAX

    holds()


@examples(300)
def test_health_never_falls_as_what_is_long_rises_nor_rises_as_what_is_short_does(count: int) -> None:
    """The search for a liquidation price rests on it. A short option loses by its own and its underlying's price."""

    @settings(max_examples=count, deadline=None)
    @given(st.tuples(*[natural(PRICE_MAX)] * 4), st.integers(0, 3), natural(PRICE_MAX), st.sampled_from([-1, 1]))
    def holds(prices: tuple[int, ...], slot: int, other: int, sign: int) -> None:
        def health(value: int) -> int:
            at = [*prices[:slot], value, *prices[slot + 1 :], 0]
            balances = [sign * (index == slot) for index in range(5)]
            return assess(balances, 0, at, margins_per_unit(at, BOOK, VectorKind.MAINTENANCE)).health

        low, high = sorted((prices[slot], other))
        assert sign * health(low) <= sign * health(high)

        def option_health(value: int) -> int:
            at = [prices[0], value, *prices[2:], 0]
            margins = margins_per_unit(at, BOOK, VectorKind.MAINTENANCE)
            return assess([0, 0, -1, -1, 0], 0, at, margins).health

        assert option_health(high) <= option_health(low)

    holds()


def test_a_covered_call_can_be_liquidatable_below_and_above() -> None:
    """One perpetual long at 100 USD, 20 calls on it short: 1 USD more is worth 0.975 and costs 1.5 of margin."""

    def health_at(price: int) -> int:
        at = [0, price, 0, 0, 0]
        of_kind = margins_per_unit(at, BOOK, VectorKind.MAINTENANCE)
        return assess([0, 10**9, -20 * 10**9, 0, 0], 60 * USD * 10**9, at, of_kind).health

    def put_health_at(price: int) -> int:
        at = [0, price, 0, 0, 0]
        of_kind = margins_per_unit(at, BOOK, VectorKind.MAINTENANCE)
        return assess([0, 10**9, 0, -20 * 10**9, 0], 90 * USD * 10**9, at, of_kind).health

    above = liquidation_price(health_at, 100 * USD, 1 << 64)
    assert above is not None
    assert health_at(above) < 0 <= health_at(above - 1)
    assert above - 100 * USD == pytest.approx(14.2857 * USD, rel=1e-4)  # 60 - 0.525 p = 0

    # 20 puts of strike 120: below it their margin is 180 whatever the price, above it 1.5 p.
    assert [put_health_at(price * USD) >= 0 for price in (92, 93, 120, 171, 172)] == [False, True, True, True, False]
    below, above = (liquidation_price(put_health_at, price * USD, 1 << 64) for price in (100, 160))
    assert below is not None
    assert above is not None
    assert below < 93 * USD < 171 * USD < above
    assert put_health_at(below) < 0 <= put_health_at(below + 1)
    assert put_health_at(above) < 0 <= put_health_at(above - 1)


def test_a_round_is_calm_up_to_initial_less_maintenance_margin() -> None:  # ZS-57
    """A perpetual at 100 USD may fall or rise by 2.5 USD; a call on it at 5 USD may rise further than it may fall."""
    before = round_vectors((3 * USD, 100 * USD, 5 * USD, 80 * USD, 0), (0,) * 5, BOOK)

    def calm(slot: int, move: int) -> bool:
        after = [e + (move if at == slot else 0) for at, e in enumerate(before.effective_prices)]
        return is_calm(before, after, reduce_only_before=0, reduce_only=0)

    assert calm(1, 0)
    for slot, fall, rise in ((0, 300_000_000, 300_000_000), (1, 2_500_000_000, 2_500_000_000), (4, 0, 0)):
        assert [calm(slot, -fall), calm(slot, -fall - 1)] == [True, False]
        assert [calm(slot, rise), calm(slot, rise + 1)] == [True, False]
    fall = before.initial.long[2] - before.maintenance.long[2]
    rise = before.initial.short[2] - before.maintenance.short[2]
    assert rise > fall > 0
    assert [calm(2, -fall), calm(2, -fall - 1), calm(2, rise), calm(2, rise + 1)] == [True, False, True, False]


def test_a_round_in_which_a_slot_is_closed_or_stale_is_not_calm() -> None:  # ZS-57
    before = round_vectors((3 * USD, 100 * USD, 5 * USD, 80 * USD, 0), (0,) * 5, BOOK)
    same = before.effective_prices
    assert not is_calm(before, same, reduce_only_before=0b00010, reduce_only=0b00110)
    assert is_calm(before, same, reduce_only_before=0b00110, reduce_only=0b00010)
    assert is_calm(before, same, reduce_only_before=0b00110, reduce_only=0b00110)

"""Hypothesis strategies for states and rounds, within and at the limits of docs/units.md."""

from dataclasses import dataclass

import pytest
from hypothesis import strategies as st

from prover import effective_price, margin_per_unit_up

BALANCE_MAX = (1 << 80) - 1
QUOTE_MAX = (1 << 144) - 1
PRICE_MAX = (1 << 64) - 1
PPM = 1_000_000


def examples(count: int) -> pytest.MarkDecorator:
    """Parametrise a property with a `count` of examples: this many in the deep tier, and 100 in the others."""
    return pytest.mark.parametrize("count", [100, pytest.param(count, marks=pytest.mark.deep)])


@dataclass(frozen=True)
class Case:
    """A state at a round, as bare integers: what reference, circuit and Solidity all take."""

    prices: tuple[int, ...]
    funding: tuple[int, ...]
    fractions_ppm: tuple[int, ...]
    balances: tuple[int, ...]
    quote: int

    @property
    def effective_prices(self) -> tuple[int, ...]:
        return tuple(map(effective_price, self.prices, self.funding))

    @property
    def margins_per_unit(self) -> tuple[int, ...]:
        return tuple(map(margin_per_unit_up, self.prices, self.fractions_ppm))


def signed(limit: int) -> st.SearchStrategy[int]:
    """|x| <= limit: the limits themselves, everyday sizes, and values of every magnitude."""
    return st.one_of(
        st.sampled_from([-limit, -1, 0, 1, limit]), st.integers(-limit >> 8, limit >> 8), st.integers(-limit, limit)
    )


def natural(limit: int) -> st.SearchStrategy[int]:
    """0 <= x <= limit, likewise."""
    return st.one_of(st.sampled_from([0, 1, limit]), st.integers(0, limit))


@st.composite
def cases(draw: st.DrawFn, n: int = 3) -> Case:
    """A state and a round with every quantity in its range; the rule does not depend on n."""

    def vector(element: st.SearchStrategy[int]) -> tuple[int, ...]:
        return draw(st.tuples(*[element] * n))

    prices = vector(natural(PRICE_MAX))
    effective = vector(signed(PRICE_MAX))
    return Case(
        prices=prices,
        funding=tuple(price - e for price, e in zip(prices, effective, strict=True)),
        fractions_ppm=vector(natural(PPM)),
        balances=vector(signed(BALANCE_MAX)),
        quote=draw(signed(QUOTE_MAX)),
    )

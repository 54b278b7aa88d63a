"""Hypothesis strategies for states and rounds, within and at the limits of docs/units.md."""

from dataclasses import dataclass

import pytest
from hypothesis import strategies as st

from verifier import MarginsPerUnit

BALANCE_MAX = (1 << 80) - 1
QUOTE_MAX = (1 << 144) - 1
PRICE_MAX = (1 << 64) - 1
PPM = 1_000_000


def examples(count: int) -> pytest.MarkDecorator:
    """Parametrise a property with a `count` of examples: this many in the deep tier, and 100 in the others."""
    return pytest.mark.parametrize("count", [100, pytest.param(count, marks=pytest.mark.deep)])


@dataclass(frozen=True)
class Case:
    """A state at a round, as bare integers: what reference and circuit take."""

    effective_prices: tuple[int, ...]
    margins: MarginsPerUnit
    balances: tuple[int, ...]
    quote: int


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

    return Case(
        effective_prices=vector(signed(PRICE_MAX)),
        margins=draw(margins(n)),
        balances=vector(signed(BALANCE_MAX)),
        quote=draw(signed(QUOTE_MAX)),
    )


@st.composite
def margins(draw: st.DrawFn, n: int = 3) -> MarginsPerUnit:
    """Margins by side, d + x anywhere below 2^64."""
    short = draw(st.tuples(*[natural(PRICE_MAX)] * n))
    long = tuple(draw(natural(limit)) if limit else 0 for limit in short)
    return MarginsPerUnit(long, tuple(whole - d for whole, d in zip(short, long, strict=True)))

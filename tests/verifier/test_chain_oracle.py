"""Which reports hold the medians of a round."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import ChainError
from verifier.chain import Report, median_places

EDGES = [-(2**64), -1, 0, 1, 2, 2**64 - 1]


def report(timestamp: int, prices: Sequence[int], funding: Sequence[int]) -> Report:
    return Report("0x" + "1" * 40, 1, timestamp, tuple(prices), tuple(funding), b"")


def test_a_byte_each_for_time_prices_and_funding() -> None:
    reports = [report(9, (300, 0), (7, 0)), report(5, (100, 0), (-9, 0)), report(8, (200, 0), (-1, 0))]
    assert median_places(reports)[:2] == bytes([2, 2])
    assert median_places(reports)[3] == 2
    assert len(median_places(reports)) == 5
    assert median_places(reports[:2]) == bytes([1, 1, 0, 1, 0])  # the lower one of two
    assert median_places(reports[:1]) == bytes(5)


@st.composite
def rounds(draw: st.DrawFn) -> list[Report]:
    slots = draw(st.integers(1, 4))
    value = st.sampled_from(EDGES) | st.integers(-(2**65), 2**65)
    row = st.lists(value, min_size=slots, max_size=slots)
    return draw(st.lists(st.builds(report, st.integers(0, 3), row, row), min_size=1, max_size=15))


@given(rounds())
def test_each_names_a_value_with_as_many_below_as_above(reports: list[Report]) -> None:
    """As the contract counts: at most (h - 1) / 2 below it, and more than that not above it."""
    columns = zip(*((one.timestamp, *one.prices, *one.funding) for one in reports), strict=True)
    half = (len(reports) - 1) // 2
    for place, values in zip(median_places(reports), columns, strict=True):
        named = values[place]
        assert sum(value < named for value in values) <= half < sum(value <= named for value in values)


@pytest.mark.parametrize(
    "reports",
    [
        [],
        [report(1, (1,), (0,)), report(1, (1, 2), (0, 0))],
        [report(1, (1, 2), (0,)), report(1, (1,), (0, 0))],
        [report(1, (1,), (0,))] * 257,
    ],
)
def test_reports_that_make_no_round_together_name_none(reports: list[Report]) -> None:
    with pytest.raises(ChainError, match="not of one round"):
        median_places(reports)

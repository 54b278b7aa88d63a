"""What a reporter signs, and which reports hold the medians of a round."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from prover.chain import Report, is_signed_by_its_reporter, median_indices, sign_report
from verifier import ChainError, InputError

EDGES = [-(2**64), -1, 0, 1, 2, 2**64 - 1]


def report(timestamp: int, prices: Sequence[int], funding: Sequence[int], priced_slots: int = (1 << 64) - 1) -> Report:
    return Report("0x" + "1" * 40, timestamp, priced_slots, tuple(prices), tuple(funding), b"")


def test_a_byte_each_for_time_prices_and_funding() -> None:
    reports = [report(9, (300, 0), (7, 0)), report(5, (100, 0), (-9, 0)), report(8, (200, 0), (-1, 0))]
    assert median_indices(reports)[:2] == bytes([2, 2])
    assert median_indices(reports)[3] == 2
    assert len(median_indices(reports)) == 5
    assert median_indices(reports[:2]) == bytes([1, 1, 0, 1, 0])  # the lower one of two
    assert median_indices(reports[:1]) == bytes(5)


def test_only_reports_that_price_a_slot_count_in_it() -> None:
    reports = [report(9, (1, 5), (1, 5), 0b01), report(5, (2, 7), (9, 7), 0b11), report(8, (3, 6), (-1, 6), 0b10)]
    assert median_indices(reports) == bytes([2, 0, 2, 0, 2])
    assert median_indices([report(1, (4, 4), (4, 4), 0b01)] * 3)[2] == 0  # no report has a median of slot 1


@st.composite
def rounds(draw: st.DrawFn) -> list[Report]:
    slots = draw(st.integers(1, 4))
    value = st.sampled_from(EDGES) | st.integers(-(2**65), 2**65)
    row = st.lists(value, min_size=slots, max_size=slots)
    priced = st.integers(0, (1 << slots) - 1)
    return draw(st.lists(st.builds(report, st.integers(0, 3), row, row, priced), min_size=1, max_size=15))


@given(rounds())
def test_each_names_a_value_with_as_many_below_as_above(reports: list[Report]) -> None:
    """As the contract counts, over the reports that price the slot: at most (h - 1) / 2 below, more not above."""
    places = iter(median_indices(reports))
    columns = [[(one.timestamp, True) for one in reports]]
    for values in ([one.prices for one in reports], [one.funding for one in reports]):
        columns += [
            [(row[slot], one.does_price(slot)) for row, one in zip(values, reports, strict=True)]
            for slot in range(len(values[0]))
        ]
    for column in columns:
        place = next(places)
        counted = [value for value, counts in column if counts]
        if counted:
            named, is_counted = column[place]
            assert is_counted
            half = (len(counted) - 1) // 2
            assert sum(value < named for value in counted) <= half < sum(value <= named for value in counted)


@pytest.mark.parametrize(
    "reports",
    [
        [],
        [report(1, (1,), (0,)), report(1, (1, 2), (0, 0))],
        [report(1, (1, 2), (0,)), report(1, (1,), (0, 0))],
        [report(1, (1, 2), (0,))],
        [report(1, (1,), (0,))] * 257,
    ],
)
def test_reports_that_make_no_round_together_name_none(reports: list[Report]) -> None:
    with pytest.raises(ChainError, match="not of one round"):
        median_indices(reports)


CHAIN, CONTRACT = 5, "0x" + "1" * 40
SIGNER = Account.from_key("0x" + "7" * 64)


def test_a_report_is_signed_with_every_field() -> None:
    signed = sign_report(SIGNER, CHAIN, CONTRACT, timestamp=9, prices=[5, None, 0], funding=[-3, 0, 7])
    assert (signed.priced_slots, signed.prices, signed.funding) == (0b101, (5, 0, 0), (-3, 0, 7))
    assert is_signed_by_its_reporter(signed, CHAIN, CONTRACT)
    assert not is_signed_by_its_reporter(signed, CHAIN + 1, CONTRACT)
    for changes in (
        {"timestamp": 10},
        {"priced_slots": 0b111},
        {"prices": (5, 1, 0)},
        {"funding": (-3, 0, 8)},
        {"reporter": "0x" + "2" * 40},
    ):
        assert not is_signed_by_its_reporter(replace(signed, **changes), CHAIN, CONTRACT)  # type: ignore[arg-type]


def test_funding_without_a_price_is_refused() -> None:
    with pytest.raises(InputError, match="funding"):
        sign_report(SIGNER, CHAIN, CONTRACT, timestamp=9, prices=[None], funding=[1])

"""What the public can compute about an account: the figures of docs/privacy.md, and the rules that they come from."""

import re
from dataclasses import replace

import pytest

from prover import Claim, Domain, Side, State, Ticket
from prover.trade import NO_TRANSFER, Transition, amounts_of, health, provable_rule
from tools.disclosure_bounds import (
    BOOK,
    BOUGHT,
    CURED,
    DOLLAR,
    FALLEN,
    FALLING,
    LATER,
    PAID_IN,
    PROFIT,
    RISEN,
    ROOT,
    TOKEN,
    TRADE,
    TRUE_SIZE,
    YOUNG,
    Bounds,
    Event,
    Guess,
    MarginProven,
    Traded,
    any_of,
    bounds,
    round_trip,
    splits,
    tables,
)
from verifier import VectorKind

PAGE = ROOT / "docs" / "privacy.md"
BTC = BOOK.slots["BTC-PERP"]
DOMAIN = Domain(31337, 0xB00C)


def found(history: list[Event], guess: Guess | None = None) -> Bounds:
    result = bounds(history, guess or Guess())
    assert result is not None
    return result


def ann(size: int) -> State:
    """Her account after the deposit and the trade, without the tool."""
    return Transition.of(State((0,) * BOOK.n, 30_000 * DOLLAR), NO_TRANSFER, ticket(size), Side.BUY).new


def ticket(size: int) -> Ticket:
    return Ticket.create(DOMAIN, amounts_of({BTC: size}, BOOK.n), size * TRADE.prices[BTC])


def test_the_page_has_every_table_and_no_other_figures() -> None:
    text = PAGE.read_text()
    assert [table for table in tables() if table not in text] == []
    numbers = [row for row in re.findall(r"^\|.*\|$", text, re.MULTILINE) if re.search(r"\d\.\d\d \||\d to \d", row)]
    assert [row for row in numbers if not any(row in table for table in tables())] == []


def test_the_page_names_the_margins_of_the_book() -> None:
    listed = BOOK.assets[BTC]
    assert (listed.initial_margin_ppm, listed.maintenance_margin_ppm) == (20_000, 10_000)
    assert "BTC-PERP has 2 % initial and 1 % maintenance margin" in " ".join(PAGE.read_text().split())


def test_an_account_that_has_not_traded_has_no_position() -> None:
    assert found([PAID_IN]) == Bounds(0, 0)


def test_the_true_size_is_never_ruled_out() -> None:
    for history in ([PAID_IN, BOUGHT], YOUNG, [*YOUNG, CURED]):
        least, most = found(list(history))
        assert least <= TRUE_SIZE <= most


def test_the_largest_size_is_what_initial_margin_allows() -> None:
    most = found([PAID_IN, BOUGHT]).most
    assert most == 15 * TOKEN  # 2 % of 100,000 USD each
    before = State((0,) * BOOK.n, 30_000 * DOLLAR)
    steps = [Transition.of(before, NO_TRANSFER, ticket(size), Side.BUY) for size in (most, most + 1)]
    assert [provable_rule(step, TRADE.risk(), Claim.UNSAID) is not None for step in steps] == [True, False]


def test_the_least_size_is_what_a_flag_needs() -> None:
    least = found(list(YOUNG)).least
    assert [health(ann(size), FALLEN.risk(), VectorKind.MAINTENANCE) < 0 for size in (least, least - 1)] == [
        True,
        False,
    ]


def test_a_cure_that_just_suffices_tells_the_size() -> None:
    assert found([*YOUNG, CURED]).most == TRUE_SIZE
    assert found([*YOUNG, replace(CURED, claim=Claim.UNSAID)]).most > TRUE_SIZE


def test_a_proof_of_solvency_bounds_from_above() -> None:
    most = found([PAID_IN, BOUGHT, MarginProven(FALLING, healthy=True)]).most
    assert [health(ann(s), FALLING.risk(), VectorKind.MAINTENANCE) >= 0 for s in (most, most + 1)] == [True, False]


def test_a_padding_trade_is_a_proof_of_solvency() -> None:
    """It is not accepted below maintenance margin, so it bounds as one."""
    padded = found([PAID_IN, BOUGHT, Traded(FALLING, Side.BUY)], Guess(parts=(1, 0)))
    assert padded == found([PAID_IN, BOUGHT, MarginProven(FALLING, healthy=True)])


def test_padding_widens_the_bounds_on_both_sides() -> None:
    trades = [Traded(LATER, Side.BUY), BOUGHT]
    padded = any_of([PAID_IN, *trades, YOUNG[-1]], splits(2))
    alone = found(list(YOUNG))
    assert padded is not None
    assert padded.least <= alone.least
    assert padded.most > alone.most


@pytest.mark.parametrize(("asset", "side"), [("XRP-PERP", True), ("BTC-PERP", False)])
def test_a_flag_rules_out_what_did_not_lose(asset: str, side: bool) -> None:
    """An asset whose price stood still, and the side that won."""
    assert bounds(YOUNG, Guess(asset, sides_are_true=side)) is None


def test_a_round_trip_tells_the_size() -> None:
    entry, leave = TRADE.prices[BTC], RISEN.prices[BTC]
    assert round_trip(PROFIT, entry, leave, 0) == Bounds(TRUE_SIZE, TRUE_SIZE)
    wider = round_trip(PROFIT, entry, leave, 1_000)
    assert wider.least < TRUE_SIZE < wider.most

"""Tickets: what their names say and hide (spec ZS-54)."""

from dataclasses import replace
from typing import Any

import pytest

from prover import Domain, State, commit
from prover.trade import Side, Ticket, amounts_of
from verifier import SCALAR_MODULUS, InputError

HERE = Domain(31337, 1)
TICKET = Ticket(HERE, amounts_of({3: 5, 12: -2}, 13), cost=-7, salt=11)


def test_the_id_is_the_commitment_to_terms_book_and_salt() -> None:
    assert TICKET.id == commit(State((0, 0, 0, 5, *[0] * 8, -2), -7), HERE.tag(), 11)


def test_no_ticket_is_a_commitment_to_a_state() -> None:
    """The bitmap of a state is below 2^N."""
    assert HERE.tag() >= 1 << 58


@pytest.mark.parametrize(
    "change",
    [
        {"domain": Domain(1, 1)},
        {"amounts": amounts_of({3: 6, 12: -2}, 13)},
        {"amounts": amounts_of({3: 5}, 13)},
        {"amounts": amounts_of({4: 5, 12: -2}, 13)},
        {"amounts": amounts_of({3: -5, 12: -2}, 13)},
        {"amounts": amounts_of({3: 5, 12: -2}, 28)},
        {"cost": 7},
        {"salt": 12},
    ],
    ids=str,
)
def test_every_term_is_in_the_id(change: dict[str, object]) -> None:
    assert replace(TICKET, **change).id != TICKET.id  # type: ignore[arg-type]


def test_legs_are_the_amounts_that_are_not_0() -> None:
    assert TICKET.legs == {3: 5, 12: -2}
    assert Ticket.create(HERE, (0,) * 13, 5).legs == {}
    for slot in (-1, 13):
        with pytest.raises(InputError, match="no such asset"):
            amounts_of({slot: 1}, 13)


def test_the_same_terms_agreed_again_have_another_id() -> None:
    assert len({Ticket.create(HERE, TICKET.amounts, -7).id for _ in range(10)}) == 10


def test_sides_are_opposite() -> None:
    assert [side.sign for side in Side] == [0, 1, -1]
    assert [side.opposite for side in Side] == [Side.NONE, Side.SELL, Side.BUY]


@pytest.mark.parametrize(
    "change",
    [
        {"amounts": (*TICKET.amounts[:-1], 1 << 80)},
        {"amounts": (-(1 << 80), *TICKET.amounts[1:])},
        {"cost": 1 << 144},
        {"cost": -(1 << 144)},
        {"salt": -1},
        {"salt": SCALAR_MODULUS},
    ],
    ids=str,
)
def test_terms_out_of_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="ticket"):
        replace(TICKET, **change)


def test_the_terms_are_not_shown() -> None:
    assert repr(TICKET) == f"Ticket(domain={HERE!r})"

"""Tickets: what their names say and hide (spec ZS-54)."""

from dataclasses import replace

import pytest

from prover import Domain, poseidon
from prover._ticket import Side, Ticket
from verifier import SCALAR_MODULUS, InputError

HERE = Domain(31337, 1)
TICKET = Ticket(HERE, asset=3, size=5, cost=-7, salt=11)


def test_the_id_is_the_hash_of_book_terms_and_salt() -> None:
    tag = int.from_bytes(b"zksolvency.ticket")
    assert TICKET.id == poseidon([tag, HERE.tag(), 3, 5, SCALAR_MODULUS - 7, 11])


@pytest.mark.parametrize(
    "change", [{"domain": Domain(1, 1)}, {"asset": 4}, {"size": 6}, {"cost": 7}, {"salt": 12}], ids=str
)
def test_every_term_is_in_the_id(change: dict[str, object]) -> None:
    assert replace(TICKET, **change).id != TICKET.id  # type: ignore[arg-type]


def test_the_same_terms_agreed_again_have_another_id() -> None:
    assert len({Ticket.create(HERE, 3, 5, -7).id for _ in range(10)}) == 10


def test_sides_are_opposite() -> None:
    assert [side.sign for side in Side] == [0, 1, -1]
    assert [side.opposite for side in Side] == [Side.NONE, Side.SELL, Side.BUY]


@pytest.mark.parametrize(
    "change",
    [{"asset": -1}, {"size": -1}, {"size": 1 << 80}, {"cost": 1 << 144}, {"cost": -(1 << 144)}, {"salt": -1}],
    ids=str,
)
def test_terms_out_of_range_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(InputError, match="ticket"):
        replace(TICKET, **change)


def test_the_terms_are_not_shown() -> None:
    assert repr(TICKET) == f"Ticket(domain={HERE!r})"

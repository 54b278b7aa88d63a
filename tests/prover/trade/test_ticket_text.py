"""Tickets as text: one spelling each, and no slip goes unnoticed (spec ZS-54)."""

import stat
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import BALANCE_MAX, QUOTE_MAX, natural, signed

from prover import Domain
from prover.formats import decode_checked, encode_checked
from prover.trade import Ticket, amounts_of, load_ticket, save_ticket, ticket_from_text, ticket_to_text
from prover.trade._ticket_text import BOOK_SIZES, PREFIX, ticket_bytes, ticket_to_bytes
from verifier import SCALAR_MODULUS, InputError

TICKET = Ticket(Domain(31337, 0xB00C), amounts_of({3: 5 * 10**9, 7: -(10**9)}, 13), cost=-7 * 10**18, salt=11**70)
TEXT = ticket_to_text(TICKET)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

tickets = st.builds(
    Ticket,
    st.builds(Domain, natural((1 << 64) - 1), natural((1 << 160) - 1)),
    amounts=st.sampled_from(BOOK_SIZES).flatmap(lambda n: st.tuples(*[signed(BALANCE_MAX)] * n)),
    cost=signed(QUOTE_MAX),
    salt=natural(SCALAR_MODULUS - 1),
)


@given(tickets)
def test_text_and_back(ticket: Ticket) -> None:
    text = ticket_to_text(ticket)
    assert len(text) == {13: 372, 28: 636, 43: 900}[len(ticket.amounts)]
    assert text.isalnum()
    assert ticket_from_text(text) == ticket


def test_the_form_is_pinned() -> None:
    """A text that was handed out must be read by every later version."""
    ticket = Ticket(Domain(1, 2), amounts_of({0: 4, 12: -3}, 13), cost=-5, salt=6)
    amounts = "04".zfill(22) + 11 * "00".zfill(22) + "fd".rjust(22, "f")
    assert ticket_to_bytes(ticket).hex() == (
        "0000000000000001" + "02".zfill(40) + amounts + "fb".rjust(38, "f") + "06".zfill(64)
    )
    text = ticket_to_text(ticket)
    assert text.startswith("zksticket1aaaaaaaaaaaacaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaeaaaaaaaaaaaaaaaaba")
    assert text.endswith(
        "77777777777777777x777777777777777777777777777773aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaadbcmc6ui"
    )


def test_equal_terms_as_one_object() -> None:
    """Amounts and cost may be the very same number, and have different widths."""
    amount = BALANCE_MAX
    ticket = Ticket(Domain(1, 1), (amount,) * 13, amount, 1)
    assert ticket_from_text(ticket_to_text(ticket)) == ticket


@pytest.mark.parametrize("around", ["{}\n", "  {}", "\t{}\r\n", "\u00a0{}\u2003"])
def test_whitespace_around_is_let_pass(around: str) -> None:
    assert ticket_from_text(around.format(TEXT)) == TICKET


def refused(text: str) -> str:
    with pytest.raises(InputError, match="ticket: ") as caught:
        ticket_from_text(text)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_every_changed_character_is_noticed() -> None:
    for place, char in enumerate(TEXT):
        for other in ALPHABET + "0189A=-_ \u0131":
            if other != char:
                refused(TEXT[:place] + other + TEXT[place + 1 :])


@given(tickets, st.integers(0, 371), st.characters(exclude_categories=["Cs"]))
def test_every_changed_character_of_every_ticket_is_noticed(ticket: Ticket, place: int, other: str) -> None:
    text = ticket_to_text(ticket)
    changed = text[:place] + other + text[place + 1 :]
    if changed.strip() != text:
        refused(changed)


def test_every_swap_of_neighbours_is_noticed() -> None:
    for place, (one, two) in enumerate(pairwise(TEXT)):
        if one != two:
            refused(TEXT[:place] + two + one + TEXT[place + 2 :])


def test_every_lost_or_added_character_is_noticed() -> None:
    for place in range(len(TEXT)):
        refused(TEXT[:place] + TEXT[place + 1 :])
        refused(TEXT[:place] + "a" + TEXT[place:])
    for length in range(len(TEXT)):
        refused(TEXT[:length])


@pytest.mark.parametrize(
    "text", ["", " ", "1", TEXT.upper(), TEXT * 2, TEXT + "=", "zksticket2" + TEXT[10:], "ä" * 372]
)
def test_other_texts_are_refused(text: str) -> None:
    refused(text)


def test_unused_bits_must_be_zero() -> None:
    """226 bytes leave two bits of the last character: only one value of them is the ticket's text."""
    last = ALPHABET.index(TEXT[-1])
    assert last % 4 == 0
    for bits in range(1, 4):
        refused(TEXT[:-1] + ALPHABET[last + bits])


@pytest.mark.parametrize(
    ("start", "width", "value"),
    [
        (28, 11, 1 << 80),
        (28 + 11 * 12, 11, (1 << 88) - (1 << 80)),
        (171, 19, 1 << 144),
        (171, 19, (1 << 152) - (1 << 144)),
        (190, 32, SCALAR_MODULUS),
    ],
    ids=["amount", "negative amount", "cost", "negative cost", "salt"],
)
def test_terms_out_of_range_are_refused_with_a_right_checksum(start: int, width: int, value: int) -> None:
    data = ticket_to_bytes(TICKET)
    assert encode_checked(PREFIX, data) == TEXT
    assert "outside" in refused(encode_checked(PREFIX, data[:start] + value.to_bytes(width) + data[start + width :]))


@pytest.mark.parametrize("n", [0, 12, 14, 58])
def test_a_ticket_of_no_book_size_has_no_text(n: int) -> None:
    with pytest.raises(InputError, match="no book"):
        ticket_to_text(Ticket(Domain(1, 1), (0,) * n, cost=1, salt=1))


def test_texts_of_another_kind_are_told_apart() -> None:
    payload = bytes(ticket_bytes(13))
    other = encode_checked("zksoffer1", payload)
    assert decode_checked("zksoffer1", other, (ticket_bytes(13),), "offer") == payload
    refused(other)
    refused(PREFIX + other.removeprefix("zksoffer1"))  # the checksum is over the prefix too


def test_errors_do_not_quote_the_text() -> None:
    for wrong in (TEXT[:-1], TEXT[:-2] + "a" + TEXT[-1], TEXT[1:]):
        message = refused(wrong)
        assert not any(wrong[place : place + 8] in message for place in range(10, len(wrong) - 8))


def test_a_file_of_it_is_private(tmp_path: Path) -> None:
    path = tmp_path / "ticket.txt"
    save_ticket(path, TICKET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == TEXT + "\n"
    assert load_ticket(path) == TICKET
    with pytest.raises(InputError, match="exists already"):
        save_ticket(path, TICKET)
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        load_ticket(path)


@pytest.mark.parametrize("data", [b"", b"\xff" * 372, b"a" * 5000])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "ticket.txt"
    path.touch(0o600)
    path.write_bytes(data)
    with pytest.raises(InputError, match="ticket"):
        load_ticket(path)

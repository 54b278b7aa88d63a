"""The content of a notice: one length, one spelling, and nothing in it but what its parcels say.

Spec ZS-95.
"""

from dataclasses import replace
from typing import Any

import pytest
from parcels import AUCTION, FLAT, INPUTS, PROOF, USD, before, notice, unproven
from releases import KEYS, part, terms
from steps import DOLLAR, ELSEWHERE, HERE, ONE

from prover.account import State
from prover.liquidation import MAX_PARCELS, Notice, Parcel, notice_bytes, plan_ladder
from prover.trade import Rates, Ticket
from verifier import BASE_MODULUS, BASIS, SCALAR_MODULUS, G1Point, InputError, ReleaseClaim, VectorKind

SEALED = before()
PARCELS = unproven(SEALED, plan_ladder(SEALED, INPUTS, AUCTION, FLAT, (60, 75, 90)), taker=7)
NOTICE = notice(PARCELS)
DATA = NOTICE.to_bytes()
RECORD = (notice_bytes(13) - 98) // MAX_PARCELS


def read(data: bytes) -> Notice:
    return Notice.from_bytes(data, HERE, 42, 1_700_000_600)


def test_content_and_back() -> None:
    assert read(DATA) == NOTICE
    assert NOTICE.n == 13
    assert (NOTICE.domain, NOTICE.old_commitment, NOTICE.taker) == (HERE, SEALED.commitment, 7)
    overdraft = replace(NOTICE, ground=VectorKind.OVERDRAFT)
    assert read(overdraft.to_bytes()) == overdraft


def test_the_length_tells_nothing_but_the_size_of_the_book() -> None:
    one = replace(NOTICE, parcels=PARCELS[:1])
    assert len(one.to_bytes()) == len(DATA) == notice_bytes(13) == 43_298
    assert notice_bytes(28) == 64_098
    full = replace(NOTICE, parcels=(PARCELS * MAX_PARCELS)[:MAX_PARCELS])
    assert len(full.to_bytes()) == len(DATA)
    assert read(full.to_bytes()) == full


def test_content_of_a_large_book_and_back() -> None:
    sealed = KEYS.seal(State(part(28, {0: ONE, 27: 10 * ONE}), -107_000 * DOLLAR))
    large = terms(28, {0: (10_000 * USD, 1_000 * USD), 27: (10_000 * USD, 250 * USD)})
    told = notice(unproven(sealed, plan_ladder(sealed, large, AUCTION, (1,) * 28, (60, 75))))
    assert told.n == 28
    assert read(told.to_bytes()) == told


def test_every_byte_counts() -> None:
    """Of the head and of one record, one after the other; and of the padding."""
    for at in (*range(98 + RECORD), 98 + 3 * RECORD, len(DATA) - 1):
        changed = bytearray(DATA)
        changed[at] ^= 0x80
        try:
            other = read(bytes(changed))
        except InputError:
            continue
        assert other != NOTICE
        assert other.to_bytes() == bytes(changed)


def test_padding_is_zeros() -> None:
    for at in (98 + 3 * RECORD, len(DATA) - 1):
        with pytest.raises(InputError, match="spelled in another way"):
            read(DATA[:at] + b"\1" + DATA[at + 1 :])


@pytest.mark.parametrize("count", [0, 65, 255])
def test_a_number_of_parcels_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(InputError):
        read(DATA[:1] + bytes([count]) + DATA[2:])


def test_a_smaller_number_of_parcels_leaves_a_record_in_the_padding() -> None:
    with pytest.raises(InputError, match="spelled in another way"):
        read(DATA[:1] + b"\2" + DATA[2:])


@pytest.mark.parametrize("length", [0, 1, 97, 98, -1, len(DATA) + 1])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(InputError, match="length"):
        read(DATA[:length] if length <= len(DATA) else DATA + b"\0")


def test_a_notice_of_another_book_is_refused() -> None:
    with pytest.raises(InputError, match="another book or chain"):
        Notice.from_bytes(DATA, ELSEWHERE, 42, 1_700_000_600)


def test_nothing_of_the_account_is_shown() -> None:
    assert repr(NOTICE) == "Notice(round_id=42, expires=1700000600)"
    assert repr(PARCELS[0]) == "Parcel()"


def with_claim(parcel: Parcel, **changes: Any) -> Parcel:
    return replace(parcel, claim=replace(parcel.claim, **changes))


def other_ticket(parcel: Parcel) -> Ticket:
    return replace(parcel.ticket, salt=1)


@pytest.mark.parametrize(
    ("parcel", "words"),
    [
        (with_claim(PARCELS[0], old_commitment=1), "different states"),
        (with_claim(PARCELS[0], taker=8), "different states"),
        (replace(PARCELS[0], ticket=replace(PARCELS[0].ticket, domain=ELSEWHERE)), "different states"),
        (replace(PARCELS[0], ticket=replace(PARCELS[0].ticket, amounts=(0,) * 28)), "different states"),
        (replace(PARCELS[0], ticket=other_ticket(PARCELS[0])), "another ticket"),
        (with_claim(PARCELS[0], rho=1), "another rho"),
        (with_claim(PARCELS[0], rate=BASIS + 1), "rate"),
        (with_claim(PARCELS[0], uncovered_rate=-1), "rate"),
        (with_claim(PARCELS[0], ciphertext=(1,) * 4), "ciphertext"),
        (with_claim(PARCELS[0], ciphertext=(SCALAR_MODULUS,) * 5), "scalar field"),
        (with_claim(PARCELS[0], new_commitment=SCALAR_MODULUS), "scalar field"),
        (replace(PARCELS[0], proof=replace(PROOF, a=G1Point(BASE_MODULUS, 1))), "base field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_parcels_that_do_not_go_together_are_refused(parcel: Parcel, words: str) -> None:
    with pytest.raises(InputError, match=words):
        replace(NOTICE, parcels=(PARCELS[1], parcel))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"round_id": 0}, "round or expiry"),
        ({"round_id": 1 << 64}, "round or expiry"),
        ({"expires": -1}, "round or expiry"),
        ({"expires": 1 << 64}, "round or expiry"),
        ({"ground": VectorKind.INITIAL}, "ground"),
        ({"account": SCALAR_MODULUS}, "scalar field"),
        ({"account": -1}, "scalar field"),
        ({"parcels": ()}, "1 to 64"),
        ({"parcels": PARCELS * 22}, "1 to 64"),
    ],
    ids=str,
)
def test_what_cannot_be_said_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replace(NOTICE, **changes)


def test_the_rates_are_those_of_the_claim() -> None:
    claim: ReleaseClaim = PARCELS[0].claim
    assert PARCELS[0].rates == Rates(1_000, 500) == Rates(claim.rate, claim.uncovered_rate)

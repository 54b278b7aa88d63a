"""Offers: a ticket and one side of it proven, as text."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from py_ecc import optimized_bn128 as curve

from prover import Domain
from prover.formats import decode_checked, encode_checked
from prover.trade import Offer, Side, Ticket, amounts_of, ticket_to_text
from prover.trade._offer import PREFIX
from verifier import (
    BASE_MODULUS,
    SCALAR_MODULUS,
    G1Point,
    G2Point,
    InputError,
    Proof,
    Settlement,
    StateUpdate,
    VerificationError,
)

TICKET = Ticket(Domain(31337, 0xB00C), amounts_of({3: 5_250_417_393, 4: -1}, 13), cost=-7, salt=11**70)


def g1(scalar: int) -> G1Point:
    x, y = curve.normalize(curve.multiply(curve.G1, scalar))
    return G1Point(int(x), int(y))


def g2(scalar: int) -> G2Point:
    x, y = curve.normalize(curve.multiply(curve.G2, scalar))
    return G2Point((int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1])))


PROOF = Proof(g1(5), g2(7), g1(11))
UPDATE = StateUpdate(13**60, 3**150, 5**100, 1, 7**80, tuple(11**60 + k for k in range(5)), PROOF)
OFFER = Offer(TICKET, Side.SELL, 42, UPDATE)
TEXT = OFFER.to_text()


def of_size(n: int) -> Offer:
    ciphertext = tuple(range(1, (n + 2) // 3 + 1))
    ticket = replace(TICKET, amounts=amounts_of(TICKET.legs, n))
    return replace(OFFER, ticket=ticket, maker_update=replace(UPDATE, ciphertext=ciphertext))


@pytest.mark.parametrize(("n", "length"), [(13, 1257), (28, 1777), (43, 2297)])
def test_text_and_back(n: int, length: int) -> None:
    offer = of_size(n)
    text = offer.to_text()
    assert text.isalnum()
    assert len(text) == length
    assert Offer.from_text(f" {text}\n") == offer


def test_every_field_is_in_the_text() -> None:
    others = [
        replace(OFFER, ticket=replace(TICKET, salt=1)),
        replace(OFFER, side=Side.BUY),
        replace(OFFER, round_id=(1 << 64) - 1),
        *(
            replace(OFFER, maker_update=replace(UPDATE, **change))
            for change in (
                {"account": 1},
                {"old_commitment": 1},
                {"new_commitment": 1},
                {"claim": 0},
                {"claim": 2},
                {"rho": 1},
                {"ciphertext": (*UPDATE.ciphertext[:4], SCALAR_MODULUS - 1)},
                {"proof": replace(PROOF, a=g1(2))},
                {"proof": replace(PROOF, b=g2(2))},
                {"proof": replace(PROOF, c=g1(2))},
            )
        ),
    ]
    assert len({offer.to_text() for offer in (OFFER, *others)}) == 1 + len(others)
    for offer in others[:6]:
        assert Offer.from_text(offer.to_text()) == offer


def test_a_file_of_it_is_private(tmp_path: Path) -> None:
    path = tmp_path / "offer.txt"
    OFFER.save(path)
    assert path.read_text() == TEXT + "\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Offer.load(path) == OFFER
    with pytest.raises(InputError, match="exists already"):
        OFFER.save(path)
    path.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        Offer.load(path)


def test_offers_of_an_older_version_are_refused_in_words() -> None:
    """They do not name the maker's account, which the book asks for."""
    with pytest.raises(InputError, match="older zksolvency and does not name its account: ask for a new one"):
        Offer.from_text(" " + TEXT.replace("zksoffer2", "zksoffer1"))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"zksoffer2", TEXT.encode() * 2, b"1" * 100_000])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "offer.txt"
    path.touch(0o600)
    path.write_bytes(data)
    with pytest.raises(InputError, match="offer"):
        Offer.load(path)


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_both_sides_make_a_settlement(side: Side) -> None:
    taker = replace(UPDATE, old_commitment=1)
    offer = replace(OFFER, side=side)
    assert {offer.side, offer.taker_side} == {Side.BUY, Side.SELL}
    sides = (UPDATE, taker) if side is Side.BUY else (taker, UPDATE)
    assert offer.settlement(taker) == Settlement(TICKET.id, *sides)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"side": Side.NONE}, "side"),
        ({"round_id": 0}, "round"),
        ({"round_id": -1}, "round"),
        ({"round_id": 1 << 64}, "round"),
        ({"ticket": replace(TICKET, amounts=amounts_of({3: 1}, 28))}, "different sizes"),
    ],
    ids=str,
)
def test_what_cannot_be_offered_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        replace(OFFER, **change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": SCALAR_MODULUS}, "scalar field"),
        ({"old_commitment": SCALAR_MODULUS}, "scalar field"),
        ({"new_commitment": SCALAR_MODULUS}, "scalar field"),
        ({"rho": SCALAR_MODULUS}, "scalar field"),
        ({"rho": -1}, "scalar field"),
        ({"ciphertext": (1, 2, 3, 4, SCALAR_MODULUS)}, "scalar field"),
        ({"ciphertext": ()}, "no book size"),
        ({"ciphertext": (1,) * 4}, "no book size"),
        ({"ciphertext": (1,) * 6}, "no book size"),
        ({"ciphertext": (1,) * 20}, "no book size"),
        ({"claim": 3}, "claim"),
        ({"claim": 4}, "claim"),
        ({"claim": -1}, "claim"),
        ({"new_commitment": UPDATE.old_commitment}, "the same"),
        ({"proof": replace(PROOF, a=G1Point(BASE_MODULUS, 1))}, "base field"),
        ({"proof": replace(PROOF, b=G2Point((1, 1), (1, BASE_MODULUS)))}, "base field"),
        ({"proof": replace(PROOF, c=G1Point(1, -1))}, "base field"),
    ],
    ids=str,
)
def test_an_update_that_cannot_be_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        replace(OFFER, maker_update=replace(UPDATE, **change))


@pytest.mark.parametrize(
    "proof",
    [replace(PROOF, a=G1Point(1, 1)), replace(PROOF, b=G2Point((1, 1), (1, 1))), replace(PROOF, c=G1Point(0, 0))],
    ids=["a", "b", "c"],
)
def test_points_from_elsewhere_must_be_points(proof: Proof) -> None:
    offer = replace(OFFER, maker_update=replace(UPDATE, proof=proof))
    with pytest.raises(VerificationError) as caught:
        Offer.from_text(offer.to_text())
    assert caught.value.reason == "point-not-on-curve"


def test_texts_with_a_right_checksum_and_wrong_values_are_refused() -> None:
    payload = decode_checked(PREFIX, TEXT, (776,), "offer")
    for place, value in ((222, 0), (222, 3), (222, 255), (231, 3)):  # side, claim
        changed = payload[:place] + bytes([value]) + payload[place + 1 :]
        with pytest.raises(InputError, match=r"side|claim"):
            Offer.from_text(encode_checked(PREFIX, changed))
    for start, match in ((223, "round"), (232, "scalar field"), (584, "base field"), (776 - 32, "base field")):
        value = bytes(8) if match == "round" else b"\xff" * 32
        changed = payload[:start] + value + payload[start + len(value) :]
        with pytest.raises(InputError, match=match):
            Offer.from_text(encode_checked(PREFIX, changed))


def test_every_mistyped_character_is_noticed() -> None:
    for place, char in enumerate(TEXT):
        wrong = "b" if char == "a" else "a"
        with pytest.raises(InputError, match="offer: "):
            Offer.from_text(TEXT[:place] + wrong + TEXT[place + 1 :])


@pytest.mark.parametrize("length", [0, 9, 10, 500, -1])
def test_texts_cut_short_are_refused(length: int) -> None:
    with pytest.raises(InputError, match="offer: "):
        Offer.from_text(TEXT[:length])


def test_a_ticket_is_no_offer() -> None:
    with pytest.raises(InputError, match="does not begin with zksoffer2"):
        Offer.from_text(ticket_to_text(TICKET))


def test_the_terms_are_not_shown() -> None:
    assert repr(OFFER) == str(OFFER) == "Offer(round_id=42)"

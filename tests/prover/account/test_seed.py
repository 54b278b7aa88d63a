"""Seeds: the owner secrets that they give, and their text (spec ZS-13)."""

import json
from pathlib import Path
from typing import Any

import pytest
from Crypto.Hash import SHA512
from Crypto.Protocol.KDF import HKDF

from prover import Domain
from prover.account import SUBGROUP_ORDER, Seed, _seed
from verifier import InputError

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "seed.json").read_text(),
)
"""By `tools/seed_vectors.mjs`: HKDF of Node, and text by its own base32 and checksum."""

HERE = Domain(31337, 0xB00C)
SEED = Seed(bytes(range(32)))
TEXT = "zksseed1aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypyd5awoe"


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["seed"][:6])
def test_another_implementation_gives_the_same_text_and_secrets(row: dict[str, Any]) -> None:
    seed = Seed(bytes.fromhex(row["seed"]))
    assert (seed.to_text(), Seed.from_text(row["text"])) == (row["text"], seed)
    for account in row["accounts"]:
        domain = Domain(int(account["chain_id"]), int(account["contract"], 16))
        assert seed.owner_secret(domain, int(account["index"])) == int(account["owner_secret"])


def test_the_specification_shows_the_first_vectors() -> None:
    text = (Path(__file__).parents[3] / "docs" / "spec.md").read_text().split("**ZS-13 ")[1].split("\n**ZS-")[0]
    first = VECTORS[0]
    shown = [first["seed"], first["text"], *(account["owner_secret"] for account in first["accounts"][:2])]
    assert all(value in text for value in [*shown, first["accounts"][0]["contract"]])


def test_the_derivation_is_that_of_the_standard() -> None:
    info = b"owner" + (31337).to_bytes(8) + (0xB00C).to_bytes(20) + (7).to_bytes(4)
    key = HKDF(SEED.secret, 64, b"zksolvency/seed/1", SHA512, 1, info)
    assert isinstance(key, bytes)
    assert SEED.owner_secret(HERE, 7) == 1 + int.from_bytes(key) % (SUBGROUP_ORDER - 1)


@pytest.mark.parametrize("output", [0, 1, SUBGROUP_ORDER - 2, SUBGROUP_ORDER - 1, SUBGROUP_ORDER, (1 << 512) - 1])
def test_every_output_gives_a_secret_in_range(monkeypatch: pytest.MonkeyPatch, output: int) -> None:
    """Also the extremes, which chance does not find: never 0, never l."""
    monkeypatch.setattr(_seed, "_hkdf_sha512", lambda *_: output.to_bytes(64))
    secret = SEED.owner_secret(HERE, 0)
    assert 1 <= secret < SUBGROUP_ORDER
    assert (secret - 1 - output) % (SUBGROUP_ORDER - 1) == 0


def test_no_two_places_share_a_secret() -> None:
    """Nor does a byte of one part of the place count for another part."""
    places = [
        (Domain(31337, 0xB00C), 0),
        (Domain(31337, 0xB00C), 1),
        (Domain(31337, 0xB00D), 0),
        (Domain(31338, 0xB00C), 0),
        (Domain(0, 1), 0),
        (Domain(0, 0), 1 << 24),
        (Domain(1, 0), 0),
        (Domain(0, 1 << 152), 0),
    ]
    secrets = {SEED.owner_secret(domain, index) for domain, index in places}
    assert len(secrets) == len(places)
    assert secrets.isdisjoint({Seed(bytes(32)).owner_secret(domain, index) for domain, index in places})


@pytest.mark.parametrize("index", [-1, 1 << 32])
def test_an_index_out_of_range_is_refused(index: int) -> None:
    with pytest.raises(InputError, match="index of an account"):
        SEED.owner_secret(HERE, index)


def test_a_seed_is_fresh_and_has_its_length() -> None:
    assert Seed.generate() != Seed.generate()
    for length in (0, 31, 33):
        with pytest.raises(InputError, match="expected 32 bytes"):
            Seed(bytes(length))


def test_a_seed_is_not_shown() -> None:
    shown = repr(SEED) + str(SEED)
    assert SEED.secret.hex() not in shown
    assert repr(SEED.secret) not in shown
    assert TEXT not in shown


@pytest.mark.parametrize(
    "text", [TEXT, f" {TEXT}\n", TEXT.upper(), " ".join(TEXT[i : i + 6] for i in range(0, len(TEXT), 6))]
)
def test_a_seed_is_read_as_it_was_written_down(text: str) -> None:
    assert SEED.to_text() == TEXT
    assert Seed.from_text(text) == SEED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TEXT[:-1], "characters are missing"),
        (TEXT + "a", "characters are missing, or too many"),
        (TEXT[:-1] + "f", "its checksum is wrong"),
        (TEXT.replace("ydiob4", "ydoib4"), "its checksum is wrong"),
        (TEXT.replace("b4", "b1"), "its checksum is wrong"),  # no digit of base32
        (TEXT.replace("b4", "b\u0664"), "its checksum is wrong"),
        (TEXT.replace("zksseed1", "zksseed2"), "does not begin with zksseed1: mistyped, or of a later version"),
        ("zksticket1" + TEXT.removeprefix("zksseed1"), "does not begin with zksseed1"),
        ("", "does not begin with zksseed1"),
    ],
    ids=["cut", "long", "wrong", "swapped", "no digit", "no ASCII", "later version", "another kind", "empty"],
)
def test_any_other_text_is_refused_without_being_shown(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as refused:
        Seed.from_text(text)
    assert "eaudaocajb" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_every_wrong_character_is_found() -> None:
    start = len("zksseed1")
    for place in range(start, len(TEXT)):
        for digit in "abcdefghijklmnopqrstuvwxyz234567":
            if digit != TEXT[place]:
                with pytest.raises(InputError, match="its checksum is wrong"):
                    Seed.from_text(TEXT[:place] + digit + TEXT[place + 1 :])

"""Seeds and owner secrets as they are typed."""

import pytest

from prover.account import SUBGROUP_ORDER, Seed, owner_secret_from_text, secret_from_text
from verifier import InputError


@pytest.mark.parametrize("text", ["26", "0x1a", " 0x1A\n", f"0x{26:064x}"])
def test_decimal_and_hex_are_read(text: str) -> None:
    assert owner_secret_from_text(text) == 26


def test_the_largest_secret_is_below_the_order_of_the_subgroup() -> None:
    assert owner_secret_from_text(str(SUBGROUP_ORDER - 1)) == SUBGROUP_ORDER - 1


@pytest.mark.parametrize(
    "text", ["", "0", str(SUBGROUP_ORDER), "-1", "1.5", "1a", "0x", "0x77665544zz", f"0x1{0:064x}", "\u0661\u0662"]
)
def test_anything_else_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(InputError, match="expected a number") as refused:
        owner_secret_from_text(text)
    assert len(text) < 3 or text not in str(refused.value)


def test_a_seed_is_told_from_an_owner_secret() -> None:
    seed = Seed.generate()
    for text in (seed.to_text(), seed.to_text().upper(), f"  {seed.to_text()}\n"):
        assert secret_from_text(text) == seed
    assert secret_from_text("0x1a") == 26


def test_what_is_neither_is_refused_as_what_it_begins_like() -> None:
    text = Seed.generate().to_text()
    for typed, reason in (
        (text[:-4], "seed: characters are missing"),
        (text.replace("seed1", "seed2"), "seed: it does not begin with zksseed1"),
        (text[1:], "owner secret: expected a number"),
    ):
        with pytest.raises(InputError, match=reason) as refused:
            secret_from_text(typed)
        assert typed[12:] not in str(refused.value)

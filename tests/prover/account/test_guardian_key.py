"""A guardian's key and its public point as text."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prover import Domain, OwnerKeys, ViewingKeys
from prover.account import BASE, SUBGROUP_ORDER, GuardianKey, point_from_text, point_to_text
from verifier import SCALAR_MODULUS, InputError

KEY = GuardianKey(987654321)
PHRASE = "correct horse"

# KEY, encrypted by npm age-encryption 0.3 with little scrypt work: 2^8.
FILE = """\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBJRzZsdkRHajQxalNpVUJC
OUJuOVBRIDgKZm9oK2JXNnloT2J2Q1pmekpHNnhEWGx1b2tlMTFpV1VBU0RiSVZL
VXlVMAotLS0gWGlUVEZmMisyeHpaOWNZQXVQQldRYVQ0Yk41Wm9TVk1Ga0trYlNY
WTJmRQrMqw1PTVGFFkYWM/L/1f6eSz7xDBs4TZSvlHJEKEufMCh98qIufVyz/f7N
8ajhqdTyZnj+tst12AyP3FXKToAO7PGPCApRuifQESrbDcb6eeBPeYrXmXvKRxU=
-----END AGE ENCRYPTED FILE-----
"""


def test_opens_with_its_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "guardian.age"
    path.touch(0o600)
    path.write_text(FILE)
    assert GuardianKey.load(path, PHRASE) == KEY
    with pytest.raises(InputError, match=r"guardian key .*: wrong passphrase"):
        GuardianKey.load(path, "wrong horse")


@pytest.mark.usefixtures("quick_passphrases")
def test_what_is_saved_is_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "guardian.age"
    KEY.save(path, PHRASE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert GuardianKey.load(path, PHRASE) == KEY
    with pytest.raises(InputError, match="exists already"):
        GuardianKey(5).save(path, PHRASE)


def test_reads_an_account_that_names_its_point() -> None:
    here = Domain(31337, 0xB00C)
    owner = ViewingKeys.of_owner(OwnerKeys(123456789, KEY.point, here))
    assert KEY.viewing(123456789 * BASE, owner.owner_tag, here) == owner
    assert GuardianKey(5).viewing(123456789 * BASE, owner.owner_tag, here) != owner


def test_fresh_keys_differ() -> None:
    assert GuardianKey.generate() != GuardianKey.generate()


@pytest.mark.parametrize("secret", [0, -1, SUBGROUP_ORDER])
def test_refuses_a_secret_out_of_range(secret: int) -> None:
    with pytest.raises(InputError, match="guardian secret"):
        GuardianKey(secret)


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a wallet": lambda file: file.update(format="zksolvency/wallet/1"),
    "unknown format": lambda file: file.update(format="zksolvency/guardian/2"),
    "no format": lambda file: file.pop("format"),
    "no secret": lambda file: file.pop("secret"),
    "extra name": lambda file: file.update(point="1,2"),
    "secret as number": lambda file: file.update(secret=987654321),
    "secret in hex": lambda file: file.update(secret="0x3ade68b1"),
    "secret of 0": lambda file: file.update(secret="0"),
    "secret of l": lambda file: file.update(secret=str(SUBGROUP_ORDER)),
    "secret of many digits": lambda file: file.update(secret="987654321" * 20),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_refuses_a_malformed_file_without_showing_it(fault: str) -> None:
    content = json.loads(json.dumps(KEY.to_json()))
    assert GuardianKey.from_json(content) == KEY
    FAULTS[fault](content)
    with pytest.raises(InputError) as caught:
        GuardianKey.from_json(content)
    assert "987654321" not in str(caught.value)


def test_no_secret_is_shown() -> None:
    assert repr(KEY) == str(KEY) == "GuardianKey()"


def test_a_point_is_text_and_back() -> None:
    text = point_to_text(KEY.point)
    assert text == f"{KEY.point.x},{KEY.point.y}"
    assert point_from_text(f"  {text}\n") == KEY.point


def test_every_mistyped_digit_is_noticed() -> None:
    text = point_to_text(KEY.point)
    for place, digit in enumerate(text):
        if digit != ",":
            wrong = "1" if digit != "1" else "2"
            with pytest.raises(InputError, match="point"):
                point_from_text(text[:place] + wrong + text[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "1,2,3", "x,y", "-1,5", "0x1,2", "1_0,2", "٣,5"),
        *(f"{BASE.x}, {BASE.y}", f"0{BASE.x},{BASE.y}", f"{BASE.x + SCALAR_MODULUS},{BASE.y}"),
        *("0,1", f"0,{SCALAR_MODULUS - 1}"),
    ],
)
def test_refuses_what_is_no_point(text: str) -> None:
    with pytest.raises(InputError, match="point"):
        point_from_text(text)

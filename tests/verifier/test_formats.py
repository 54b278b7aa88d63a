"""verifier/_formats.py: a wrong file is called by its name, and nothing else of it is shown."""

import re
from pathlib import Path

import pytest

from verifier import InputError
from verifier._formats import require_format

ROOT = Path(__file__).parent.parent.parent
ROUND = "zksolvency/round/1"
NOT_MODELS = {f"zksolvency/{kind}/1" for kind in ("proof", "key", "book-proof", "bundle")}


def formats() -> set[str]:
    sources = [path for package in ("verifier", "prover") for path in (ROOT / package).rglob("*.py")]
    return {match for path in sources for match in re.findall(r'Literal\["(zksolvency/[^"]+)"\]', path.read_text())}


@pytest.mark.parametrize("found", sorted(formats() | NOT_MODELS))
def test_every_file_of_ours_is_known_by_name(found: str) -> None:
    require_format({"format": found}, found, "x")
    if found == ROUND:
        return
    with pytest.raises(InputError, match=r"^x: this is .*, expected a price round$"):
        require_format({"format": found, "secret": "777"}, ROUND, "x")


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"format": "zksolvency/round/2"}, "of version 2 of the format, this program reads version 1"),
        ({"format": "zksolvency/poem/1"}, "not a price round"),
        ({"format": 777}, "not a price round"),
        ({}, "not a price round, whose \"format\" is 'zksolvency/round/1'"),
        ({"vk_alpha_1": []}, "this is a verifying key of snarkjs"),
        ({"pi_a": []}, "this is a proof of snarkjs"),
        ({"crypto": {}, "version": 3}, "this is an Ethereum keystore"),
        ([777], "expected an object"),
        ("777", "expected an object"),
    ],
)
def test_other_files_are_named_where_they_can_be(value: object, complaint: str) -> None:
    with pytest.raises(InputError) as refusal:
        require_format(value, ROUND, "x")
    assert complaint in str(refusal.value)
    assert "777" not in str(refusal.value)

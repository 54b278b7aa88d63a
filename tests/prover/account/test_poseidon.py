"""Poseidon equals circomlibjs, the reference implementation, on tests/vectors/poseidon.json."""

import json
import secrets
from pathlib import Path

import pytest

import prover.account._poseidon as implementation
from prover import poseidon, poseidon_many
from prover.account import CONSTANTS, MAX_INPUTS
from prover.toolchain import has_core
from tools.poseidon_constants import draw
from verifier import SCALAR_MODULUS

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "poseidon.json").read_text())


@pytest.fixture(params=["native", "reference"])
def permutation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two permutations in turn."""
    if request.param == "reference":
        monkeypatch.setattr(implementation, "_native_permutation", lambda: None)
    elif not has_core():
        pytest.skip("the native core is not installed")


@pytest.mark.usefixtures("permutation")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{len(v['inputs'])}-from-{v['initial_state']}")
def test_equals_circomlibjs_for_every_width_and_output(vector: dict[str, object]) -> None:
    inputs = [int(x) for x in vector["inputs"]]
    expected = [int(x) for x in vector["outputs"]]
    assert poseidon_many(inputs, len(expected), int(vector["initial_state"])) == expected


@pytest.mark.skipif(not has_core(), reason="the native core is not installed")
@pytest.mark.parametrize("count", range(1, 17))
def test_native_and_reference_agree(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    edges = [[0] * count, [SCALAR_MODULUS - 1] * count]
    random = [[secrets.randbelow(SCALAR_MODULUS) for _ in range(count)] for _ in range(3)]
    arguments = [(inputs, count + 1, secrets.randbelow(SCALAR_MODULUS)) for inputs in [*edges, *random]]
    native = [poseidon_many(*each) for each in arguments]
    monkeypatch.setattr(implementation, "_native_permutation", lambda: None)
    assert native == [poseidon_many(*each) for each in arguments]


def test_vectors_cover_1_to_16_inputs() -> None:
    assert {len(v["inputs"]) for v in VECTORS} == set(range(1, 17))


def test_the_constants_are_those_that_the_paper_s_generator_draws() -> None:
    rows = (row for width in range(2, MAX_INPUTS + 2) for row in draw(width))
    assert CONSTANTS.read_bytes() == b"".join(element.to_bytes(32, "big") for row in rows for element in row)


def test_one_output_is_the_first_of_many() -> None:
    assert poseidon([1, 2]) == poseidon_many([1, 2], 3)[0]


@pytest.mark.parametrize(
    ("inputs", "outputs"), [([], 1), ([0] * 17, 1), ([1], 3), ([1], 0), ([SCALAR_MODULUS], 1), ([-1], 1)]
)
def test_refuses_what_circomlib_cannot_hash(inputs: list[int], outputs: int) -> None:
    with pytest.raises(ValueError, match="Poseidon"):
        poseidon_many(inputs, outputs)


def test_error_does_not_show_the_inputs() -> None:
    secret = SCALAR_MODULUS + 1234567890
    with pytest.raises(ValueError, match="outside") as caught:
        poseidon([secret])
    assert str(secret) not in str(caught.value)

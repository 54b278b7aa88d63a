"""Baby Jubjub equals circomlibjs on tests/vectors/babyjubjub.json, and refuses points that give no safe shared key."""

import json
from pathlib import Path

import pytest

from prover.account import BASE, SUBGROUP_ORDER, Point, clear_cofactor
from prover.account._babyjubjub import NEUTRAL, random_scalar
from verifier import SCALAR_MODULUS, InputError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "babyjubjub.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["scalar"][:12])
def test_multiples_of_the_base_equal_circomlibjs(vector: dict[str, object]) -> None:
    x, y = map(int, vector["point"])
    assert int(vector["scalar"]) * BASE == Point(x, y)


def test_base_generates_the_prime_subgroup() -> None:
    assert BASE.is_on_curve()
    assert SUBGROUP_ORDER * BASE == NEUTRAL


def test_key_agreement_is_symmetric() -> None:
    a, b = random_scalar(), random_scalar()
    assert a * clear_cofactor(b * BASE) == b * clear_cofactor(a * BASE)


@pytest.mark.parametrize("point", [NEUTRAL, Point(0, SCALAR_MODULUS - 1)], ids=["neutral", "order two"])
def test_refuses_points_of_small_order(point: Point) -> None:
    assert point.is_on_curve()
    with pytest.raises(InputError, match="small order"):
        clear_cofactor(point)


@pytest.mark.parametrize("point", [Point(1, 1), Point(SCALAR_MODULUS, 1), Point(-1, 0)])
def test_refuses_points_off_the_curve(point: Point) -> None:
    with pytest.raises(InputError, match="not on"):
        clear_cofactor(point)

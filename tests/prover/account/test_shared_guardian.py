"""A guardian whose secret is in shares reads as one guardian does (spec ZS-11): with the functions of the guide."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from snippets import GUIDES, run_python
from steps import state

from prover.account import BASE, SUBGROUP_ORDER, Domain, OwnerKeys, Point, ViewingKeys
from prover.account._babyjubjub import NEUTRAL, random_scalar
from verifier import SCALAR_MODULUS, InputError

HERE = Domain(31337, 0xB00C)


@pytest.fixture(scope="module")
def guide() -> Mapping[str, Any]:
    """The functions that the guide shows."""
    return run_python(GUIDES / "guardians.md", 1)


def total(points: Sequence[Point]) -> Point:
    return sum(points, NEUTRAL)


def lagrange(index: int, others: Sequence[int]) -> int:
    """The weight of a share at 0, modulo the order of the points."""
    weight = 1
    for other in others:
        if other != index:
            weight = weight * other * pow(other - index, -1, SUBGROUP_ORDER) % SUBGROUP_ORDER
    return weight


def opens(viewing: ViewingKeys, keys: OwnerKeys) -> bool:
    """Whether it is the account's, and opens what its owner has sealed."""
    held = state(13, -5, b0=1, b4=-2)
    sealed = ViewingKeys.of_owner(keys).seal(held)
    try:
        unsealed = viewing.unseal(sealed.commitment, sealed.rho, sealed.ciphertext, 13)
    except InputError:
        return False
    return (viewing.identity, unsealed) == (keys.identity, sealed)


def test_two_shares_that_add_up_read_the_account_and_one_does_not(guide: Mapping[str, Any]) -> None:
    shares = [random_scalar(), random_scalar()]
    keys = OwnerKeys.generate(HERE, total([share * BASE for share in shares]))
    owner_point = keys.owner_secret * BASE
    points = [guide["partial"](share, owner_point) for share in shares]
    assert opens(guide["combine"](total(points), keys.owner_tag, HERE), keys)
    for point in points:
        assert not opens(guide["combine"](point, keys.owner_tag, HERE), keys)


def test_any_two_of_three_shares_read_the_account_and_no_one_alone(guide: Mapping[str, Any]) -> None:
    """Shamir shares: a line through the secret, which is nowhere afterwards."""
    secret, slope = random_scalar(), random_scalar()
    shares = {index: (secret + slope * index) % SUBGROUP_ORDER for index in (1, 2, 3)}
    keys = OwnerKeys.generate(HERE, secret * BASE)
    owner_point = keys.owner_secret * BASE
    points = {index: guide["partial"](share, owner_point) for index, share in shares.items()}

    def combined(chosen: Sequence[int]) -> ViewingKeys:
        shared = total([lagrange(index, chosen) * points[index] for index in chosen])
        return guide["combine"](shared, keys.owner_tag, HERE)

    for size, reads in ((1, False), (2, True), (3, True)):
        for chosen in itertools.combinations(points, size):
            assert opens(combined(chosen), keys) == reads, chosen


def test_a_wrong_share_shows_in_the_identity(guide: Mapping[str, Any]) -> None:
    shares = [random_scalar(), random_scalar()]
    keys = OwnerKeys.generate(HERE, total([share * BASE for share in shares]))
    owner_point = keys.owner_secret * BASE
    wrong = [guide["partial"](shares[0], owner_point), guide["partial"](shares[1] + 1, owner_point)]
    assert guide["combine"](total(wrong), keys.owner_tag, HERE).identity != keys.identity


def test_a_holder_answers_no_point_that_would_tell_a_part_of_its_share(guide: Mapping[str, Any]) -> None:
    """8 clears the cofactor: a part of small order in the point makes no difference to the answer."""
    share, point, small = random_scalar(), 7 * BASE, Point(0, SCALAR_MODULUS - 1)
    assert guide["partial"](share, point + small) == guide["partial"](share, point)
    with pytest.raises(InputError, match="small order"):
        guide["partial"](share, small)

"""Sealing and unsealing states, by owner and by guardian (spec ZS-11, ZS-53)."""

from dataclasses import replace

import pytest
from steps import ELSEWHERE, GUARDIAN_SECRET, HERE, owner_keys, owner_point, state

from prover import Account, AssetList, OpenedState
from prover.account import BASE, SUBGROUP_ORDER, Point, ViewingKeys, owner_tag
from prover.account._babyjubjub import NEUTRAL
from verifier import SCALAR_MODULUS, InputError

OWNER = ViewingKeys.of_owner(owner_keys())
STATE = state(13, -5, b0=1, b4=-2)


def test_the_identity_is_that_of_the_keys() -> None:
    assert OWNER.identity == owner_keys().identity
    assert OWNER.owner_tag == owner_tag(owner_keys().owner_secret)


def test_the_commitment_is_the_accounts(book: AssetList) -> None:
    sealed = OWNER.seal(STATE)
    account = Account(book, STATE, owner_keys(), sealed.salt)
    assert sealed.commitment == account.commitment()
    assert OpenedState(sealed.state, sealed.blind) == account.opened


def test_the_guardian_opens_what_the_owner_sealed() -> None:
    guardian = ViewingKeys.of_guardian(GUARDIAN_SECRET, owner_point(), OWNER.owner_tag, HERE)
    assert guardian == OWNER
    sealed = OWNER.seal(STATE)
    assert guardian.unseal(sealed.commitment, sealed.rho, sealed.ciphertext, 13) == sealed


def test_no_other_key_opens_it() -> None:
    sealed = OWNER.seal(STATE)
    for secret in (GUARDIAN_SECRET + 1, SUBGROUP_ORDER - GUARDIAN_SECRET):
        other = ViewingKeys.of_guardian(secret, owner_point(), OWNER.owner_tag, HERE)
        with pytest.raises(InputError, match="does not open"):
            other.unseal(sealed.commitment, sealed.rho, sealed.ciphertext, 13)
    for other in (replace(OWNER, domain=ELSEWHERE), replace(OWNER, owner_tag=1)):
        with pytest.raises(InputError, match="another state"):
            other.unseal(sealed.commitment, sealed.rho, sealed.ciphertext, 13)


def test_a_changed_ciphertext_is_noticed() -> None:
    sealed = OWNER.seal(STATE)
    changed = (sealed.ciphertext[0] + 1, *sealed.ciphertext[1:])  # still a state, with one unit more of asset 0
    with pytest.raises(InputError, match="another state"):
        OWNER.unseal(sealed.commitment, sealed.rho, changed, 13)


def test_sealing_again_gives_another_commitment_unless_rho_is_given() -> None:
    first = OWNER.seal(STATE)
    again = OWNER.seal(STATE)
    assert {first.rho, first.commitment, first.salt}.isdisjoint({again.rho, again.commitment, again.salt})
    assert OWNER.seal(STATE, first.rho) == first


@pytest.mark.parametrize("secret", [0, SUBGROUP_ORDER, -1])
def test_a_guardian_secret_out_of_range_is_refused(secret: int) -> None:
    with pytest.raises(InputError, match="guardian secret"):
        ViewingKeys.of_guardian(secret, owner_point(), 1, HERE)


@pytest.mark.parametrize("point", [NEUTRAL, Point(0, SCALAR_MODULUS - 1), Point(1, 1)])
def test_an_owner_point_that_no_account_has_is_refused(point: Point) -> None:
    with pytest.raises(InputError, match="point"):
        ViewingKeys.of_guardian(5, point, 1, HERE)


def test_the_agreement_is_symmetric_with_a_point_outside_the_subgroup() -> None:
    """The guardian's point may carry a part of small order: clearing the cofactor removes it."""
    keys = replace(owner_keys(), guardian=GUARDIAN_SECRET * BASE + Point(0, SCALAR_MODULUS - 1))
    assert ViewingKeys.of_owner(keys) == OWNER


def test_no_secret_is_shown() -> None:
    sealed = OWNER.seal(STATE)
    shown = repr(OWNER) + repr(sealed)
    for secret in (OWNER.view_key, sealed.salt):
        assert str(secret) not in shown
    assert "balances" not in shown

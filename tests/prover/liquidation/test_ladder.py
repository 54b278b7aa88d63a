"""Ladders: every rung can be proven and is taken at its time, and no rung is proven for nothing.

Spec ZS-97.
"""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_demand import built_artifacts
from parcels import AUCTION, FLAT, HELD, INPUTS, N, before, in_cure_window
from random_releases import valid_takings
from releases import KEYS, part
from steps import DOLLAR

from prover.chain import release_rho
from prover.liquidation import plan_ladder, prove_ladder
from prover.statements import backend_check
from prover.toolchain import AnyBackend
from prover.trade import Rates
from verifier import BASIS, SCALAR_MODULUS, InputError, ProvingError, VectorKind


def test_each_rung_is_the_smallest_part_that_cures_at_its_rates() -> None:
    ladder = plan_ladder(before(), INPUTS, AUCTION, FLAT, range(0, 120, 10))
    assert [release.rates.covered for release in ladder] == [1_000, 1_133, 1_266, 1_400, 1_533, 1_666]
    margins = [release.parcel.margin for release in ladder]
    assert margins == sorted(set(margins))  # a higher reward needs a larger part
    for release in ladder:
        assert release.is_covered
        assert release.is_cured
        assert release.inputs == INPUTS
        assert release.rule is not None


def test_an_account_with_equity_is_not_sold_in_the_cure_window() -> None:
    assert plan_ladder(before(), INPUTS, AUCTION, FLAT, range(60)) == ()
    assert plan_ladder(before(0), INPUTS, AUCTION, FLAT, range(60)) == ()
    (first,) = plan_ladder(before(), INPUTS, AUCTION, FLAT, range(61))
    assert first.rates == Rates(1_000, 500)


def test_negative_equity_is_sold_whole_and_at_once() -> None:
    """In the cure window the floor is 0, and the covered rate is one that no account pays."""
    first, second, third = plan_ladder(before(-1), INPUTS, AUCTION, FLAT, (0, 59, 60))
    assert [release.rates for release in (first, second, third)] == [(BASIS, 0), (BASIS, 491), (1_000, 500)]
    assert first.inputs == second.inputs == in_cure_window(INPUTS)
    assert third.inputs == INPUTS
    for release in (first, second, third):
        assert not release.is_covered
        assert release.taken == HELD.balances
        assert release.rule is not None


def test_equity_that_pays_no_more_ends_the_ladder() -> None:
    """1,000 of 4,250 USD: 23.52 %, of which 20 % are told. The rungs above would sell the same for the same."""
    ladder = plan_ladder(before(1_000), INPUTS, AUCTION, FLAT, range(60, 400, 10))
    assert ladder[-1].rates.covered == 2_000
    assert [release.rates.covered for release in ladder].count(2_000) == 1
    assert len(ladder) == 9


def test_an_uncovered_ladder_ends_where_the_uncovered_rate_does() -> None:
    ladder = plan_ladder(before(100), INPUTS, AUCTION, FLAT, (*range(60, 400, 60), 400, 500))
    assert [release.rates.uncovered for release in ladder] == [500, 1_000, 1_500, 2_000, 2_500]
    assert not any(release.is_covered for release in ladder)


def test_nothing_is_planned_after_the_flag_or_for_a_healthy_account() -> None:
    assert plan_ladder(before(), INPUTS, AUCTION, FLAT, (7_201, 8_000)) == ()
    assert len(plan_ladder(before(), INPUTS, AUCTION, FLAT, (7_200, 7_201))) == 1
    assert plan_ladder(before(5_000), INPUTS, AUCTION, FLAT, range(600)) == ()


def test_dust_goes_whole() -> None:
    limits = replace(INPUTS.limits, dust=4_250 * DOLLAR)
    (release,) = plan_ladder(before(), replace(INPUTS, limits=limits), replace(AUCTION, limits=limits), FLAT, (60,))
    assert release.taken == HELD.balances


def test_the_impact_says_what_goes_first() -> None:
    dear = part(N, {0: 1_000, 3: 1, 4: 1_000})
    (release,) = plan_ladder(before(), INPUTS, AUCTION, dear, (60,))
    assert {slot for slot, amount in enumerate(release.taken) if amount} == {3}
    with pytest.raises(InputError, match="impact"):
        plan_ladder(before(), INPUTS, AUCTION, FLAT[1:], (60,))


@given(st.integers(-2_000, 4_249), st.lists(st.integers(0, 400), min_size=1, max_size=12).map(sorted))
@settings(max_examples=200, deadline=None)
def test_every_rung_is_provable_and_is_taken_at_a_time_that_was_asked_for(equity: int, times: list[int]) -> None:
    ladder = plan_ladder(before(equity), INPUTS, AUCTION, FLAT, times)
    for release in ladder:
        assert release.rule is not None
        taken_at = AUCTION.times_of(release.rates)
        assert set(times) & set(taken_at)
        assert release.inputs.limits == AUCTION.limits_of(release.rates)
    window, later = (
        [release for release in ladder if (release.rates.covered == BASIS) is is_first] for is_first in (True, False)
    )
    assert ladder == (*window, *later)
    assert bool(window) <= (equity < 0)
    for rungs in (window, later):
        paid = [release.rates.covered if release.is_covered else release.rates.uncovered for release in rungs]
        assert paid == sorted(set(paid))


def test_accounts_of_every_kind_have_a_ladder() -> None:
    rng = random.Random(14)
    for taking in valid_takings(N, 40, rng):
        if taking.terms.kind is not VectorKind.MAINTENANCE:
            continue
        inputs = replace(taking.terms, limits=AUCTION.limits)
        sealed = KEYS.seal(taking.old)
        for release in plan_ladder(sealed, inputs, AUCTION, FLAT, range(0, 400, 40)):
            assert release.rule is not None


def test_rho_is_the_hash_of_commitment_and_ticket() -> None:
    """Both as words, as the engine's abi.encode writes them (ZS-76)."""
    assert release_rho(1, 2) == 0xE90B7BCEB6E7DF5418FB78D8EE546E97C83A08BBCCC01A0644D599CCD2A7C2E0 % SCALAR_MODULUS
    assert release_rho(1, 2) != release_rho(2, 1)
    assert release_rho(SCALAR_MODULUS - 1, SCALAR_MODULUS - 1) < SCALAR_MODULUS


@pytest.mark.full
def test_a_ladder_proves_each_rung_under_the_rho_of_the_engine(backend: AnyBackend) -> None:
    artifacts, sealed = built_artifacts()["release-13"], before()
    releases = plan_ladder(sealed, INPUTS, AUCTION, FLAT, (60, 75, 90))
    parcels = list(prove_ladder(backend, artifacts, KEYS, sealed, releases, taker=7))
    assert len(parcels) == 3
    check = backend_check(backend)
    for parcel, release in zip(parcels, releases, strict=True):
        check(artifacts.key, parcel.claim.signals(INPUTS), parcel.proof)
        assert parcel.rates == release.rates
        assert (parcel.claim.old_commitment, parcel.claim.taker) == (sealed.commitment, 7)
        assert (parcel.ticket.amounts, parcel.ticket.cost) == (release.taken, release.cost)
        assert parcel.claim.rho == release_rho(sealed.commitment, parcel.ticket.id)
        opened = KEYS.unseal(parcel.claim.new_commitment, parcel.claim.rho, parcel.claim.ciphertext, N)
        assert opened.state == release.new
    assert len({parcel.claim.rho for parcel in parcels}) == 3  # no two states under one keystream


@pytest.mark.full
def test_a_ladder_of_another_state_is_not_proven(backend: AnyBackend) -> None:
    releases = plan_ladder(before(), INPUTS, AUCTION, FLAT, (60,))
    with pytest.raises(ProvingError, match="another state"):
        list(prove_ladder(backend, built_artifacts()["release-13"], KEYS, before(2_999), releases))

"""What a release allows and what it does: by hand, by its properties, and the shared vectors (spec ZS-76)."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from random_releases import valid_takings
from releases import Taking, part, terms

from prover.account import BASE, OwnerKeys, State, ViewingKeys
from prover.account import Domain as BookDomain
from prover.trade import Rates, Release, SizeRule, Ticket, payable_rates, sellable_part
from tools.release_vectors import Row
from verifier import BASIS, InputError, VectorKind

FILE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "release.json").read_text())
VECTORS: list[dict[str, Any]] = FILE["cases"]
USD = 10**9
ONE = 10**9
DOLLAR = 10**18
N = 13

LEGS = {0: (10_000 * USD, 1_000 * USD), 3: (10_000 * USD, 250 * USD), 4: (500 * USD, 12 * USD, 3 * USD)}
HELD = State(part(N, {0: ONE, 3: 10 * ONE, 4: -50 * ONE}), -84_000 * DOLLAR)
"""Equity 1,000 USD: 110,000 in longs, 25,000 in a short. Margin 1,000 + 2,500 + 750 = 4,250 USD."""


def release(legs: dict[int, int], rates: Rates = Rates(1_000, 500), **limits: int) -> Release:  # noqa: B008 - immutable
    return Release.of(HELD, part(N, legs), rates, terms(N, LEGS, **limits))


def test_vectors_are_what_the_reference_says() -> None:
    for vector in VECTORS:
        taking = Taking.of_vector(vector)
        rule = SizeRule(is_small=bool(taking.is_small), by_amount=bool(taking.by_amount))
        row = Row(vector["name"], taking.release(), rule, is_sealed=False).to_json()
        assert row == {name: value for name, value in vector.items() if name != "sealed"}, vector["name"]


def test_vectors_can_be_proven_and_cannot() -> None:
    assert len([vector for vector in VECTORS if vector["after"] is None]) > 25
    assert len([vector for vector in VECTORS if vector["after"] is not None]) > 25


def test_commitments_and_tickets_of_the_vectors_are_those_of_their_keys() -> None:
    keys = FILE["keys"]
    domain = BookDomain(int(keys["chain_id"]), int(keys["contract"]))
    viewing = ViewingKeys.of_owner(OwnerKeys(int(keys["owner_secret"]), int(keys["guardian_secret"]) * BASE, domain))
    sealed = [vector for vector in VECTORS if "sealed" in vector]
    assert len(sealed) > 15
    for vector in sealed:
        one, expected = Taking.of_vector(vector).release(), vector["sealed"]
        before = viewing.seal(one.old, int(keys["old_rho"]))
        after = viewing.seal(one.new, int(keys["new_rho"]))
        ticket = Ticket(domain, one.taken, one.cost, int(keys["ticket_salt"]))
        assert [str(element) for element in after.ciphertext] == expected["ciphertext"]
        assert (str(before.commitment), str(after.commitment)) == (
            expected["old_commitment"],
            expected["new_commitment"],
        )
        assert str(ticket.id) == expected["ticket"]


def test_the_account_pays_the_reward_out_of_what_is_freed() -> None:
    """8 BTC at 10,000 USD leave for 80,000 less 10 % of 8 * 250 USD."""
    one = release({3: 8 * ONE})
    assert (one.whole.equity, one.whole.margin) == (1_000 * DOLLAR, 4_250 * DOLLAR)
    assert (one.is_covered, one.reward, one.cost) == (True, 200 * DOLLAR, 79_800 * DOLLAR)
    assert one.new == State(part(N, {0: ONE, 3: 2 * ONE, 4: -50 * ONE}), -4_200 * DOLLAR)
    assert one.health_after == -3_250 * DOLLAR + 2_000 * DOLLAR - 200 * DOLLAR
    assert (one.is_cured, one.rule) == (False, SizeRule(is_small=False, by_amount=False))


def test_a_short_leaves_for_less_than_nothing() -> None:
    """The taker is paid 50 * 500 USD for the debt, and the reward: 10 % of 50 * 15 USD."""
    one = release({4: -50 * ONE})
    assert (one.parcel.margin, one.cost) == (750 * DOLLAR, -25_075 * DOLLAR)


def test_below_the_floor_the_reward_is_the_uncovered_one() -> None:
    poor = replace(HELD_RELEASE, old=HELD._replace(quote=HELD.quote - 600 * DOLLAR))
    one = Release.of(poor.old, poor.taken, poor.rates, poor.inputs)
    assert (one.whole.equity, one.is_covered) == (400 * DOLLAR, False)
    assert one.reward == 100 * DOLLAR
    assert not any(one.broken_rules(SizeRule(is_small=False, by_amount=False)))


HELD_RELEASE = release({3: 8 * ONE})


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (release({}), "nothing would be taken"),
        (release({3: 11 * ONE}), "more would be taken than there is"),
        (release({4: ONE}), "or from the other side"),
        (release({5: 1}), "more would be taken than there is"),
        (replace(HELD_RELEASE, inputs=replace(HELD_RELEASE.inputs, sellable=1)), "cannot be sold"),
        (replace(HELD_RELEASE, old=HELD._replace(quote=0)), "meets its maintenance margin"),
        (release({3: 8 * ONE}, Rates(2_500)), "equity pays the least rate"),
        (replace(release({3: 8 * ONE}, Rates(2_500)), is_covered=True), "does not pay the reward"),
        (release({0: ONE, 3: 10 * ONE, 4: -50 * ONE}, Rates(0)), "too much"),
        (release({3: ONE}), "too little"),
        (replace(HELD_RELEASE, old=HELD._replace(quote=-(1 << 145)), is_covered=False), "range"),
    ],
)
def test_what_cannot_be_proven_is_told_without_an_amount(one: Release, words: str) -> None:
    assert one.rule is None
    told = "; ".join(one.reasons_against())
    assert words in told
    assert not any(character.isdigit() for character in told)


def test_what_can_be_proven_has_no_reason_against_it() -> None:
    assert HELD_RELEASE.reasons_against() == []


def test_dust_that_takes_too_little_is_told_what_is_wrong_with_it() -> None:
    one = release({3: 1}, dust=4_250 * DOLLAR)
    assert one.reasons_against() == ["too little would be taken: the account would not be cured"]


def test_account_part_and_round_are_of_one_size() -> None:
    with pytest.raises(InputError, match="different sizes"):
        Release.of(HELD, (1,), Rates(0), HELD_RELEASE.inputs)
    with pytest.raises(InputError, match="different sizes"):
        Release.of(State((1,), 0), (1,), Rates(0), HELD_RELEASE.inputs)


def test_what_can_be_sold_is_what_the_bitmap_says() -> None:
    some = replace(HELD_RELEASE.inputs, sellable=1 << 3)
    assert sellable_part(HELD, some) == part(N, {3: 10 * ONE})
    assert sellable_part(HELD, replace(some, sellable=0)) == (0,) * N


@pytest.mark.parametrize(
    ("equity", "reached", "paid"),
    [
        (4_000, Rates(5_000, 700), Rates(5_000, 700)),  # pays the rate
        (1_000, Rates(5_000, 700), Rates(2_000, 700)),  # pays 23.5 %, and does not tell more than that it pays 20 %
        (1_000, Rates(2_300, 700), Rates(2_000, 700)),  # whatever is reached above that
        (1_000, Rates(1_999, 700), Rates(1_999, 700)),
        (425, Rates(5_000, 700), Rates(1_000, 700)),  # pays just the least rate
        (424, Rates(5_000, 700), Rates(5_000, 700)),  # pays none: the uncovered one is due
        (-1, Rates(5_000, 700), Rates(5_000, 700)),
        (424, Rates(0, 0), Rates(0, 0)),  # the owner's own
    ],
)
def test_equity_pays_as_much_as_it_has(equity: int, reached: Rates, paid: Rates) -> None:
    state = HELD._replace(quote=HELD.quote + (equity - 1_000) * DOLLAR)
    assert payable_rates(state, reached, HELD_RELEASE.inputs) == paid
    one = Release.of(state, part(N, {3: 8 * ONE}), paid, replace(HELD_RELEASE.inputs))
    rules = list(one.broken_rules(SizeRule(is_small=True, by_amount=False)))
    assert not any("reward" in reason for reason in rules)


@pytest.mark.parametrize("count", [140, pytest.param(2_800, marks=pytest.mark.deep)])
def test_health_never_falls_and_value_is_kept(count: int) -> None:
    """What the victim gives its taker gets, less nothing; a reward that equity pays leaves equity / margin as high."""
    for taking in valid_takings(N, count, random.Random(count)):
        one = taking.release()
        assert one.health_after >= one.whole.health
        assert 0 <= one.reward <= one.parcel.margin
        assert one.new.quote - one.old.quote == one.cost == one.parcel.equity - one.reward
        left = one.whole.margin - one.parcel.margin
        after = replace(one, old=one.new).whole
        assert (after.equity, after.margin) == (one.whole.equity - one.reward, left)
        if one.is_covered:
            assert after.equity * one.whole.margin >= one.whole.equity * left
        assert one.is_cured or BASIS * one.parcel.margin >= 0


def test_a_cured_account_is_not_sold_again() -> None:
    for taking in valid_takings(N, 70, random.Random(3)):
        one = taking.release()
        if one.is_cured:
            again = Release.of(one.new, sellable_part(one.new, one.inputs), one.rates, one.inputs)
            assert again.rule is None


def test_the_kind_decides_which_margin_counts() -> None:
    vectors = HELD_RELEASE.inputs.vectors
    free = replace(vectors.maintenance, long=(0,) * N, short_extra=(0,) * N)
    overdraft = replace(HELD_RELEASE.inputs, vectors=replace(vectors, overdraft=free), kind=VectorKind.OVERDRAFT)
    assert Release.of(HELD, HELD_RELEASE.taken, Rates(0), overdraft).whole.health == 1_000 * DOLLAR

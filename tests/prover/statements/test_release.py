"""The claim of `release` and its witness inputs: what is false is not built (spec ZS-76)."""

from dataclasses import replace

import pytest
from releases import KEYS, part, terms
from steps import DOLLAR, HERE, ONE

from prover import Rates, Release, SealedRelease, State, release_inputs
from verifier import STATEMENTS, InputError, ProvingError

USD = 10**9
TERMS = terms(13, {0: (10_000 * USD, 1_000 * USD), 3: (10_000 * USD, 250 * USD), 4: (500 * USD, 12 * USD, 3 * USD)})
BEFORE = KEYS.seal(State(part(13, {0: ONE, 3: 10 * ONE, 4: -50 * ONE}), -84_000 * DOLLAR))
RELEASE = Release.of(BEFORE.state, part(13, {3: 8 * ONE, 4: -ONE}), Rates(1_000, 500), TERMS)
SEALED = SealedRelease.make(KEYS, BEFORE, RELEASE, taker=7)


def test_the_signals_are_those_of_the_release() -> None:
    signals = SEALED.claimed().signals(TERMS)
    assert signals[:8] == (
        BEFORE.commitment,
        SEALED.after.commitment,
        SEALED.ticket.id,
        7,
        1_000,
        500,
        0,
        SEALED.after.rho,
    )
    assert signals[8:13] == SEALED.after.ciphertext
    assert signals[13:] == STATEMENTS["release"].arrange_round(TERMS.values(), 13)
    assert len(signals) == 58


def test_the_ticket_is_what_the_taker_buys() -> None:
    assert (SEALED.ticket.domain, SEALED.ticket.amounts) == (HERE, RELEASE.taken)
    assert SEALED.ticket.cost == RELEASE.cost
    assert SealedRelease.make(KEYS, BEFORE, RELEASE).ticket.salt != SEALED.ticket.salt
    assert SealedRelease.make(KEYS, BEFORE, RELEASE).taker == 0


def test_the_witness_inputs_are_all_signals_of_the_circuit() -> None:
    private = {"ownerTag", "viewKey", "domain", "oldBalance", "oldQuote", "oldShorts", "oldSalt"}
    private |= {"taken", "ticketSalt", "covered", "isSmall", "byAmount"}
    inputs = release_inputs(KEYS, SEALED)
    assert set(inputs) == {*STATEMENTS["release"].public, *private}
    assert inputs["domain"] == str(HERE.tag())
    assert (inputs["covered"], inputs["isSmall"], inputs["byAmount"]) == ("1", "0", "0")


def test_a_book_may_demand_the_rho() -> None:
    """A reader could bring an old commitment back by its rho (ZS-80), so a contract computes rho of the ticket."""
    made = SealedRelease.make(KEYS, BEFORE, RELEASE, bind=lambda ticket: ticket // 2)
    assert made.after.rho == made.ticket.id // 2
    assert made.claimed().rho == made.after.rho
    first, again = (SealedRelease.make(KEYS, BEFORE, RELEASE).after for _ in range(2))
    assert first.rho != again.rho


@pytest.mark.parametrize(
    ("release", "words"),
    [
        (replace(RELEASE, taken=part(13, {3: ONE})), "too little"),
        (replace(RELEASE, is_covered=False), "no uncovered reward is due"),
        (replace(RELEASE, taken=(0,) * 13), "nothing would be taken"),
    ],
)
def test_what_cannot_be_proven_is_not_built_and_no_amount_is_told(release: Release, words: str) -> None:
    with pytest.raises(ProvingError, match=words) as caught:
        release_inputs(KEYS, SealedRelease.make(KEYS, BEFORE, release))
    assert not any(character.isdigit() for character in str(caught.value))


def test_a_release_of_another_state_is_refused() -> None:
    other = KEYS.seal(BEFORE.state._replace(quote=BEFORE.state.quote - 1))
    with pytest.raises(ProvingError, match="another state"):
        SealedRelease.make(KEYS, other, RELEASE)


def test_rates_are_in_their_range() -> None:
    with pytest.raises(InputError, match="rate"):
        SealedRelease.make(KEYS, BEFORE, replace(RELEASE, rates=Rates(1_000, 10_001))).claimed().values()


def test_secrets_stay_out_of_the_repr() -> None:
    text = repr(SEALED)
    for secret in (8 * ONE, RELEASE.cost, BEFORE.state.quote, SEALED.ticket.salt, BEFORE.salt):
        assert str(secret) not in text

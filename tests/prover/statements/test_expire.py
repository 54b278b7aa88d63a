"""The claim of `expire` and its witness inputs: what is false is not built (spec ZS-80)."""

import pytest
from steps import DOLLAR, HERE, ONE, owner_keys, state

from prover import State, ViewingKeys, empty_state, expire_claim, expire_inputs, expired_state
from verifier import STATEMENTS, InputError, ProvingError, SettlementPrices

KEYS = ViewingKeys.of_owner(owner_keys())
BEFORE = KEYS.seal(state(13, 100 * DOLLAR, b1=2 * ONE, b2=-3 * ONE, last=-ONE))
PRICES = SettlementPrices((0, 5 * 10**9, -7 * 10**9, *[0] * 10))
AFTER = KEYS.seal(expired_state(BEFORE.state, 0b110, PRICES))


def test_the_signals_are_those_of_the_proof_and_then_the_prices() -> None:
    claim = expire_claim(BEFORE, AFTER, 0b110, PRICES)
    signals = claim.signals(PRICES)
    assert signals[:4] == (BEFORE.commitment, AFTER.commitment, 0b110, AFTER.rho)
    assert signals[4:9] == AFTER.ciphertext
    row = STATEMENTS["expire"]
    assert signals[9:] == row.arrange_round(PRICES.values(), 13)
    assert row.round_inputs(13) == 13
    assert row.public[-1] == "settlementPrice"  # last, so that a contract may keep their point


def test_the_witness_inputs_are_all_signals_of_the_circuit() -> None:
    inputs = expire_inputs(KEYS, BEFORE, expire_claim(BEFORE, AFTER, 0b110, PRICES), PRICES)
    private = {"ownerTag", "viewKey", "domain", "oldBalance", "oldQuote", "oldShorts", "oldSalt"}
    assert set(inputs) == {*STATEMENTS["expire"].public, *private}
    assert inputs["domain"] == str(HERE.tag())


@pytest.mark.parametrize(
    "after",
    [BEFORE.state, empty_state(13), AFTER.state._replace(quote=AFTER.state.quote + 1)],
    ids=["as it was", "empty", "a unit more"],
)
def test_another_state_is_not_claimed_and_no_amount_is_told(after: State) -> None:
    with pytest.raises(ProvingError, match="and no more") as caught:
        expire_claim(BEFORE, KEYS.seal(after), 0b110, PRICES)
    assert not any(character.isdigit() for character in str(caught.value))


def test_a_reader_can_bring_an_old_commitment_back() -> None:
    """By its rho: so the contract computes rho, or a proof of `exit` that starts there would act twice."""
    first = KEYS.seal(state(13, 100 * DOLLAR))
    later = KEYS.seal(first.state)
    assert later.commitment != first.commitment
    claim = expire_claim(later, KEYS.seal(later.state, first.rho), 0b110, PRICES)
    assert claim.new_commitment == first.commitment


def test_another_bitmap_is_not_claimed() -> None:
    with pytest.raises(ProvingError, match="and no more"):
        expire_claim(BEFORE, AFTER, 0b010, PRICES)
    with pytest.raises(InputError, match="no slot's"):
        expire_claim(BEFORE, AFTER, 1 << 13, PRICES)

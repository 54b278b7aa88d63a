"""The claim of `exit` and its witness inputs: what is false is not built (spec ZS-81)."""

import pytest
from steps import DOLLAR, owner_keys, state

from prover import State, ViewingKeys, exit_claim, exit_inputs, exited_state
from verifier import STATEMENTS, InputError, ProvingError

KEYS = ViewingKeys.of_owner(owner_keys())
BEFORE = KEYS.seal(state(13, 100 * DOLLAR))
AFTER = KEYS.seal(exited_state(BEFORE.state, DOLLAR))


def test_the_signals_are_in_order() -> None:
    signals = exit_claim(BEFORE, AFTER, DOLLAR, recipient=0xABC).signals(13)
    assert signals == (BEFORE.commitment, AFTER.commitment, DOLLAR, 0xABC, AFTER.rho, *AFTER.ciphertext)


def test_the_witness_inputs_are_all_signals_of_the_circuit() -> None:
    inputs = exit_inputs(owner_keys(), BEFORE, exit_claim(BEFORE, AFTER, DOLLAR, recipient=0xABC))
    private = {"ownerSecret", "viewKey", "domain", "oldQuote", "oldSalt"}
    assert set(inputs) == {*STATEMENTS["exit"].public, *private}


@pytest.mark.parametrize("after", [state(13, 98 * DOLLAR), state(13, 99 * DOLLAR, b0=1), BEFORE.state], ids=repr)
def test_another_state_is_not_claimed_and_no_amount_is_told(after: State) -> None:
    with pytest.raises(ProvingError, match="and no more") as caught:
        exit_claim(BEFORE, KEYS.seal(after), DOLLAR, recipient=0xABC)
    assert not any(character.isdigit() for character in str(caught.value))


@pytest.mark.parametrize("recipient", [-1, 1 << 160])
def test_a_recipient_is_an_address(recipient: int) -> None:
    claim = exit_claim(BEFORE, AFTER, DOLLAR, recipient)
    with pytest.raises(InputError, match="recipient"):
        claim.signals(13)
    with pytest.raises(InputError, match="recipient"):
        exit_inputs(owner_keys(), BEFORE, claim)

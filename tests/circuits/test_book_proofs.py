"""One proof of each statement that creates a state: verified, and bound to every one of its public signals."""

import pytest
from book_circuits import SIZES
from releases import part, terms
from steps import DOLLAR, HERE, ONE, PRICE, owner_keys, risk, state

from prover import (
    OwnerKeys,
    Rates,
    Release,
    SealedRelease,
    Side,
    Ticket,
    Transfer,
    Update,
    expired_state,
    instance_name,
    release_inputs,
    update_inputs,
)
from prover.account import BASE, ViewingKeys, empty_state
from prover.statements import (
    exit_claim,
    exit_inputs,
    expire_claim,
    expire_inputs,
    open_inputs,
    opening_claim,
    rekey_claim,
    rekey_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.toolchain import AnyBackend, Inputs, build
from prover.trade import amounts_of
from verifier import SettlementPrices, StatementName

pytestmark = pytest.mark.full

KEYS = ViewingKeys.of_owner(owner_keys())


def claimed(statement: StatementName, n: int) -> tuple[Inputs, tuple[int, ...]]:
    """Witness inputs, and the public signals of the claim that they prove."""
    empty = KEYS.seal(empty_state(n))
    if statement == "open":
        opening = opening_claim(owner_keys(), empty)
        return open_inputs(owner_keys(), opening), opening.signals(HERE.tag(), n)
    if statement == "writeoff":
        debt = KEYS.seal(state(n, -DOLLAR))
        writeoff = writeoff_claim(debt, empty)
        return writeoff_inputs(KEYS, debt, writeoff), writeoff.signals(n)
    if statement == "expire":
        held = KEYS.seal(state(n, 100 * DOLLAR, b1=2 * ONE, b2=-3 * ONE, last=-ONE))
        prices = SettlementPrices((PRICE,) * n)
        settled = KEYS.seal(expired_state(held.state, 0b110, prices))
        expiry = expire_claim(held, settled, 0b110, prices)
        return expire_inputs(KEYS, held, expiry, prices), expiry.signals(prices)
    if statement == "exit":
        whole = KEYS.seal(state(n, DOLLAR))
        leaving = exit_claim(whole, empty, DOLLAR, recipient=0xABC)
        return exit_inputs(owner_keys(), whole, leaving), leaving.signals(n)
    if statement == "rekey":
        held, new_keys = KEYS.seal(state(n, DOLLAR, b1=-ONE)), OwnerKeys(5, 7 * BASE, HERE)
        rekey = rekey_claim(owner_keys(), held, new_keys, ViewingKeys.of_owner(new_keys).seal(held.state))
        return rekey_inputs(owner_keys(), held, new_keys, rekey), rekey.signals(HERE.tag(), n)
    return released(n) if statement == "release" else updated(n)


def released(n: int) -> tuple[Inputs, tuple[int, ...]]:
    round_ = terms(n, {1: (PRICE, PRICE // 20), n - 1: (PRICE, PRICE // 20, PRICE // 10)})
    below = KEYS.seal(state(n, 100_000 * DOLLAR, b1=ONE, last=-3 * ONE))
    release = Release.of(below.state, part(n, {1: ONE, n - 1: -3 * ONE}), Rates(1_000, 500), round_)
    sealed = SealedRelease.make(KEYS, below, release, taker=0xABC)
    return release_inputs(KEYS, sealed), sealed.claimed().signals(round_)


def updated(n: int) -> tuple[Inputs, tuple[int, ...]]:
    update = Update.make(
        KEYS,
        KEYS.seal(state(n, 10**6 * DOLLAR, b0=ONE)),
        transfer=Transfer(0, ONE, is_withdrawal=True),
        ticket=Ticket(HERE, amounts_of({3: ONE}, n), cost=PRICE * ONE, salt=9),
        side=Side.BUY,
        recipient=0xABC,
    )
    return update_inputs(owner_keys(), update, risk(n)), update.claimed().signals(update.terms(), risk(n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("statement", ["open", "update", "writeoff", "expire", "exit", "rekey", "release"])
def test_a_proof_is_bound_to_its_public_signals(statement: StatementName, n: int, backend: AnyBackend) -> None:
    name = instance_name(statement, n)
    inputs, expected = claimed(statement, n)
    artifacts = build([name])[name]
    key = artifacts.key
    proof, signals = backend.prove(artifacts, inputs)
    assert tuple(map(int, signals)) == expected
    assert backend.verify(key, signals, proof)
    for index in range(len(signals)):
        others = [*signals]
        others[index] = str(int(signals[index]) + 1)
        assert not backend.verify(key, others, proof), f"signal {index}"

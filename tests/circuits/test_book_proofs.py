"""One proof of each statement that creates a state: verified, and bound to every one of its public signals."""

import json

import pytest
from book_circuits import SIZES
from steps import DOLLAR, ONE, PRICE, Step, owner_keys, risk, state

from prover import instance_name
from prover._book_statements import empty_state, open_inputs, public_signals, writeoff_inputs
from prover._sealed import ViewingKeys
from prover.toolchain import AnyBackend, Inputs, build
from verifier import StatementName

pytestmark = pytest.mark.full

KEYS = ViewingKeys.of_owner(owner_keys())


def inputs_of(statement: StatementName, n: int) -> Inputs:
    empty = KEYS.seal(empty_state(n))
    if statement == "open":
        return open_inputs(owner_keys(), empty)
    if statement == "writeoff":
        return writeoff_inputs(KEYS, KEYS.seal(state(n, -DOLLAR)), empty)
    rich = Step(state(n, 10**6 * DOLLAR, b0=ONE), risk(n), recipient=0xABC)
    return rich.but(side=1, trade=(3, ONE, PRICE * ONE), transfer=(0, ONE), is_withdrawal=1).inputs()


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("statement", ["open", "update", "writeoff"])
def test_a_proof_is_bound_to_its_public_signals(statement: StatementName, n: int, backend: AnyBackend) -> None:
    name, inputs = instance_name(statement, n), inputs_of(statement, n)
    artifacts = build([name])[name]
    key = json.loads(artifacts.verification_key.read_bytes())
    proof, signals = backend.prove(artifacts, inputs)
    assert tuple(map(int, signals)) == public_signals(statement, inputs)
    assert backend.verify(key, signals, proof)
    for index in range(len(signals)):
        others = [*signals]
        others[index] = str(int(signals[index]) + 1)
        assert not backend.verify(key, others, proof), f"signal {index}"

"""One proof of each statement that creates a state: verified, and bound to every one of its public signals."""

import json
from pathlib import Path

import pytest
from book_circuits import compiled
from steps import DOLLAR, ONE, PRICE, Step, owner_keys, risk, state

from prover._book_statements import empty_state, open_inputs, public_signals, writeoff_inputs
from prover._sealed import ViewingKeys
from prover.toolchain import Inputs
from prover.toolchain._core import core_cache
from verifier import BookStatement

pytestmark = pytest.mark.full

N = 13
KEYS = ViewingKeys.of_owner(owner_keys())


def inputs_of(statement: BookStatement) -> Inputs:
    empty = KEYS.seal(empty_state(N))
    if statement == "open":
        return open_inputs(owner_keys(), empty)
    if statement == "writeoff":
        return writeoff_inputs(KEYS, KEYS.seal(state(N, -DOLLAR)), empty)
    rich = Step(state(N, 10**6 * DOLLAR, b0=ONE), risk(N), recipient=0xABC)
    return rich.but(side=1, trade=(3, ONE, PRICE * ONE), transfer=(0, ONE), is_withdrawal=1).inputs()


@pytest.mark.parametrize("statement", ["open", "update", "writeoff"])
def test_a_proof_is_bound_to_its_public_signals(statement: BookStatement, tmp_path: Path) -> None:
    core = pytest.importorskip("zksolvency_native")
    circuit, inputs = compiled(statement, N), inputs_of(statement)
    key = tmp_path / "circuit.zkey"
    verifier = core.NativeVerifier(json.loads(core.unsafe_development_key(circuit.r1cs, key)))
    proof, signals = core.NativeProver(key, circuit.wasm, r1cs_path=circuit.r1cs, cache_folder=core_cache()).prove(
        inputs
    )
    assert tuple(map(int, signals)) == public_signals(statement, inputs)
    verifier.verify(proof, signals)
    for index in range(len(signals)):
        others = [*signals]
        others[index] = str(int(signals[index]) + 1)
        with pytest.raises(core.VerificationError):
            verifier.verify(proof, others)

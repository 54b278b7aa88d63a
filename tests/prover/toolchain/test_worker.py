from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from prover import poseidon
from prover.toolchain import Artifacts, CompiledCircuit, SnarkjsBackend
from verifier import SCALAR_MODULUS, InputError, ProvingError, ToolError, VerificationError

pytestmark = pytest.mark.full

GOOD = {"square": "144", "root": "12"}


def test_a_witness_proves_as_its_inputs_do(backend: SnarkjsBackend, keys: Artifacts) -> None:
    witness = backend.witness(keys, GOOD)
    assert witness.startswith(b"wtns")
    proof, signals = backend.prove_witness(keys, witness)
    assert signals == ["144"]
    assert backend.verify(keys.key, signals, proof)


def test_two_proofs_of_one_statement_differ(backend: SnarkjsBackend, keys: Artifacts) -> None:
    """Zero knowledge needs fresh randomness in every proof."""
    assert backend.prove(keys, GOOD)[0] != backend.prove(keys, GOOD)[0]


def test_one_process_serves_many_threads(backend: SnarkjsBackend, square: CompiledCircuit) -> None:
    roots = list(range(40))
    with ThreadPoolExecutor(8) as pool:
        witnesses = list(pool.map(lambda r: backend.witness(square, {"square": str(r * r), "root": str(r)}), roots))
        pids = {backend.pid}
    assert len(set(witnesses)) == len(roots)
    assert len(pids) == 1


def test_a_rebuilt_file_is_read_again(backend: SnarkjsBackend, keys: Artifacts, tmp_path: Path) -> None:
    zkey = tmp_path / "circuit.zkey"
    zkey.write_bytes(keys.zkey.read_bytes())
    copy = replace(keys, zkey=zkey)
    backend.prove(copy, GOOD)
    zkey.write_bytes(b"no key any more")
    with pytest.raises(ToolError, match="snarkjs failed"):
        backend.prove(copy, GOOD)


def test_the_named_line_is_that_of_the_broken_constraint(backend: SnarkjsBackend, square: CompiledCircuit) -> None:
    lines = (Path(__file__).parent / "square.circom").read_text().splitlines()
    line = lines.index("    square === root * root; // (2)") + 1
    with pytest.raises(ProvingError, match=f"template Square line {line}$"):
        backend.witness(square, {"square": "143", "root": "12"})


@pytest.mark.parametrize("wire", [0, 2, 9], ids=["the constant 1", "an input", "a bit"])
def test_a_witness_that_breaks_a_constraint_is_not_proven(backend: SnarkjsBackend, keys: Artifacts, wire: int) -> None:
    witness = bytearray(backend.witness(keys, GOOD))
    offset = len(witness) - 32 * (keys.circuit.wires - wire)
    witness[offset : offset + 32] = (2).to_bytes(32, "little")
    with pytest.raises(ProvingError, match="does not satisfy the constraints"):
        backend.prove_witness(keys, bytes(witness))


def test_a_witness_of_another_circuit_is_not_proven(
    backend: SnarkjsBackend, keys: Artifacts, lean: CompiledCircuit
) -> None:
    empty: dict[str, str | list[str]] = {"commitment": str(poseidon([0] * 16)), "healthy": "1"}
    empty |= {name: ["0"] * 13 for name in ("effectivePrice", "marginPerUnit", "shortExtra", "balance")}
    empty |= dict.fromkeys(("recipient", "quote", "shorts", "blind"), "0")
    for witness in (backend.witness(lean, empty), b"", b"wtns", backend.witness(keys, GOOD)[:-1]):
        with pytest.raises(ProvingError, match="malformed, or belongs to another circuit"):
            backend.prove_witness(keys, witness)


def test_a_wrong_number_of_signals_is_not_taken_for_zeros(backend: SnarkjsBackend, keys: Artifacts) -> None:
    proof, _ = backend.prove(keys, {"square": "0", "root": "0"})
    key = keys.key
    assert backend.verify(key, ["0"], proof)
    for signals in ([], ["0", "0"]):
        with pytest.raises(VerificationError) as raised:
            backend.verify(key, signals, proof)
        assert raised.value.reason == "wrong-number-of-signals"


def test_malformed_proofs_and_signals_are_input_errors(backend: SnarkjsBackend, keys: Artifacts) -> None:
    proof, signals = backend.prove(keys, GOOD)
    key = keys.key
    for bad in ({}, proof | {"pi_a": ["1", "2"]}, proof | {"pi_c": "7"}, proof | {"protocol": "plonk"}):
        with pytest.raises(InputError):
            backend.verify(key, signals, bad)
    for text in ("0x90", "-144", "", "144 "):
        with pytest.raises(InputError, match="no decimal string"):
            backend.verify(key, [text], proof)
    assert not backend.verify(key, [str(144 + SCALAR_MODULUS)], proof)


def test_a_key_without_contribution_is_not_asked(backend: SnarkjsBackend, keys: Artifacts) -> None:
    key = replace(keys.key, delta=keys.key.gamma)
    with pytest.raises(VerificationError) as raised:
        backend.verify(key, ["0"], {})
    assert raised.value.reason == "key-without-contribution"

"""Proofs from Python: what is accepted by whom, and what is refused."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from native_circuits import NAMES, Circuit
from prover.toolchain import find_node, find_package
from zksolvency_native import InputError, NativeVerifier, ProvingError, verify

HEADER_BYTES = 76  # of a .wtns file, before the values


def snarkjs(*arguments: str | Path) -> str:
    command = [find_node(), find_package("snarkjs") / "build" / "cli.cjs", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("portable", [False, True])
def test_proofs_of_random_witnesses_verify(circuit: Callable[[str], Circuit], name: str, portable: bool) -> None:
    this = circuit(name)
    prover = this.prover(portable=portable)
    proofs = list(prover.prove_many(this.inputs[:25]))
    verifier = NativeVerifier(this.verification_key)
    for inputs, proved in zip(this.inputs, proofs, strict=False):
        verifier.verify(*proved)
        assert proved.public_signals[0] == inputs["commitment"]
    verifier.verify_batch(proofs)


@pytest.mark.parametrize("name", NAMES)
def test_snarkjs_accepts_our_proofs(circuit: Callable[[str], Circuit], name: str, tmp_path: Path) -> None:
    this = circuit(name)
    proved = this.prover().prove(this.inputs[0])
    for file, content in [("vk", this.verification_key), ("proof", proved.proof), ("public", proved.public_signals)]:
        (tmp_path / file).write_text(json.dumps(content))
    assert "OK!" in snarkjs("groth16", "verify", tmp_path / "vk", tmp_path / "public", tmp_path / "proof")


def test_snarkjs_proves_with_our_key(margin: Circuit, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(json.dumps(margin.inputs[0]))
    snarkjs("groth16", "fullprove", tmp_path / "in", margin.wasm, margin.zkey, tmp_path / "proof", tmp_path / "public")
    proof, public = (json.loads((tmp_path / name).read_text()) for name in ("proof", "public"))
    verify(margin.verification_key, proof, public)
    snarkjs("zkey", "export", "verificationkey", margin.zkey, tmp_path / "vk")
    exported = json.loads((tmp_path / "vk").read_text())
    assert {key: exported[key] for key in exported if key in margin.verification_key} == {
        key: value for key, value in margin.verification_key.items() if key != "origin"
    }


def test_development_keys_differ_and_are_marked(margin: Circuit) -> None:
    assert margin.verification_key["origin"] == "development"
    assert margin.verification_key["vk_gamma_2"] != margin.verification_key["vk_delta_2"]


def test_proofs_of_one_witness_differ(margin: Circuit) -> None:
    prover = margin.prover()
    first, second = prover.prove(margin.inputs[0]), prover.prove(margin.inputs[0])
    assert first.public_signals == second.public_signals
    assert all(first.proof[part] != second.proof[part] for part in ("pi_a", "pi_b", "pi_c"))


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_witness_is_an_error(margin: Circuit, known: bool) -> None:
    prover = margin.prover() if known else margin.prover(r1cs_path=None)
    wires = bytearray(prover.witness(margin.inputs[0]))
    prover.verify(*prover.prove_witness(bytes(wires)))
    prover.verify(*prover.prove_witness(bytes(wires[HEADER_BYTES:])))
    for wire in (1, 29, 30, 100, (len(wires) - HEADER_BYTES) // 32 - 1):
        changed = wires.copy()
        changed[HEADER_BYTES + 32 * wire] ^= 1
        with pytest.raises(ProvingError, match="does not satisfy"):
            prover.prove_witness(bytes(changed))


def test_a_malformed_witness_is_an_error(margin: Circuit) -> None:
    prover = margin.prover()
    wires = prover.witness(margin.inputs[0])
    bare = wires[HEADER_BYTES:]
    malformed = (b"", wires[:-1], wires[:-32], wires + wires[-32:], b"wtns" + wires)
    for bad in (*malformed, bare[:-1], bare[:-32], bare + bare[-32:], b"\xff" * len(bare)):
        with pytest.raises(InputError):
            prover.prove_witness(bad)


def test_refused_inputs_name_template_and_line(margin: Circuit) -> None:
    prover = margin.prover()
    good = margin.inputs[0]
    with pytest.raises(ProvingError, match=r"assert failed; Error in template Margin_\d+ line: \d+"):
        prover.prove(good | {"healthy": "1" if good["healthy"] == "0" else "0"})
    with pytest.raises(InputError, match="no such signal"):
        prover.prove(good | {"health": "1"})
    with pytest.raises(InputError, match="12 values, the circuit takes 13"):
        prover.prove(good | {"balance": good["balance"][:12]})
    with pytest.raises(InputError, match="the circuit takes 45"):
        prover.prove({name: value for name, value in good.items() if name != "quote"})
    with pytest.raises(InputError, match="input quote: not a number"):
        prover.prove(good | {"quote": "1.5"})
    prover.verify(*prover.prove(good))


def test_errors_hold_no_secret(margin: Circuit) -> None:
    inputs = margin.inputs[0] | {"healthy": "2"}
    with pytest.raises(ProvingError) as caught:
        margin.prover().prove(inputs)
    assert not any(value in str(caught.value) for value in [inputs["quote"], inputs["blind"], *inputs["balance"]])
    assert caught.value.__cause__ is None

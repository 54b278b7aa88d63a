"""Proofs from Python: what is accepted by whom, and what is refused."""

import json
import secrets
import subprocess
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from native_circuits import Circuit, cases, names
from prover.formats import R1CS
from prover.toolchain import find_node, find_package
from verifier import SCALAR_MODULUS
from zksolvency_native import InputError, NativeVerifier, ProvingError, verify

HEADER_BYTES = 76  # of a .wtns file, before the values
WIRE_BYTES = 32


def snarkjs(*arguments: str | Path) -> str:
    command = [find_node(), find_package("snarkjs") / "build" / "cli.cjs", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize(("name", "count"), cases(8, 25))
@pytest.mark.parametrize("portable", [False, True])
def test_proofs_of_random_witnesses_verify(
    circuit: Callable[[str], Circuit], name: str, count: int, portable: bool
) -> None:
    this = circuit(name)
    prover = this.prover(portable=portable)
    proofs = list(prover.prove_many(this.inputs[:count]))
    verifier = NativeVerifier(this.verification_key)
    for inputs, proved in zip(this.inputs, proofs, strict=False):
        verifier.verify(*proved)
        assert proved.public_signals[0] == inputs["commitment"]
    verifier.verify_batch(proofs)


@pytest.mark.parametrize("name", names())
def test_the_command_of_snarkjs_accepts_our_proofs(
    circuit: Callable[[str], Circuit], name: str, tmp_path: Path
) -> None:
    this = circuit(name)
    proved = this.prover().prove(this.random_inputs())
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
    ours = {"format", "statement", "n", "origin"}
    assert {key: exported[key] for key in exported if key in margin.verification_key} == {
        key: value for key, value in margin.verification_key.items() if key not in ours
    }


def test_development_keys_differ_and_are_marked(margin: Circuit) -> None:
    assert margin.verification_key["origin"] == "development"
    assert margin.verification_key["vk_gamma_2"] != margin.verification_key["vk_delta_2"]


def test_proofs_of_one_witness_differ(margin: Circuit) -> None:
    prover = margin.prover()
    first, second = prover.prove(margin.inputs[0]), prover.prove(margin.inputs[0])
    assert first.public_signals == second.public_signals
    assert all(first.proof[part] != second.proof[part] for part in ("pi_a", "pi_b", "pi_c"))


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_witness_is_an_error(margin: Circuit, known: bool, portable: bool) -> None:
    """The constraints, evaluated in Python, decide which changed wires are wrong."""
    prover = margin.prover(portable=portable) if known else margin.prover(portable=portable, r1cs_path=None)
    constraints = R1CS.load(margin.r1cs)
    wires = prover.witness(margin.inputs[0])
    values = [
        int.from_bytes(wires[at : at + WIRE_BYTES], "little") for at in range(HEADER_BYTES, len(wires), WIRE_BYTES)
    ]
    prover.verify(*prover.prove_witness(wires))
    prover.verify(*prover.prove_witness(wires[HEADER_BYTES:]))
    refused = 0
    sample = [*range(1, 31), *(1 + secrets.randbelow(constraints.wires - 1) for _ in range(30)), constraints.wires - 1]
    for wire in sample:
        changed = values.copy()
        changed[wire] = secrets.choice([(values[wire] + 1) % SCALAR_MODULUS, secrets.randbelow(SCALAR_MODULUS)])
        witness = b"".join(value.to_bytes(WIRE_BYTES, "little") for value in changed)
        if constraints.violated(changed):
            refused += 1
            with pytest.raises(ProvingError, match="does not satisfy"):
                prover.prove_witness(witness)
        else:
            prover.verify(*prover.prove_witness(witness))
    assert refused > len(sample) // 2


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
    with pytest.raises(InputError, match="the circuit takes 58"):
        prover.prove({name: value for name, value in good.items() if name != "quote"})
    for text in ("1.5", "1_0", " 1", "0x1", "", "1" * 101):
        with pytest.raises(InputError, match="input quote: not a number"):
            prover.prove(good | {"quote": text})
    prover.verify(*prover.prove(good))


def test_errors_and_output_hold_no_secret(margin: Circuit, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither in decimal nor in hexadecimal, in no part of an exception, on neither stream."""
    prover, good = margin.prover(), margin.inputs[0]
    wires = prover.witness(good)
    prover.prove(good)
    attempts: list[Callable[[], object]] = [
        partial(prover.prove, good | change)
        for change in (
            {"healthy": "2"},
            {"shorts": "8191"},
            {"balance": good["balance"][1:]},
            {"quote": f"{good['quote']}x"},
            {"blind": [good["blind"], good["quote"]]},
            {"blind": 0.5},
            {good["blind"]: "1"},
        )
    ]
    for damage in (slice(1, 2), slice(HEADER_BYTES + 31, HEADER_BYTES + 32), slice(-1, None), slice(-40, -39)):
        changed = bytearray(wires)
        changed[damage] = b"\xff"
        attempts.append(partial(prover.prove_witness, bytes(changed)))
    attempts.append(partial(prover.prove_witness, wires[:-WIRE_BYTES]))
    shown = []
    for attempt in attempts:
        with pytest.raises((ProvingError, InputError)) as caught:
            attempt()
        shown.append("".join(traceback.format_exception(caught.value)))
        shown.append(f"{caught.value!r} {caught.value.args} {caught.value.__dict__}")
        assert caught.value.__cause__ is None
    shown.extend(capfd.readouterr())
    hidden = [int(value) for value in (good["quote"], good["blind"], *good["balance"])]
    forms = [form for value in hidden for form in (str(value), f"{value:x}", f"{value:064x}")]
    everything = "\n".join(shown).replace(f"input {good['blind']}:", "")
    assert not [form for form in forms if len(form) > 8 and form in everything]

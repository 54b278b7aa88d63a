"""The native backend: its proofs are accepted by every other verifier, and it refuses as snarkjs' backend does."""

import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from prover import Account, PriceRound, margin_inputs, prove_margin
from prover.toolchain import Artifacts, Ceremony, Inputs, NativeBackend, SnarkjsBackend
from verifier import (
    SCALAR_MODULUS,
    Expectation,
    InputError,
    MarginClaim,
    ProvingError,
    ToolError,
    VerificationError,
    verify_envelope,
)

pytestmark = pytest.mark.full

STATEMENTS = ["margin-13", "margin-lean-13"]
HEADER_BYTES = 76  # of a .wtns file, before the values


@pytest.fixture(scope="module")
def native() -> Iterator[NativeBackend]:
    pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    with NativeBackend() as backend:
        yield backend


@pytest.fixture
def inputs(account: Account, round_1: PriceRound) -> Inputs:
    return margin_inputs(account.opened, round_1.vectors, MarginClaim(account.commitment(), healthy=True, recipient=7))


def valid(artifacts: Artifacts, proved: tuple[Mapping[str, object], Sequence[str]], snarkjs: SnarkjsBackend) -> bool:
    """snarkjs' verdict."""
    proof, signals = proved
    return snarkjs.verify(artifacts.key, signals, proof)


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_verifier_and_snarkjs_accept_its_proofs(
    native: NativeBackend,
    snarkjs: SnarkjsBackend,
    artifacts: Mapping[str, Artifacts],
    account: Account,
    round_1: PriceRound,
    name: str,
) -> None:
    this = artifacts[name]
    envelope = prove_margin(account, round_1, this, native, recipient=7)
    expected = Expectation(round_1.inputs(), statement=envelope.statement, commitment=account.commitment(), recipient=7)
    verify_envelope(envelope, this.key, expected)
    assert valid(this, (envelope.proof.to_json(), [str(s) for s in envelope.public_signals]), snarkjs)


def test_its_witness_is_that_of_snarkjs(
    native: NativeBackend, snarkjs: SnarkjsBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs
) -> None:
    this = artifacts["margin-13"]
    assert native.witness(this, inputs) == snarkjs.witness(this, inputs)
    assert valid(this, native.prove_witness(this, snarkjs.witness(this, inputs)), snarkjs)


def test_a_false_claim_is_refused_at_template_and_line(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs
) -> None:
    with pytest.raises(ProvingError, match=r"Error in template Margin_\d+ line: \d+"):
        native.prove(artifacts["margin-13"], {**inputs, "healthy": "0"})


@pytest.mark.parametrize("wire", [1, 2, 43, 100, -1])
def test_a_false_witness_is_refused(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs, wire: int
) -> None:
    this = artifacts["margin-13"]
    witness = bytearray(native.witness(this, inputs))
    count = (len(witness) - HEADER_BYTES) // 32
    witness[HEADER_BYTES + 32 * (wire % count)] ^= 1
    with pytest.raises(ProvingError, match="does not satisfy"):
        native.prove_witness(this, bytes(witness))


@pytest.mark.parametrize("value", ["-1", "1_0", " 1", "0x1", "", str(SCALAR_MODULUS)])
def test_what_circom_would_misread_is_refused(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs, value: str
) -> None:
    with pytest.raises(InputError, match="quote holds a value that is no decimal string"):
        native.prove(artifacts["margin-13"], {**inputs, "quote": value})


def test_errors_hold_no_secret(native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs) -> None:
    this = artifacts["margin-13"]
    secrets = {*inputs["balance"], str(inputs["quote"]), str(inputs["blind"])} - {"0"}
    wrong: list[Inputs] = [
        {**inputs, "healthy": "0"},
        {**inputs, "shorts": "8191"},
        {**inputs, "balance": inputs["balance"][1:]},
        {**inputs, "quote": f"-{inputs['quote']}"},
        {name: value for name, value in inputs.items() if name != "healthy"},
    ]
    for attempt in wrong:
        with pytest.raises((ProvingError, InputError)) as caught:
            native.prove(this, attempt)
        shown = "".join(traceback.format_exception(caught.value))
        assert not [secret for secret in secrets if secret in shown]


def test_files_that_are_missing_or_damaged_are_named(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs, tmp_path: Path
) -> None:
    this = artifacts["margin-13"]
    with pytest.raises(ToolError, match=r"absent\.zkey: No such file"):
        native.prove(replace(this, zkey=tmp_path / "absent.zkey"), inputs)
    damaged = tmp_path / "circuit.zkey"
    damaged.write_bytes(this.zkey.read_bytes()[:-1])
    with pytest.raises(InputError, match="malformed zkey"):
        native.prove(replace(this, zkey=damaged), inputs)
    with pytest.raises(InputError, match="native core"):
        native.prove(replace(this, zkey=artifacts["margin-lean-13"].zkey), inputs)


def test_a_key_that_changed_is_opened_again(
    native: NativeBackend,
    snarkjs: SnarkjsBackend,
    artifacts: Mapping[str, Artifacts],
    inputs: Inputs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    this = replace(artifacts["margin-13"], zkey=tmp_path / "circuit.zkey")
    this.zkey.write_bytes(artifacts["margin-13"].zkey.read_bytes())
    assert valid(this, native.prove(this, inputs), snarkjs)
    with Ceremony(this.circuit) as ceremony:
        ceremony.contribute(this.zkey, tmp_path / "other.zkey", "alice")
    (tmp_path / "other.zkey").replace(this.zkey)
    assert not valid(this, native.prove(this, inputs), snarkjs)


def test_threads_share_a_backend(
    snarkjs: SnarkjsBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs, native: NativeBackend
) -> None:
    native.close()
    names = [name for _ in range(4) for name in STATEMENTS]
    with ThreadPoolExecutor(2) as pool:
        proofs = list(pool.map(lambda name: native.prove(artifacts[name], inputs), names))
    assert all(valid(artifacts[name], proved, snarkjs) for name, proved in zip(names, proofs, strict=True))


def test_its_verdict_is_that_of_snarkjs(
    native: NativeBackend, snarkjs: SnarkjsBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs
) -> None:
    this = artifacts["margin-13"]
    key = this.key
    proof, signals = snarkjs.prove(this, inputs)
    other, _ = native.prove(this, inputs)
    for judge in (native, snarkjs):
        assert judge.verify(key, signals, proof)
        assert not judge.verify(key, [*signals[:-1], "7"], proof)
        assert not judge.verify(key, signals, proof | {"pi_c": other["pi_c"]})
        with pytest.raises(VerificationError, match="43 were given"):
            judge.verify(key, [*signals, "0"], proof)
        with pytest.raises(InputError, match="no decimal string"):
            judge.verify(key, [*signals[:-1], "-1"], proof)


def test_a_batch_is_valid_when_all_of_it_is(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs
) -> None:
    this = artifacts["margin-13"]
    key = this.key
    batch = [(signals, proof) for proof, signals in native.prove_many(this, [inputs] * 5)]
    assert native.verify_batch(key, batch)
    assert native.verify_batch(key, [])
    signals, proof = batch[3]
    batch[3] = ([*signals[:-1], "7"], proof)
    assert not native.verify_batch(key, batch)


def test_many_proofs_stop_at_the_item_that_is_wrong(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs
) -> None:
    this = artifacts["margin-13"]
    proofs = native.prove_many(this, iter([inputs, {**inputs, "blind": "-1"}]))
    with pytest.raises(InputError, match="blind holds a value"):
        list(proofs)


def test_an_empty_circuit_file_is_named_for_what_it_is(
    native: NativeBackend, artifacts: Mapping[str, Artifacts], inputs: Inputs, tmp_path: Path
) -> None:
    circuit = artifacts["margin-13"].circuit
    (tmp_path / "circuit.wasm").write_bytes(b"")
    with pytest.raises(InputError, match="not a WebAssembly module"):
        native.witness(replace(circuit, wasm=tmp_path / "circuit.wasm"), inputs)


def test_without_the_core_the_error_says_how_to_get_it(
    artifacts: Mapping[str, Artifacts], inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zksolvency_native", None)
    with NativeBackend() as backend, pytest.raises(ToolError, match="install Rust"):
        backend.prove(artifacts["margin-13"], inputs)

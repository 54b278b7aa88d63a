"""Everybody accepts our proofs of random witnesses, of every statement and size, and nobody a changed one."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from native_circuits import NAMES, Circuit
from prover.toolchain import (
    Anvil,
    Ceremony,
    SnarkjsBackend,
    compile_circuits,
    compile_verifiers,
    find_node,
    find_package,
)
from prover.toolchain._cache import Cache
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._node import NodeProcess
from verifier import SCALAR_MODULUS, ChainError, Proof, VerificationError, VerifyingKey, solidity_contract_name
from verifier import verify as verify_in_python
from verifier.chain import Chain, Contract, proof_arguments
from zksolvency_native import InputError, NativeProver, NativeVerifier, Proved
from zksolvency_native import VerificationError as NativeRefusal

PROOFS = 60
BY_SNARKJS = 20
BY_CONTRACT = 12
BY_PYTHON = 4
CRATE = Path(__file__).parent.parent
BEACON = "0102030405060708090a0b0c0d0e0f10"


@pytest.fixture(scope="session")
def proofs(circuit: Callable[[str], Circuit]) -> Mapping[str, list[Proved]]:
    """Of each statement, each of another random witness."""
    made = {}
    for name in NAMES:
        this = circuit(name)
        made[name] = list(this.prover().prove_many(this.random_inputs() for _ in range(PROOFS)))
    return made


@pytest.fixture(scope="session")
def snarkjs() -> Iterator[SnarkjsBackend]:
    with SnarkjsBackend() as backend:
        yield backend


def changed(proved: Proved, signal: int) -> Proved:
    """The same proof with one public signal one higher."""
    signals = list(proved.public_signals)
    signals[signal] = str((int(signals[signal]) + 1) % SCALAR_MODULUS)
    return Proved(proved.proof, signals)


def python_accepts(key: VerifyingKey, proved: Proved) -> bool:
    try:
        verify_in_python(key, [int(signal) for signal in proved.public_signals], Proof.from_json(proved.proof))
    except VerificationError as error:
        if error.reason != "proof-does-not-verify":
            raise
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_every_witness_is_another(proofs: Mapping[str, list[Proved]], name: str) -> None:
    assert len({proved.public_signals[0] for proved in proofs[name]}) == PROOFS
    assert {proved.public_signals[1] for proved in proofs[name]} == {"0", "1"}


@pytest.mark.parametrize("name", NAMES)
def test_the_native_verifier(circuit: Callable[[str], Circuit], proofs: Mapping[str, list[Proved]], name: str) -> None:
    verifier = NativeVerifier(circuit(name).verification_key)
    for proved in proofs[name]:
        verifier.verify(*proved)
    verifier.verify_batch(list(proofs[name]))
    for signal in range(len(proofs[name][0].public_signals)):
        with pytest.raises(NativeRefusal, match="does-not-verify"):
            verifier.verify(*changed(proofs[name][signal], signal))


def words(point: Any) -> list[str]:
    """The coordinates of snarkjs' point without its z."""
    return [word for part in point[:2] for word in (part if isinstance(part, list) else [part])]


def key_words(key: Mapping[str, Any]) -> list[str]:
    points = [key["vk_alpha_1"], key["vk_beta_2"], key["vk_gamma_2"], key["vk_delta_2"], *key["IC"]]
    return [word for point in points for word in words(point)]


@pytest.fixture(scope="session")
def arkworks(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, Any], list[Proved]], list[str]]:
    """The verdicts of ark-groth16, from a program that shares no code with the native core."""
    if shutil.which("cargo") is None:
        pytest.skip("arkworks' verifier is compiled with cargo, which is not here")
    folder = tmp_path_factory.mktemp("arkworks")

    def verdicts(key: Mapping[str, Any], proofs: list[Proved]) -> list[str]:
        lines = [key_words(key)]
        for proof, signals in proofs:
            lines.append([*words(proof["pi_a"]), *words(proof["pi_b"]), *words(proof["pi_c"]), *signals])
        (folder / "proofs").write_text("\n".join(map(" ".join, lines)))
        command = ["cargo", "run", "--quiet", "--release", "--example", "arkworks", folder / "proofs"]
        return subprocess.run(command, cwd=CRATE, capture_output=True, text=True, check=True).stdout.split()

    return verdicts


@pytest.mark.parametrize("name", NAMES)
def test_arkworks(
    circuit: Callable[[str], Circuit],
    proofs: Mapping[str, list[Proved]],
    arkworks: Callable[[Mapping[str, Any], list[Proved]], list[str]],
    name: str,
) -> None:
    signals = len(proofs[name][0].public_signals)
    false = [changed(proofs[name][k % PROOFS], k) for k in range(signals)]
    verdicts = arkworks(circuit(name).verification_key, proofs[name] + false)
    assert verdicts == ["valid"] * PROOFS + ["false"] * signals


@pytest.mark.parametrize("name", NAMES)
def test_snarkjs(
    circuit: Callable[[str], Circuit], proofs: Mapping[str, list[Proved]], snarkjs: SnarkjsBackend, name: str
) -> None:
    key = circuit(name).verification_key
    for proved in proofs[name][:BY_SNARKJS]:
        assert snarkjs.verify(key, proved.public_signals, proved.proof)
    other = changed(proofs[name][0], -1)
    assert not snarkjs.verify(key, other.public_signals, other.proof)


@pytest.mark.parametrize("name", NAMES)
def test_the_python_verifier(circuit: Callable[[str], Circuit], proofs: Mapping[str, list[Proved]], name: str) -> None:
    key = VerifyingKey.from_json(circuit(name).verification_key)
    assert all(python_accepts(key, proved) for proved in proofs[name][:BY_PYTHON])
    assert not python_accepts(key, changed(proofs[name][0], 0))


@pytest.fixture(scope="session")
def contracts(circuit: Callable[[str], Circuit]) -> Iterator[Mapping[str, Contract]]:
    """The verifier of each statement, deployed."""
    artifacts = {name: circuit(name).artifacts for name in NAMES}
    code = compile_verifiers(artifacts)
    with Anvil() as node:
        chain = Chain(node.url, code)
        names = {name: solidity_contract_name(a.instance.statement, a.instance.n) for name, a in artifacts.items()}
        yield {name: chain.deploy(contract) for name, contract in names.items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_contract(contracts: Mapping[str, Contract], proofs: Mapping[str, list[Proved]], name: str) -> None:
    contract = contracts[name]
    own = contract.read("proofInputCount")

    def check(proved: Proved) -> None:
        signals = [int(signal) for signal in proved.public_signals]
        point = contract.read("computeRoundPoint", signals[own:])
        contract.read("verify", proof_arguments(Proof.from_json(proved.proof)), signals[:own], tuple(point))

    for proved in proofs[name][:BY_CONTRACT]:
        check(proved)
    for signal in (0, -1):
        with pytest.raises(ChainError, match="ProofDoesNotVerify"):
            check(changed(proofs[name][0], signal))


@pytest.fixture(scope="session")
def ceremony_key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A key for margin-lean-13 that two people contributed to, and a beacon; all of it by snarkjs."""
    folder = tmp_path_factory.mktemp("ceremony")
    (compiled,) = compile_circuits(["margin-lean-13"]).values()
    with NodeProcess("keys.mjs") as node:
        keys = UnsafeDevelopmentKeys(Cache(folder / "cache"), node, lambda _: None, natively=False)
        tau = keys._powers_of_tau(compiled.domain_log2, compiled.domain_log2)
    with Ceremony(compiled) as ceremony:
        ceremony.new(tau, folder / "blank")
        ceremony.contribute(folder / "blank", folder / "alice", "alice")
        ceremony.contribute(folder / "alice", folder / "bob", "bob", entropy="a die cast 99 times")
        ceremony.beacon(folder / "bob", folder / "final", BEACON, 10)
    snarkjs = find_package("snarkjs") / "build" / "cli.cjs"
    command = [find_node(), snarkjs, "zkey", "export", "verificationkey", folder / "final", folder / "key"]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return folder / "final", json.loads((folder / "key").read_bytes())


@pytest.mark.parametrize("portable", [False, True])
def test_a_key_of_a_ceremony(
    circuit: Callable[[str], Circuit],
    ceremony_key: tuple[Path, dict[str, Any]],
    snarkjs: SnarkjsBackend,
    arkworks: Callable[[Mapping[str, Any], list[Proved]], list[str]],
    portable: bool,
) -> None:
    this = circuit("margin-lean-13")
    zkey, key = ceremony_key
    prover = NativeProver(zkey, this.calculator, r1cs_path=this.r1cs, portable=portable)
    made = list(prover.prove_many(this.inputs))
    NativeVerifier(key).verify_batch(list(made))
    assert arkworks(key, [*made, changed(made[0], 3)]) == ["valid"] * len(made) + ["false"]
    assert all(snarkjs.verify(key, proved.public_signals, proved.proof) for proved in made[:10])
    python_key = VerifyingKey.from_json(key)
    assert python_accepts(python_key, made[0])
    assert not python_accepts(python_key, changed(made[0], 0))


def test_a_key_to_which_nobody_contributed_is_refused(
    circuit: Callable[[str], Circuit], ceremony_key: tuple[Path, dict[str, Any]]
) -> None:
    with pytest.raises(InputError, match="no phase-2 contribution"):
        NativeProver(ceremony_key[0].with_name("blank"), circuit("margin-lean-13").wasm)

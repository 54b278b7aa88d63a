"""Every verifier accepts our proofs of random witnesses, of every statement and size, and refuses changed ones."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from native_circuits import DEEP, SQUARE, Circuit, cases
from prover.chain import Chain, Contract, proof_arguments
from prover.toolchain import (
    Anvil,
    Ceremony,
    CompiledCircuit,
    SnarkjsBackend,
    compile_circuits,
    compile_verifiers,
    find_node,
    find_package,
)
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import SCALAR_MODULUS, ChainError, Proof, VerificationError, VerifyingKey, solidity_contract_name
from verifier import verify as verify_in_python
from zksolvency_native import InputError, NativeProver, NativeVerifier, ProofWithSignals
from zksolvency_native import VerificationError as NativeRefusal

Proofs = Callable[[str, int], list[ProofWithSignals]]
ArkworksVerdicts = Callable[[Mapping[str, Any], list[ProofWithSignals]], list[str]]

MANY = 90  # one for each public signal; costs little where proofs are made and verified in Rust
CRATE = Path(__file__).parent.parent
TOOLCHAIN_TESTS = CRATE.parent.parent / "tests" / "prover" / "toolchain"
BEACON = "0102030405060708090a0b0c0d0e0f10"


@pytest.fixture(scope="session")
def proofs(circuit: Callable[[str], Circuit]) -> Proofs:
    """So many proofs of a statement, each of another random witness."""

    def prove(name: str, count: int) -> list[ProofWithSignals]:
        this = circuit(name)
        return list(this.prover().prove_many(this.random_inputs() for _ in range(count)))

    return cache(prove)


@pytest.fixture(scope="session")
def snarkjs() -> Iterator[SnarkjsBackend]:
    with SnarkjsBackend() as backend:
        yield backend


def changed(proved: ProofWithSignals, signal: int) -> ProofWithSignals:
    """The same proof with one public signal one higher."""
    signals = list(proved.public_signals)
    signals[signal] = str((int(signals[signal]) + 1) % SCALAR_MODULUS)
    return ProofWithSignals(proved.proof, signals)


def python_accepts(key: VerifyingKey, proved: ProofWithSignals) -> bool:
    try:
        verify_in_python(key, [int(signal) for signal in proved.public_signals], Proof.from_json(proved.proof))
    except VerificationError as error:
        if error.reason != "proof-does-not-verify":
            raise
        return False
    return True


@pytest.mark.parametrize(("name", "count"), cases(MANY, MANY))
def test_every_witness_is_another(proofs: Proofs, name: str, count: int) -> None:
    assert len({proved.public_signals[0] for proved in proofs(name, count)}) == count
    assert {proved.public_signals[1] for proved in proofs(name, count)} == {"0", "1"}


@pytest.mark.parametrize(("name", "count"), cases(MANY, MANY))
def test_the_native_verifier(circuit: Callable[[str], Circuit], proofs: Proofs, name: str, count: int) -> None:
    verifier, made = NativeVerifier(circuit(name).verification_key), proofs(name, count)
    for proved in made:
        verifier.verify(*proved)
    verifier.verify_batch(list(made))
    for signal in range(len(made[0].public_signals)):
        with pytest.raises(NativeRefusal, match="does-not-verify"):
            verifier.verify(*changed(made[signal], signal))


def words(point: Any) -> list[str]:
    """The coordinates of snarkjs' point without its z."""
    return [word for part in point[:2] for word in (part if isinstance(part, list) else [part])]


def key_words(key: Mapping[str, Any]) -> list[str]:
    points = [key["vk_alpha_1"], key["vk_beta_2"], key["vk_gamma_2"], key["vk_delta_2"], *key["IC"]]
    return [word for point in points for word in words(point)]


@pytest.fixture(scope="session")
def arkworks(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Mapping[str, Any], list[ProofWithSignals]], list[str]]:
    """The verdicts of ark-groth16, from a program that shares no code with the native core."""
    if shutil.which("cargo") is None:
        pytest.skip("arkworks' verifier is compiled with cargo, which is not here")
    folder = tmp_path_factory.mktemp("arkworks")

    def verdicts(key: Mapping[str, Any], proofs: list[ProofWithSignals]) -> list[str]:
        lines = [key_words(key)]
        for proof, signals in proofs:
            lines.append([*words(proof["pi_a"]), *words(proof["pi_b"]), *words(proof["pi_c"]), *signals])
        (folder / "proofs").write_text("\n".join(map(" ".join, lines)))
        command = ["cargo", "run", "--quiet", "--release", "--example", "arkworks", folder / "proofs"]
        return subprocess.run(command, cwd=CRATE, capture_output=True, text=True, check=True).stdout.split()

    return verdicts


@pytest.mark.parametrize(("name", "count"), cases(MANY, MANY))
def test_arkworks(
    circuit: Callable[[str], Circuit],
    proofs: Proofs,
    arkworks: ArkworksVerdicts,
    name: str,
    count: int,
) -> None:
    made = proofs(name, count)
    signals = len(made[0].public_signals)
    false = [changed(made[signal], signal) for signal in range(signals)]
    verdicts = arkworks(circuit(name).verification_key, made + false)
    assert verdicts == ["valid"] * count + ["false"] * signals


@pytest.mark.parametrize(("name", "count"), cases(2, 20))
def test_snarkjs(
    circuit: Callable[[str], Circuit], proofs: Proofs, snarkjs: SnarkjsBackend, name: str, count: int
) -> None:
    key, made = circuit(name).artifacts.key, proofs(name, count)
    for proved in made:
        assert snarkjs.verify(key, proved.public_signals, proved.proof)
    other = changed(made[0], -1)
    assert not snarkjs.verify(key, other.public_signals, other.proof)


@pytest.mark.parametrize(("name", "count"), cases(1, 4))
def test_the_python_verifier(circuit: Callable[[str], Circuit], proofs: Proofs, name: str, count: int) -> None:
    key, made = circuit(name).artifacts.key, proofs(name, count)
    assert all(python_accepts(key, proved) for proved in made)
    assert not python_accepts(key, changed(made[0], 0))


@pytest.fixture(scope="session")
def contract(circuit: Callable[[str], Circuit]) -> Iterator[Callable[[str], Contract]]:
    """The verifier of a statement, deployed."""
    with Anvil() as node:

        def deploy(name: str) -> Contract:
            artifacts = circuit(name).artifacts
            chain = Chain(node.url, compile_verifiers({name: artifacts}))
            return chain.deploy(solidity_contract_name(artifacts.instance.statement, artifacts.instance.n))

        yield cache(deploy)


@pytest.mark.parametrize(("name", "count"), cases(4, 12))
def test_the_contract(contract: Callable[[str], Contract], proofs: Proofs, name: str, count: int) -> None:
    deployed, made = contract(name), proofs(name, count)
    own = deployed.read("proofInputCount")

    def check(proved: ProofWithSignals) -> None:
        signals = [int(signal) for signal in proved.public_signals]
        point = deployed.read("computeRoundPoint", signals[own:])
        deployed.read("verify", proof_arguments(Proof.from_json(proved.proof)), signals[:own], tuple(point))

    for proved in made:
        check(proved)
    for signal in (0, -1):
        with pytest.raises(ChainError, match="ProofDoesNotVerify"):
            check(changed(made[0], signal))


def run_snarkjs(*words: str | Path) -> None:
    command = [find_node(), find_package("snarkjs") / "build" / "cli.cjs", *words]
    subprocess.run(command, capture_output=True, check=True, timeout=600)


class CeremonyKey(NamedTuple):
    """A key that a ceremony made, with its circuit and valid inputs."""

    circuit: CompiledCircuit
    zkey: Path
    key: dict[str, Any]
    inputs: list[dict[str, Any]]


@pytest.fixture(scope="session", params=["square", pytest.param("margin-lean-13", marks=DEEP)])
def ceremony_key(
    request: pytest.FixtureRequest, circuit: Callable[[str], Circuit], tmp_path_factory: pytest.TempPathFactory
) -> CeremonyKey:
    """A key that two people contributed to, and a beacon; all of it by snarkjs."""
    folder = tmp_path_factory.mktemp("ceremony")
    if request.param == "square":
        compiled = compile_instance(SQUARE, TOOLCHAIN_TESTS, Cache(folder / "cache"))
        inputs = [{"square": str(root * root), "root": str(root)} for root in range(30)]
    else:
        (compiled,) = compile_circuits([request.param]).values()
        inputs = circuit(request.param).inputs
    tau = folder / "prepared"
    run_snarkjs("powersoftau", "new", "bn128", str(compiled.domain_log2), folder / "new")
    run_snarkjs("powersoftau", "contribute", folder / "new", folder / "contributed", "-e=test")
    run_snarkjs("powersoftau", "prepare", "phase2", folder / "contributed", tau)
    with Ceremony(compiled) as ceremony:
        ceremony.new(tau, folder / "blank")
        ceremony.contribute(folder / "blank", folder / "alice", "alice")
        ceremony.contribute(folder / "alice", folder / "bob", "bob", entropy="a die cast 99 times")
        ceremony.beacon(folder / "bob", folder / "final", BEACON, 10)
    run_snarkjs("zkey", "export", "verificationkey", folder / "final", folder / "key")
    return CeremonyKey(compiled, folder / "final", json.loads((folder / "key").read_bytes()), inputs)


@pytest.mark.parametrize("portable", [False, True])
def test_a_key_of_a_ceremony(
    ceremony_key: CeremonyKey,
    snarkjs: SnarkjsBackend,
    arkworks: ArkworksVerdicts,
    portable: bool,
) -> None:
    prover = NativeProver(
        ceremony_key.zkey, ceremony_key.circuit.wasm, r1cs_path=ceremony_key.circuit.r1cs, portable=portable
    )
    made = list(prover.prove_many(ceremony_key.inputs))
    NativeVerifier(ceremony_key.key).verify_batch(list(made))
    assert arkworks(ceremony_key.key, [*made, changed(made[0], -1)]) == ["valid"] * len(made) + ["false"]
    instance = ceremony_key.circuit.instance
    python_key = VerifyingKey.from_snarkjs(ceremony_key.key, instance.statement, instance.n, "ceremony")
    assert all(snarkjs.verify(python_key, proved.public_signals, proved.proof) for proved in made[:10])
    assert python_accepts(python_key, made[0])
    assert not python_accepts(python_key, changed(made[0], 0))


def test_a_key_without_a_contribution_is_refused(ceremony_key: CeremonyKey) -> None:
    with pytest.raises(InputError, match="no phase-2 contribution"):
        NativeProver(ceremony_key.zkey.with_name("blank"))

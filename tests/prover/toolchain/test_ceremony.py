import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from taus import BEACON, make_tau

from prover.toolchain import Artifacts, Ceremony, CompiledCircuit, SnarkjsBackend
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import InputError, Proof, ToolError, VerificationError, VerifyingKey, verify

pytestmark = pytest.mark.full

POWER = 5


@pytest.fixture(scope="module")
def ceremony(square: CompiledCircuit) -> Iterator[Ceremony]:
    with Ceremony(square) as ceremony:
        yield ceremony


@pytest.fixture(scope="module")
def files(ceremony: Ceremony, powers_of_tau: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The keys of one ceremony, in their order: blank, alice, bob, final."""
    folder = tmp_path_factory.mktemp("ceremony")
    files = {name: folder / f"{name}.zkey" for name in ("blank", "alice", "bob", "final")}
    ceremony.new(powers_of_tau, files["blank"])
    ceremony.contribute(files["blank"], files["alice"], "alice")
    ceremony.contribute(files["alice"], files["bob"], "bob", entropy="a die cast 99 times")
    ceremony.beacon(files["bob"], files["final"], BEACON, 10)
    return MappingProxyType(files)


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    return tmp_path / "damaged"


def flip(source: Path, target: Path, offset: int) -> None:
    data = bytearray(source.read_bytes())
    data[offset] ^= 1
    target.write_bytes(data)


def refusal(ceremony: Ceremony, ptau: Path, zkey: Path) -> str:
    with pytest.raises(VerificationError) as raised:
        ceremony.verify(ptau, zkey)
    return raised.value.reason


def test_verifying_lists_who_took_part(ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path]) -> None:
    contributions = ceremony.verify(powers_of_tau, files["final"])
    assert [(one.name, one.kind) for one in contributions] == [
        ("alice", "participant"),
        ("bob", "participant"),
        ("beacon", "beacon"),
    ]
    assert ceremony.verify(powers_of_tau, files["bob"]) == contributions[:2]


def test_the_listed_hash_is_the_one_that_the_participant_saw(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], tmp_path: Path
) -> None:
    seen = ceremony.contribute(files["bob"], tmp_path / "carol", "carol")
    assert len(seen) == 128
    assert ceremony.verify(powers_of_tau, tmp_path / "carol")[-1].hash == seen


def test_every_contribution_draws_a_secret_of_its_own(
    ceremony: Ceremony, files: Mapping[str, Path], tmp_path: Path
) -> None:
    hashes = {
        ceremony.contribute(files["blank"], tmp_path / str(attempt), "alice", entropy="the same")
        for attempt in range(2)
    }
    assert len(hashes) == 2


def test_an_exported_key_proves_and_is_marked(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], square: CompiledCircuit, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    contributions = ceremony.export(powers_of_tau, files["final"], folder)
    assert {path.name for path in folder.iterdir()} == {"circuit.zkey", "verification_key.json"}

    exported = json.loads((folder / "verification_key.json").read_bytes())
    assert exported["origin"] == "ceremony"
    assert [one["hash"] for one in exported["contributions"]] == [one.hash for one in contributions]
    key = VerifyingKey.load(folder / "verification_key.json")
    assert (key.statement, key.n, key.origin) == (square.instance.statement, square.instance.n, "ceremony")

    artifacts = Artifacts.load(square, folder)
    with SnarkjsBackend() as backend:
        proof, signals = backend.prove(artifacts, {"square": "144", "root": "12"})
    verify(key, [int(signal) for signal in signals], Proof.from_json(proof))


def test_a_key_without_a_contribution_is_refused(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], tmp_path: Path
) -> None:
    assert refusal(ceremony, powers_of_tau, files["blank"]) == "key-without-contribution"
    with pytest.raises(VerificationError, match="gamma = delta"):
        ceremony.export(powers_of_tau, files["blank"], tmp_path / "keys")
    assert list(tmp_path.iterdir()) == []


def test_a_key_with_nothing_but_a_beacon_is_refused(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], tmp_path: Path
) -> None:
    """Its gamma and delta differ, but every observer can compute the secret between them."""
    ceremony.beacon(files["blank"], tmp_path / "key", BEACON, 10)
    assert refusal(ceremony, powers_of_tau, tmp_path / "key") == "key-without-contribution"


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
def test_a_damaged_key_is_refused(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], damaged: Path, place: float
) -> None:
    flip(files["final"], damaged, int(files["final"].stat().st_size * place))
    assert refusal(ceremony, powers_of_tau, damaged) == "key-refused"


@pytest.mark.parametrize("length", [0, 50, 1000, -1])
def test_a_truncated_key_is_refused(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], damaged: Path, length: int
) -> None:
    damaged.write_bytes(files["final"].read_bytes()[:length])
    assert refusal(ceremony, powers_of_tau, damaged) == "key-refused"


def test_a_key_of_another_circuit_is_refused(
    ceremony: Ceremony, powers_of_tau: Path, square: CompiledCircuit, tmp_path: Path
) -> None:
    circuits = tmp_path / "circuits"
    circuits.mkdir()
    source = (Path(__file__).parent / "square.circom").read_text()
    (circuits / "square.circom").write_text(source.replace("root * root", "root * root + 1"))
    other = compile_instance(square.instance, circuits, Cache(tmp_path / "cache"))
    with Ceremony(other) as theirs:
        theirs.new(powers_of_tau, tmp_path / "blank")
        theirs.contribute(tmp_path / "blank", tmp_path / "key", "mallory")
        assert theirs.verify(powers_of_tau, tmp_path / "key")
    assert refusal(ceremony, powers_of_tau, tmp_path / "key") == "key-refused"


def test_powers_of_tau_of_another_ceremony_are_refused(
    ceremony: Ceremony, files: Mapping[str, Path], tmp_path: Path
) -> None:
    other = make_tau(tmp_path, POWER, "contribute", "prepare")
    assert refusal(ceremony, other, files["final"]) == "key-refused"


def test_powers_of_tau_of_development_keys_are_refused(
    ceremony: Ceremony, keys: Artifacts, shared_cache: Cache, tmp_path: Path
) -> None:
    assert keys.zkey.is_file()
    (public,) = shared_cache.root.glob(f"powers-of-tau-{POWER}-*/powers.ptau")
    with pytest.raises(VerificationError, match="their secret is public"):
        ceremony.new(public, tmp_path / "key")


@pytest.mark.parametrize("place", [0.02, 0.1, 0.5, 0.9])
def test_damaged_powers_of_tau_are_refused_before_anything_is_made(
    ceremony: Ceremony, powers_of_tau: Path, damaged: Path, tmp_path: Path, place: float
) -> None:
    flip(powers_of_tau, damaged, int(powers_of_tau.stat().st_size * place))
    with pytest.raises(VerificationError) as raised:
        ceremony.new(damaged, tmp_path / "key")
    assert raised.value.reason == "powers-of-tau-refused"
    assert list(tmp_path.iterdir()) == [damaged]


def test_powers_of_tau_with_nothing_but_a_beacon_are_refused(ceremony: Ceremony, tmp_path: Path) -> None:
    tau = make_tau(tmp_path, 4, "beacon", "prepare")
    with pytest.raises(VerificationError, match="their secret is public"):
        ceremony.new(tau, tmp_path / "key")


def test_powers_of_tau_without_a_contribution_are_refused(ceremony: Ceremony, tmp_path: Path) -> None:
    tau = make_tau(tmp_path, 4, "prepare")
    with pytest.raises(VerificationError, match="has no contribution"):
        ceremony.new(tau, tmp_path / "key")


def test_powers_of_tau_that_are_too_small_say_so(ceremony: Ceremony, tmp_path: Path) -> None:
    tau = make_tau(tmp_path, 2, "contribute", "prepare")
    with pytest.raises(InputError, match="circuit too big for this power of tau"):
        ceremony.new(tau, tmp_path / "key")
    assert not (tmp_path / "key").exists()


def test_powers_of_tau_that_are_not_prepared_say_so(ceremony: Ceremony, tmp_path: Path) -> None:
    tau = make_tau(tmp_path, 4, "contribute")
    with pytest.raises(InputError, match="not prepared"):
        ceremony.new(tau, tmp_path / "key")


def test_no_file_of_a_ceremony_is_overwritten(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / "key"
    target.write_bytes(b"precious")
    for step in (
        lambda: ceremony.new(powers_of_tau, target),
        lambda: ceremony.contribute(files["blank"], target, "alice"),
        lambda: ceremony.beacon(files["alice"], target, BEACON, 10),
        lambda: ceremony.export(powers_of_tau, files["final"], target),
    ):
        with pytest.raises(InputError, match="exists already"):
            step()
    assert target.read_bytes() == b"precious"


def test_missing_files_are_named(ceremony: Ceremony, powers_of_tau: Path, tmp_path: Path) -> None:
    missing, target = tmp_path / "missing", tmp_path / "key"
    for step in (
        lambda: ceremony.new(missing, target),
        lambda: ceremony.contribute(missing, target, "alice"),
        lambda: ceremony.beacon(missing, target, BEACON, 10),
        lambda: ceremony.verify(powers_of_tau, missing),
        lambda: ceremony.export(powers_of_tau, missing, target),
    ):
        with pytest.raises(InputError, match="missing: No such file"):
            step()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_a_tool_error(
    ceremony: Ceremony, files: Mapping[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(ToolError, match="choose another folder"):
        ceremony.contribute(files["blank"], tmp_path / "missing" / "key", "alice")


@pytest.mark.parametrize("name", ["", "x" * 65, "alice\x1b[2J", "alice\nbob"])
def test_names_that_could_mislead_are_refused(
    ceremony: Ceremony, files: Mapping[str, Path], tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match="1 to 64"):
        ceremony.contribute(files["blank"], tmp_path / "key", name)


def test_names_that_others_wrote_cannot_steer_the_terminal(
    ceremony: Ceremony, powers_of_tau: Path, files: Mapping[str, Path], tmp_path: Path
) -> None:
    data = files["alice"].read_bytes()
    assert data.count(b"alice") == 1
    (tmp_path / "key").write_bytes(data.replace(b"alice", b"\x1b[2Jx"))
    assert [one.name for one in ceremony.verify(powers_of_tau, tmp_path / "key")] == ["?[2Jx"]


@pytest.mark.parametrize(
    ("value", "iterations"), [("", 10), ("0", 10), ("0x01", 10), ("zz", 10), ("00" * 256, 10), ("01", 9), ("01", 64)]
)
def test_beacons_that_snarkjs_would_misread_are_refused(
    ceremony: Ceremony, files: Mapping[str, Path], tmp_path: Path, value: str, iterations: int
) -> None:
    with pytest.raises(InputError, match="a beacon"):
        ceremony.beacon(files["alice"], tmp_path / "key", value, iterations)

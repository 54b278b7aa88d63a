"""`ceremony`: from powers of tau to keys, on a circuit small enough for a test."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.harness import ENVIRONMENT, PROGRAM, ROOT, Outcome, Run
from snippets import GUIDES, program_commands
from taus import make_tau

import prover.cli.ceremony
from prover.toolchain import CircuitInstance, CompiledCircuit
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import VerifyingKey

SQUARE = CircuitInstance(
    name="square", file="square.circom", template="Square", params=(), public=("square",), statement="margin", n=1
)
Ceremony = Callable[..., Outcome]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("ceremony") / "cache")


@pytest.fixture(scope="module")
def square(cache: Cache) -> CompiledCircuit:
    return compile_instance(SQUARE, ROOT / "tests" / "prover" / "toolchain", cache)


@pytest.fixture(scope="module")
def ptau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tau(tmp_path_factory.mktemp("tau"), 5, "contribute", "prepare")


@pytest.fixture
def ceremony(run: Run, square: CompiledCircuit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ceremony:
    monkeypatch.setattr(prover.cli.ceremony, "compile_circuits", lambda names, progress: {names[0]: square})
    monkeypatch.chdir(tmp_path)
    return lambda command, *words: run("ceremony", command, *words, "--circuit", "square", "--json")


@pytest.mark.full
def test_from_powers_of_tau_to_keys(ceremony: Ceremony, ptau: Path, tmp_path: Path) -> None:
    assert ceremony("new", "--ptau", ptau, "--out", "0.zkey").json == {"circuit": "square", "file": "0.zkey"}
    unsafe = ceremony("verify", "0.zkey", "--ptau", ptau)
    assert (unsafe.code, unsafe.error["reason"]) == (1, "key-without-contribution")

    hashes = []
    for number, name in enumerate(("alice", "bob")):
        step = ceremony("contribute", f"{number}.zkey", "--name", name, "--out", f"{number + 1}.zkey")
        assert step.code == 0
        hashes.append((name, step.json["hash"]))
    last = ceremony("beacon", "2.zkey", "--value", "0x0a0b0c", "--out", "final.zkey")
    hashes.append(("beacon", last.json["hash"]))

    for result in (
        ceremony("verify", "final.zkey", "--ptau", ptau),
        ceremony("export", "final.zkey", "--ptau", ptau, "--out", "keys"),
    ):
        assert result.code == 0
        listed = result.json["contributions"]
        assert [step["hash"] for step in listed] == [digest for _, digest in hashes]
        assert [step["kind"] for step in listed] == ["participant", "participant", "beacon"]
    assert VerifyingKey.load(tmp_path / "keys" / "verification_key.json").origin == "ceremony"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.zkey", "1.zkey", "2.zkey", "final.zkey", "keys"]


@pytest.mark.full
@pytest.mark.usefixtures("ceremony")
def test_the_commands_of_the_guide_make_keys(run: Run, ptau: Path, tmp_path: Path) -> None:
    """docs/guides/ceremony.md, for the small circuit. `key import` has tests of its own."""
    shutil.copy(ptau, "powers-11.ptau")
    Path("keys").mkdir()
    commands = [words for words in program_commands((GUIDES / "ceremony.md").read_text()) if words[0] == "ceremony"]
    assert len(commands) == 6
    for words in commands:
        done = run(*["0a0b0c" if word == "$RANDOMNESS" else word for word in words])
        assert done.code == 0, (words, done)
    assert VerifyingKey.load(tmp_path / "keys" / "margin-13" / "verification_key.json").origin == "ceremony"


@pytest.mark.full
def test_nothing_is_overwritten_or_taken_for_what_it_is_not(ceremony: Ceremony, ptau: Path, tmp_path: Path) -> None:
    ceremony("new", "--ptau", ptau, "--out", "0.zkey")
    before = (tmp_path / "0.zkey").read_bytes()
    assert ceremony("new", "--ptau", ptau, "--out", "0.zkey").error["kind"] == "input"
    assert ceremony("contribute", "0.zkey", "--name", "x", "--out", "0.zkey").error["kind"] == "input"
    assert (tmp_path / "0.zkey").read_bytes() == before
    Path("garbage").write_bytes(b"zkey" + bytes(100))
    assert ceremony("verify", "garbage", "--ptau", ptau).error["reason"] == "key-refused"
    assert ceremony("new", "--ptau", "garbage", "--out", "1.zkey").error["reason"] == "powers-of-tau-refused"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.zkey", "garbage"]


@pytest.mark.full
def test_entropy_is_read_from_a_descriptor(ceremony: Ceremony, ptau: Path, tmp_path: Path) -> None:
    ceremony("new", "--ptau", ptau, "--out", "0.zkey")
    reader, writer = os.pipe()
    try:
        os.write(writer, b"my own dice")
        os.close(writer)
        result = ceremony("contribute", "0.zkey", "--name", "x", "--out", "1.zkey", "--entropy-fd", reader)
        assert result.code == 0
        assert os.read(reader, 1) == b""  # all of it was taken
    finally:
        os.close(reader)


@pytest.mark.parametrize("option", ["--entropy", "--secret"])
def test_entropy_is_never_an_argument(run: Run, option: str) -> None:
    result = run("ceremony", "contribute", "a", "--circuit", "margin-13", option, "dice", "--json")
    assert result.error["kind"] == "usage"


@pytest.mark.parametrize(
    "words",
    [
        ["new", "--circuit", "margin-99", "--ptau", "p", "--out", "o"],
        ["verify", "zkey", "--circuit", "margin-99", "--ptau", "p"],
        ["contribute", "zkey", "--circuit", "margin-99", "--name", "x", "--out", "o"],
        ["beacon", "zkey", "--circuit", "margin-99", "--value", "00", "--out", "o"],
        ["export", "zkey", "--circuit", "margin-99", "--ptau", "p", "--out", "o"],
    ],
    ids=lambda words: words[0],
)
def test_an_unknown_circuit_is_bad_input(run: Run, words: list[str]) -> None:
    result = run("ceremony", *words, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert "margin-13" in result.error["message"]


@pytest.mark.parametrize("iterations", ["9", "64"])
def test_a_beacon_of_too_few_or_too_many_hashes_is_wrong_usage(run: Run, iterations: str) -> None:
    words = ["beacon", "zkey", "--circuit", "margin-13", "--value", "00", "--out", "o", "--iterations", iterations]
    assert run("ceremony", *words, "--json").error["kind"] == "usage"


def test_a_descriptor_that_is_not_open_is_bad_input(tmp_path: Path) -> None:
    words = ["contribute", "0.zkey", "--circuit", "margin-13", "--name", "x", "--out", "o", "--entropy-fd", "77"]
    done = subprocess.run(
        [*PROGRAM, "ceremony", *words],
        env=ENVIRONMENT,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "file descriptor 77" in done.stderr

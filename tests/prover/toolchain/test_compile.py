import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from prover.toolchain import INSTANCES, CompiledCircuit, Progress, compile_circuits
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import ToolError

pytestmark = pytest.mark.full

HERE = Path(__file__).parent
PINNED = HERE.parents[2] / "circuits" / "constraints.csv"
BROKEN = "pragma circom 2.2.3;\ntemplate Square() {\n    signal input square;\n    square === missing;\n}\n"


@pytest.fixture
def circuits(tmp_path: Path) -> Path:
    folder = tmp_path / "circuits"
    folder.mkdir()
    shutil.copy(HERE / "square.circom", folder)
    return folder


def test_constraint_counts_are_the_pinned_ones() -> None:
    """Spec ZS-24, ZS-64. A change of a circuit shows here: pin the new counts, and see that the domain stays."""
    with PINNED.open(newline="") as file:
        pinned = {row["instance"]: row for row in csv.DictReader(file)}
    compiled = compile_circuits(list(INSTANCES))
    assert pinned == {
        name: {
            "instance": name,
            "constraints": str(circuit.constraints),
            "wires": str(circuit.wires),
            "public": str(circuit.public_count),
            "domain_log2": str(circuit.domain_log2),
        }
        for name, circuit in compiled.items()
    }


def test_circuits_compile_without_a_warning() -> None:
    assert {circuit.warnings for circuit in compile_circuits(list(INSTANCES)).values()} == {""}


def test_compiling_twice_gives_the_same_bytes(square: CompiledCircuit, tmp_path: Path) -> None:
    again = compile_instance(square.instance, HERE, Cache(tmp_path))
    for name in ("r1cs", "wasm", "sym"):
        assert getattr(again, name) != getattr(square, name)
        assert getattr(again, name).read_bytes() == getattr(square, name).read_bytes()


def test_a_changed_source_is_compiled_again_and_an_unchanged_one_is_not(
    square: CompiledCircuit, circuits: Path, tmp_path: Path
) -> None:
    reports: list[Progress] = []
    cache = Cache(tmp_path / "cache")

    def compiled() -> CompiledCircuit:
        return compile_instance(square.instance, circuits, cache, reports.append)

    first = compiled()
    assert [report.done for report in reports] == [0, 1]
    assert compiled() == first
    assert len(reports) == 2

    source = circuits / "square.circom"
    source.write_text(source.read_text().replace("root * root", "root * root + root"))
    assert compiled().r1cs.read_bytes() != first.r1cs.read_bytes()
    assert len(reports) == 4


def test_a_compiler_error_is_shown_without_colour_codes(
    square: CompiledCircuit, circuits: Path, tmp_path: Path
) -> None:
    (circuits / "square.circom").write_text(BROKEN)
    cache = Cache(tmp_path / "cache")
    with pytest.raises(ToolError) as raised:
        compile_instance(square.instance, circuits, cache)
    message = str(raised.value)
    assert "error[" in message
    assert "square.circom" in message
    assert "missing" in message
    assert "\x1b" not in message
    assert not [path for path in cache.root.iterdir() if path.is_dir()]


def test_wrong_parameters_are_a_compiler_error(square: CompiledCircuit, tmp_path: Path) -> None:
    instance = replace(square.instance, params=(1,))
    with pytest.raises(ToolError, match="wrong number of arguments"):
        compile_instance(instance, HERE, Cache(tmp_path))


def test_compiler_warnings_are_logged_and_kept(
    square: CompiledCircuit, circuits: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = circuits / "square.circom"
    source.write_text(source.read_text().replace("pragma circom 2.2.3;", ""))
    cache = Cache(tmp_path / "cache")
    first = compile_instance(square.instance, circuits, cache)
    assert "pragma" in first.warnings
    assert first.warnings in caplog.text
    assert compile_instance(square.instance, circuits, cache).warnings == first.warnings

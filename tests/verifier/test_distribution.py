"""`zksolvency-verifier`: what an auditor installs, without the prover."""

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
VERIFIER = tomllib.loads((ROOT / "verifier" / "pyproject.toml").read_text())["project"]
PROVER = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

REFUSES_ANOTHER_POINT = """
import sys
import verifier
from verifier import G1Point, G2Point, Proof, VerificationError, require_valid_points, solidity_verifier
assert verifier.__file__.startswith(sys.argv[1]), verifier.__file__
try:
    require_valid_points(Proof(G1Point(1, 3), G2Point((0, 0), (0, 0)), G1Point(1, 3)))
except VerificationError as error:
    print(error.reason)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT / "verifier"], check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_prover_asks_for_the_verifier_of_its_own_version() -> None:
    assert VERIFIER["version"] == PROVER["version"]
    assert f"zksolvency-verifier=={PROVER['version']}" in PROVER["dependencies"]


@pytest.mark.full
def test_wheel_holds_the_verifier_and_nothing_else(wheel: Path) -> None:
    names = {
        Path(name).relative_to("verifier").as_posix() for name in ZipFile(wheel).namelist() if "dist-info" not in name
    }
    folder = ROOT / "verifier"
    sources = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    assert names == {*sources, "py.typed", "templates/Groth16Verifier.sol"}


@pytest.mark.full
def test_wheel_verifies_without_the_prover(wheel: Path, tmp_path: Path) -> None:
    """Isolated from the checkout: only the wheel and what the environment has installed."""
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        tmp_path,
        wheel,
    ]
    subprocess.run(install, check=True)
    code = f"import sys; sys.path.insert(0, sys.argv[1]){REFUSES_ANOTHER_POINT}"
    command = [sys.executable, "-I", "-c", code, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "point-not-on-curve"

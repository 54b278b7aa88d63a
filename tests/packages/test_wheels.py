"""What a user of the wheels gets, from an empty folder and without a checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from packages.readme_commands import commands_of, succeed
from snippets import GUIDES, program_commands

from prover.toolchain import ArtifactArchive, Artifacts, has_core, pack_archive
from tools.packages import build_wheels

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template" / "python"
CORE = pytest.mark.skipif(not has_core(), reason="the native core is not built")


def project(folder: str) -> dict[str, object]:
    fields: dict[str, object] = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    return fields


def test_every_package_has_one_version() -> None:
    version = project("")["version"]
    crates = [tomllib.loads((ROOT / "prover" / "native" / path / "Cargo.toml").read_text()) for path in (".", "module")]
    versions = {
        project("verifier")["version"],
        project("prover/native")["version"],
        project("liquidator")["version"],
        *(crate["package"]["version"] for crate in crates),
        json.loads((ROOT / "contracts" / "package.json").read_text())["version"],
    }
    assert versions == {version}
    extras = project("")["optional-dependencies"]
    assert isinstance(extras, dict)
    assert extras["native"] == [f"zksolvency-native=={version}"]
    engine = project("liquidator")["dependencies"]
    assert isinstance(engine, list)
    assert f"zksolvency=={version}" in engine
    assert f"zksolvency[native]=={version}" in (TEMPLATE / "requirements.txt").read_text().splitlines()


@dataclass
class Machine:
    """A machine with an environment of Python and an empty folder, without Node and without a checkout.

    Attributes:
        wheels: what was installed.
        venv: the environment.
        folder: where commands run.
        environment: variables.
    """

    wheels: list[Path]
    venv: Path
    folder: Path
    environment: Mapping[str, str]

    def run(self, *words: object, answer: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(self.venv / "bin" / "zksolvency"), *map(str, words)]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=answer,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def python(self, code: str) -> str:
        return succeed([str(self.venv / "bin" / "python"), "-c", code], self.folder, self.environment).strip()


def new_machine(base: Path) -> Machine:
    """With its own copy of every wheel of ours, and the libraries that this environment has installed."""
    for name in ("wheels", "empty", "programs"):
        (base / name).mkdir()
    wheels, venv = build_wheels(base / "wheels"), base / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-index", *wheels], check=True, cwd=base)
    (libraries,) = venv.glob("lib/python*/site-packages")
    # A folder of a .pth file is searched last, and .pth files in it are not read: the checkout stays unseen.
    (libraries / "libraries.pth").write_text(str(Path(pytest.__file__).parents[1]) + "\n")
    environment = {
        "PATH": f"{venv / 'bin'}{os.pathsep}{base / 'programs'}",
        "HOME": str(base),
        "ZKSOLVENCY_CACHE": str(base / "cache"),
    }
    return Machine(wheels, venv, base / "empty", environment)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return new_machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def archive(artifacts: Mapping[str, Artifacts], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "margin-13.zip"
    pack_archive([artifacts["margin-13"]], path)
    return path


@pytest.fixture(scope="module")
def supplied(machine: Machine, archive: Path) -> Machine:
    """The machine with circuits and keys of an archive."""
    with ArtifactArchive.open(archive) as opened:
        digest = opened.digest
    done = machine.run("artifacts", "install", archive, "--digest", digest)
    assert done.returncode == 0, done
    return machine


@pytest.mark.full
def test_the_wheel_has_every_source_that_is_compiled(machine: Machine) -> None:
    (wheel,) = (path for path in machine.wheels if path.name.startswith("zksolvency-"))
    names = {name.removeprefix("prover/_data/") for name in ZipFile(wheel).namelist() if "/_data/" in name}
    expected = {
        path.relative_to(ROOT).as_posix()
        for folder in ("books", "circuits", "contracts/examples", "contracts/src", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    single = {"contracts/foundry.toml", "package.json", "package-lock.json", "tools/solc"}
    assert names == expected | single
    top = {name.partition("/")[0] for name in ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"prover"}


@pytest.mark.full
def test_what_is_installed_is_complete_and_comes_from_the_wheels(machine: Machine) -> None:
    check = [sys.executable, "-m", "pip", "--python", str(machine.venv / "bin" / "python"), "check"]
    missing = subprocess.run(check, capture_output=True, text=True, check=False).stdout
    assert not [line for line in missing.splitlines() if line.startswith("zksolvency")], missing
    code = "import liquidator, prover, verifier; from prover.toolchain import find_home; "
    code += "print(liquidator.__file__, prover.__file__, verifier.__file__, find_home(), sep='\\n')"
    for place in machine.python(code).splitlines():
        assert place.startswith(str(machine.venv)), place
    assert machine.run("--version").stdout == f"zksolvency {project('')['version']}\n"


@pytest.mark.full
def test_the_engine_makes_its_store_with_the_migrations_of_its_wheel(machine: Machine, tmp_path: Path) -> None:
    code = "from pathlib import Path; from liquidator.store import EngineStore; "
    code += f"print(EngineStore(Path({str(tmp_path / 'engine.sqlite')!r})).jobs_in_flight(1, ''))"
    assert machine.python(code) == "[]"


@pytest.mark.full
def test_a_machine_without_circuits_says_what_to_do_and_downloads_nothing(machine: Machine, tmp_path: Path) -> None:
    """npm is there, and would tell."""
    machine = replace(machine, environment={**machine.environment, "ZKSOLVENCY_CACHE": str(tmp_path / "cache")})
    npm = machine.venv.parent / "programs" / "npm"
    npm.write_text(f"#!/bin/sh\necho called >> {npm.parent}/calls\nexit 1\n")
    npm.chmod(0o755)
    setup, doctor = machine.run("setup"), machine.run("doctor")
    assert (setup.returncode, doctor.returncode) == (4, 1)
    for output in (setup.stderr, doctor.stdout):
        assert "zksolvency toolchain install" in output
        assert "zksolvency artifacts install" in output
    assert not (npm.parent / "calls").exists()
    wanted = machine.run("toolchain", "install")
    npm.unlink()
    assert wanted.returncode == 4
    assert (npm.parent / "calls").read_text() == "called\n"
    assert "npm ci failed" in wanted.stderr


@CORE
@pytest.mark.full
def test_a_user_without_node_proves_with_an_archive(supplied: Machine) -> None:
    home = Path(supplied.python("from prover.toolchain import find_home; print(find_home())"))
    for name, target in (("positions.csv", "positions.csv"), ("round-1.json", "round.json")):
        shutil.copy(home / "examples" / name, supplied.folder / target)
    assert not [name for name in ("node", "npm") if shutil.which(name, path=supplied.environment["PATH"])]
    proving = program_commands((GUIDES / "wheels.md").read_text().partition("## Prove")[2])
    assert [words[0] for words in proving] == ["account", "account", "prove", "verify"]
    exporting = [
        ["contract", "export", "--npm", "--statement", "margin", "--out", "verifiers"],
        ["contract", "fixture", "proof.json", "--round", "round.json", "--out", "fixture.json"],
    ]
    for words in (["doctor"], *proving, *exporting):
        done = supplied.run(*words, answer="y\n")
        assert done.returncode == 0, (words, done)
    refused = supplied.run("verify", "proof.json", "--round", home / "examples" / "round-2.json")
    assert refused.returncode == 1


@CORE
@pytest.mark.full
def test_the_python_template_proves_and_tests_without_node(supplied: Machine) -> None:
    """Its README as it is written, from where the environment is installed and the archive too."""
    folder = supplied.folder / "project"
    shutil.copytree(TEMPLATE, folder)
    (folder / ".venv").symlink_to(supplied.venv)
    commands = commands_of(folder / "README.md")
    first = next(number for number, words in enumerate(commands) if words[-1] == "solvency.py")
    assert first == len(commands) - 2
    made, tested = (succeed(words, folder, supplied.environment) for words in commands[first:])
    assert "development key" in made
    assert (folder / "proof.json").is_file()
    assert re.search(r"2 passed", tested), tested


@CORE
@pytest.mark.deep
def test_the_python_template_works_as_its_readme_says_with_what_pip_and_npm_download(
    tmp_path: Path, archive: Path
) -> None:
    """Every command: the wheels of this project come from a folder, all else from the registries."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    build_wheels(wheels)
    folder = tmp_path / "project"
    shutil.copytree(TEMPLATE, folder)
    shutil.copy(archive, folder)
    environment = os.environ | {"PIP_FIND_LINKS": str(wheels), "ZKSOLVENCY_CACHE": str(tmp_path / "cache")}
    environment["PIP_CONSTRAINT"] = str(ROOT / "requirements.lock")
    for words in commands_of(folder / "README.md"):
        if words[-1] == "margin-13.zip":
            with ArtifactArchive.open(archive) as opened:
                words += ["--digest", opened.digest]
        succeed(words, folder, environment)
        if "artifacts" in words:
            succeed([*words[:2], "remove"], folder, environment)  # the second way follows
    assert (folder / "proof.json").is_file()

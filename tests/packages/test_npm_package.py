"""What a user of the npm package gets: a Foundry project from an empty folder, with real proofs."""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cli.harness import invoke
from packages.readme_commands import commands_of, succeed
from snippets import GUIDES, run_python, snippet

from prover import AssetList, PriceRound
from prover.chain import Chain, ContractCode, OwnerRoundsClient, RegistrarGateClient
from prover.toolchain import Anvil, Artifacts, CompiledCircuit, compile_circuits, find_foundry, find_node
from tools.packages import pack_npm
from verifier import ChainError, ProofEnvelope

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template" / "foundry"
PINNED = json.loads((ROOT / "package.json").read_bytes())["dependencies"]
NODE_URL = "http://127.0.0.1:8545"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("npm")
    return pack_npm(folder, folder / "package")


@pytest.fixture(scope="module")
def project(
    package: Path, artifacts: Mapping[str, Artifacts], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The template after every command of its README but the deployment, and what `forge test` printed."""
    assert artifacts["margin-13"]
    folder = tmp_path_factory.mktemp("project") / "venue"
    shutil.copytree(TEMPLATE, folder)
    wanted = json.loads((folder / "package.json").read_bytes())
    assert wanted["dependencies"] == {"@zksolvency/contracts": json.loads(described(package))["version"]}
    wanted["dependencies"]["@zksolvency/contracts"] = f"file:{package}"
    (folder / "package.json").write_text(json.dumps(wanted))
    for number, file in enumerate(("src/GuideVenue.sol", "test/GuideProof.t.sol", "test/GuideMock.t.sol"), start=1):
        pragma = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\n"
        (folder / file).write_text(pragma + snippet(GUIDES / "foundry.md", "solidity", number))
    *commands, deploy = commands_of(folder / "README.md")
    assert deploy[:2] == ["forge", "script"]
    outputs = [follow(words, folder) for words in commands]
    return folder, outputs[-1]


def described(package: Path) -> str:
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/package.json")
        assert member is not None
        return member.read().decode()


def tools() -> dict[str, str]:
    """Foundry is on PATH, as with a user who has installed it."""
    programs = ROOT / "node_modules" / ".bin"
    foreign = ("FOUNDRY_", "DAPP_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return environment | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def follow(words: list[str], folder: Path) -> str:
    if words[0] == "zksolvency":
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            done = invoke(*words[1:])
        assert done.code == 0, (words, done)
        return done.stdout
    if words[0] == "npm":
        words = [*words, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    return succeed(words, folder, tools())


def test_the_package_has_contracts_interfaces_abis_test_base_and_circuits(package: Path) -> None:
    with tarfile.open(package) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
    for folder in ("src", "examples", "test-utils"):
        ours = {path.relative_to(ROOT / "contracts").as_posix() for path in (ROOT / "contracts" / folder).rglob("*.*")}
        assert {name for name in names if name.startswith(f"{folder}/") and not name.endswith("LICENSE")} == ours
    circuits = {path.relative_to(ROOT).as_posix() for path in (ROOT / "circuits").rglob("*.*")}
    assert {name for name in names if name.startswith("circuits/")} == {*circuits, "circuits/instances.json"}
    interfaces = {path.stem for path in (ROOT / "contracts" / "src" / "interfaces").glob("I*.sol")}
    assert interfaces <= {Path(name).stem for name in names if name.startswith("abi/")}
    assert {"README.md", "LICENSE", "src/interfaces/LICENSE", "bin/solc"} <= names
    assert not [name for name in names if "generated" in name or name.startswith("test/")]


def test_the_package_asks_for_what_this_project_pins(package: Path) -> None:
    asked = json.loads(described(package))
    assert {name: PINNED[name] for name in asked["dependencies"]} == asked["dependencies"]
    assert {name: PINNED[name] for name in asked["peerDependencies"]} == asked["peerDependencies"]
    template = json.loads((TEMPLATE / "package.json").read_bytes())["devDependencies"]
    assert {name: PINNED[name] for name in template} == template


def test_the_template_has_the_example_of_the_tutorial() -> None:
    for folder in (TEMPLATE / "market", ROOT / "template" / "python"):
        for name in ("positions.csv", "round-1.json", "round-2.json"):
            assert (folder / name).read_bytes() == (ROOT / "examples" / name).read_bytes()


def test_a_foundry_project_tests_real_proofs(project: tuple[Path, str]) -> None:
    """Those of the template, and those of the guide."""
    _, printed = project
    assert "5 tests passed, 0 failed" in printed
    for contract in ("VenueTest", "VenueWithoutProofsTest", "GateTest", "MockedGateTest"):
        assert f":{contract}\n" in printed


def test_a_false_proof_fails_the_projects_tests(project: tuple[Path, str], tmp_path: Path) -> None:
    """They would not pass with any proof."""
    folder = tmp_path / "venue"
    shutil.copytree(project[0], folder, symlinks=True)
    path = folder / "test" / "fixtures" / "margin.json"
    fixture = json.loads(path.read_bytes())
    fixture["proofs"][0]["commitment"] = str(int(fixture["proofs"][0]["commitment"]) + 1)
    path.write_text(json.dumps(fixture))
    done = subprocess.run(
        [str(find_foundry("forge")), "test"],
        cwd=folder,
        env=tools(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode != 0
    assert "ProofDoesNotVerify" in done.stdout


def test_the_project_is_deployed_and_used_from_python(project: tuple[Path, str], book: AssetList) -> None:
    """The last command of the README, and then what forge compiled, by `ContractCode.from_foundry`."""
    folder, _ = project
    deploy = commands_of(folder / "README.md")[-1]
    with Anvil() as node:
        succeed([node.url if word == NODE_URL else word for word in deploy], folder, tools())
        sent = json.loads((folder / "broadcast" / "Deploy.s.sol" / "31337" / "run-latest.json").read_bytes())
        addresses = {item["contractName"]: item["contractAddress"] for item in sent["transactions"]}
        artefacts = [folder / "out" / f"{name}.sol" / f"{name}.json" for name in addresses]
        code = {artefact.stem: ContractCode.from_foundry(artefact) for artefact in artefacts}
        chain = Chain(node.url, code)
        at = {name: chain.at(name, address) for name, address in addresses.items()}
        prove_and_act(chain, at, folder, book)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            made = run_python(GUIDES / "foundry.md", 1, url=node.url, gate=at["RegistrarGate"].address)
        assert made["venue"].read("gate") == at["RegistrarGate"].address


def prove_and_act(chain: Chain, at: Mapping[str, Any], folder: Path, book: AssetList) -> None:
    gate, trader = RegistrarGateClient(at["RegistrarGate"]), int(chain.sender, 16)
    proven = ProofEnvelope.load(folder / "solvent.proof.json")
    gate.register(trader, proven.claim().commitment)
    prices = PriceRound.load(folder / "market" / "round-1.json", book)
    round_id = OwnerRoundsClient(at["OwnerPriceRounds"]).post(prices.prices, prices.funding)
    with pytest.raises(ChainError) as refused:
        at["Venue"].send("act")
    assert refused.value.refusal == "NotProvenSolvent"
    gate.prove_solvent(trader, round_id, 0, proven.proof)
    at["Venue"].send("act")


@pytest.fixture(scope="module")
def lean() -> CompiledCircuit:
    return compile_circuits(["margin-lean-13"])["margin-lean-13"]


def test_the_circuits_of_the_package_compile_to_those_of_the_project(
    project: tuple[Path, str], lean: CompiledCircuit
) -> None:
    folder, _ = project
    circuits = Path("node_modules", "@zksolvency", "contracts", "circuits")
    instances = json.loads((folder / circuits / "instances.json").read_bytes())
    (instance,) = (item for item in instances if item["name"] == "margin-lean-13")
    (folder / "main.circom").write_text(instance["main"])
    program = ROOT / "node_modules" / "circom2" / "cli.js"
    command = [str(find_node()), str(program), "main.circom", "--O2", "--r1cs"]
    succeed([*command, "-l", "node_modules", "-l", str(circuits)], folder, tools())
    assert (folder / "main.r1cs").read_bytes() == lean.r1cs.read_bytes()

"""Compiling the contracts with the verifiers of given keys, in a copy of the Foundry project."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prover.toolchain._artifacts import Artifacts
from prover.toolchain._cache import Cache, file_digest
from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._progress import Progress, ProgressSink, ignore_progress
from prover.toolchain._tools import find_foundry, find_package, package_version, program_version
from verifier import ToolError, VerifyingKey, solidity_contract_name, solidity_verifier

if TYPE_CHECKING:
    from verifier.chain import ContractCode

_CONTRACTS: Final = (
    "BookGate",
    "ChainlinkRounds",
    "CircuitBreaker",
    "FaucetToken",
    "IGroth16Verifier",
    "MarginBook",
    "OwnerPriceRounds",
    "PriceRounds",
    "PrivatePerpsVenue",
    "RegistrarGate",
    "RiskParameters",
)
_LIBRARY: Final = "@openzeppelin/contracts"
_NOT_SOLIDITY: Final = shutil.ignore_patterns("*.json", "*.md", "build")
_TIMEOUT_SECONDS: Final = 600.0


def verifier_sources(artifacts: Mapping[str, Artifacts]) -> dict[str, str]:
    """The Solidity verifier of each instance, by contract name.

    Raises:
        VerificationError: a key that must not be deployed.
    """
    return {
        solidity_contract_name(item.instance.statement, item.instance.n): solidity_verifier(
            VerifyingKey.load(item.verification_key), item.instance.statement, item.instance.n
        )
        for item in artifacts.values()
    }


def compile_contracts(*, progress: ProgressSink = ignore_progress) -> "dict[str, ContractCode]":
    """Compile every contract but the verifiers, or take them from the cache.

    Args:
        progress: is told of the compilation.

    Raises:
        ToolError: forge or solc is missing or failed.
    """
    return _compile({}, _CONTRACTS, progress)


def compile_verifiers(
    artifacts: Mapping[str, Artifacts], *, progress: ProgressSink = ignore_progress
) -> "dict[str, ContractCode]":
    """Compile the verifier of each instance, or take them from the cache.

    Args:
        artifacts: instances with their keys.
        progress: is told of the compilation.

    Raises:
        VerificationError: a key that must not be deployed.
        ToolError: forge or solc is missing or failed.
    """
    generated = verifier_sources(artifacts)
    return _compile(generated, tuple(generated), progress)


def _compile(generated: Mapping[str, str], wanted: Sequence[str], progress: ProgressSink) -> "dict[str, ContractCode]":
    from verifier.chain import ContractCode  # noqa: PLC0415 - web3 takes a second to import

    home = find_home()
    sources = {str(path.relative_to(home)): file_digest(path) for path in _sources(home)}
    versions = {name: package_version(name) for name in ("solc", _LIBRARY)}
    versions["forge"] = program_version(str(find_foundry("forge")))
    phase = f"compile {', '.join(wanted)}"

    def make(folder: Path) -> None:
        progress(Progress(phase, 0, 1))
        _forge(home, generated, wanted, folder)
        progress(Progress(phase, 1, 1))

    key = {"sources": sources, "generated": dict(generated), "wanted": list(wanted), "versions": versions}
    folder = Cache(cache_dir()).get("contracts", key, make)
    return {name: ContractCode(name, **json.loads((folder / f"{name}.json").read_text())) for name in wanted}


def _sources(home: Path) -> list[Path]:
    folders = (home / "contracts" / "examples", home / "contracts" / "src")
    tree = [path for folder in folders for path in folder.rglob("*.sol") if "generated" not in path.parts]
    return [*sorted(tree), home / "contracts" / "foundry.toml", home / "tools" / "solc"]


def _forge(home: Path, generated: Mapping[str, str], wanted: Sequence[str], folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="zksolvency-") as scratch:
        work = Path(scratch)
        for source in _sources(home):
            target = work / source.relative_to(home)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        project = work / "contracts"
        (project / "src" / "generated").mkdir()
        for name, text in generated.items():
            (project / "src" / "generated" / f"{name}.sol").write_text(text)
        # The compiler refuses imports that a link leads out of its folder, so the library is copied.
        shutil.copytree(find_package(_LIBRARY), work / "node_modules" / _LIBRARY, ignore=_NOT_SOLIDITY)
        (work / "node_modules" / "solc").symlink_to(find_package("solc"))
        command = [str(find_foundry("forge")), "build"]
        try:
            done = subprocess.run(
                command, cwd=project, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"forge did not finish in {_TIMEOUT_SECONDS:.0f} s") from None
        if done.returncode != 0:
            raise ToolError(f"forge cannot compile the contracts:\n{done.stdout}{done.stderr}")
        for name in wanted:
            compiled = json.loads((project / "out" / f"{name}.sol" / f"{name}.json").read_text())
            content = {"abi": compiled["abi"], "bytecode": compiled["bytecode"]["object"]}
            (folder / f"{name}.json").write_text(json.dumps(content))

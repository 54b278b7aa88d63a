"""Compiling contracts, and the verifiers of given keys, in a folder that holds their sources and nothing else."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prover.toolchain._artifacts import Artifacts, build
from prover.toolchain._cache import Cache
from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._progress import Progress, ProgressSink, ignore_progress
from prover.toolchain._solidity_sources import collect_solidity
from prover.toolchain._tools import (
    find_foundry,
    find_modules,
    find_node,
    find_package,
    package_version,
    program_version,
)
from verifier import ToolError, solidity_contract_name, solidity_verifier

if TYPE_CHECKING:
    from prover.chain import ContractCode


class ContractSuite(StrEnum):
    """Contracts that are used together, and so compiled and kept together."""

    GATE = "gate"
    BOOK = "book"
    INTEGRATION = "integration"


_CONTRACTS: Final = {
    ContractSuite.GATE: ("IGroth16Verifier", "OwnerPriceRounds", "RegistrarGate"),
    ContractSuite.BOOK: (
        "AccountLife",
        "BookGate",
        "CircuitBreaker",
        "Expiries",
        "FaucetToken",
        "FixedRateEngine",
        "IGroth16Verifier",
        "InsuranceFund",
        "LiquidationEngine",
        "BookVault",
        "BookVaultFactory",
        "MarginBook",
        "PriceRounds",
        "RiskParameters",
        "ShortfallLedger",
    ),
    ContractSuite.INTEGRATION: ("ChainlinkRounds", "PrivatePerpsVenue"),
}
_SETTINGS: Final = Path("contracts/foundry.toml")
_SOLC: Final = Path("tools/solc")
_FOREIGN: Final = ("FOUNDRY_", "DAPP_")
_TIMEOUT_SECONDS: Final = 600.0


def verifier_sources(artifacts: Mapping[str, Artifacts]) -> dict[str, str]:
    """The Solidity verifier of each instance, by contract name.

    Raises:
        VerificationError: a key that must not be deployed.
    """
    return {
        solidity_contract_name(item.key.statement, item.key.n): solidity_verifier(item.key)
        for item in artifacts.values()
    }


def compile_contracts(
    suites: Sequence[ContractSuite] = tuple(ContractSuite), *, progress: ProgressSink = ignore_progress
) -> "dict[str, ContractCode]":
    """Compile contracts, or take them from the cache.

    Args:
        suites: which; every contract but the verifiers if left out.
        progress: receives each compilation.

    Raises:
        ToolError: forge or solc is missing or failed.
    """
    contracts = find_home() / _SETTINGS.parent
    files = {path.stem: path for folder in ("examples", "src") for path in (contracts / folder).rglob("*.sol")}
    code: dict[str, ContractCode] = {}
    for suite in suites:
        roots = {files[name]: files[name].read_text(encoding="utf-8") for name in _CONTRACTS[suite]}
        code |= _compile(f"contracts of the {suite}", roots, progress)
    return code


def compile_verifiers(
    artifacts: Mapping[str, Artifacts], *, progress: ProgressSink = ignore_progress
) -> "dict[str, ContractCode]":
    """Compile the verifier of each instance with what it imports, or take them from the cache.

    Args:
        artifacts: instances with their keys.
        progress: receives the compilation.

    Raises:
        VerificationError: a key that must not be deployed.
        ToolError: forge or solc is missing or failed.
    """
    folder = find_home() / _SETTINGS.parent / "generated"
    code: dict[str, ContractCode] = {}
    for name, text in verifier_sources(artifacts).items():
        code |= _compile(name, {folder / f"{name}.sol": text}, progress)
    return code


def build_with_contracts(
    names: Sequence[str], suites: Sequence[ContractSuite], *, progress: ProgressSink = ignore_progress
) -> "tuple[dict[str, Artifacts], dict[str, ContractCode]]":
    """Build instances with their keys, compile contracts in parallel, and then the verifiers of the keys.

    Args:
        names: names of instances, such as margin-13.
        suites: contracts.
        progress: receives each step, by several threads.

    Returns:
        The instances by name, and the contracts by name with the verifiers among them.

    Raises:
        InputError: an unknown name.
        ToolError: a tool is missing or failed, or the cache cannot be written.
    """
    with ThreadPoolExecutor(1) as pool:
        contracts = pool.submit(compile_contracts, suites, progress=progress)
        artifacts = build(names, progress=progress)
        verifiers = compile_verifiers(artifacts, progress=progress)
        return artifacts, contracts.result() | verifiers


def _compile(what: str, roots: Mapping[Path, str], progress: ProgressSink) -> "dict[str, ContractCode]":
    """Compile the contract that each file is named after."""
    from prover.chain import ContractCode  # noqa: PLC0415 - web3 takes a second to import

    wanted = [path.stem for path in roots]
    sources = _sources(roots)
    versions = {"solc": package_version("solc"), "forge": program_version(str(find_foundry("forge")))}
    phase = f"compile {what}"

    def make(folder: Path) -> None:
        progress(Progress(phase, 0, 1))
        _forge(sources, wanted, folder)
        progress(Progress(phase, 1, 1))

    texts = {str(path): text for path, text in sources.items()}
    folder = Cache(cache_dir()).get("contracts", {"sources": texts, "wanted": wanted, "versions": versions}, make)
    return {name: ContractCode(name, **json.loads((folder / f"{name}.json").read_text())) for name in wanted}


def _sources(roots: Mapping[Path, str]) -> dict[Path, str]:
    """What forge is given: settings, compiler, the roots and what they import, by path in the folder where it runs."""
    home, modules = find_home(), find_modules()
    placed = {path: (home / path).read_text(encoding="utf-8") for path in (_SETTINGS, _SOLC)}
    for path, text in collect_solidity(roots, modules).items():
        library = path.is_relative_to(modules)  # which may be in the cache, or in the home
        placed["node_modules" / path.relative_to(modules) if library else path.relative_to(home)] = text
    return placed


def _forge(sources: Mapping[Path, str], wanted: Sequence[str], folder: Path) -> None:
    find_node()  # solc runs in it, and forge would not say so
    with tempfile.TemporaryDirectory(prefix="zksolvency-") as scratch:
        work = Path(scratch)
        for path, text in sources.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text, encoding="utf-8")
        (work / _SOLC).chmod(0o700)
        (work / "node_modules").mkdir(exist_ok=True)
        (work / "node_modules" / "solc").symlink_to(find_package("solc"))
        project = work / _SETTINGS.parent
        # a variable such as FOUNDRY_PROFILE would choose other settings than those that the entry is named by
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        # named, since forge looks for sources in src/ and examples/ alone, and verifiers are in generated/
        folders = sorted(path.name for path in project.iterdir() if path.is_dir())
        command = [str(find_foundry("forge")), "build", *folders]
        try:
            done = subprocess.run(
                command,
                cwd=project,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"forge did not finish in {_TIMEOUT_SECONDS:.0f} s") from None
        if done.returncode != 0:
            raise ToolError(f"forge cannot compile the contracts:\n{done.stdout}{done.stderr}")
        for name in wanted:
            compiled = json.loads((project / "out" / f"{name}.sol" / f"{name}.json").read_text())
            content = {"abi": compiled["abi"], "bytecode": compiled["bytecode"]["object"]}
            (folder / f"{name}.json").write_text(json.dumps(content))

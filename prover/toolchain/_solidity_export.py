"""Verifiers in a folder that compiles by itself: with every source that they import."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from prover.storage import write_file
from prover.toolchain._home import find_home
from prover.toolchain._solidity_sources import collect_solidity
from prover.toolchain._tools import find_modules
from verifier import InputError, VerifyingKey, solidity_contract_name, solidity_verifier

_GENERATED: Final = "generated"
_GROTH16: Final = "../groth16"
_INTERFACES: Final = "interfaces"
_NPM: Final = "@openzeppelin/contracts/"

NPM_PACKAGE: Final = "@zksolvency/contracts"
"""The npm package of the contracts, as `make packages` packs it."""


class SolidityExport(NamedTuple):
    """What an export has written.

    Attributes:
        files: every file, by its path in the folder.
        remapping: a line of remappings.txt, by which a Foundry project around the folder finds what the sources import.
    """

    files: tuple[str, ...]
    remapping: str


def verifier_file(key: VerifyingKey) -> PurePosixPath:
    """The path of a key's verifier in the folder of an export."""
    return PurePosixPath(_GENERATED, f"{solidity_contract_name(key.statement, key.n)}.sol")


def export_solidity(keys: Iterable[VerifyingKey], folder: Path, *, interfaces: bool = False) -> SolidityExport:
    """Write verifiers into a folder, with the sources that they import.

    Args:
        keys: one a verifier.
        folder: made where it is missing.
        interfaces: write the interfaces of gates, books and price sources too.

    Raises:
        VerificationError: a key that must not be deployed; nothing is written.
        ToolError: a source is missing.
        InputError: the folder cannot be made, or a file cannot be written.
    """
    contracts = find_home() / "contracts" / "src"
    roots = {contracts / verifier_file(key): solidity_verifier(key, groth16=_GROTH16) for key in keys}
    if interfaces:
        roots |= {path: path.read_text(encoding="utf-8") for path in (contracts / _INTERFACES).glob("*.sol")}
    modules = find_modules()
    sources = {
        PurePosixPath(path.relative_to(modules if path.is_relative_to(modules) else contracts)): text
        for path, text in collect_solidity(roots, modules).items()
    }
    _write(folder, sources)
    return SolidityExport(tuple(sorted(map(str, sources))), _remapping(folder))


def export_verifiers(keys: Iterable[VerifyingKey], folder: Path) -> SolidityExport:
    """Write verifiers alone into a folder, for a project that has the npm package of the contracts.

    Args:
        keys: one a verifier.
        folder: made where it is missing.

    Raises:
        VerificationError, InputError: as `export_solidity`.
    """
    groth16 = f"{NPM_PACKAGE}/src/groth16"
    sources = {PurePosixPath(verifier_file(key).name): solidity_verifier(key, groth16=groth16) for key in keys}
    _write(folder, sources)
    return SolidityExport(tuple(sorted(map(str, sources))), f"{NPM_PACKAGE}/=node_modules/{NPM_PACKAGE}/")


def _write(folder: Path, sources: Mapping[PurePosixPath, str]) -> None:
    for path, source in sources.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{target.parent}: cannot be made ({error.strerror})") from None
        write_file(target, source)


def _remapping(out: Path) -> str:
    folder = out.resolve()
    project = next((parent for parent in folder.parents if (parent / "foundry.toml").is_file()), folder)
    prefix = f"{folder.relative_to(project).as_posix()}/".removeprefix("./")
    return f"{_NPM}={prefix}{_NPM}"

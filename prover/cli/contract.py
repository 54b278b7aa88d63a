"""`zksolvency contract`: Solidity verifiers."""

import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

import typer
from rich.console import Console

from prover import instance_name
from prover.cli._built import verification_key
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table, warn
from prover.storage import write_file
from prover.toolchain import find_home, find_package, load_book
from verifier import (
    MARGIN_STATEMENTS,
    InputError,
    StatementName,
    VerifyingKey,
    solidity_contract_name,
    solidity_verifier,
)

app = new_app("Write the Solidity verifiers.")

_GENERATED: Final = PurePosixPath("generated")
_GROTH16: Final = "../groth16"
_INTERFACES: Final = PurePosixPath("interfaces")
_NPM: Final = "@openzeppelin/contracts/"
_IMPORT: Final = re.compile(r'^import [^"]*"([^"]+)";', re.MULTILINE)


@app.callback()
def contract() -> None:
    """Write the Solidity verifiers."""


@app.command(
    epilog=examples(
        "zksolvency contract export --out verifiers",
        "zksolvency contract export --out verifiers --statement margin \\",
        "    --key keys/verification_key.json",
        "zksolvency contract export --out verifiers --statement update",
    )
)
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write; made when missing.")],
    statement: Annotated[
        StatementName | None,
        typer.Option("--statement", help="One statement only.  [default: margin and margin-lean]"),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="verification_key.json of that statement.  [default: this machine's development keys]",
        ),
    ] = None,
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book whose size the verifiers take.")] = (
        "perps-13"
    ),
    interfaces: Annotated[
        bool, typer.Option("--interfaces", help="Write the interfaces of gates, books and price sources too.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the verifiers of a book into a folder.

    With the sources that they import, so that the folder compiles by itself, with solc 0.8.37. Those of OpenZeppelin
    are in @openzeppelin. A Foundry project needs the remapping that the command prints, or its own OpenZeppelin under
    that prefix. A verifier of a development key refuses to be deployed on any chain but a local one.
    """
    if key is not None and statement is None:
        raise InputError("--key is the key of one statement: name it with --statement")
    n = load_book(book).n
    statements: tuple[StatementName, ...] = MARGIN_STATEMENTS if statement is None else (statement,)
    keys = {name: _load_key(name, n, key) for name in statements}
    sources = {
        _GENERATED / f"{solidity_contract_name(name, n)}.sol": solidity_verifier(verifying_key, groth16=_GROTH16)
        for name, verifying_key in keys.items()
    }
    if interfaces:
        sources |= {_INTERFACES / path.name: path.read_text(encoding="utf-8") for path in _interface_files()}
    _add_imports(sources)
    for path, source in sources.items():
        _write(out / path, source)
    if any(verifying_key.origin == "development" for verifying_key in keys.values()):
        warn("development keys: these verifiers deploy on local chains only (31337, 1337)")

    rows = [
        {
            "contract": solidity_contract_name(name, n),
            "file": str(out / _GENERATED / f"{solidity_contract_name(name, n)}.sol"),
            "statement": instance_name(name, n),
            "key": {"origin": verifying_key.origin, "digest": verifying_key.digest()},
        }
        for name, verifying_key in keys.items()
    ]

    def render(console: Console) -> None:
        cells = [
            [str(row["contract"]), str(row["statement"]), keys[name].origin]
            for row, name in zip(rows, keys, strict=True)
        ]
        print_table(console, columns(["contract", "statement", "key"], cells, left=3))
        console.print()
        print_facts(console, [("folder", str(out)), ("files", str(len(sources))), ("remapping", remapping)])

    remapping = _remapping(out)
    result = {"folder": str(out), "verifiers": rows, "files": sorted(map(str, sources)), "remapping": remapping}
    emit(result, render, as_json=as_json)


def _remapping(out: Path) -> str:
    """A line of remappings.txt, by which a Foundry project around the folder finds what the sources import."""
    folder = out.resolve()
    project = next((parent for parent in folder.parents if (parent / "foundry.toml").is_file()), folder)
    prefix = f"{folder.relative_to(project).as_posix()}/".removeprefix("./")
    return f"{_NPM}={prefix}{_NPM}"


def _interface_files() -> list[Path]:
    return sorted((find_home() / "contracts" / "src" / _INTERFACES).glob("*.sol"))


def _load_key(statement: StatementName, n: int, given: Path | None) -> VerifyingKey:
    key = VerifyingKey.load(verification_key(instance_name(statement, n), given))
    key.require(statement, n)
    return key


def _add_imports(sources: dict[PurePosixPath, str]) -> None:
    """Add what the sources import, directly or not: the project's own contracts, and those of npm packages."""
    pending = list(sources)
    while pending:
        importer = pending.pop()
        for target in _IMPORT.findall(sources[importer]):
            path = _resolve(importer.parent, target)
            if path not in sources:
                sources[path] = _origin(path).read_text(encoding="utf-8")
                pending.append(path)


def _origin(path: PurePosixPath) -> Path:
    if path.parts[0].startswith("@"):
        scope, package, *rest = path.parts
        return find_package(f"{scope}/{package}").joinpath(*rest)
    return find_home() / "contracts" / "src" / path


def _resolve(folder: PurePosixPath, target: str) -> PurePosixPath:
    parts = list(folder.parts) if target.startswith(".") else []
    for part in PurePosixPath(target).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def _write(path: Path, source: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent}: cannot be made ({error.strerror})") from None
    write_file(path, source)

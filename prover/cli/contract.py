"""`zksolvency contract`: what a project of contracts takes from here."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import instance_name
from prover.cli._built import verification_key
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._options import STATEMENT_NAMES, JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table, warn
from prover.toolchain import NPM_PACKAGE, export_solidity, export_verifiers, load_book, verifier_file
from verifier import MARGIN_STATEMENTS, InputError, StatementName, VerifyingKey


class _Contract(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "fixture": "Write proofs and rounds for tests in Foundry.",
    }
    MODULES = "prover.cli._contract_{}"


app = new_app("Write verifiers, and proofs for tests of contracts.", _Contract)


@app.callback()
def contract() -> None:
    """Write verifiers, and proofs for tests of contracts."""


@app.command(
    epilog=examples(
        "zksolvency contract export --out verifiers",
        "zksolvency contract export --out verifiers --statement margin \\",
        "    --key keys/verification_key.json",
        "zksolvency contract export --out verifiers --statement update",
        "zksolvency contract export --out src/verifiers --npm",
    )
)
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write; made when missing.")],
    statement: Annotated[
        StatementName | None,
        typer.Option(
            "--statement",
            metavar="NAME",
            help=f"One statement only: {STATEMENT_NAMES}.  [default: margin and margin-lean]",
        ),
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
    npm: Annotated[
        bool, typer.Option("--npm", help=f"Write the verifiers alone, which import from {NPM_PACKAGE}.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the verifiers of a book into a folder.

    With the sources that they import, so that the folder compiles by itself, with solc 0.8.37. Those of OpenZeppelin
    are in @openzeppelin. A Foundry project needs the remapping that the command prints, or its own OpenZeppelin under
    that prefix. A verifier of a development key refuses to be deployed on any chain but a local one.

    With --npm, the project has the npm package of the contracts, and the verifiers import from it.
    """
    if npm and interfaces:
        raise InputError("the npm package has the interfaces: leave out --interfaces, or --npm")
    if key is not None and statement is None:
        raise InputError("--key is the key of one statement: name it with --statement")
    n = load_book(book).n
    statements: tuple[StatementName, ...] = MARGIN_STATEMENTS if statement is None else (statement,)
    keys = [_load_key(name, n, key) for name in statements]
    written = export_verifiers(keys, out) if npm else export_solidity(keys, out, interfaces=interfaces)
    if any(verifying_key.origin == "development" for verifying_key in keys):
        warn("development keys: these verifiers deploy on local chains only (31337, 1337)")

    rows = [
        {
            "contract": verifier_file(verifying_key).stem,
            "file": str(out / (verifier_file(verifying_key).name if npm else verifier_file(verifying_key))),
            "statement": instance_name(verifying_key.statement, n),
            "key": {"origin": verifying_key.origin, "digest": verifying_key.digest()},
        }
        for verifying_key in keys
    ]

    def render(console: Console) -> None:
        cells = [
            [str(row["contract"]), str(row["statement"]), verifying_key.origin]
            for row, verifying_key in zip(rows, keys, strict=True)
        ]
        print_table(console, columns(["contract", "statement", "key"], cells, left=3))
        console.print()
        facts = [("folder", str(out)), ("files", str(len(written.files))), ("remapping", written.remapping)]
        print_facts(console, facts)

    result = {"folder": str(out), "verifiers": rows, "files": list(written.files), "remapping": written.remapping}
    emit(result, render, as_json=as_json)


def _load_key(statement: StatementName, n: int, given: Path | None) -> VerifyingKey:
    key = VerifyingKey.load(verification_key(instance_name(statement, n), given))
    key.require(statement, n)
    return key

"""`zksolvency contract`: Solidity verifiers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import instance_name
from prover.cli._built import verification_key
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table, warn
from prover.toolchain import export_solidity, load_book, verifier_file
from verifier import MARGIN_STATEMENTS, InputError, StatementName, VerifyingKey

app = new_app("Write the Solidity verifiers.")


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
    keys = [_load_key(name, n, key) for name in statements]
    written = export_solidity(keys, out, interfaces=interfaces)
    if any(verifying_key.origin == "development" for verifying_key in keys):
        warn("development keys: these verifiers deploy on local chains only (31337, 1337)")

    rows = [
        {
            "contract": verifier_file(verifying_key).stem,
            "file": str(out / verifier_file(verifying_key)),
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

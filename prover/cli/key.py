"""`zksolvency key`: keys made elsewhere."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover.audit import import_key
from prover.cli._commands import examples, new_app
from prover.cli._options import STATEMENT_NAMES, JsonFlag
from prover.cli._output import emit, print_facts, warn
from prover.cli._progress import progress
from prover.toolchain import compile_circuits, load_book, open_backend
from verifier import StatementName, instance_name

app = new_app("Take over keys that were made elsewhere.")


@app.callback()
def key() -> None:
    """Take over keys that were made elsewhere."""


@app.command(
    "import",
    epilog=examples(
        "zksolvency key import --statement margin --book perps-13 \\",
        "    --key verification_key.json --zkey circuit.zkey --out keys/margin-13",
    ),
)
def import_(
    statement: Annotated[
        StatementName,
        typer.Option("--statement", metavar="NAME", help=f"Statement that the key is one of: {STATEMENT_NAMES}."),
    ],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="verification_key.json as snarkjs writes it.")],
    zkey: Annotated[Path, typer.Option("--zkey", metavar="FILE", help="Proving key.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write; must not exist.")],
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book whose size the key is for.")] = (
        "perps-13"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Check a key of snarkjs, write it with its name.

    The proving key must have the constraints of the statement, the verifying key must be the one of the proving key,
    and proofs made with them must verify. The key stays a development key: `ceremony export` writes those of a
    ceremony, which it checks against powers of tau.
    """
    name = instance_name(statement, load_book(book).n)
    with progress() as sink:
        circuit = compile_circuits([name], progress=sink)[name]
    with open_backend() as backend:
        imported = import_key(circuit, key, zkey, out, backend)
    warn("this is a development key: its maker can forge proofs, and maybe others can")
    result = {"folder": str(out), "key": {"instance": name, "origin": imported.origin, "digest": imported.digest()}}

    def render(console: Console) -> None:
        print_facts(console, [("folder", str(out)), ("key", f"{name}, {imported.origin}, {imported.digest()}")])

    emit(result, render, as_json=as_json)

"""`zksolvency round signals`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover.cli._commands import examples, new_app
from prover.cli._options import BookOption, JsonFlag, KindOption
from prover.cli._output import columns, emit, print_facts, print_table
from prover.cli._round_facts import round_facts, round_summary
from prover.statements import round_signals
from prover.toolchain import load_round
from verifier import STATEMENTS, InputError, VectorKind

app = new_app()


class RoundStatement(StrEnum):
    """The statements with public signals that a round determines."""

    MARGIN = "margin"
    MARGIN_LEAN = "margin-lean"
    UPDATE = "update"
    RELEASE = "release"


@app.command(
    epilog=examples(
        "zksolvency round signals round.json",
        "zksolvency round signals round.json --statement update --json",
        "zksolvency round signals round.json --statement release --kind overdraft",
    )
)
def signals(
    round_: Annotated[Path, typer.Argument(metavar="FILE", help="Price round file.")],
    statement: Annotated[
        RoundStatement, typer.Option("--statement", help="Whose public signals.")
    ] = RoundStatement.MARGIN,
    kind: KindOption = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the public signals that a round determines.

    They are field elements in the order in which verifiers take them, after the signals of the proof itself. A verifier
    computes them from its own round and book: signals that a prover supplies prove nothing. Limits of takeovers are the
    usual ones.
    """
    loaded = load_round(round_, book)
    row = STATEMENTS[statement.value]
    if kind is not None and statement is RoundStatement.UPDATE:
        raise InputError("--kind: an update is about maintenance and initial margin, and about no other")
    found = round_signals(loaded, row, kind or VectorKind.MAINTENANCE)

    def render(console: Console) -> None:
        print_facts(console, [("statement", row.instance(loaded.book.n)), *round_facts(loaded)])
        console.print()
        first = row.proof_inputs(loaded.book.n)
        cells = [[str(first + i), one.name, one.symbol or "-", str(one.value)] for i, one in enumerate(found)]
        print_table(console, columns(["place", "signal", "asset", "value"], cells, left=3))

    signals_ = [{"name": one.name, "symbol": one.symbol, "value": str(one.value)} for one in found]
    result = {"statement": row.name, "n": loaded.book.n, "first": row.proof_inputs(loaded.book.n), "signals": signals_}
    emit({**round_summary(loaded), **result}, render, as_json=as_json)

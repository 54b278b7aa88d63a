"""`zksolvency round signals`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from prover import PriceRound
from prover.cli._commands import examples, new_app
from prover.cli._files import load_round
from prover.cli._options import BookOption, JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table
from prover.cli._round_told import round_facts, round_summary
from verifier import STATEMENTS, Shape, Statement, Value

app = new_app()


class RoundStatement(StrEnum):
    """The statements with public signals that a round determines."""

    MARGIN = "margin"
    MARGIN_LEAN = "margin-lean"
    UPDATE = "update"


@app.command(
    epilog=examples(
        "zksolvency round signals round.json",
        "zksolvency round signals round.json --statement update --json",
    )
)
def signals(
    round_: Annotated[Path, typer.Argument(metavar="FILE", help="Price round file.")],
    statement: Annotated[
        RoundStatement, typer.Option("--statement", help="Whose public signals.")
    ] = RoundStatement.MARGIN,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the public signals that a round determines.

    They are field elements in the order in which verifiers take them, after the signals of the proof itself. A verifier
    computes them from its own round and book: signals that a prover supplies prove nothing.
    """
    loaded = load_round(round_, book)
    row = STATEMENTS[statement.value]
    told = _signals(loaded, row)

    def render(console: Console) -> None:
        print_facts(console, [("statement", row.instance(loaded.book.n)), *round_facts(loaded)])
        console.print()
        first = row.proof_inputs(loaded.book.n)
        cells = [[str(first + i), item["name"], item["symbol"] or "-", item["value"]] for i, item in enumerate(told)]
        print_table(console, columns(["place", "signal", "asset", "value"], cells, left=3))

    result = {"statement": row.name, "n": loaded.book.n, "first": row.proof_inputs(loaded.book.n), "signals": told}
    emit({**round_summary(loaded), **result}, render, as_json=as_json)


def _signals(round_: PriceRound, row: Statement) -> list[dict[str, Any]]:
    n = round_.book.n
    elements = row.arrange_round(_values(round_, row), n)
    assets = [asset.symbol for asset in round_.book.assets] + [None] * (n - len(round_.book.assets))
    names = [
        (signal.name, assets[index] if signal.shape is Shape.SLOTS else None)
        for signal in row.round_signals
        for index in range(signal.shape.elements(n))
    ]
    return [
        {"name": name, "symbol": symbol, "value": str(value)}
        for (name, symbol), value in zip(names, elements, strict=True)
    ]


def _values(round_: PriceRound, row: Statement) -> dict[str, Value]:
    return round_.risk().values() if row.name == "update" else round_.vectors.margin_values()

"""`zksolvency book list-next`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, errors, note, print_table, sent
from prover.market import load_listings
from prover.onchain import ListingStep, PlannedListing, carry_out_listing, plan_listings

app = new_app()


@app.command(
    "list-next",
    epilog=examples(
        "zksolvency book list-next --calendar listings.json --dry-run",
        "zksolvency book list-next --calendar listings.json --rpc URL \\",
        "    --deployment margin-book.json --keystore governance.json",
    ),
)
def list_next(
    calendar: Annotated[
        Path,
        typer.Option(
            "--calendar", metavar="FILE", help="Assets to be listed, in order: as a book file has them, with limits."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, and send nothing.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it on a public chain without asking. On a local one nothing is asked.")
    ] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Announce and list the next assets of a calendar, in slots whose assets expire. Only governance may.

    Run it again and again, for instance each day: every run does what is due, and says what waits for what. An asset is
    announced while the one before still trades, and listed once that has settled and rounds have forgotten it. What is
    listed already, or was, is passed over: a symbol is used once for ever.
    """
    options.record()
    with options.open() as book:
        planned = plan_listings(book, load_listings(calendar, book.assets))
        due = [one for one in planned if one.step in {ListingStep.ANNOUNCE, ListingStep.EXECUTE}]
        rows = [_json(one) for one in planned]
        if due and not dry_run:
            if not as_json:
                _render(errors(), rows)
            require_consent(book.contracts.chain.chain_id, f"send {len(due)} of these steps", yes=yes)
            for one in due:
                receipt = carry_out_listing(book, one)
                if receipt is not None:
                    rows[planned.index(one)] |= sent(receipt)
    if not due:
        note("nothing can be announced or listed now")
    emit({"listings": rows, "sent": bool(due) and not dry_run}, lambda console: _render(console, rows), as_json=as_json)


def _json(planned: PlannedListing) -> dict[str, Any]:
    return {
        "symbol": planned.asset.symbol,
        "slot": planned.slot,
        "replaces": planned.replaces,
        "step": planned.step,
        "reason": planned.reason,
    }


def _render(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    cells = [
        [
            row["symbol"],
            "-" if row["slot"] is None else str(row["slot"]),
            row["replaces"] or "-",
            row["step"],
            row["reason"],
        ]
        for row in rows
    ]
    print_table(console, columns(["asset", "slot", "in place of", "step", "why"], cells, left=5))

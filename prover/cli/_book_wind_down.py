"""`zksolvency book wind-down`."""

from typing import Annotated, Any

import typer

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._options import JsonFlag
from prover.cli._output import note, report, sent
from prover.formats import format_utc
from prover.onchain import WindDown, wind_down
from verifier import ChainError

app = new_app()


@app.command("wind-down", epilog=examples("zksolvency book wind-down"))
def start(
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it on a public chain without asking. On a local one nothing is asked.")
    ] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """End a book whose reporters are silent, and keep its last rounds usable. Any sender may.

    The first time, once no round has come for as long as the book says: every perpetual and option settles at its last
    price, for ever. Accounts then turn their positions into cash (`account expire`), and take out cash (`account exit`)
    and tokens (`account withdraw`).
    Later it records a round that repeats the last prices of spot, where the newest one is too old. A withdrawal of
    tokens needs a young one: withdraw right after it.
    """
    options.record()
    with options.open() as book:
        state = WindDown.read(book)
        if not state.is_due and not state.is_started:
            raise ChainError(
                f"the reporters are not silent for long enough: a wind-down can start from {format_utc(state.next_at)}"
            )
        result: dict[str, Any] = {"started": not state.is_started}
        if not state.is_due:
            note(f"the newest round is recent; the next one can be recorded from {format_utc(state.next_at)}")
            report({**result, "recorded": False}, as_json=as_json)
            return
        if not state.is_started:
            require_consent(
                book.contracts.chain.chain_id,
                "wind the book down for ever: everything settles at its last price",
                yes=yes,
            )
        receipt = wind_down(book)
        result |= {"recorded": True, "round": book.contracts.rounds.latest_id()}
        report({**result, "epoch": book.contracts.expiries.status().epoch, **sent(receipt)}, as_json=as_json)

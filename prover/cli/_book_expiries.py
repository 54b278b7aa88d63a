"""`zksolvency book expiries`."""

from typing import Any

from rich.console import Console

from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table
from prover.formats import format_iso, format_utc
from prover.market import PRICE_DECIMALS, format_decimal
from prover.onchain import Calendar, CalendarEntry, SlotStatus, read_calendar

app = new_app()


@app.command(epilog=examples("zksolvency book expiries", "zksolvency book expiries --json"))
def expiries(*, options: BookOptions, as_json: JsonFlag = False) -> None:
    """Show when each asset of a margin book expires, and what has settled.

    live: the asset trades. reduce-only: it will be delisted, and no account grows in it. due: it has reached its
    expiry, and `oracle settle` settles it. settled: rounds with its price still count. free: another asset can be
    listed in its slot (`book list-next`).
    """
    with options.open() as book:
        calendar = read_calendar(book)
    result = {
        "book": book.assets.name,
        "epoch": calendar.epoch,
        "winding_down": calendar.is_winding_down,
        "slots": [_json(entry) for entry in calendar.entries],
    }
    emit(result, lambda console: _render(console, calendar), as_json=as_json)


def _json(entry: CalendarEntry) -> dict[str, Any]:
    return {
        "slot": entry.slot,
        "symbol": entry.symbol,
        "kind": entry.kind,
        "expires": format_iso(entry.expires_at) if entry.expires_at else None,
        "status": entry.status,
        "epoch": entry.epoch,
        "settlement_price": None if entry.price is None else format_decimal(entry.price, PRICE_DECIMALS),
        "announced": entry.announced,
        "executable": format_iso(entry.executable_at) if entry.executable_at else None,
    }


def _render(console: Console, calendar: Calendar) -> None:
    end = "winds down: nothing is listed any more" if calendar.is_winding_down else "goes on"
    print_facts(console, [("time", format_utc(calendar.now)), ("epoch", str(calendar.epoch)), ("book", end)])
    console.print()
    rows = [
        [
            str(entry.slot),
            entry.symbol or "-",
            format_utc(entry.expires_at) if entry.expires_at else "never" if entry.symbol else "-",
            _status(entry),
            _next(entry),
        ]
        for entry in calendar.entries
    ]
    print_table(console, columns(["slot", "asset", "expires", "status", "announced"], rows, left=5))


def _status(entry: CalendarEntry) -> str:
    if entry.epoch is None or entry.price is None:
        return entry.status
    settled = f"settled in epoch {entry.epoch} at {format_decimal(entry.price, PRICE_DECIMALS)} USD"
    return f"free: {settled}" if entry.status is SlotStatus.FREE else settled


def _next(entry: CalendarEntry) -> str:
    if entry.announced is None:
        return "-"
    return f"{entry.announced} from {format_utc(entry.executable_at)}"

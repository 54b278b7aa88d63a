"""`zksolvency book delist`."""

from typing import Annotated

import typer

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._options import JsonFlag
from prover.cli._output import report, sent
from prover.formats import format_duration, format_iso, format_utc, parse_utc
from prover.market import AssetKind
from prover.onchain import listed_slot, read_calendar
from verifier import InputError

app = new_app()


@app.command(epilog=examples("zksolvency book delist DOGE-PERP --at 2026-12-25T08:00:00Z"))
def delist(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="A perpetual or option that has no expiry.")],
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When it expires, in UTC, such as 2026-12-25T08:00:00Z.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it on a public chain without asking. On a local one nothing is asked.")
    ] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Delist an asset: from now on no account grows in it, and at a time it settles. Only governance may.

    This cannot be taken back. The notice is at least the delay of changes. Options on the asset must expire before it.
    At its expiry it settles like an option: `oracle settle`.
    """
    options.record()
    expires_at = parse_utc(at, "--at")
    with options.open() as book:
        slot = listed_slot(book, symbol, "SYMBOL")
        entry, risk = read_calendar(book).entries[slot], book.contracts.risk_parameters
        if entry.kind is AssetKind.SPOT:
            raise InputError(f"{symbol} is spot: its tokens stay withdrawable, so it never expires")
        if entry.expires_at:
            raise InputError(f"{symbol} expires at {format_utc(entry.expires_at)} already, for ever")
        notice, now = risk.delay(), book.contracts.chain.next_block_time()
        if expires_at < now + notice:
            raise InputError(
                f"--at: the notice is at least {format_duration(notice)}: from {format_iso(now + notice + 60)} on"
            )
        require_consent(
            book.contracts.chain.chain_id,
            f"delist {symbol} for ever, at {format_utc(expires_at)}: no account grows in it from now on",
            yes=yes,
        )
        receipt = risk.delist(slot, expires_at)
    result = {"symbol": symbol, "slot": slot, "expires": format_iso(expires_at)}
    report({**result, **sent(receipt)}, as_json=as_json)

"""`zksolvency liquidation show-notice`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from prover import AssetList
from prover.cli._commands import examples, new_app
from prover.cli._liquidator_key import open_liquidator_key
from prover.cli._options import JsonFlag, as_address
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, warn
from prover.cli._passphrase import PassphraseFileOption
from prover.formats import format_utc
from prover.liquidation import Notice, Parcel, SealedNotice
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS, asset_symbol, format_decimal, format_ppm
from prover.toolchain import load_book
from verifier import BASIS, InputError

_PPM_OF_RATE: Final = 100  # a rate is in 1e-4

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency liquidation show-notice notice.json",
        "zksolvency liquidation show-notice notice.json \\",
        "    --liquidator-key liquidator.age",
        "zksolvency liquidation show-notice notice.json \\",
        "    --liquidator-key liquidator.age --positions --book perps-13",
    )
)
def show_notice(
    notice: Annotated[Path, typer.Argument(metavar="FILE", help="Notice of a guardian.")],
    key: Annotated[
        Path | None,
        typer.Option("--liquidator-key", metavar="FILE", help="Key file that opens it.  [default: its clear part]"),
    ] = None,
    positions: Annotated[
        bool, typer.Option("--positions", help="Show amounts and costs of the parcels as well: they are secrets.")
    ] = False,
    book: Annotated[
        str | None,
        typer.Option("--book", metavar="NAME|FILE", help="Book whose symbols name the assets.  [default: slots]"),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what a notice says, and who sent it.

    Without a key that is its clear part: the book, the price round, the expiry, and the guardian's account. With the
    key of a liquidator it is the account too, and the rates of its parcels. The proofs are not verified here, and no
    node is asked: `liquidation take` does both.
    """
    if key is None and (positions or book is not None or passphrase_file is not None):
        raise InputError("--positions, --book and --passphrase-file go with --liquidator-key")
    sealed = SealedNotice.load(notice)
    result: dict[str, Any] = {
        "chain_id": sealed.domain.chain_id,
        "book": as_address(sealed.domain.contract),
        "round": sealed.round_id,
        "expires": sealed.expires,
        "guardian": sealed.guardian,
    }
    if key is not None:
        result |= _opened(sealed, key, passphrase_file, None if book is None else load_book(book), positions=positions)
    emit(result, lambda console: _render(console, result), as_json=as_json)


def _opened(
    sealed: SealedNotice, key: Path, passphrase_file: Path | None, book: AssetList | None, *, positions: bool
) -> dict[str, Any]:
    opened = sealed.open(open_liquidator_key(key, passphrase_file))
    if book is not None and book.n != opened.n:
        raise InputError(f"the notice is of a book of {opened.n} slots, {book.name} has {book.n}")
    if positions:
        warn("amounts are shown: they are what the notice hides")
    return {
        "account": as_hex(opened.account),
        "ground": str(opened.ground),
        "taker": as_hex(opened.taker) if opened.taker else None,
        "parcels": [_row(parcel, opened, book, positions=positions) for parcel in opened.parcels],
    }


def _row(parcel: Parcel, notice: Notice, book: AssetList | None, *, positions: bool) -> dict[str, Any]:
    claim, ticket = parcel.claim, parcel.ticket
    row = {
        "rate": claim.rate,
        "uncovered_rate": claim.uncovered_rate,
        "in_cure_window": claim.rate == BASIS,
        "cured": claim.cured,
    }
    if not positions:
        return row
    names = [f"slot {slot}" if book is None else asset_symbol(book, slot) for slot in range(notice.n)]
    legs = {names[slot]: format_decimal(amount, BALANCE_DECIMALS) for slot, amount in ticket.legs.items()}
    return {**row, "amounts": legs, "cost": format_decimal(ticket.cost, QUOTE_DECIMALS)}


def _render(console: Console, result: Mapping[str, Any]) -> None:
    facts = {name: value for name, value in result.items() if name != "parcels"}
    facts["expires"] = format_utc(result["expires"])
    print_facts(
        console, [(name.replace("_", " "), "any" if value is None else str(value)) for name, value in facts.items()]
    )
    if "parcels" in result:
        console.print()
        _print_parcels(console, result["parcels"])


def _print_parcels(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    headings = ["covered", "uncovered", "cures"]
    cells = [
        [_rate(row), format_ppm(row["uncovered_rate"] * _PPM_OF_RATE), "yes" if row["cured"] else "no"] for row in rows
    ]
    if rows and "amounts" in rows[0]:
        headings += ["cost [USD]", "amounts"]
        for line, row in zip(cells, rows, strict=True):
            line += [row["cost"], ", ".join(f"{amount} {name}" for name, amount in row["amounts"].items())]
    print_table(console, columns(headings, cells, left=0))


def _rate(row: Mapping[str, Any]) -> str:
    """The covered rate; within the cure window it is one that no account pays."""
    return "-" if row["in_cure_window"] else format_ppm(row["rate"] * _PPM_OF_RATE)

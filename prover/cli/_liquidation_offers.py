"""`zksolvency liquidation offers`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.cli._account_session import AccountOptions, with_progress
from prover.cli._book_options import BookOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._liquidation_facts import parcel_json
from prover.cli._liquidation_options import PPM_OF_RATE, LiquidatorOptions, load_liquidity
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, as_line, columns, emit, print_table, short_id
from prover.liquidation import SealedNotice
from prover.market import QUOTE_DECIMALS, format_ppm, format_usd_down, parse_decimal
from prover.onchain import Liquidator, open_liquidator
from verifier import BASIS, InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency liquidation offers notices/*.json \\",
        "    --liquidator-key liquidator.age",
    )
)
def offers(
    notices: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Notices of guardians.")],
    *,
    liquidator: LiquidatorOptions,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show what notices offer to an account, and what each parcel is expected to earn.

    That is the reward less price impact and gas. A parcel that the account cannot carry has the reason. Nothing is
    sent, and no proof is verified: `liquidation take` verifies the one that it takes. Notices of other rounds, and of
    accounts that have changed since, are told with the reason.
    """
    record = options.record()
    costs = load_liquidity(liquidator.liquidity, record.assets())
    chosen, key = account.choose(record), liquidator.open_key()
    with options.open() as book:
        ether_price = liquidator.price_of_ether(book.assets, book.latest_round())
        with with_progress(open_liquidator, book, chosen.keys, key, costs, ether_price, keys) as opened:
            rows = [_row(opened, path) for path in notices]
    result = {"account": chosen.name, "notices": rows}
    emit(result, lambda console: _render(console, rows), as_json=as_json)


def _row(liquidator: Liquidator, path: Path) -> dict[str, Any]:
    try:
        offer = liquidator.read(SealedNotice.load(path))
    except InputError as error:
        return {"notice": str(path), "error": as_line(str(error))}
    return {
        "notice": str(path),
        "guardian": offer.guardian,
        "account": as_hex(offer.notice.account),
        "ground": str(offer.notice.ground),
        "elapsed": offer.elapsed,
        "parcels": [parcel_json(priced, offer.elapsed) for priced in offer.parcels],
        "error": None,
    }


def _render(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    cells = [cell for row in rows for cell in _cells(row)]
    headings = ["notice", "account", "rates", "cures", "can be taken", "profit [USD]"]
    print_table(console, columns(headings, cells, left=5))


def _cells(row: Mapping[str, Any]) -> list[list[str]]:
    name = Path(row["notice"]).name
    if row["error"] is not None:
        return [[name, row["error"], "", "", "", ""]]
    return [
        [
            name,
            short_id(int(row["account"], 16)),
            _rates(parcel),
            "yes" if parcel["cured"] else "no",
            _when(parcel),
            format_usd_down(parse_decimal(parcel["profit"], QUOTE_DECIMALS, "profit")),
        ]
        for parcel in row["parcels"]
    ]


def _rates(parcel: Mapping[str, Any]) -> str:
    uncovered = format_ppm(parcel["uncovered_rate"] * PPM_OF_RATE)
    return uncovered if parcel["rate"] == BASIS else f"{format_ppm(parcel['rate'] * PPM_OF_RATE)} or {uncovered}"


def _when(parcel: Mapping[str, Any]) -> str:
    if parcel["reasons_against"]:
        return f"no: {'; '.join(parcel['reasons_against'])}"
    seconds = parcel["in_seconds"]
    return "never" if seconds is None else f"in {seconds} s" if seconds else "now"

"""`zksolvency liquidator report`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import print_json, say
from liquidator.cli._risk_options import (
    AccountsOption,
    BookOption,
    RoundOption,
    load_accounts,
    parse_histories,
)
from liquidator.risk import require_libraries
from verifier import InputError

if TYPE_CHECKING:
    from liquidator.store import Job

EXAMPLES: Final = examples(
    "zksolvency liquidator report --account accounts/ --round round.json \\",
    "    --out report.html",
    "zksolvency liquidator report --account accounts/ --round round.json \\",
    "    --history WBTC,BTC-PERP=btc.csv --store engine.sqlite \\",
    "    --simulation run.json --out report.html",
)


def report(
    account: AccountsOption,
    round_: RoundOption,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Page to write: a new HTML file.")] = None,
    history: Annotated[
        list[str] | None,
        typer.Option(
            "--history",
            metavar="SYMBOLS=FILE",
            help="Past prices, and the symbols of the book that move as they do; more than once. CSV with the columns "
            "timestamp and open, and better high and low too.",
        ),
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="FILE", help="Store of an engine: engine.sqlite in its folder.")
    ] = None,
    simulation: Annotated[
        Path | None, typer.Option("--simulation", metavar="FILE", help="What `simulate --out` wrote.")
    ] = None,
    show_account: Annotated[
        list[str] | None,
        typer.Option(
            "--show-account", metavar="NAME", help="Account that is told by name, with its health; more than once."
        ),
    ] = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a report of accounts: one page with pictures and tables.

    How healthy accounts are, how far prices must move until they are not, how concentrated they are, what simulated
    cascades and auctions became, and how well forecasts fit. No account is told by its name, and no amount, unless
    --show-account asks for it. What was not given is left out, and the page says so.
    """
    require_libraries("matplotlib")
    from liquidator.risk import (  # noqa: PLC0415 - slow to import
        Candles,
        History,
        Sources,
        load_simulation,
        make_report,
        report_page,
    )
    from prover.storage import require_new_target, write_file  # noqa: PLC0415
    from prover.toolchain import load_round  # noqa: PLC0415

    if out is None and not as_json:
        raise InputError("name the page to write with --out, or ask for --json")
    if out is not None:
        require_new_target(out)
    accounts, prices = load_accounts(account, book), load_round(round_, book)
    for each in accounts.values():
        each.require_same_book(prices)
    sources = Sources(
        tuple(
            History(each.symbols, Candles.load(each.symbols[0], each.path))
            for each in (parse_histories(history) if history else [])
        ),
        None if store is None else _jobs(store),
        None if simulation is None else load_simulation(simulation),
    )
    made = make_report(accounts, prices, sources, show_account or [], say)
    if out is not None:
        write_file(out, report_page(made), mode=0o600 if show_account else 0o644, overwrite=False)
    if as_json:
        print_json(made.to_json())
    else:
        typer.echo(f"wrote {out}: open it in a browser")


def _jobs(path: Path) -> "tuple[Job, ...]":
    from liquidator.store import EngineStore  # noqa: PLC0415

    if not path.is_file():
        raise InputError(f"--store {path}: there is no such file; an engine keeps engine.sqlite in its folder")
    with EngineStore(path) as opened:
        return tuple(opened.ended_jobs())

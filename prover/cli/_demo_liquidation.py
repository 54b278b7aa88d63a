"""The story of a crash: hidden accounts are flagged, sold to liquidators, and written off."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from prover import instance_name
from prover.cli._demo_picture import draw_crash, require_plots
from prover.cli._exits import ExitCode
from prover.cli._output import columns, emit, print_table
from prover.cli._progress import progress
from prover.formats import format_utc
from prover.market import BALANCE_DECIMALS, PRICE_DECIMALS, format_decimal, format_usd_down
from prover.onchain import BookProver, EngineSettings, find_words
from prover.onchain.local_crash import BITCOIN, CRASH_STATEMENTS, STALE_AFTER, Crash, Sale, crash_hours
from prover.onchain.local_market import BOOK, STATEMENTS, Market, price_series, with_cheap_bitcoin
from prover.toolchain import Anvil, ContractSuite, build_with_contracts, load_book, open_backend

_ROWS: Final = 14
"""Of the table of hours."""


def tell_of_a_crash(
    traders: int, liquidators: int, days: int, picture: Path | None, width: int, *, as_json: bool
) -> ExitCode:
    """A crash in a margin book with a liquidation engine.

    Args:
        traders: who are long.
        liquidators: who take over.
        days: of the crash, from 12 November 2018 on.
        picture: file to draw, its ending says the format; None for no picture.
        width: columns of the table at the end.
        as_json: print one JSON object on stdout, and the story on stderr.

    Raises:
        InputError: a picture is wanted, and what draws it is not installed.
    """
    if picture is not None:
        require_plots(picture)
    console = Console(stderr=as_json, highlight=False)
    tell = partial(console.print, soft_wrap=True)
    book = with_cheap_bitcoin(load_book(BOOK))
    hours = crash_hours(price_series(), days)
    console.print("[bold]1. Circuits, development keys, contracts[/bold] (cached after the first run)")
    with open_backend() as backend:
        with progress() as sink:
            names = {statement: instance_name(statement, book.n) for statement in (*STATEMENTS, *CRASH_STATEMENTS)}
            built, code = build_with_contracts(list(names.values()), [ContractSuite.BOOK], progress=sink)
            prover = BookProver.build(book.n, backend, progress=sink)
            artifacts = {statement: built[names[statement]] for statement in CRASH_STATEMENTS}
        with Anvil(timestamp=hours[0].timestamp - 3600) as node:
            console.print(f"\n[bold]2. A local chain[/bold] at {node.url}, in November 2018")
            market = Market.deploy(node, code, book, engine=EngineSettings(), stale_after=STALE_AFTER)
            market = replace(market, series=hours)
            crash = Crash(market, prover, artifacts, tell)
            console.print(
                f"\n[bold]3. Accounts[/bold]: {traders} traders are long of Bitcoin with 4 to 19.5 times what they "
                f"have, {liquidators} liquidators wait"
            )
            crash.open(traders, liquidators)
            console.print("\n[bold]4. The crash[/bold]: the guardian flags, sends notices, and liquidators take over")
            for point in hours[1:]:
                crash.play(point.timestamp)
            secrets = dict(crash.secrets())
            leaked = find_words(secrets, crash.public_words())
            faults, knowledge = crash.imbalances(), _knowledge(crash)
    if picture is not None:
        draw_crash(crash, picture)
        console.print(f"\nThe picture is in {picture}.")
    if not as_json:
        Console(width=width, highlight=False).print(knowledge)
    return _conclude(crash, secrets, leaked, faults, as_json=as_json)


def _knowledge(crash: Crash) -> Table:
    """Who knows what of a takeover."""
    table = Table(show_lines=True, expand=True, title="Who knows what")
    for heading in ("", "the owner", "the guardian", "the liquidator", "any observer of the chain"):
        table.add_column(heading, overflow="fold")
    if crash.sales:
        for row in _rows(crash, crash.sales[0]):
            table.add_row(*row)
    return table


def _rows(crash: Crash, sale: Sale) -> Iterator[tuple[str, str, str, str, str]]:
    """Of the first takeover."""
    size = f"{format_decimal(sale.amount, BALANCE_DECIMALS)} {BITCOIN}"
    reward = f"{format_usd_down(sale.reward)} USD below its value"
    victim = crash.traders[sale.victim]
    own = victim.owner.state()
    worth = f"{format_usd_down(own.health(crash.last_round()).maintenance.equity)} USD at the end"
    yield (
        "that an account is below margin",
        "yes",
        "yes: it proves so",
        "yes",
        f"flagged, sold {sale.elapsed} s later",
    )
    yield "what was sold", size, size, size, "a ticket: a commitment"
    yield "at what price", reward, reward, reward, "that its rate was reached by the auction"
    yield "what the account holds", worth, worth, "-", "a commitment"
    yield "who can spend from it", "the owner's secret", "-", "-", "-"


def _hours(crash: Crash) -> Iterator[list[str]]:
    every = max(1, len(crash.hours) // _ROWS)
    for end in crash.hours[every - 1 :: every]:
        yield [
            format_utc(end.hour),
            f"{end.price / 10**PRICE_DECIMALS:,.2f}",
            format_usd_down(end.equity),
            str(end.flagged),
            format_usd_down(end.rewards),
            format_usd_down(end.written_off),
            format_usd_down(end.fund),
            format_usd_down(end.shortfall),
        ]


def _conclude(
    crash: Crash, secrets: dict[str, int], leaked: list[str], faults: list[str], *, as_json: bool
) -> ExitCode:
    last = crash.hours[-1]

    def render(console: Console) -> None:
        heading = ["hour", "Bitcoin", "equity", "flagged", "rewards", "written off", "fund", "shortfall"]
        print_table(console, columns(heading, list(_hours(crash))))
        cured = sum(sale.is_cured for sale in crash.sales)
        console.print(
            f"{len(crash.sales)} takeovers, {cured} of which cured the account; {len(crash.debts)} debts written off"
        )
        for fault in faults:
            console.print(f"WRONG: {fault}", style="bold red")
        if not faults:
            console.print("Tokens, accounts, claims and shortfall agree to the last unit.", style="bold green")
        if leaked:
            console.print(f"ON CHAIN, in the clear: {', '.join(leaked)}", style="bold red")
        else:
            console.print(
                f"Every word of calldata and events was searched for {len(secrets)} secrets (balances, quotes, equity, "
                "sizes, costs and salts of tickets, keys): none is there.",
                style="bold green",
            )

    result = {
        "hours": len(crash.hours),
        "takeovers": [sale._asdict() for sale in crash.sales],
        "written_off": len(crash.debts),
        "end": last._asdict(),
        "secrets": len(secrets),
        "leaked": leaked,
        "faults": faults,
    }
    emit(result, render, as_json=as_json)
    return ExitCode.NO if leaked or faults else ExitCode.OK

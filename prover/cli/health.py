"""`zksolvency health`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from prover.account import Position, account_positions
from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._options import AccountOption, BookOption, JsonFlag, RoundOption
from prover.cli._output import columns, emit, print_facts, print_table
from prover.market import (
    BALANCE_DECIMALS,
    PRICE_DECIMALS,
    QUOTE_DECIMALS,
    format_decimal,
    format_percent,
    format_price,
    format_price_rounded,
    format_ratio,
    format_usd_down,
    format_usd_up,
)
from prover.toolchain import load_account, load_round
from verifier import VectorKind

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency health --account account.json --round round.json",
        "zksolvency health --account account.json --round round.json --kind initial",
        "zksolvency health --account account.json --round round.json --check \\",
        "    && echo healthy",
    )
)
def health(
    account: AccountOption,
    round_: RoundOption,
    kind: Annotated[
        VectorKind,
        typer.Option(
            "--kind",
            help="Margin to be left alone (maintenance), to increase risk (initial), or against debt (overdraft).",
        ),
    ] = VectorKind.MAINTENANCE,
    check: Annotated[bool, typer.Option("--check", help="Exit with code 1 when the account is below margin.")] = False,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show equity, margin and health of an account at a price round.

    Nothing leaves this machine. Health is equity less margin; below zero the account can be liquidated. Dollars are
    rounded against the account, --json has every digit.

    The liquidation price of an asset is the mark price, nearest to the present one, at which the account is below
    maintenance margin while all other prices stay. The margin of options on an asset follows its price.
    """
    loaded = load_account(account, book)
    prices = load_round(round_, book)
    assessed = loaded.health(prices, kind)
    positions = account_positions(loaded, prices, kind)

    def render(console: Console) -> None:
        if positions:
            print_table(console, _table(positions))
            console.print()
        lines = [
            ("quote", format_usd_down(loaded.state.quote)),
            ("equity", format_usd_down(assessed.equity)),
            (f"{kind} margin", format_usd_up(assessed.margin)),
            ("health", format_usd_down(assessed.health)),
            ("equity / margin", "-" if assessed.ratio is None else format_ratio(assessed.ratio)),
        ]
        width = max(len(value) for _, value in lines)
        print_facts(console, [(label, f"{value:>{width}}") for label, value in lines])
        console.print()
        console.print(_verdict(assessed.is_healthy, kind, prices.id))

    result: dict[str, Any] = {
        "round": {"id": prices.id, "digest": prices.digest()},
        "kind": str(kind),
        "healthy": assessed.is_healthy,
        "quote": format_decimal(loaded.state.quote, QUOTE_DECIMALS),
        "equity": format_decimal(assessed.equity, QUOTE_DECIMALS),
        "margin": format_decimal(assessed.margin, QUOTE_DECIMALS),
        "health": format_decimal(assessed.health, QUOTE_DECIMALS),
        "ratio": None if assessed.ratio is None else float(assessed.ratio),
        "assets": [_as_json(position) for position in positions],
    }
    emit(result, render, as_json=as_json)
    return ExitCode.NO if check and not assessed.is_healthy else ExitCode.OK


def _table(positions: Sequence[Position]) -> Any:
    headings = ["asset", "balance", "eff. price", "value", "margin", "liquidation", "distance"]
    cells = [
        [
            position.symbol,
            format_decimal(position.balance, BALANCE_DECIMALS),
            format_price(position.effective_price),
            format_usd_down(position.value),
            format_usd_up(position.margin),
            *_liquidation(position),
        ]
        for position in positions
    ]
    return columns(headings, cells)


def _liquidation(position: Position) -> tuple[str, str]:
    """Price and distance from the mark price, as cells."""
    target = position.liquidation_price
    if target is None:
        return "-", "-"
    if target == position.price:
        return "now", "-"
    return format_price_rounded(target), format_percent(
        target - position.price, position.price
    ) if position.price else "-"


def _verdict(healthy: bool, kind: VectorKind, round_id: int) -> Text:
    if healthy:
        return Text(f"at or above {kind} margin at round {round_id}", style="bold green")
    consequence = {
        VectorKind.MAINTENANCE: "can be liquidated",
        VectorKind.INITIAL: "may not increase risk",
        VectorKind.OVERDRAFT: "its spot can be sold",
    }[kind]
    return Text(f"below {kind} margin at round {round_id}: {consequence}", style="bold red")


def _as_json(position: Position) -> dict[str, Any]:
    liquidation = (
        None if position.liquidation_price is None else format_decimal(position.liquidation_price, PRICE_DECIMALS)
    )
    return {
        "symbol": position.symbol,
        "balance": format_decimal(position.balance, BALANCE_DECIMALS),
        "price": format_decimal(position.price, PRICE_DECIMALS),
        "effective_price": format_decimal(position.effective_price, PRICE_DECIMALS),
        "value": format_decimal(position.value, QUOTE_DECIMALS),
        "margin": format_decimal(position.margin, QUOTE_DECIMALS),
        "liquidation_price": liquidation,
    }

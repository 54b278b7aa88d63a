"""`zksolvency health`."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from prover import Account, PriceRound
from prover.cli._amounts import exact, percent, price, price_rounded, ratio, usd_down, usd_up
from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._files import load_account, load_round
from prover.cli._options import AccountOption, BookOption, JsonFlag, RoundOption
from prover.cli._output import columns, emit, print_facts, print_table
from prover.market import BALANCE_DECIMALS, PRICE_DECIMALS, QUOTE_DECIMALS
from verifier import MarginsPerUnit, VectorKind

app = new_app()


@dataclass(frozen=True)
class _Row:
    """One position; prices [1e-9 USD], value and margin [1e-18 USD]."""

    symbol: str
    balance: int
    price: int
    effective_price: int
    value: int
    margin: int
    liquidation_price: int | None


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
    """Tell where an account stands at a price round.

    Nothing leaves this machine. Health is equity less margin; below zero the account can be liquidated. Dollars are
    rounded against the account, --json has every digit.

    The liquidation price of an asset is the mark price, nearest to the present one, at which the account is below
    maintenance margin while all other prices stay. The margin of options on an asset follows its price.
    """
    loaded = load_account(account, book)
    prices = load_round(round_, book)
    standing = loaded.health(prices, kind)
    rows = _rows(loaded, prices, kind)

    def render(console: Console) -> None:
        if rows:
            print_table(console, _table(rows))
            console.print()
        lines = [
            ("quote", usd_down(loaded.state.quote)),
            ("equity", usd_down(standing.equity)),
            (f"{kind} margin", usd_up(standing.margin)),
            ("health", usd_down(standing.health)),
            ("equity / margin", "-" if standing.ratio is None else ratio(standing.ratio)),
        ]
        width = max(len(value) for _, value in lines)
        print_facts(console, [(label, f"{value:>{width}}") for label, value in lines])
        console.print()
        console.print(_verdict(standing.is_healthy, kind, prices.id))

    result: dict[str, Any] = {
        "round": {"id": prices.id, "digest": prices.digest()},
        "kind": str(kind),
        "healthy": standing.is_healthy,
        "quote": exact(loaded.state.quote, QUOTE_DECIMALS),
        "equity": exact(standing.equity, QUOTE_DECIMALS),
        "margin": exact(standing.margin, QUOTE_DECIMALS),
        "health": exact(standing.health, QUOTE_DECIMALS),
        "ratio": None if standing.ratio is None else float(standing.ratio),
        "assets": [_as_json(row) for row in rows],
    }
    emit(result, render, as_json=as_json)
    return ExitCode.NO if check and not standing.is_healthy else ExitCode.OK


def _rows(account: Account, round_: PriceRound, kind: VectorKind) -> list[_Row]:
    vectors = round_.vectors
    return [
        _Row(
            symbol=asset.symbol,
            balance=balance,
            price=round_.prices[slot],
            effective_price=vectors.effective_prices[slot],
            value=balance * vectors.effective_prices[slot],
            margin=_margin(balance, vectors.margins(kind), slot),
            liquidation_price=account.liquidation_price(asset.symbol, round_),
        )
        for slot, (asset, balance) in enumerate(zip(account.book.assets, account.state.balances, strict=False))
        if balance
    ]


def _margin(balance: int, margins: MarginsPerUnit, slot: int) -> int:
    return balance * margins.long[slot] if balance >= 0 else -balance * margins.short[slot]


def _table(rows: list[_Row]) -> Any:
    headings = ["asset", "balance", "eff. price", "value", "margin", "liquidation", "distance"]
    cells = [
        [
            row.symbol,
            exact(row.balance, BALANCE_DECIMALS),
            price(row.effective_price),
            usd_down(row.value),
            usd_up(row.margin),
            *_liquidation(row),
        ]
        for row in rows
    ]
    return columns(headings, cells)


def _liquidation(row: _Row) -> tuple[str, str]:
    """Price and distance from the mark price, as cells."""
    target = row.liquidation_price
    if target is None:
        return "-", "-"
    if target == row.price:
        return "now", "-"
    return price_rounded(target), percent(target - row.price, row.price) if row.price else "-"


def _verdict(healthy: bool, kind: VectorKind, round_id: int) -> Text:
    if healthy:
        return Text(f"at or above {kind} margin at round {round_id}", style="bold green")
    consequence = "can be liquidated" if kind is VectorKind.MAINTENANCE else "may not increase risk"
    return Text(f"below {kind} margin at round {round_id}: {consequence}", style="bold red")


def _as_json(row: _Row) -> dict[str, Any]:
    liquidation = None if row.liquidation_price is None else exact(row.liquidation_price, PRICE_DECIMALS)
    return {
        "symbol": row.symbol,
        "balance": exact(row.balance, BALANCE_DECIMALS),
        "price": exact(row.price, PRICE_DECIMALS),
        "effective_price": exact(row.effective_price, PRICE_DECIMALS),
        "value": exact(row.value, QUOTE_DECIMALS),
        "margin": exact(row.margin, QUOTE_DECIMALS),
        "liquidation_price": liquidation,
    }

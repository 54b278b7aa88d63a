"""Positions from elsewhere as their exchange shows them, for a person to compare."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from rich.console import Console

from prover import Account, PriceRound
from prover.account import Basis, Holding, Portfolio, quote_units_down, unrealised_profit
from prover.cli._output import columns, print_facts, print_table
from prover.market import (
    BALANCE_DECIMALS,
    PRICE_DECIMALS,
    AssetKind,
    format_decimal,
    format_price_rounded,
    format_ratio,
    format_usd_down,
    format_usd_up,
)

_HEADINGS: Final = ["asset", "amount", "entry", "price", "value or profit"]
_BASES: Final = {Basis.CASH: "wallet balance", Basis.EQUITY: "equity given"}


def show_portfolio(console: Console, portfolio: Portfolio, account: Account, round_: PriceRound | None) -> None:
    """Print positions, and what they are worth at a round.

    Args:
        console: where.
        portfolio: as the file has it.
        account: what becomes of it.
        round_: None shows no worth.
    """
    if portfolio.holdings:
        print_table(console, columns(_HEADINGS, [_row(holding, account, round_) for holding in portfolio.holdings]))
        console.print()
    lines = list(_sums(portfolio, account, round_))
    width = max(len(value) for _, value in lines)
    print_facts(console, [(label, f"{value:>{width}}") for label, value in lines])
    console.print()


def _row(holding: Holding, account: Account, round_: PriceRound | None) -> list[str]:
    asset = account.book.assets[holding.slot]
    cells = [asset.symbol, format_decimal(holding.amount, BALANCE_DECIMALS), _price(holding.entry)]
    if round_ is None:
        return [*cells, "-", "-"]
    price = round_.prices[holding.slot]
    if asset.kind is AssetKind.PERPETUAL:
        profit = unrealised_profit(holding, price)
        worth = "-" if profit is None else format_usd_down(quote_units_down(profit))
    else:
        worth = format_usd_down(holding.amount * price)
    return [*cells, format_price_rounded(price), worth]


def _price(entry: Fraction | None) -> str:
    return "-" if entry is None else format_price_rounded(round(entry * 10**PRICE_DECIMALS))


def _sums(portfolio: Portfolio, account: Account, round_: PriceRound | None) -> Iterator[tuple[str, str]]:
    settlement = portfolio.settlement
    if settlement is not None and settlement.basis in _BASES:
        yield _BASES[settlement.basis], format_usd_down(quote_units_down(settlement.amount))
    if round_ is None:
        yield "quote", format_usd_down(account.state.quote)
        return
    health = account.health(round_)
    yield f"equity at round {round_.id}", format_usd_down(health.equity)
    if portfolio.stated_equity is not None:
        yield "equity the file states", format_usd_down(quote_units_down(portfolio.stated_equity))
    yield "maintenance margin", format_usd_up(health.margin)
    yield "equity / margin", "-" if health.ratio is None else format_ratio(health.ratio)

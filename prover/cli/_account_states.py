"""States of accounts as their owners read them, for people and machines. Amounts are secret."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console

from prover.account import health_amounts, position_amounts
from prover.chain import OnchainRound
from prover.cli._output import columns, print_facts, print_table
from prover.market import (
    QUOTE_DECIMALS,
    USD,
    asset_symbol,
    format_decimal,
    format_price_rounded,
    format_ratio,
    format_usd_down,
    format_usd_up,
)
from prover.onchain import AccountView, MarginBook, TriedWithdrawal
from prover.trade import Headroom

POSITIONS_SHOWN: Final = "positions are shown: they are what the commitments hide"


def health_json(state: AccountView, round_: OnchainRound) -> dict[str, Any]:
    """Equity, margins and health at a round: exact amounts in USD."""
    health = state.health(round_)
    return {"round": round_.id, **health_amounts(health), "healthy": health.maintenance.is_healthy}


def render_positions(console: Console, book: MarginBook, state: AccountView, round_: OnchainRound | None) -> None:
    """Print what an account holds, its equity, its margins and its health."""
    print_table(console, columns(["asset", "amount", "mark price", "value USD"], _rows(book, state, round_)))
    if round_ is None:
        return
    maintenance, initial = state.health(round_)
    line = "at or above maintenance margin" if maintenance.is_healthy else "BELOW MAINTENANCE MARGIN"
    covered = "" if maintenance.ratio is None else f", {format_ratio(maintenance.ratio)} times the margin"
    print_facts(
        console,
        [
            ("equity", f"{format_usd_down(maintenance.equity)} USD at round {round_.id}"),
            ("maintenance", f"{format_usd_up(maintenance.margin)} USD"),
            ("initial", f"{format_usd_up(initial.margin)} USD"),
            ("health", f"{format_usd_down(maintenance.health)} USD: {line}{covered}"),
        ],
    )


def headroom_json(headroom: Headroom) -> dict[str, str]:
    """What an account has above its limits, or lacks: exact amounts in USD."""
    amounts = {
        "above_maintenance_margin": headroom.maintenance,
        "above_initial_margin": headroom.initial,
        "cash": headroom.cash,
    }
    return {name: format_decimal(amount, QUOTE_DECIMALS) for name, amount in amounts.items()}


def headroom_facts(headroom: Headroom) -> Iterator[tuple[str, str]]:
    """What an account has above its limits, or lacks, rounded against it."""
    for label, amount in (("maintenance", headroom.maintenance), ("initial", headroom.initial)):
        words = f"above {label} margin" if amount >= 0 else f"BELOW {label} margin: deposit, or reduce positions"
        yield label, f"{_size(amount)} USD {words}"
    short = "short: sell spot, or deposit"
    yield "cash", f"{_size(headroom.cash)} USD {'above 0' if headroom.cash >= 0 else short}"


def withdrawal_facts(tried: TriedWithdrawal) -> list[tuple[str, str]]:
    """What a withdrawal would leave of an account, and why it cannot be."""
    answer = f"no: {'; '.join(tried.reasons)}" if tried.reasons else "yes"
    return [*headroom_facts(tried.headroom), ("possible", answer)]


def flag_facts(cure_time: int | None, headroom: Headroom) -> list[tuple[str, str]]:
    """What a flagged account needs, and until when; nothing where it is not flagged.

    Args:
        cure_time: seconds left of the cure window; None where the account is not flagged.
        headroom: what it has above its limits, or lacks.
    """
    if cure_time is None:
        return []
    amount = f"a deposit of {format_usd_up(headroom.missing)} USD" if headroom.missing else "any deposit"
    end = f"ends in {cure_time} s, while flags are not stopped" if cure_time else "is over: one deposit has to cure it"
    return [("flagged", f"{amount} cures it at these prices"), ("cure window", end)]


def _size(amount: int) -> str:
    return format_usd_down(amount) if amount >= 0 else format_usd_up(-amount)


def _rows(book: MarginBook, state: AccountView, round_: OnchainRound | None) -> list[Sequence[str]]:
    balances, quote = state.sealed.state.balances, state.sealed.state.quote
    held = position_amounts(book.assets, state.sealed.state)
    rows: list[Sequence[str]] = []
    for slot, balance in enumerate(balances):
        if balance:
            symbol = asset_symbol(book.assets, slot)
            value = ["", ""]
            if round_ is not None:
                value = [
                    format_price_rounded(round_.prices[slot]),
                    format_usd_down(balance * round_.vectors.effective_prices[slot]),
                ]
            rows.append([symbol, held[symbol], *value])
    rows.append([USD, format_decimal(quote, QUOTE_DECIMALS), "", format_usd_down(quote)])
    return rows

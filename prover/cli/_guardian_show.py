"""What `guardian show` prints."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from prover.account import health_amounts, position_amounts
from prover.cli._book_words import POST_A_ROUND
from prover.cli._output import as_hex, columns, print_facts, print_table, short_id
from prover.formats import format_duration, format_utc
from prover.market import (
    QUOTE_DECIMALS,
    USD,
    MarginStatus,
    format_decimal,
    format_usd_down,
    format_usd_up,
    parse_decimal,
)
from prover.onchain import GuardedAccount, MarginBook, Snapshot, round_age

STYLES: Final = {
    MarginStatus.HEALTHY: "green",
    MarginStatus.BELOW_INITIAL: "yellow",
    MarginStatus.LIQUIDATABLE: "bold red",
}


def accounts_json(
    book: MarginBook, snapshot: Snapshot, accounts: Sequence[GuardedAccount], *, positions: bool
) -> dict[str, Any]:
    """Accounts as one JSON object; amounts as exact decimal strings.

    Args:
        book: where they live.
        snapshot: the look.
        accounts: those of it that are asked for.
        positions: whether balances, equity and margin are shown.
    """
    return {
        "book": book.assets.name,
        "block": snapshot.block,
        "round": _round(book, snapshot),
        "accounts": [_account(book, account, snapshot, positions=positions) for account in accounts],
        "unread": [as_hex(identity) for identity in snapshot.unread],
        "unopened": [as_hex(identity) for identity in snapshot.unopened],
        "hidden": snapshot.hidden,
        "closed": [as_hex(identity) for identity in snapshot.closed],
        "asleep": [as_hex(identity) for identity in snapshot.asleep],
    }


def render_accounts(console: Console, result: Mapping[str, Any]) -> None:
    """Print a table, an account a line."""
    _head(console, result)
    if not result["accounts"]:
        console.print(
            "nothing to show: see the warnings" if _is_incomplete(result) else "no account has named this guardian yet"
        )
        return
    rows: list[list[str | Text]] = [
        [
            short_id(int(account["account"], 16)),
            Text("expired") if account["asleep"] else status_text(account["status"]),
            _health(account),
            str(account["opened_in_block"]),
            str(account["changed_in_block"]),
        ]
        for account in result["accounts"]
    ]
    print_table(console, columns(["account", "status", "health [USD]", "opened", "changed"], rows, left=2))


def _is_incomplete(result: Mapping[str, Any]) -> bool:
    return bool(result["unread"] or result["unopened"] or result["hidden"])


def render_each(console: Console, result: Mapping[str, Any]) -> None:
    """Print account after account, all that is shown of each."""
    if not result["accounts"]:
        render_accounts(console, result)
        return
    _head(console, result)
    for index, account in enumerate(result["accounts"]):
        if index:
            console.print()
        _render_account(console, account)


def _render_account(console: Console, account: Mapping[str, Any]) -> None:
    facts = [
        ("account", account["account"]),
        ("opened", f"in block {account['opened_in_block']}"),
        ("changed", f"in block {account['changed_in_block']}, at round {account['changed_at_round']}"),
        ("status", "expired positions: `guardian expire`" if account["asleep"] else account["status"] or "-"),
        ("health", f"{_health(account)} USD"),
    ]
    if "equity" in account:
        facts.append(("equity", f"{format_usd_down(_usd(account['equity']))} USD"))
        facts.append(("maintenance", f"{format_usd_up(_usd(account['maintenance_margin']))} USD"))
        facts.append(("initial", f"{format_usd_up(_usd(account['initial_margin']))} USD"))
    print_facts(console, facts)
    if "balances" in account:
        rows = [[symbol, amount] for symbol, amount in account["balances"].items()]
        print_table(console, columns(["asset", "balance"], [*rows, [USD, account["quote"]]]))


def status_text(status: str | None) -> Text:
    """A status in its colour."""
    return Text("-") if status is None else Text(status, style=STYLES[MarginStatus(status)])


def _round(book: MarginBook, snapshot: Snapshot) -> dict[str, Any] | None:
    if snapshot.round is None:
        return None
    age = round_age(book, snapshot.round)
    usable = age <= book.contracts.book.max_proof_age()
    return {"id": snapshot.round.id, "timestamp": snapshot.round.timestamp, "age": age, "usable": usable}


def _account(book: MarginBook, account: GuardedAccount, snapshot: Snapshot, *, positions: bool) -> dict[str, Any]:
    sleeps = account.identity in snapshot.asleep  # no round has a price of its expired positions
    health = None if snapshot.round is None or sleeps else account.health(snapshot.round)
    result: dict[str, Any] = {
        "account": as_hex(account.identity),
        "status": None if health is None else health.status,
        "opened_in_block": account.opened.block,
        "changed_in_block": account.block,
        "changed_at_round": account.changed_at_round,
        "asleep": sleeps,
    }
    amounts = {} if health is None else health_amounts(health)
    result["health"] = amounts.get("health")
    if positions:
        state = account.sealed.state
        result["balances"] = position_amounts(book.assets, state)
        result["quote"] = format_decimal(state.quote, QUOTE_DECIMALS)
        result |= amounts
    return result


def _head(console: Console, result: Mapping[str, Any]) -> None:
    round_ = result["round"]
    if round_ is None:
        text = "none yet, so nothing is known of health"
    else:
        text = f"{round_['id']} at {format_utc(round_['timestamp'])}, {format_duration(round_['age'])} ago"
        if not round_["usable"]:
            text += f": too old for proofs; {POST_A_ROUND}"
    print_facts(console, [("round", text), ("block", str(result["block"]))])
    console.print()


def _health(account: Mapping[str, Any]) -> str:
    return "-" if account["health"] is None else format_usd_down(_usd(account["health"]))


def _usd(text: str) -> int:
    return parse_decimal(text, QUOTE_DECIMALS, "amount")

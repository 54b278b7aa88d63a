"""`zksolvency account limits`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.cli._account_session import AccountOptions
from prover.cli._account_states import POSITIONS_SHOWN, flag_facts, headroom_facts, headroom_json, withdrawal_facts
from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, note, print_facts, print_table, warn
from prover.market import QUOTE_DECIMALS, asset_decimals, asset_slot, asset_symbol, format_decimal, parse_amount
from prover.onchain import AccountLimits, AccountPermission, MarginBook, TriedWithdrawal
from verifier import ChainError, InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account limits",
        "zksolvency account limits --account trading --asset USD --amount 5000",
    )
)
def limits(
    asset: Annotated[
        str | None, typer.Option("--asset", metavar="SYMBOL", help="Of a withdrawal to try; USD: settlement currency.")
    ] = None,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="DECIMAL", help="Of a withdrawal to try. Nothing is sent.")
    ] = None,
    *,
    account: AccountOptions,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show how much an account can withdraw now, and what it lacks for more.

    A withdrawal leaves an account at initial margin or above, and its cash at 0 or above. Cash is USD, profit of
    perpetuals and options, and a small part of the spot assets. Each amount is for a withdrawal of that asset alone, at
    the newest prices. With --asset and --amount it shows what is left, or lacking, after that withdrawal. Of a flagged
    account it shows how large a deposit cures it, and until when several deposits may do that.
    """
    if (asset is None) != (amount is None):
        raise InputError("--asset and --amount go together: which withdrawal to try")
    record = options.record()
    assets = record.assets()
    tried = None
    if asset is not None and amount is not None:
        slot = asset_slot(assets, asset, "--asset")
        tried = slot, parse_amount(assets, slot, amount, "--amount")
    chosen = account.choose(record)
    with options.open() as book:
        view, round_ = book.state(chosen.viewing()), book.latest_round()
        if view is None:
            raise ChainError("the account is not open in this book yet")
        found = AccountLimits.read(book, view, round_)
        after = None if tried is None else TriedWithdrawal.read(book, view, *tried, round_)
        permission = AccountPermission.read(book, view.identity)
        most = _amounts(book, found.withdrawable)
    reason, flag = _reason_against(permission), flag_facts(permission.cure_time, found.headroom)
    warn(POSITIONS_SHOWN)
    if reason:
        note(reason)

    def render(console: Console) -> None:
        whose = [("account", chosen.name), ("round", str(round_.id))]
        print_facts(console, [*whose, *headroom_facts(found.headroom), *flag])
        console.print()
        print_table(console, columns(["asset", "can be withdrawn"], most.items()))
        if after is not None:
            console.print(f"\nafter a withdrawal of {amount} {asset}")
            print_facts(console, withdrawal_facts(after))

    result: dict[str, Any] = {
        "account": chosen.name,
        "round": round_.id,
        **headroom_json(found.headroom),
        "withdrawable": most,
        "permitted": reason is None,
        "missing": format_decimal(found.headroom.missing, QUOTE_DECIMALS),
        "flagged": permission.cure_time is not None,
        "cure_window_left": permission.cure_time,
    }
    if after is not None:
        result["after"] = {**headroom_json(after.headroom), "reasons": list(after.reasons)}
    emit(result, render, as_json=as_json)


def _amounts(book: MarginBook, amounts: Mapping[int, int]) -> dict[str, str]:
    assets = book.assets
    return {
        asset_symbol(assets, asset): format_decimal(amount, asset_decimals(assets, asset))
        for asset, amount in amounts.items()
    }


def _reason_against(permission: AccountPermission) -> str | None:
    """Why the account may not withdraw now, whatever it holds."""
    try:
        permission.require_withdrawals()
    except ChainError as error:
        return str(error)
    return None

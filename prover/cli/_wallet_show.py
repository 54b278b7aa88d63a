"""`zksolvency wallet show`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.account import WalletAccount, held_amounts, point_to_text
from prover.chain import OnchainRound
from prover.cli._account_states import POSITIONS_SHOWN, health_json, render_positions
from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, as_address
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, short_id, warn
from prover.cli._wallets import WalletOptions
from prover.onchain import AccountView, MarginBook, newest_round

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency wallet show",
        "zksolvency wallet show --positions",
        "zksolvency wallet show --secrets",
    )
)
def show(
    status: Annotated[bool, typer.Option("--status", help="Read from the chain which accounts are open.")] = False,
    positions: Annotated[
        bool, typer.Option("--positions", help="Read balances and health from the chain, and show them.")
    ] = False,
    keys: Annotated[
        bool, typer.Option("--secrets", help="Show the seed and the owner secrets, to write them down.")
    ] = False,
    *,
    wallet: WalletOptions,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show the accounts of a wallet. Without --status and --positions it needs no node.

    An account is open once the chain says so. What it holds is read from the chain each time, and decrypted here.
    An account with an index comes back from the seed. One without was imported: it needs a copy of its owner secret.
    """
    if status or positions:
        options.record()
    file = wallet.open()
    opened = file.load()
    accounts = opened.accounts
    result: dict[str, Any] = {
        "wallet": str(file.path),
        "has_seed": opened.seed is not None,
        "accounts": [_public(account) for account in accounts],
    }
    if keys:
        warn("secrets are shown: an owner secret is all it takes to move an account, and the seed tells those of many")
        if opened.seed is not None:
            result["seed"] = opened.seed.to_text()
        for entry, account in zip(result["accounts"], accounts, strict=True):
            entry["owner_secret"] = as_hex(account.keys.owner_secret)
    if not (status or positions):
        emit(result, lambda console: _render(console, result), as_json=as_json)
        return
    if positions:
        warn(POSITIONS_SHOWN)
    with options.open() as book:
        round_ = newest_round(book)
        states = [book.state(account.viewing()) for account in accounts]
        asleep = _asleep(book, states, round_)
        for entry, account, state in zip(result["accounts"], accounts, states, strict=True):
            is_asleep = state is not None and state.identity in asleep
            entry.update(_on_chain(book, account, state, None if is_asleep else round_, positions=positions))
            if state is not None:
                entry["asleep"] = is_asleep

        def render(console: Console) -> None:
            _render(console, result)
            for account, state in zip(accounts, states, strict=True):
                if positions and state is not None:
                    console.print(f"\n{account.name}, {_since(state)}")
                    is_asleep = state.identity in asleep
                    render_positions(console, book, state, None if is_asleep else round_)
                    if is_asleep:
                        console.print("assets have expired since: turn these positions into cash with `account expire`")

        emit(result, render, as_json=as_json)


def _public(account: WalletAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "index": account.index,
        "identity": as_hex(account.keys.identity),
        "guardian": point_to_text(account.keys.guardian),
        "chain_id": account.keys.domain.chain_id,
        "book": as_address(account.keys.domain.contract),
    }


def _on_chain(
    book: MarginBook,
    account: WalletAccount,
    state: AccountView | None,
    round_: OnchainRound | None,
    *,
    positions: bool,
) -> dict[str, Any]:
    if account.keys.domain != book.domain:
        return {"open": None}
    is_closed = state is None and book.contracts.book.account(account.keys.identity).is_closed
    found: dict[str, Any] = {"open": state is not None, "closed": is_closed}
    if state is not None:
        found |= {"commitment": as_hex(state.sealed.commitment), "changed_at_round": state.changed_at_round}
        if positions:
            found["amounts"] = held_amounts(book.assets, state.sealed.state)
            found["health"] = None if round_ is None else health_json(state, round_)
    return found


def _asleep(book: MarginBook, states: Sequence[AccountView | None], round_: OnchainRound | None) -> set[int]:
    """Identities of the accounts with expired positions, of which the round has no price."""
    if round_ is None or round_.epoch == 0:
        return set()
    identities = [state.identity for state in states if state is not None]
    return {one for one in identities if book.contracts.book.account(one).epoch < round_.epoch}


def _since(state: AccountView) -> str:
    at = f", at round {state.changed_at_round}" if state.changed_at_round else ""
    return f"as it is since block {state.block}{at}"


def _render(console: Console, result: dict[str, Any]) -> None:
    accounts = result["accounts"]
    seed = result.get("seed") or ("in the wallet" if result["has_seed"] else "none: `wallet upgrade` makes one")
    print_facts(console, [("wallet", result["wallet"]), ("seed", seed), ("accounts", str(len(accounts)))])
    if not accounts:
        return
    console.print()
    shows_status = any("open" in entry for entry in accounts)
    headings = ["account", "index", "identity", "book", "chain", *(["open"] if shows_status else [])]
    words = {True: "yes", False: "not yet", None: "in another book"}
    rows = [
        [
            entry["name"],
            "imported" if entry["index"] is None else str(entry["index"]),
            short_id(int(entry["identity"], 16)),
            entry["book"],
            str(entry["chain_id"]),
            *(["closed" if entry.get("closed") else words[entry["open"]]] if shows_status else []),
        ]
        for entry in accounts
    ]
    print_table(console, columns(headings, rows, left=len(headings)))
    secrets = [(entry["name"], entry["owner_secret"]) for entry in accounts if "owner_secret" in entry]
    if secrets:
        console.print("\nowner secrets")
        print_facts(console, secrets)

"""What the program prints of an account file."""

from pathlib import Path
from typing import Any

from rich.console import Console

from prover import Account
from prover.cli._options import as_address
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, warn
from prover.market import QUOTE_DECIMALS, QUOTE_SYMBOL, format_decimal


def print_account(
    account: Account, path: Path, *, positions: bool = False, keys: bool = False, as_json: bool = False
) -> None:
    """Print what is public of an account, and its amounts and keys when they are asked for."""
    result = _public(account, path)
    held = account.positions() | {QUOTE_SYMBOL: format_decimal(account.state.quote, QUOTE_DECIMALS)}
    if positions:
        warn("positions are shown: they are what the commitment hides")
        result["amounts"] = held
    secret = _secrets(account) if keys else {}
    if keys:
        warn("keys are shown: the owner secret moves the account, the viewing key reads it")
        result["secrets"] = secret

    def render(console: Console) -> None:
        domain = account.keys.domain
        hint = "" if positions else " (--positions shows them)"
        lines = [
            ("file", str(path)),
            ("book", f"{account.book.name} ({account.book.n} slots)"),
            ("domain", f"chain {domain.chain_id}, contract {as_address(domain.contract)}"),
            ("commitment", as_hex(account.commitment())),
            ("positions", f"{len(account.positions())}{hint if account.positions() else ''}"),
        ]
        print_facts(console, lines)
        if positions:
            console.print()
            print_table(console, columns(["asset", "amount"], held.items()))
        if keys:
            console.print()
            print_facts(console, secret.items())

    emit(result, render, as_json=as_json)


def _public(account: Account, path: Path) -> dict[str, Any]:
    domain = account.keys.domain
    return {
        "file": str(path),
        "book": {"name": account.book.name, "digest": account.book.digest()},
        "domain": {"chain_id": domain.chain_id, "contract": as_address(domain.contract)},
        "commitment": as_hex(account.commitment()),
        "positions": len(account.positions()),
    }


def _secrets(account: Account) -> dict[str, str]:
    keys = account.keys
    return {
        "owner_secret": as_hex(keys.owner_secret),
        "view_key": as_hex(keys.view_key),
        "salt": as_hex(account.salt),
        "guardian_x": as_hex(keys.guardian.x),
        "guardian_y": as_hex(keys.guardian.y),
    }

"""`zksolvency account`: files that hold an account's positions and secrets, and accounts in a margin book."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from prover import Account, AssetList, Domain, OwnerKeys, Point
from prover._book import QUOTE_SYMBOL
from prover._import import parse_positions
from prover._units import QUOTE_DECIMALS, format_decimal
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._files import load_account, load_book, read_csv, require_target
from prover.cli._options import AccountOption, BookOption, JsonFlag, as_address, parse_address, parse_field_element
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, warn

LOCAL_CHAIN: Final = 31337


class _Account(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "open": "Open an account in a margin book.",
        "deposit": "Pay tokens into an account in a margin book.",
        "withdraw": "Pay tokens out of an account in a margin book.",
        "trade": "Offer and take trades between accounts in a margin book.",
        "prove-solvent": "Prove at the gate of a margin book that an account meets its margin.",
    }
    MODULES = "prover.cli._account_{}"


app = new_app(
    "Account files (new, show, import-csv), and accounts in a margin book, whose secrets are in a wallet "
    "(open, deposit, withdraw, trade, prove-solvent).",
    _Account,
)


def _parse_point(text: str) -> Point:
    x, comma, y = text.partition(",")
    if not comma:
        raise typer.BadParameter("expected the two coordinates of a point as X,Y")
    return Point(parse_field_element(x), parse_field_element(y))


@app.command(
    epilog=examples(
        "zksolvency account new --positions positions.csv --out account.json",
        "zksolvency account new --positions - --out account.json < positions.csv",
        "zksolvency account new --chain-id 1 --contract 0x1F98...F984 --out a.json",
    )
)
def new(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to make; never overwritten.")],
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book: a name in books/, or a file.")] = (
        "perps-13"
    ),
    positions: Annotated[
        Path | None,
        typer.Option(
            "--positions",
            metavar="FILE",
            help="CSV with the header symbol,amount; - for standard input.  [default: no positions]",
        ),
    ] = None,
    chain_id: Annotated[
        int, typer.Option("--chain-id", metavar="NUMBER", min=0, help="Chain where the account lives.")
    ] = LOCAL_CHAIN,
    contract: Annotated[
        int | None,
        typer.Option(
            "--contract", metavar="ADDRESS", parser=parse_address, help="Contract that it is for.  [default: none]"
        ),
    ] = None,
    guardian: Annotated[
        Point | None,
        typer.Option(
            "--guardian",
            metavar="X,Y",
            parser=_parse_point,
            help="Point on Baby Jubjub of whoever may read the account.  [default: nobody but the owner]",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make an account file with fresh secrets.

    Amounts come from a file or from standard input, never from the command line, which other users of this machine
    can read. Symbols that the file leaves out have no position; QUOTE, the settlement currency, must be in it.
    """
    require_target(out)
    assets = load_book(book)
    held, quote = parse_positions(*_csv(positions, assets)) if positions else ({}, "0")
    account = Account.create(assets, held, quote, OwnerKeys.generate(Domain(chain_id, contract or 0), guardian))
    account.save(out)
    _tell(account, out, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency account show account.json",
        "zksolvency account show account.json --positions",
        "zksolvency account show account.json --secrets --json",
    )
)
def show(
    account: Annotated[Path, typer.Argument(metavar="FILE", help="Account file.")],
    positions: Annotated[bool, typer.Option("--positions", help="Show balances and quote too.")] = False,
    keys: Annotated[bool, typer.Option("--secrets", help="Show the account's keys too.")] = False,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show an account; its secrets only if asked.

    Unasked, it shows the book, the domain, the commitment and the number of positions.
    """
    _tell(load_account(account, book), account, positions=positions, keys=keys, as_json=as_json)


@app.command(
    "import-csv",
    epilog=examples(
        "zksolvency account import-csv positions.csv --account account.json",
        "zksolvency account import-csv positions.csv --account account.json \\",
        "    --out next.json",
    ),
)
def import_csv(
    csv: Annotated[Path, typer.Argument(metavar="CSV", help="Header symbol,amount; - for standard input.")],
    account: AccountOption,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write a new file instead, and leave the old one alone."),
    ] = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Replace the positions of an account.

    The CSV is the whole new state: symbols that it leaves out have no position. A new state has a new salt, so the
    commitment changes even when no amount does. Once overwritten, the old state can be proven no more: use --out
    while its commitment is still registered somewhere.
    """
    if out is not None:
        require_target(out, account, csv)
    old = load_account(account, book)
    held, quote = parse_positions(*_csv(csv, old.book))
    target = out or account
    Account.create(old.book, held, quote, old.keys).save(target, overwrite=out is None)
    new_account = load_account(target, book)
    warn("the commitment has changed; proofs about the old one need the old file")
    _tell(new_account, target, as_json=as_json)


def _csv(path: Path, book: AssetList) -> tuple[bytes, AssetList, str]:
    data, where = read_csv(path)
    return data, book, where


def _tell(account: Account, path: Path, *, positions: bool = False, keys: bool = False, as_json: bool = False) -> None:
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

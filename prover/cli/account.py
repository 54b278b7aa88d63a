"""`zksolvency account`: files that hold an account's positions and secrets, and accounts in a margin book."""

from pathlib import Path
from typing import Annotated, Final

import typer

from prover import Account, Domain, OwnerKeys, Point
from prover.cli._account_file import print_account
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._options import BookOption, JsonFlag, parse_address
from prover.cli._points import parse_point
from prover.storage import require_target
from prover.toolchain import load_account, load_book

LOCAL_CHAIN: Final = 31337


class _Account(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "import": "Replace the positions of an account file.",
        "template": "Print a file of positions to fill in.",
        "open": "Open an account in a margin book.",
        "deposit": "Pay tokens into an account in a margin book.",
        "cure": "Deposit what cures an account that is flagged.",
        "withdraw": "Take tokens out of an account in a margin book, to be paid after a delay.",
        "expire": "Turn positions in assets that have expired into cash.",
        "exit": "Take money out of an account without positions; needs no price round.",
        "close": "Close an empty account, and get its bond back.",
        "rekey": "Move an account to another guardian, with all that it holds.",
        "limits": "Show how much an account in a margin book can withdraw now.",
        "calls": "Show whether the guardian calls an account for margin.",
        "withdrawals": "List the withdrawals of an account that are not paid yet.",
        "trade": "Offer and take trades between accounts in a margin book.",
        "pad": "Settle a trade of size 0 between two accounts of a wallet.",
        "release": "Sell a part of a flagged account without a reward, to a taker of your choice.",
        "answer": "Answer a challenge of an account, and earn its bond.",
        "prove-solvent": "Prove at the gate of a margin book that an account meets its margin.",
    }
    MODULES = "prover.cli._account_{}"


app = new_app(
    "Account files (new, import, template, show), and accounts in a margin book, whose secrets are in a wallet "
    "(open, deposit, cure, withdraw, expire, exit, close, rekey, limits, calls, withdrawals, trade, pad, release, "
    "answer, prove-solvent).",
    _Account,
)


@app.command(
    epilog=examples(
        "zksolvency account new --out account.json",
        "zksolvency account new --book my-book.json --out account.json",
        "zksolvency account new --chain-id 1 --contract 0x1F98...F984 --out a.json",
    )
)
def new(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to make; never overwritten.")],
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book: a name in books/, or a file.")] = (
        "perps-13"
    ),
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
            parser=parse_point,
            help="Guardian, who may read the account: a point on Baby Jubjub.  [default: the owner alone reads it]",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make an account file with fresh secrets.

    It has no positions yet: `account import` reads them from a file.
    """
    require_target(out)
    keys = OwnerKeys.generate(Domain(chain_id, contract or 0), guardian)
    account = Account.create(load_book(book), {}, "0", keys)
    account.save(out)
    print_account(account, out, as_json=as_json)


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
    print_account(load_account(account, book), account, positions=positions, keys=keys, as_json=as_json)

"""`zksolvency wallet restore`."""

from typing import Annotated, Any

import typer
from rich.console import Console

from prover.account import Point, Wallet, WalletAccount, owner_secret_from_text
from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, short_id
from prover.cli._passphrase import ask_passphrase, ask_unseen
from prover.cli._points import parse_point
from prover.cli._wallets import WalletFile, WalletOptions, make_folder
from prover.onchain import restore as find_accounts
from prover.storage import require_target
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency wallet restore",
        "zksolvency wallet restore --name trading --wallet new.age \\",
        "    --rpc URL --deployment margin-book.json",
    )
)
def restore(
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Name for what is found; further ones get NAME-2, NAME-3.")
    ] = "restored",
    guardian: Annotated[
        list[Point] | None,
        typer.Option(
            "--guardian",
            metavar="X,Y",
            parser=parse_point,
            help="Point of a guardian that the accounts may have named. Needed only when the node leaves out logs.",
        ),
    ] = None,
    *,
    wallet: WalletOptions,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Find every account of an owner secret in a book, and put them into a wallet.

    The secret is asked for, as `wallet show --secrets` prints it. A wallet that does not exist is made. With them,
    everything that the accounts own is read from the chain again.
    """
    options.record()
    path = wallet.path
    make_folder(path)
    require_target(path)
    secret = owner_secret_from_text(ask_unseen("owner secret"))
    is_new = not path.exists()
    file = WalletFile(path, ask_passphrase("wallet", wallet.passphrase_file, confirm=is_new))
    with options.open() as book:
        found = find_accounts(book, secret, guardian or ())
    if not found:
        raise InputError(
            "no account in this book has this owner secret under any guardian that the node knows of: is it the right "
            "secret, and the right book (--deployment)? If the node may leave logs out, ask another one, or name the "
            "account's guardian with --guardian"
        )
    added: list[WalletAccount] = []

    def with_found(old: Wallet) -> Wallet:
        added[:] = old.missing(found, name)
        return Wallet((*old.accounts, *added))

    if is_new:
        with_found(Wallet()).save(path, file.passphrase)
    else:
        file.change(with_found)
    entries = [{"name": item.name, "identity": as_hex(item.keys.identity)} for item in added]
    result: dict[str, Any] = {"wallet": str(path), "found": len(found), "added": entries}

    def render(console: Console) -> None:
        news = str(len(added)) if added else "none: all are in the wallet"
        print_facts(console, [("wallet", str(path)), ("found", str(len(found))), ("added", news)])
        if added:
            console.print()
            rows = [[item.name, short_id(item.keys.identity)] for item in added]
            print_table(console, columns(["account", "identity"], rows, left=2))

    emit(result, render, as_json=as_json)

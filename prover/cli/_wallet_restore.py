"""`zksolvency wallet restore`."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, count
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from prover import OwnerKeys
from prover.account import SUBGROUP_ORDER, Point, Wallet, WalletAccount
from prover.cli._account_session import Place
from prover.cli._book_chain import BookDeploymentOption, short_id
from prover.cli._book_options import parse_guardian
from prover.cli._chain import RpcOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, columns, emit, print_facts, print_table
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase, ask_unseen
from prover.cli._wallets import WalletFile, WalletOption, make_folder, wallet_path
from prover.onchain import restore as find_accounts
from prover.storage import require_target
from verifier import InputError

app = new_app()

_SECRET: Final = re.compile(r"0x([0-9a-fA-F]{1,64})|([0-9]{1,78})")


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
            parser=parse_guardian,
            help="Point of a guardian that the accounts may have named. Needed only when the node leaves out logs.",
        ),
    ] = None,
    wallet: WalletOption = None,
    passphrase_file: PassphraseFileOption = None,
    rpc: RpcOption = None,
    deployment: BookDeploymentOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Find every account of an owner secret in a book, and put them into a wallet.

    The secret is asked for, as `wallet show --secrets` prints it. A wallet that does not exist is made. With them,
    everything that the accounts own is read from the chain again.
    """
    place = Place(rpc, None, deployment)
    place.record()
    path = wallet_path(wallet)
    make_folder(path)
    require_target(path)
    secret = _ask_secret()
    is_new = not path.exists()
    file = WalletFile(path, ask_passphrase("wallet", passphrase_file, confirm=is_new))
    with place.open(reads_only=True) as book:
        found = find_accounts(book, secret, guardian or ())
    if not found:
        raise InputError(
            "no account in this book has this owner secret under any guardian that the node tells of: is it the right "
            "secret, and the right book (--deployment)? If the node may leave logs out, ask another one, or name the "
            "account's guardian with --guardian"
        )
    added: list[WalletAccount] = []

    def with_found(old: Wallet) -> Wallet:
        added[:] = _missing(old, found, name)
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


def _ask_secret() -> int:
    """The owner secret, decimal or in hex with 0x. It stands in no error.

    Raises:
        InputError: no such number.
        typer.Abort: nobody answered.
    """
    match = _SECRET.fullmatch(ask_unseen("owner secret").strip())
    secret = 0 if match is None else int(match[1], 16) if match[1] else int(match[2])
    if not 1 <= secret < SUBGROUP_ORDER:
        raise InputError(
            "owner secret: expected a number, decimal or in hex with 0x, as `wallet show --secrets` prints it"
        )
    return secret


def _missing(wallet: Wallet, found: Sequence[OwnerKeys], name: str) -> Iterator[WalletAccount]:
    """What was found and is not in the wallet yet, under names that are free."""
    known = {account.keys.identity for account in wallet.accounts}
    taken = {account.name for account in wallet.accounts}
    names = (free for free in chain([name], (f"{name}-{i}" for i in count(2))) if free not in taken)
    for keys in found:
        if keys.identity not in known:
            yield WalletAccount(next(names), keys)

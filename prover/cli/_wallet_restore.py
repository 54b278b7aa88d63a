"""`zksolvency wallet restore`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.account import Domain, Point, Seed, Wallet, WalletAccount, secret_from_text
from prover.cli._book_options import BooksOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, as_address
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, short_id, warn
from prover.cli._passphrase import ask_passphrase, ask_unseen
from prover.cli._points import parse_point
from prover.cli._wallets import WalletFile, WalletOptions, make_folder
from prover.onchain import GAP_LIMIT, FoundAccounts, find_accounts
from prover.storage import require_target
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency wallet restore",
        "zksolvency wallet restore --own-seed",
        "zksolvency wallet restore --name trading --wallet new.age --rpc URL \\",
        "    --deployment margin-book.json --deployment options-book.json",
    )
)
def restore(
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Name for what is found; further ones get NAME-2, NAME-3.")
    ] = "restored",
    own_seed: Annotated[
        bool, typer.Option("--own-seed", help="Take the seed of the wallet in place of asking for a secret.")
    ] = False,
    gap: Annotated[
        int, typer.Option("--gap", metavar="N", min=1, help="Indices in a row without an account that end the search.")
    ] = GAP_LIMIT,
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
    options: BooksOptions,
    as_json: JsonFlag = False,
) -> None:
    """Find every account of a seed or an owner secret, and put them into a wallet.

    It looks in each book that --deployment names; for books of other chains, run it again with --own-seed. The seed or
    secret is asked for, as `wallet show --secrets` prints it. A wallet that does not exist is made. With the accounts,
    everything that they own is read from the chain again.
    """
    options.records()
    path = wallet.path
    make_folder(path)
    require_target(path)
    is_new = not path.exists()
    if own_seed and is_new:
        raise InputError(f"no wallet at {path}, so it has no seed: leave --own-seed out, and type one")
    secret = None if own_seed else secret_from_text(ask_unseen("seed or owner secret"))
    file = WalletFile(path, ask_passphrase("wallet", wallet.passphrase_file, confirm=is_new))
    old = _new_wallet(secret) if is_new else file.load()
    secret = _own_seed(old) if secret is None else secret
    if isinstance(secret, Seed) and old.seed != secret:
        raise InputError("the wallet has another seed, or none: name a new file with --wallet for this one")
    with options.open() as books:
        found = {book.domain: find_accounts(book, secret, guardian or (), gap) for book in books}
    _tell_where_nothing_is(found, secret)
    added: list[WalletAccount] = []

    def with_found(old: Wallet) -> Wallet:
        added[:] = old.missing([account for one in found.values() for account in one.accounts], name)
        return Wallet((*old.accounts, *added), old.seed)

    if is_new:
        with_found(old).save(path, file.passphrase)
    else:
        file.change(with_found)
    result: dict[str, Any] = {
        "wallet": str(path),
        "found": sum(len(one.accounts) for one in found.values()),
        "books": [_book(domain, one) for domain, one in found.items()],
        "added": [_entry(account) for account in added],
    }
    emit(result, lambda console: _render(console, result), as_json=as_json)


def _new_wallet(secret: Seed | int | None) -> Wallet:
    return Wallet(seed=secret) if isinstance(secret, Seed) else Wallet.create()


def _own_seed(wallet: Wallet) -> Seed:
    if wallet.seed is None:
        raise InputError("the wallet has no seed: `zksolvency wallet upgrade` gives it one")
    return wallet.seed


def _tell_where_nothing_is(found: Mapping[Domain, FoundAccounts], secret: Seed | int) -> None:
    """Say it for each book. An owner secret without any account is refused: it has no checksum, and may be mistyped."""
    advice = (
        "is it the right one, and the right book (--deployment)? If the node may leave logs out, ask another one, or "
        "name the account's guardian with --guardian"
    )
    if not isinstance(secret, Seed) and not any(one.accounts for one in found.values()):
        raise InputError(
            f"no account in this book has this owner secret under any guardian that the node knows of: {advice}"
        )
    what = "seed" if isinstance(secret, Seed) else "owner secret"
    for domain, one in found.items():
        if not one.accounts:
            warn(f"no account of this {what} was found in the book {as_address(domain.contract)}: {advice}")


def _book(domain: Domain, found: FoundAccounts) -> dict[str, Any]:
    return {
        "book": as_address(domain.contract),
        "chain_id": domain.chain_id,
        "found": len(found.accounts),
        "left_out": found.left_out,
    }


def _entry(account: WalletAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "identity": as_hex(account.keys.identity),
        "index": account.index,
        "book": as_address(account.keys.domain.contract),
    }


def _render(console: Console, result: Mapping[str, Any]) -> None:
    added = result["added"]
    news = str(len(added)) if added else "none: all are in the wallet" if result["found"] else "none"
    print_facts(console, [("wallet", result["wallet"]), ("found", str(result["found"])), ("added", news)])
    if added:
        console.print()
        rows = [[entry["name"], short_id(int(entry["identity"], 16)), entry["book"]] for entry in added]
        print_table(console, columns(["account", "identity", "book"], rows, left=3))

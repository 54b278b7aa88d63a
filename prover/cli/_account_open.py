"""`zksolvency account open`."""

from typing import Annotated, Any

import typer

from prover.account import Point, point_to_text
from prover.cli._account_session import with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._ether import ether
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, note, report, sent
from prover.cli._points import parse_point
from prover.cli._wallets import WalletOptions
from prover.onchain import Owner, open_book_prover, with_new_account
from verifier import ChainError

app = new_app()


@app.command(
    "open",
    epilog=examples(
        "zksolvency account open --name trading",
        "zksolvency account open --name hedges --guardian X,Y",
    ),
)
def open_account(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Your own name for it: a-z, 0-9 and -.")],
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Leave the bond on a public chain without asking. On a local one nothing is asked."),
    ] = False,
    guardian: Annotated[
        Point | None,
        typer.Option(
            "--guardian",
            metavar="X,Y",
            parser=parse_point,
            help="Guardian, who may read the account: one that the book accepts.  [default: the only one]",
        ),
    ] = None,
    *,
    wallet: WalletOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Open an account in a margin book, empty.

    Its secret is derived from the wallet's seed, at an index that neither wallet nor chain has an account at. It is in
    the wallet before anything is sent. If anything fails, run the same command again: it goes on where it stopped, with
    the same secret. What the guardian may read is the whole account; it can move nothing.
    The sender leaves the bond that the book asks for, in ETH. It pays the tip of the account's next flag.
    """
    options.record()
    file = wallet.open()
    with options.open() as book, with_progress(open_book_prover, book.n, keys) as prover:
        # the secret is safe in the wallet before anything is sent
        account = file.change(lambda old: with_new_account(old, book, name, guardian)).account(name)
        owner = Owner(book, account.keys, prover)
        result: dict[str, Any] = {
            "account": name,
            "identity": as_hex(owner.identity),
            "guardian": point_to_text(account.keys.guardian),
            "book": book.contracts.book.contract.address,
            "wallet": str(file.path),
        }
        if _is_open(owner):
            note(f"the account {name} is open already; nothing was sent")
            report({**result, "opened": False}, as_json=as_json)
        else:
            bond = _confirmed_bond(owner, yes=yes)
            result["bond"] = bond if as_json else ether(bond)
            report({**result, "opened": True, **_open(owner)}, as_json=as_json)


def _is_open(owner: Owner) -> bool:
    return owner.book.contracts.book.account(owner.identity).commitment != 0


def _confirmed_bond(owner: Owner, *, yes: bool) -> int:
    """What opening will leave as a bond [wei], after saying so, and asking where it is money."""
    chain, bond = owner.book.contracts.chain, owner.book.contracts.book.vault.opening_bond()
    if not bond:
        return bond
    note(f"opening leaves {ether(bond)} in the book's vault: the bond, which pays the tip of the account's next flag")
    require_consent(chain.chain_id, "leave the bond, and open the account", yes=yes)
    return bond


def _open(owner: Owner) -> dict[str, Any]:
    try:
        return sent(owner.open())
    except ChainError as error:
        if error.refusal is not None:
            raise
        raise ChainError(
            f"{error}. Nothing is lost, the account's secret is in the wallet: run the same command again, it goes on"
        ) from None

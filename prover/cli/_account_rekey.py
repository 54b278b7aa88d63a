"""`zksolvency account rekey`."""

from typing import Annotated, Any

import typer

from prover.account import Point, Wallet, WalletAccount, point_to_text
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, note, report, sent
from prover.cli._points import parse_point
from prover.onchain import (
    AccountLife,
    accepted_guardian,
    open_margin_prover,
    open_owner,
    successor_name,
    with_new_account,
)
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account rekey --account trading --guardian X,Y",
        "zksolvency account rekey --account trading --guardian X,Y --name desk",
    )
)
def rekey(
    guardian: Annotated[
        Point,
        typer.Option(
            "--guardian", metavar="X,Y", parser=parse_point, help="The new guardian: one that the book accepts."
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="NAME", help="Name of the account from now on.  [default: trading-2 for trading]"
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Move it on a public chain without asking. On a local one nothing is asked.")
    ] = False,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Move an account to another guardian, with all that it holds.

    For an owner whose guardian is lost, or no longer trusted. Positions, money and the bond stay. The account gets a
    new secret, a new identity and a new name in the wallet; the old ones are used up. The new guardian reads everything
    from now on. The old one keeps what it has read, and reads nothing that comes after.
    The new secret is in the wallet before anything is sent. If anything fails, run the same command again: it goes on
    where it stopped.
    The account must not be flagged, and must meet maintenance margin at the newest prices, which is proven at the gate
    first where it is not known. The chain shows that both identities are one account. Offers that are open end.
    """
    record = options.record()
    file = account.open()
    chosen = file.load().choose(record.domain, account.account)
    new_name = name or successor_name(chosen.name)
    with (
        options.open() as book,
        with_progress(open_owner, book, chosen.keys, keys) as owner,
        with_progress(open_margin_prover, book.n, keys) as margin,
        watched(chosen),
    ):
        life = AccountLife(owner)
        successor = life.moved_to()
        if successor is not None:
            moved = _known_successor(file.load(), chosen, successor)
            note(f"the account {chosen.name} has moved already: it is now {moved.name}; nothing was sent")
            report({**_result(chosen, moved), "moved": False}, as_json=as_json)
            return
        owner.state()
        accepted_guardian(book, guardian)
        note(
            f"the account {chosen.name} moves to the guardian {point_to_text(guardian)}, and is then called {new_name}"
        )
        require_consent(book.contracts.chain.chain_id, f"move the account {chosen.name}", yes=yes)
        # the secret is safe in the wallet before anything is sent
        new = file.change(lambda old: with_new_account(old, book, new_name, guardian)).account(new_name)
        if book.contracts.book.account(new.keys.identity).is_used:
            raise InputError(f"the wallet has an account {new_name} that was opened: choose another --name")
        receipt = life.rekey(new.keys, margin)
        report({**_result(chosen, new), "moved": True, **sent(receipt)}, as_json=as_json)


def _known_successor(wallet: Wallet, account: WalletAccount, successor: int) -> WalletAccount:
    """The account of a wallet that another one has moved to."""
    if successor == 0:
        raise InputError(f"the account {account.name} is closed: there is nothing to move")
    for one in wallet.accounts:
        if one.keys.identity == successor:
            return one
    raise InputError(
        f"another copy of the wallet has moved the account {account.name} to the identity {as_hex(successor)}: "
        "`zksolvency wallet restore --own-seed` adds it here"
    )


def _result(account: WalletAccount, new: WalletAccount) -> dict[str, Any]:
    return {
        "account": account.name,
        "new_account": new.name,
        "identity": as_hex(new.keys.identity),
        "guardian": point_to_text(new.keys.guardian),
    }

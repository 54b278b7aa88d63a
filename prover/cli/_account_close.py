"""`zksolvency account close`."""

from typing import Annotated, Any

import typer

from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._ether import ether
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, note, report, sent
from prover.onchain import AccountLife, open_owner
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account close",
        "zksolvency account close --account trading --rpc URL \\",
        "    --deployment margin-book.json --keystore sender.json",
    )
)
def close(
    yes: Annotated[
        bool, typer.Option("--yes", help="Close it on a public chain without asking. On a local one nothing is asked.")
    ] = False,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Close an empty account, and get its bond back.

    The account must hold and owe nothing, and must not be flagged. First close its positions, withdraw its tokens, and
    take the money out with `account exit`. What waits in the vault's queue is paid all the same.
    Its bond goes back to the address that opened it. An account that was closed is never opened again: `account open`
    makes a new one.
    """
    chosen = account.choose(options.record())
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        life = AccountLife(owner)
        result: dict[str, Any] = {"account": chosen.name, "identity": as_hex(owner.identity)}
        successor = life.moved_to()
        if successor:
            raise InputError(f"the account has moved to the identity {as_hex(successor)}: name the account of that one")
        if successor == 0:
            note(f"the account {chosen.name} is closed already; nothing was sent")
            report({**result, "closed": False}, as_json=as_json)
            return
        life.require_closable()
        bond = book.contracts.book.vault.bond(owner.identity)
        if bond.amount:
            note(f"closing gives {ether(bond.amount)} back to {bond.opener}, which opened the account")
        require_consent(book.contracts.chain.chain_id, f"close the account {chosen.name} for ever", yes=yes)
        receipt, returned = life.close()
        amount = returned.amount if as_json else ether(returned.amount)
        to = {"opener": returned.opener} if returned.amount else {}
        report({**result, "closed": True, "bond": amount, **to, **sent(receipt)}, as_json=as_json)

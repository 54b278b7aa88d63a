"""`zksolvency account exit`."""

from typing import Annotated

import typer

from prover.chain import Chain
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, parse_address
from prover.cli._output import report, sent
from prover.market import parse_amount
from prover.onchain import AccountLife, open_owner
from verifier import InputError

app = new_app()


@app.command(
    "exit",
    epilog=examples(
        "zksolvency account exit 500 --to 0x7099...79C8",
    ),
)
def leave(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much of the settlement currency. Public.")],
    to: Annotated[int, typer.Option("--to", metavar="ADDRESS", parser=parse_address, help="Who gets the tokens.")],
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Take money out of an account without positions; needs no price round.

    So it can be asked for while the reporters are silent. `account withdraw` needs a fresh round, and takes any asset
    out of any account. The money waits in the queue of the vault, like every withdrawal (`account withdrawals`), whose
    delay runs on once rounds come again.
    The chain shows the amount and the recipient, and that the account has no positions. A flagged account is refused.
    """
    record = options.record()
    assets = record.assets()
    units = parse_amount(assets, assets.n, amount, "AMOUNT")
    if to == 0:
        raise InputError("--to: the zero address would burn the tokens")
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        receipt = AccountLife(owner).exit(units, to)
        place = {
            "index": book.contracts.book.withdrawal_of(receipt).index,
            "due_in": book.contracts.book.vault.withdrawal_delay(),
        }
    report(
        {"account": chosen.name, "amount": amount, "to": Chain.checksum(to), **place, **sent(receipt)},
        as_json=as_json,
    )

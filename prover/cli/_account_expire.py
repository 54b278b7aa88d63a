"""`zksolvency account expire`."""

from typing import Any

from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, note, report, sent
from prover.onchain import open_owner

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account expire",
        "zksolvency account expire --account trading --rpc URL \\",
        "    --deployment margin-book.json --keystore sender.json",
    )
)
def expire(
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Turn positions in assets that have expired into cash.

    Until then the account can do nothing at newer prices: no deposit, trade, withdrawal, exit or move. The cash is each
    position times the settlement price of its asset. A short position pays.
    One proof crosses several expiries. A slot that was listed again and settled again takes a second one. Its guardian
    may have done it already: then nothing is sent.
    """
    chosen = account.choose(options.record())
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        before = book.contracts.book.account(owner.identity).epoch
        receipts = owner.expire()
        after = book.contracts.book.account(owner.identity).epoch
    if not receipts:
        note("the account has no expiry before it; nothing was sent")
    result: dict[str, Any] = {
        "account": chosen.name,
        "identity": as_hex(owner.identity),
        "from_epoch": before,
        "epoch": after,
        "proofs": len(receipts),
    }
    report(result | (sent(receipts[-1]) if receipts else {}), as_json=as_json)

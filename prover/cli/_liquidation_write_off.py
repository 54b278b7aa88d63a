"""`zksolvency liquidation write-off`."""

from prover.cli._account_session import with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._guardian_key import KeyOption, open_key
from prover.cli._liquidation_options import AccountArgument
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, report, sent
from prover.cli._passphrase import PassphraseFileOption
from prover.market import QUOTE_DECIMALS, format_decimal
from prover.onchain import AccountReader, Insurance, LiquidationMarket, find_guarded, open_liquidation_prover

app = new_app()


@app.command(
    "write-off",
    epilog=examples(
        "zksolvency liquidation write-off 0x2a71c09be3 \\",
        "    --guardian-key guardian.age",
    ),
)
def write_off(
    account: AccountArgument,
    key: KeyOption,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Write off the debt of a flagged account that was sold whole.

    The account is empty and free afterwards. The insurance fund pays what it may, and the rest is a shortfall
    (`book shortfall`). The debt is public. The cure window has to be over.
    """
    secret = open_key(key, passphrase_file)
    with options.open() as book, with_progress(open_liquidation_prover, book.n, keys) as prover:
        market = LiquidationMarket.of(book)
        chosen = find_guarded(AccountReader(secret).look(book), account)
        receipt = prover.writeoffs(market).write_off(chosen.viewing)
        left = format_decimal(Insurance.of(book).ledger.shortfall(), QUOTE_DECIMALS)
    report({"account": as_hex(chosen.identity), "shortfall": left, **sent(receipt)}, as_json=as_json)

"""`zksolvency liquidation recover`."""

from prover.cli._account_session import with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._guardian_key import KeyOption, open_key
from prover.cli._liquidation_options import AccountArgument, GroundOption
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, report, sent
from prover.cli._passphrase import PassphraseFileOption
from prover.onchain import AccountReader, LiquidationMarket, find_guarded, open_liquidation_prover
from verifier import VectorKind

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency liquidation recover 0x2a71c09be3 \\",
        "    --guardian-key guardian.age",
    )
)
def recover(
    account: AccountArgument,
    key: KeyOption,
    ground: GroundOption = VectorKind.MAINTENANCE,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """End the flag of an account that meets its margin again, because prices moved.

    Proves it at the newest prices, which have to be newer than the flag. The account is free again.
    """
    secret = open_key(key, passphrase_file)
    with options.open() as book, with_progress(open_liquidation_prover, book.n, keys) as prover:
        market = LiquidationMarket.of(book)
        chosen = find_guarded(AccountReader(secret).look(book), account)
        receipt = prover.keeper(market).recover(chosen.viewing, ground)
    report({"account": as_hex(chosen.identity), "ground": str(ground), **sent(receipt)}, as_json=as_json)

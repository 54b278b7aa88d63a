"""`zksolvency account answer`."""

from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._ether import ether
from prover.cli._options import JsonFlag, RecipientOption, as_address
from prover.cli._output import as_hex, report, sent
from prover.onchain import LiquidationMarket, open_liquidation_prover

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account answer",
        "zksolvency account answer --account trading --rpc URL \\",
        "    --deployment margin-book.json --keystore sender.json",
    )
)
def answer(
    recipient: RecipientOption = None,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Answer a challenge of an account, and earn its bond.

    Proves that the account met maintenance margin at the round of the challenge, or at that of a later change. The
    bond goes to the sender, or to the address of --recipient, which the proof binds. Without an answer in time the
    account is flagged.
    """
    chosen = account.choose(options.record())
    with options.open() as book, with_progress(open_liquidation_prover, book.n, keys) as prover, watched(chosen):
        market = LiquidationMarket.of(book)
        earner = int(book.contracts.chain.sender, 16) if recipient is None else recipient
        receipt = prover.keeper(market).answer(chosen.viewing(), earner)
        bond = market.engine.terms().challenge_bond
    identity = as_hex(chosen.keys.identity)
    result = {"account": chosen.name, "identity": identity, "recipient": as_address(earner)}
    report({**result, "bond": bond if as_json else ether(bond), **sent(receipt)}, as_json=as_json)

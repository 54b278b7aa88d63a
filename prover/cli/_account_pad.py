"""`zksolvency account pad`."""

from dataclasses import replace
from typing import Annotated

import typer

from prover import Claim
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import note, report, sent
from prover.onchain import AccountPermission, open_owner
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account pad --account trading --partner hedges",
    )
)
def pad(
    partner: Annotated[str, typer.Option("--partner", metavar="NAME", help="The other account, in the same wallet.")],
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Settle a padding trade: of size 0 for no money, between two accounts of a wallet.

    Both accounts keep what they hold. The chain shows a trade like any other: which accounts, when and at which round.
    So true trades tell less by their times. Both accounts must meet maintenance margin, as for any trade.
    """
    record = options.record()
    wallet = account.open().load()
    chosen, other = wallet.choose(record.domain, account.account), wallet.choose(record.domain, partner)
    if other.name == chosen.name:
        raise InputError("--partner: an account cannot trade with itself")
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        second = replace(owner, keys=other.keys)
        claim = max(AccountPermission.read(book, each.identity).trade_claim() for each in (owner, second))
        if claim is Claim.REDUCES_RISK:
            note("no new risk is permitted now: the chain will show that the trade does not raise the accounts' risk")
        if claim is Claim.MEETS_INITIAL_MARGIN:
            note("an account has changed often in a row: the chain will show that both meet initial margin")
        receipt = owner.pad(second, claim)
    report({"account": chosen.name, "partner": other.name, **sent(receipt)}, as_json=as_json)

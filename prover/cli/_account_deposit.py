"""`zksolvency account deposit`."""

from typing import Annotated

import typer

from prover import Claim
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._ether import ether
from prover.cli._options import JsonFlag
from prover.cli._output import note, report, sent
from prover.market import asset_slot, parse_amount
from prover.onchain import AccountPermission, Owner, open_owner

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account deposit --asset USD --amount 20000",
        "zksolvency account deposit --asset WBTC --amount 0.5 --account trading",
    )
)
def deposit(
    asset: Annotated[str, typer.Option("--asset", metavar="SYMBOL", help="Spot asset; USD: settlement currency.")],
    amount: Annotated[str, typer.Option("--amount", metavar="DECIMAL", help="How much of it. Public on chain.")],
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Pay tokens of the sender into an account.

    The chain shows who pays how much of which token into which account, and nothing of what the account holds. A
    deposit that cures a flagged account shows that it meets initial margin afterwards.
    """
    record = options.record()
    assets = record.assets()
    slot = asset_slot(assets, asset, "--asset")
    units = parse_amount(assets, slot, amount, "--amount")
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        receipt = owner.deposit(slot, units, _claim(owner))
    report({"account": chosen.name, "asset": asset, "amount": amount, **sent(receipt)}, as_json=as_json)


def _claim(owner: Owner) -> Claim:
    """What the deposit must show; a note says so when that is anything."""
    claim = AccountPermission.read(owner.book, owner.identity).deposit_claim()
    if claim is Claim.MEETS_INITIAL_MARGIN:
        note("the account may only be cured now: the chain will show that it meets initial margin after the deposit")
        bond = owner.bond_due(claim)
        if bond:
            note(f"a flag has paid the account's bond out, so the deposit sends {ether(bond)} along to refill it")
    return claim

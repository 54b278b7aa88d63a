"""`zksolvency account withdraw`."""

from typing import Annotated

import typer

from prover.chain import Chain
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._account_states import withdrawal_facts
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, parse_address
from prover.cli._output import errors, print_facts, report, sent
from prover.market import asset_slot, parse_amount
from prover.onchain import AccountPermission, Owner, TriedWithdrawal, open_owner
from verifier import InputError, ProvingError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account withdraw --asset USD --amount 500 --to 0x7099...79C8",
    )
)
def withdraw(
    asset: Annotated[str, typer.Option("--asset", metavar="SYMBOL", help="Spot asset; USD: settlement currency.")],
    amount: Annotated[str, typer.Option("--amount", metavar="DECIMAL", help="How much of it. Public on chain.")],
    to: Annotated[int, typer.Option("--to", metavar="ADDRESS", parser=parse_address, help="Who gets the tokens.")],
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Take tokens out of an account, to be paid after the book's delay.

    They leave the account at once, and wait in the queue of the vault (`account withdrawals`). When they are due,
    any caller can have them paid (`book pay-out`).

    The account must meet initial margin with what is left. Profit of perpetuals and options counts as cash; spot assets
    back debt by a small part of their value only, so sell spot where cash is short. The chain shows who gets how much
    of which token. The recipient is bound into the proof. `account limits` shows how much can be withdrawn.
    """
    record = options.record()
    assets = record.assets()
    slot = asset_slot(assets, asset, "--asset")
    units = parse_amount(assets, slot, amount, "--amount")
    if to == 0:
        raise InputError("--to: the zero address would burn the tokens")
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        AccountPermission.read(owner.book, owner.identity).require_withdrawals()
        try:
            receipt = owner.withdraw(slot, units, to)
        except ProvingError as error:
            if not as_json:
                _show_limits(owner, slot, units)
            limits = f"`zksolvency account limits --account {chosen.name}` shows how much can be withdrawn"
            raise ProvingError(f"{error}; {limits}") from None
        place = {
            "index": book.contracts.book.withdrawal_of(receipt).index,
            "due_in": book.contracts.book.vault.withdrawal_delay(),
        }
    result = {"account": chosen.name, "asset": asset, "amount": amount, "to": Chain.checksum(to), **place}
    report({**result, **sent(receipt)}, as_json=as_json)


def _show_limits(owner: Owner, slot: int, units: int) -> None:
    """Show a person what the account would lack. A log, which others may read, gets the reason without amounts."""
    console = errors()
    if console.is_terminal:
        tried = TriedWithdrawal.read(owner.book, owner.state(), slot, units, owner.book.latest_round())
        print_facts(console, withdrawal_facts(tried))

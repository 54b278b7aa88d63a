"""`zksolvency account deposit`."""

from typing import Annotated, Final

import typer

from prover import Claim
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._account_states import flag_facts
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._ether import ether
from prover.cli._options import JsonFlag
from prover.cli._output import errors, note, print_facts, report, sent, warn
from prover.cli._questions import agrees
from prover.market import asset_slot, parse_amount
from prover.onchain import AccountLimits, AccountPermission, Owner, open_owner
from verifier import InputError

app = new_app()

_SHOWN: Final = {
    Claim.MEETS_INITIAL_MARGIN: "the book takes nothing less from the account now: the chain will show that it meets "
    "initial margin after the deposit",
    Claim.REDUCES_RISK: "the deposit does not cure the account: the chain will show that it does not raise its risk",
    Claim.TOPS_UP: "the deposit does not cure the account: the chain will show that it is below maintenance margin",
}


@app.command(
    epilog=examples(
        "zksolvency account deposit --asset USD --amount 20000",
        "zksolvency account deposit --asset WBTC --amount 0.5 --account trading",
    )
)
def deposit(
    asset: Annotated[str, typer.Option("--asset", metavar="SYMBOL", help="Spot asset; USD: settlement currency.")],
    amount: Annotated[str, typer.Option("--amount", metavar="DECIMAL", help="How much of it. Public on chain.")],
    may_flag: Annotated[
        bool,
        typer.Option("--may-flag", help="Deposit even if the book flags the account for it.  [default: it asks]"),
    ] = False,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Pay tokens of the sender into an account.

    The chain shows who pays how much of which token into which account, and nothing of what the account holds. But an
    account that would still be below maintenance margin shows that, and is flagged for it. A flagged account shows that
    it meets initial margin afterwards, which ends the flag. Until its cure window is over, several deposits can do that
    together: each one shows that it does not raise the account's risk, or that more is needed.
    """
    record = options.record()
    assets = record.assets()
    slot = asset_slot(assets, asset, "--asset")
    units = parse_amount(assets, slot, amount, "--amount")
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        plan = owner.plan_deposit(slot, units)
        if plan.flags and not may_flag:
            _confirm_flag()
        if plan.claim in _SHOWN:
            note(_SHOWN[plan.claim])
        bond = owner.bond_due(plan.claim)
        if bond:
            note(f"a flag has paid the account's bond out, so the deposit sends {ether(bond)} along to refill it")
        made = owner.deposit(slot, units, may_flag=may_flag or plan.flags)
        after = AccountPermission.read(book, owner.identity)
        if after.cure_time is not None:
            _tell_missing(owner, chosen.name, after.cure_time, as_json=as_json)
    result = {
        "account": chosen.name,
        "asset": asset,
        "amount": amount,
        "claim": made.claim.name.lower().replace("_", "-"),
        "flagged": after.cure_time is not None,
    }
    if after.cure_time is not None:
        result["cure_window_left"] = after.cure_time
    report({**result, **sent(made.receipt)}, as_json=as_json)


def _confirm_flag() -> None:
    warn("the account would still be below maintenance margin: the book flags an account for such a deposit")
    if not agrees("deposit, and have the account flagged?"):
        raise InputError("not deposited: nothing was sent; a larger deposit flags no account")


def _tell_missing(owner: Owner, name: str, seconds: int, *, as_json: bool) -> None:
    """Say what a flagged account needs. A log, which others may read, gets no amount."""
    end = f"within {seconds} s, while flags are not stopped" if seconds else "in one deposit: the cure window is over"
    note(f"the account is flagged: deposit what it lacks {end}; `zksolvency account limits --account {name}` shows it")
    console = errors()
    if console.is_terminal and not as_json:
        limits = AccountLimits.read(owner.book, owner.state(), owner.book.latest_round())
        print_facts(console, flag_facts(seconds, limits.headroom))

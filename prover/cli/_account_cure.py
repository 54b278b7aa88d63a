"""`zksolvency account cure`."""

from collections.abc import Iterator
from typing import Annotated

import typer

from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._ether import ether
from prover.cli._options import JsonFlag
from prover.cli._output import errors, print_facts, report, sent
from prover.cli._questions import agrees
from prover.market import QUOTE_DECIMALS, USD, format_decimal, format_usd_up, parse_decimal
from prover.onchain import AccountPermission, CurePlan, open_owner
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account cure",
        "zksolvency account cure --account trading --at-least 20000 --yes",
    )
)
def cure(
    at_least: Annotated[
        str | None,
        typer.Option(
            "--at-least",
            metavar="USD",
            help="Deposit no less than this, so that the amount tells less.  [default: the dust of the book's engine, "
            "mostly 1000]",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Deposit without showing what is missing and asking.")] = False,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Deposit what cures an account that is flagged, or below initial margin.

    The least deposit of the settlement currency that cures is computed at the newest prices, and rounded up to two
    digits: the amount is public, and must not tell exactly what the account lacks. It is shown, and deposited once you
    agree. Then the chain shows that a flagged account meets initial margin, and its flag and auction end. Of an account
    that is not flagged yet it shows nothing. For less, or in another asset: `account deposit`.
    """
    record = options.record()
    least = None if at_least is None else parse_decimal(at_least, QUOTE_DECIMALS, "--at-least")
    if least is not None and least < 0:
        raise InputError("--at-least: must not be below 0")
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner, watched(chosen):
        plan = CurePlan.make(owner, least)
        if not yes:  # in a script, a log would keep what is missing
            print_facts(errors(), [("account", chosen.name), *_facts(plan)])
            if not agrees("deposit it?"):
                raise InputError("not deposited: nothing was sent")
        made = plan.carry_out(owner)
        after = AccountPermission.read(book, owner.identity)
    result = {
        "account": chosen.name,
        "asset": USD,
        "amount": format_decimal(plan.amount, QUOTE_DECIMALS),
        "bond": plan.bond if as_json else ether(plan.bond),
        "claim": made.claim.name.lower().replace("_", "-"),
        "flagged": after.cure_time is not None,
    }
    report({**result, **sent(made.receipt)}, as_json=as_json)


def _facts(plan: CurePlan) -> Iterator[tuple[str, str]]:
    """What is asked about. What is missing is secret."""
    lacks = f"{format_usd_up(plan.missing)} USD" if plan.missing else "nothing: any deposit cures it"
    yield "lacks", f"{lacks} at round {plan.round_id}"
    yield "deposit", f"{format_usd_up(plan.amount)} USD, public on chain"
    if plan.bond:
        yield "bond", f"{ether(plan.bond)} along with it: a flag has paid it out"
    shows = "that the account meets initial margin" if plan.is_flagged else "nothing else"
    yield "shows", shows

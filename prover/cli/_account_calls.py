"""`zksolvency account calls`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from prover.account import CallBulletin, MarginCall, ViewingKeys
from prover.cli._account_session import AccountOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import emit, print_facts, warn
from prover.formats import format_duration, format_utc

_SHOWN: Final = "a forecast is shown: it tells how near the account is to its line"

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account calls --bulletin margin-calls.json",
        "zksolvency account calls --bulletin calls.json --account trading --json",
    )
)
def calls(
    bulletin: Annotated[
        Path, typer.Option("--bulletin", metavar="FILE", help="Bulletin of the guardian, with sealed calls for many.")
    ],
    *,
    account: AccountOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show whether the guardian calls an account for margin.

    A guardian may publish sealed calls. The one for your account opens with its viewing key, and no other owner can
    tell that there is one. It says how likely the account is to fall below maintenance margin within 1 hour and 24
    hours. Deposit, or close positions, before the time that it names.
    """
    found = CallBulletin.load(bulletin)
    chosen = account.choose_in(found.domain)
    call = found.find(ViewingKeys.of_owner(chosen.keys))

    def render(console: Console) -> None:
        print_facts(console, [("account", chosen.name), ("round", str(found.round_id)), *_facts(call)])

    if call is not None:
        warn(_SHOWN)
    result: dict[str, Any] = {"account": chosen.name, "round": found.round_id, "call": None}
    if call is not None:
        result["call"] = call._asdict()
    emit(result, render, as_json=as_json)


def _facts(call: MarginCall | None) -> list[tuple[str, str]]:
    if call is None:
        return [("call", "none: the account is not near its line, or the bulletin is old")]
    return [
        ("call", "URGENT" if call.is_urgent else "early"),
        ("prices of", format_utc(call.time)),
        ("below maintenance margin", f"{call.hour} % within 1 hour, {call.day} % within 24 hours"),
        ("act within", format_duration(60 * call.minutes) if call.minutes else "a minute"),
    ]

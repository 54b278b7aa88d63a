"""`zksolvency liquidation challenge`."""

from typing import Annotated, Any

import typer

from prover.chain import Level
from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._ether import ether
from prover.cli._options import JsonFlag, parse_field_element
from prover.cli._output import as_hex, report, sent
from prover.onchain import LiquidationMarket

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency liquidation challenge IDENTITY --rpc URL \\",
        "    --deployment margin-book.json --keystore sender.json",
    )
)
def challenge(
    account: Annotated[
        int, typer.Argument(metavar="IDENTITY", parser=parse_field_element, help="The account: its whole identity.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Leave the bond on a public chain without asking.")] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Ask an account to show that it meets maintenance margin, or end such a challenge.

    The first call leaves a bond, which an answer earns. Owner and guardian can answer: `account answer`. A later call
    ends the challenge: once the account was proven at a newer round, or is flagged, the bond comes back. Once the time
    to answer is over, the account is flagged for its silence, and its own bond comes too.
    """
    with options.open() as book:
        market = LiquidationMarket.of(book)
        engine, terms = market.engine, market.engine.terms()
        asked = engine.challenge_of(account)
        result: dict[str, Any] = {"account": as_hex(account)}
        if asked is None:
            bond = terms.challenge_bond
            require_consent(book.contracts.chain.chain_id, f"leave a bond of {ether(bond)}", yes=yes)
            receipt = engine.challenge(account, bond=bond)
            result |= {"challenge": "asked", "bond": bond if as_json else ether(bond)}
        elif book.contracts.breaker.active_time(Level.NO_FLAGS) > asked.started_at + terms.answer_window:
            receipt = engine.flag_silent(account)
            result |= {"challenge": "flagged for its silence"}
        else:
            receipt = engine.end_challenge(account)
            result |= {"challenge": "ended"}
    report({**result, **sent(receipt)}, as_json=as_json)

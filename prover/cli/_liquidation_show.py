"""`zksolvency liquidation show`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.chain import Level
from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._liquidation_options import PPM_OF_RATE
from prover.cli._options import JsonFlag, parse_field_element
from prover.cli._output import as_hex, emit, print_facts
from prover.formats import format_duration
from prover.market import format_ppm
from prover.onchain import LiquidationMarket
from verifier import BASIS, ChainError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency liquidation show IDENTITY --rpc URL \\",
        "    --deployment margin-book.json",
    )
)
def show(
    account: Annotated[
        int, typer.Argument(metavar="IDENTITY", parser=parse_field_element, help="The account: its whole identity.")
    ],
    *,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show flags, auctions, takeovers and challenge of an account.

    All of it is public, and needs no key: how old each flag is, which rates its auction has reached, and what was
    taken over. What the account holds is not among it.
    """
    with options.open() as book:
        market = LiquidationMarket.of(book)
        known = book.contracts.book.account(account)
        if not known.is_used:
            raise ChainError("the book knows no such account")
        flags = []
        for ground, auction in market.auctions.items():
            elapsed = market.elapsed(known, ground)
            if elapsed is None:
                continue
            covered, uncovered = auction.reached(elapsed)
            in_window = elapsed < auction.cure_window
            flags.append(
                {
                    "ground": str(ground),
                    "elapsed": elapsed,
                    "in_cure_window": in_window,
                    "expired": elapsed > auction.lifetime,
                    "rate": None if covered == BASIS else covered,
                    "uncovered_rate": uncovered,
                }
            )
        challenge = market.engine.challenge_of(account)
        time = book.contracts.breaker.active_time(Level.NO_FLAGS)
        left = market.engine.terms().answer_window
        takeovers = [
            {
                "ground": str(taken.ground),
                "taker": as_hex(taken.taker),
                "round": taken.round_id,
                "rate": taken.rate,
                "uncovered_rate": taken.uncovered_rate,
                "cured": taken.is_cured,
                "transaction": f"0x{taken.transaction.hex()}",
            }
            for taken in market.engine.takeovers(account, book.contracts.book.first_block)
        ]
    result: dict[str, Any] = {
        "account": as_hex(account),
        "open": known.commitment != 0,
        "flags": flags,
        "challenge": None
        if challenge is None
        else {
            "challenger": challenge.challenger,
            "round": challenge.round_id,
            "answer_within": max(0, challenge.started_at + left - time),
        },
        "takeovers": takeovers,
    }
    emit(result, lambda console: _render(console, result), as_json=as_json)


def _render(console: Console, result: Mapping[str, Any]) -> None:
    print_facts(console, _facts(result))


def _facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "account", result["account"] if result["open"] else f"{result['account']} (closed)"
    for flag in result["flags"]:
        state = "expired" if flag["expired"] else "in its cure window" if flag["in_cure_window"] else "for sale"
        yield f"{flag['ground']} flag", f"{format_duration(flag['elapsed'])} old, {state}, {_rates(flag)}"
    if not result["flags"]:
        yield "flags", "none"
    challenge = result["challenge"]
    if challenge is not None:
        within = challenge["answer_within"]
        yield "challenge", f"at round {challenge['round']}, to be answered within {format_duration(within)}"
    for taken in result["takeovers"]:
        end = "cured" if taken["cured"] else "not cured"
        yield "taken over", f"at round {taken['round']}, {_rates(taken)}, {end}"


def _rates(row: Mapping[str, Any]) -> str:
    uncovered = f"{format_ppm(row['uncovered_rate'] * PPM_OF_RATE)} uncovered"
    covered = row["rate"]
    return uncovered if covered in {None, BASIS} else f"{format_ppm(covered * PPM_OF_RATE)} covered, {uncovered}"

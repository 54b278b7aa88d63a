"""`zksolvency liquidation take`."""

from pathlib import Path
from typing import Annotated

import typer

from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._liquidation_facts import parcel_facts
from prover.cli._liquidation_options import PPM_OF_RATE, LiquidatorOptions, load_liquidity
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, errors, print_facts, report, sent
from prover.cli._questions import agrees
from prover.liquidation import SealedNotice, best_parcel
from prover.market import PERCENT_DECIMALS, QUOTE_DECIMALS, parse_decimal
from prover.onchain import TakeoverOffer, open_liquidator
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency liquidation take notice.json \\",
        "    --liquidator-key liquidator.age",
        "zksolvency liquidation take notice.json --yes --min-profit 50 \\",
        "    --liquidator-key liquidator.age --account takeovers",
    )
)
def take(
    notice: Annotated[Path, typer.Argument(metavar="FILE", help="Notice of a guardian.")],
    max_rate: Annotated[
        str | None,
        typer.Option(
            "--max-rate",
            metavar="PERCENT",
            help="The highest rate to take [% of the margin].  [default: any that is reached]",
        ),
    ] = None,
    min_profit: Annotated[
        str,
        typer.Option("--min-profit", metavar="USD", help="What is to be left after price impact and gas, at least."),
    ] = "0",
    yes: Annotated[
        bool, typer.Option("--yes", help="Take it without showing the parcel and asking: for --min-profit.")
    ] = False,
    *,
    liquidator: LiquidatorOptions,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Take over a part of an account: the parcel of a notice that earns the most now.

    The parcel is verified at the chain's own prices, and shown with its expected profit. Once you agree, your side is
    proven, and both are sent. A liquidator who comes too late pays for a refusal at most. Only what your account can
    carry is taken, by initial margin and covered cash. The chain shows which accounts, the rates and the round.
    """
    record = options.record()
    limit = None if max_rate is None else _parse_rate(max_rate)
    least = parse_decimal(min_profit, QUOTE_DECIMALS, "--min-profit")
    costs, sealed = load_liquidity(liquidator.liquidity, record.assets()), SealedNotice.load(notice)
    chosen, key = account.choose(record), liquidator.open_key()
    with options.open() as book:
        ether_price = liquidator.price_of_ether(book.assets, book.latest_round())
        with (
            with_progress(open_liquidator, book, chosen.keys, key, costs, ether_price, keys) as opened,
            watched(chosen),
        ):
            offer = opened.read(sealed)
            best = best_parcel(offer.parcels, offer.elapsed, least, limit)
            if best is None:
                raise InputError(_why_none(offer))
            if not yes:  # in a script, a log would keep the terms
                print_facts(errors(), [("account", chosen.name), *parcel_facts(offer, best, book.assets)])
                if not agrees("take it over?"):
                    raise InputError("not taken: nothing was sent")
            receipt = opened.take(offer, best)
            event = opened.market.engine.taken_over(receipt)
    result = {
        "account": chosen.name,
        "victim": as_hex(event.victim),
        "ground": str(event.ground),
        "round": event.round_id,
        "rate": event.rate,
        "uncovered_rate": event.uncovered_rate,
        "cured": event.is_cured,
    }
    report({**result, **sent(receipt)}, as_json=as_json)


def _why_none(offer: TakeoverOffer) -> str:
    """Why no parcel is taken, without an amount."""
    reached = [priced for priced in offer.parcels if offer.elapsed in priced.times]
    if not reached:
        return f"the auction has not reached a rate of the notice: {_next_time(offer)}"
    reasons = [reason for priced in reached for reason in priced.reasons]
    if reasons and all(priced.reasons for priced in reached):
        return f"your account cannot carry it: {'; '.join(dict.fromkeys(reasons))}"
    return "no parcel earns enough now, within --max-rate: see `liquidation offers`"


def _next_time(offer: TakeoverOffer) -> str:
    starts = (priced.times.start for priced in offer.parcels if priced.times)
    later = [start - offer.elapsed for start in starts if start > offer.elapsed]
    return f"the first one is due in {min(later)} s" if later else "ask the guardian for a new notice"


def _parse_rate(text: str) -> int:
    rate, rest = divmod(parse_decimal(text, PERCENT_DECIMALS, "--max-rate"), PPM_OF_RATE)
    if rest or rate < 0:
        raise InputError("--max-rate: at most two digits after the point, and not below 0")
    return rate

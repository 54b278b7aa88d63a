"""`zksolvency fund`: the insurance fund of a margin book."""

from typing import Annotated, Any

import typer

from prover.cli._book_options import BookOptions, BookSenderOptions
from prover.cli._commands import Group, examples, new_app
from prover.cli._consent import require_consent
from prover.cli._options import JsonFlag, as_address, parse_address
from prover.cli._output import report, sent
from prover.formats import format_duration
from prover.market import QUOTE_DECIMALS, format_decimal, parse_decimal
from prover.onchain import Insurance
from verifier import InputError

app = new_app("Put money into the insurance fund of a margin book, which pays bad debt, and take it out.", Group)


@app.callback()
def fund_commands() -> None:
    """Put money into the insurance fund of a margin book, which pays bad debt, and take it out."""


@app.command(
    epilog=examples(
        "zksolvency fund show --rpc URL --deployment margin-book.json \\",
        "    --owner 0x7099...79C8",
    )
)
def show(
    owner: Annotated[
        int | None, typer.Option("--owner", metavar="ADDRESS", parser=parse_address, help="Whose shares to show.")
    ] = None,
    *,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show the fund, and the shares of an address."""
    with options.open() as book:
        insurance = Insurance.of(book)
        backing = insurance.backing()
        result: dict[str, Any] = {
            "fund": format_decimal(backing.fund, backing.decimals),
            "drawable": format_decimal(backing.drawable, backing.decimals),
            "cooldown": _seconds(insurance.fund.cooldown(), as_json=as_json),
        }
        if owner is not None:
            stake = insurance.stake(book.contracts.chain.checksum(owner))
            result |= {
                "owner": as_address(owner),
                "worth": format_decimal(stake.worth, backing.decimals),
                "requested": format_decimal(insurance.fund.worth(stake.requested), backing.decimals),
                "due_in": _seconds(stake.due_in, as_json=as_json),
                "redeemable": format_decimal(insurance.fund.worth(stake.redeemable), backing.decimals),
            }
    report(result, as_json=as_json)


@app.command(epilog=examples("zksolvency fund deposit 50000"))
def deposit(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much of the settlement currency.")],
    yes: Annotated[bool, typer.Option("--yes", help="Pay on a public chain without asking.")] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Put money into the fund.

    The shares lose what is drawn for bad debt, and leave after a request and its cooldown alone (`fund request`).
    """
    with options.open() as book:
        insurance = Insurance.of(book)
        units = _parse(amount, insurance)
        require_consent(book.contracts.chain.chain_id, f"put {amount} into the insurance fund", yes=yes)
        receipt = insurance.put_in(units)
    report({"amount": amount, **sent(receipt)}, as_json=as_json)


@app.command(epilog=examples("zksolvency fund request", "zksolvency fund request --amount 1000"))
def request(
    amount: Annotated[
        str | None,
        typer.Option("--amount", metavar="DECIMAL", help="Shares of how much worth.  [default: all shares]"),
    ] = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Ask for shares to be redeemable after the cooldown.

    Until then they bear losses like all others, and cannot be transferred. An older request is replaced.
    """
    with options.open() as book:
        insurance = Insurance.of(book)
        fund, sender = insurance.fund, book.contracts.chain.sender
        own = fund.shares_of(sender)
        shares = own if amount is None else fund.shares_for(_parse(amount, insurance))
        if not shares:
            raise InputError("the sender has no shares in the fund")
        receipt = fund.request_redeem(shares)
        due_in = insurance.stake(sender).due_in
    report({"shares": str(shares), "due_in": _seconds(due_in, as_json=as_json), **sent(receipt)}, as_json=as_json)


@app.command(epilog=examples("zksolvency fund redeem", "zksolvency fund redeem --to 0x7099...79C8"))
def redeem(
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="ADDRESS", parser=parse_address, help="Who gets it.  [default: the sender]"),
    ] = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Redeem all shares whose cooldown is over.

    The window is open for 2 days. It is closed while flags are stopped or prices are silent.
    """
    with options.open() as book:
        insurance, chain = Insurance.of(book), book.contracts.chain
        shares = insurance.fund.redeemable(chain.sender)
        if not shares:
            raise InputError("no share of the sender can be redeemed now: see `fund show --owner`")
        worth = format_decimal(insurance.fund.worth(shares), insurance.decimals)
        recipient = chain.sender if to is None else chain.checksum(to)
        receipt = insurance.fund.redeem(shares, recipient)
    report({"amount": worth, "to": recipient, **sent(receipt)}, as_json=as_json)


@app.command(epilog=examples("zksolvency fund draw"))
def draw(*, options: BookSenderOptions, as_json: JsonFlag = False) -> None:
    """Have the fund pay claims and bad debt that nothing covers.

    Any sender may. The fund pays as much as its limits of a round and of a day allow.
    """
    with options.open() as book:
        insurance = Insurance.of(book)
        receipt = insurance.draw_fund()
        left = format_decimal(insurance.ledger.shortfall(), QUOTE_DECIMALS)
    report({"shortfall": left, **sent(receipt)}, as_json=as_json)


def _parse(amount: str, insurance: Insurance) -> int:
    units = parse_decimal(amount, insurance.decimals, "AMOUNT")
    if units <= 0:
        raise InputError("AMOUNT: must be above 0")
    return units


def _seconds(seconds: int, *, as_json: bool) -> int | str:
    return seconds if as_json else format_duration(seconds)

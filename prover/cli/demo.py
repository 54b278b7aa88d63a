"""`zksolvency demo`: whole stories on this machine, with real parts."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from prover.cli._commands import examples
from prover.cli._exits import ExitCode
from prover.cli._options import JsonFlag

app = typer.Typer(cls=TyperGroup, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

WidthOption = Annotated[int, typer.Option("--width", min=80, help="Columns of the table at the end.")]


@app.callback(
    invoke_without_command=True,
    epilog=examples("zksolvency demo", "zksolvency demo --json", "zksolvency demo book", "zksolvency demo liquidation"),
)
def demo(
    context: typer.Context,
    width: WidthOption = 120,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Meanwhile build what `zksolvency demo book` takes, and wait for it.")
    ] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Tell the whole story on this machine, with real parts: circom, provers and an EVM node.

    A trader's portfolio is committed. A proof says that it meets maintenance margin, and is verified off chain and on.
    Prices fall, the same keys prove that it does not any more, and a contract takes that as a flag. At the end: what
    the owner knows beside what the chain saw.
    """
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    from prover.cli._demo_account import tell_of_an_account  # noqa: PLC0415 - each story takes its own imports

    return tell_of_an_account(width, as_json=as_json, ahead=ahead)


@app.command(epilog=examples("zksolvency demo book", "zksolvency demo book --json"))
def book(width: WidthOption = 120, as_json: JsonFlag = False) -> ExitCode:
    """Trade through a crash in a private margin book.

    There are two traders, a guardian and three price reporters. Accounts are opened, funded, traded and paid out of on
    a local chain that holds nothing but commitments; the crash is one that happened, of Bitcoin in November 2018. A
    trader loses everything but a secret, and finds its account again. At the end: who knows what.
    """
    from prover.cli._demo_book import tell_of_a_book  # noqa: PLC0415

    return tell_of_a_book(width, as_json=as_json)


@app.command(epilog=examples("zksolvency demo liquidation", "zksolvency demo liquidation --picture crash.svg"))
def liquidation(
    traders: Annotated[int, typer.Option("--traders", min=1, max=100, help="Accounts that are long of Bitcoin.")] = 8,
    liquidators: Annotated[int, typer.Option("--liquidators", min=1, max=5, help="Who take over.")] = 3,
    days: Annotated[int, typer.Option("--days", min=1, max=13, help="Of the crash, from 12 November on.")] = 9,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw equity, rates, fund and bad debt; .png or .svg."),
    ] = None,
    width: WidthOption = 120,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Sell hidden accounts in a crash that happened.

    It is that of November 2018, by the hour. A guardian flags the accounts that miss their margin, and tells
    liquidators by encrypted notices. They take over parts of the accounts as the rates of the auctions rise. What an
    account owes in the end is paid by an insurance fund, and then shared. At the end: that everything agrees to the
    last unit, and who knows what.
    """
    from prover.cli._demo_liquidation import tell_of_a_crash  # noqa: PLC0415

    return tell_of_a_crash(traders, liquidators, days, picture, width, as_json=as_json)

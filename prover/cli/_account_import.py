"""`zksolvency account import`: the positions of an exchange, a spreadsheet or another program."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Final

import typer

from prover import Account
from prover.account import Basis, Columns, Exchange, Portfolio, Settlement, parse_exchange, parse_portfolio
from prover.cli._account_file import print_account
from prover.cli._commands import examples, new_app
from prover.cli._files import STDIN, load_symbols, read_csv
from prover.cli._options import AccountOption, BookOption, JsonFlag
from prover.cli._output import errors, warn
from prover.cli._portfolio_show import show_portfolio
from prover.cli._questions import agrees, ask
from prover.formats import DecimalMark, parse_number
from prover.market import SymbolMap
from prover.storage import require_target
from prover.toolchain import load_account, load_round
from verifier import InputError

CSV: Final = "csv"

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account template --book perps-13 > positions.csv",
        "zksolvency account import positions.csv --account account.json \\",
        "    --round round.json",
        "zksolvency account import answer.json --from binance \\",
        "    --account account.json --round round.json",
        "zksolvency account import export.csv --from my-columns.json \\",
        "    --account account.json --round round.json --yes",
    )
)
def import_positions(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or JSON file; - for standard input.")],
    account: AccountOption,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="csv|binance|hyperliquid|deribit|FILE",
            help="Where the file is from; FILE maps the columns of any other CSV.",
        ),
    ] = CSV,
    round_: Annotated[
        Path | None,
        typer.Option(
            "--round",
            metavar="FILE",
            help="Price round at which the file's numbers hold. Needed for perpetuals, whose funding it has.",
        ),
    ] = None,
    cash: Annotated[
        Path | None,
        typer.Option(
            "--cash",
            metavar="FILE",
            help="File with the wallet balance alone; - for standard input.  "
            "[default: what the file says, or it is asked]",
        ),
    ] = None,
    equity: Annotated[
        Path | None,
        typer.Option(
            "--equity",
            metavar="FILE",
            help="File with the equity alone, in place of the wallet balance. Needs mark prices.",
        ),
    ] = None,
    symbols: Annotated[
        Path | None,
        typer.Option(
            "--symbols", metavar="FILE", help="Symbol map.  [default: the one in the folder symbols beside the book]"
        ),
    ] = None,
    decimal: Annotated[
        DecimalMark | None,
        typer.Option(
            "--decimal", help="Decimal mark of a CSV.  [default: point, or a number with two readings is refused]"
        ),
    ] = None,
    is_state: Annotated[
        bool,
        typer.Option(
            "--state", help="The file is a state of a book: its QUOTE is cash less the sum of size times entry price."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write a new file instead, and leave the old one alone."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Show no amount and ask nothing: for scripts.")] = False,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Replace the positions of an account by those of a file.

    A CSV has the columns symbol, amount and, for perpetuals, entry (the average entry price), and the row CASH: the
    wallet balance, before unrealised profit. A column side may hold long or short. A row EQUITY with a column mark
    takes the place of CASH and entry.

    The command shows positions and equity, and asks whether the exchange shows the same. Amounts come from files and
    from answers, never from the command line, which other users of this machine can read.

    The file is the whole new state, and a new state has a new commitment. Once overwritten, the old state can be proven
    no more: use --out while its commitment is still registered somewhere.
    """
    if out is not None:
        require_target(out, account, file)
    if STDIN in map(str, (file, cash, equity)) and not yes:
        raise InputError(f"{STDIN} leaves no standard input to answer on: add --yes")
    old = load_account(account, book)
    prices = None if round_ is None else load_round(round_, book)
    names = load_symbols(symbols, old.book, book)
    portfolio = _settled(_read(file, source, names, decimal), source, cash, equity, decimal, asks=not yes)
    portfolio.require_meant(old.book, is_state=is_state)
    made = Account.of_state(old.book, portfolio.state(old.book, prices), old.keys)
    if not yes:
        show_portfolio(errors(), portfolio, made, prices)
        if not agrees("Does the exchange show the same?"):
            raise InputError("not confirmed: nothing was written")
    made.save(out or account, overwrite=out is None)
    warn("the commitment has changed; proofs about the old one need the old file")
    print_account(made, out or account, as_json=as_json)


def _read(file: Path, source: str, names: SymbolMap, decimal: DecimalMark | None) -> Portfolio:
    mapped = "/" in source or source.endswith(".json")
    if not mapped and source not in (CSV, *Exchange):
        raise typer.BadParameter(
            f"expected one of {', '.join((CSV, *Exchange))}, or a mapping file (its name has a / or ends in .json)",
            param_hint="--from",
        )
    data, where = read_csv(file)
    if mapped:
        return parse_portfolio(data, names, where, Columns.load(Path(source), names.book), decimal)
    if source == CSV:
        return parse_portfolio(data, names, where, None, decimal)
    return parse_exchange(data, Exchange(source), names, where)


def _settled(
    portfolio: Portfolio,
    source: str,
    cash: Path | None,
    equity: Path | None,
    decimal: DecimalMark | None,
    *,
    asks: bool,
) -> Portfolio:
    """The portfolio with its wallet balance or equity, asked for where nothing says it."""
    given = [(Basis.CASH, cash), (Basis.EQUITY, equity)]
    named = [(basis, path) for basis, path in given if path is not None]
    if len(named) + (portfolio.settlement is not None) > 1:
        raise InputError("the wallet balance or equity is there twice: in the file, in --cash or in --equity")
    needs_equity = source == Exchange.DERIBIT
    if needs_equity and cash is not None:
        raise InputError("--cash: deribit moves profit to the wallet once a day, so give --equity instead")
    if portfolio.settlement is not None:
        return portfolio
    if named:
        (basis, path) = named[0]
        data, where = read_csv(path)
        amount = parse_number(data.decode("utf-8-sig", "replace"), where, decimal or DecimalMark.POINT)
    else:
        basis = Basis.EQUITY if needs_equity else Basis.CASH
        amount = _ask_settlement(basis, asks=asks)
    return Portfolio(portfolio.holdings, Settlement(basis, amount), portfolio.stated_equity)


def _ask_settlement(basis: Basis, *, asks: bool) -> Fraction:
    what = "equity" if basis is Basis.EQUITY else "wallet balance, before unrealised profit"
    if not asks:
        raise InputError(f"the file has no {what}: name a file that holds it with --{basis.name.lower()}")
    return parse_number(ask(f"{what} [USD]"), what)

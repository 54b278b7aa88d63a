"""What the commands of risk take: accounts, a round, and histories of prices."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from verifier import InputError

if TYPE_CHECKING:
    from liquidator.risk import AssetMarket
    from prover.account import Account

AccountsOption = Annotated[
    list[Path],
    typer.Option("--account", metavar="FILE", help="Account file, or a folder of such files; more than once."),
]
RoundOption = Annotated[Path, typer.Option("--round", metavar="FILE", help="Price round file: prices as they are now.")]
HistoryOption = Annotated[
    list[str],
    typer.Option(
        "--history",
        metavar="SYMBOLS=FILE",
        help="Past prices, and the symbols of the book that move as they do, such as WBTC,BTC-PERP=btc.csv; more than "
        "once. CSV with the columns timestamp and open. Options follow their underlying.",
    ),
]
VolumeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--volume",
        metavar="SYMBOL=USD",
        help="Volume a day, where the history has no column volume in USD; more than once.",
    ),
]
BookOption = Annotated[
    str | None,
    typer.Option(
        "--book",
        metavar="NAME|FILE",
        help="Book: a name in books/, or a file.  [default: the one that the file names]",
    ),
]


class History(NamedTuple):
    """Past prices of an asset.

    Attributes:
        symbols: of the book, that move as it does.
        path: of the file.
    """

    symbols: tuple[str, ...]
    path: Path


def parse_histories(texts: Sequence[str]) -> list[History]:
    """Read the values of `HistoryOption`.

    Raises:
        InputError: none, or one without symbols or without a file.
    """
    made = []
    for text in texts:
        names, equals, path = text.partition("=")
        symbols = tuple(name.strip() for name in names.split(","))
        if not equals or not path or not all(symbols):
            raise InputError(f"--history {text}: write SYMBOLS=FILE, such as WBTC,BTC-PERP=btc.csv")
        made.append(History(symbols, Path(path)))
    if not made:
        raise InputError("--history: past prices of at least one asset are needed")
    return made


def load_accounts(paths: Sequence[Path], book: str | None) -> dict[str, "Account"]:
    """Read account files, by the name of the file.

    Args:
        paths: files, or folders whose files end with .json.
        book: what --book says.

    Raises:
        InputError: as `load_account`; no file, or two of one name.
    """
    from prover.toolchain import load_account  # noqa: PLC0415 - slow to import

    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    if not files or len({file.stem for file in files}) < len(files):
        raise InputError("--account: at least one account is needed, and no two files of one name")
    return {file.stem: load_account(file, book) for file in files}


def load_markets(histories: Sequence[History], volumes: Sequence[str]) -> "tuple[AssetMarket, ...]":
    """Volatility and volume of each history.

    Args:
        histories: one a market.
        volumes: values of `VolumeOption`, which go before those of the histories.

    Raises:
        InputError: a volume that is no number, or of no history; or a history without volumes.
    """
    from liquidator.risk import AssetMarket, MarketModel, PriceHistory, VolatilityMethod, daily_volume  # noqa: PLC0415

    given = dict(map(_volume, volumes))
    symbols = {symbol for each in histories for symbol in each.symbols}
    if not given.keys() <= symbols:
        raise InputError(f"--volume: no --history is of {', '.join(sorted(given.keys() - symbols))}")
    made = []
    for each in histories:
        known = PriceHistory.load({each.symbols[0]: each.path})
        model = MarketModel.fit(known, (86_400.0,), VolatilityMethod.EWMA)
        usd = [given[symbol] for symbol in each.symbols if symbol in given]
        traded = sum(usd) if usd else daily_volume(each.path)
        made.append(AssetMarket(each.symbols, float(model.daily_volatility[0]), traded))
    return tuple(made)


def _volume(text: str) -> tuple[str, float]:
    symbol, _, amount = text.partition("=")
    try:
        return symbol, float(amount)
    except ValueError:
        raise InputError(f"--volume {text}: write SYMBOL=USD, such as BTC-PERP=2000000000") from None

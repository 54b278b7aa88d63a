"""The picture of the crash: equity, takeovers, and who pays for bad debt."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from prover.market import PRICE_DECIMALS, QUOTE_DECIMALS
from prover.onchain.local_crash import FIRST_HOUR, Crash
from verifier import BASIS, InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS: Final = (".png", ".svg")
_GREEN: Final = "#0b6e4f"
_RED: Final = "#b3261e"
_BLUE: Final = "#1f5fa8"
_GREY: Final = "#8a8f98"
_GRID: Final = "#d8dee4"


def require_plots(path: Path) -> None:
    """See that a picture can be drawn, before the story begins.

    Raises:
        InputError: matplotlib is not installed, or the file has another ending than .png or .svg.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"picture {path}: its name has to end in {' or '.join(ENDINGS)}")
    try:
        import matplotlib  # noqa: F401, PLC0415 - slow, and for the picture alone
    except ImportError:
        raise InputError("--picture needs matplotlib: install zksolvency[plots]") from None


def draw_crash(crash: Crash, path: Path) -> None:
    """Draw price and equity, rates of takeovers, and fund, shortfall and written-off debt, by the hour.

    Args:
        crash: that is over.
        path: the file; its ending says the format.

    Raises:
        InputError: the file cannot be written.
    """
    import matplotlib as mpl  # noqa: PLC0415 - slow, and for the picture alone
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "zksolvency",
        "font.family": "sans-serif",
        "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
        "font.size": 9,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(9.6, 8), layout="constrained", facecolor="white")
        top, middle, bottom = figure.subplots(3, 1, sharex=True)
        _draw_equity(top, crash)
        _draw_takeovers(middle, crash)
        _draw_debt(bottom, crash)
        bottom.set_xlabel("day of November 2018")
        metadata = {"Date": None} if path.suffix == ".svg" else None
        try:
            figure.savefig(path, metadata=metadata, dpi=120)
        except OSError as error:
            raise InputError(f"picture {path}: cannot be written: {error.strerror}") from None


def _times(seconds: Sequence[int]) -> list[float]:
    """Days of November 2018, from 12 on."""
    return [12 + (each - FIRST_HOUR) / 86_400 for each in seconds]


def _dollars(amounts: Sequence[int]) -> list[float]:
    return [amount / 10**QUOTE_DECIMALS for amount in amounts]


def _draw_equity(axes: "Axes", crash: Crash) -> None:
    times = _times([end.hour for end in crash.hours])
    axes.plot(times, _dollars([end.equity for end in crash.hours]), color=_GREEN, label="equity of the traders")
    axes.set_ylabel("equity [USD]")
    prices = axes.twinx()
    prices.plot(times, [end.price / 10**PRICE_DECIMALS for end in crash.hours], color=_GREY, label="Bitcoin")
    prices.set_ylabel("Bitcoin [USD]")
    lines = [*axes.get_lines(), *prices.get_lines()]
    axes.legend(lines, [str(line.get_label()) for line in lines], loc="upper right", frameon=False)
    axes.set_title("What hidden accounts are worth: known to owners and guardian alone", loc="left")
    axes.grid(color=_GRID)


def _draw_takeovers(axes: "Axes", crash: Crash) -> None:
    for is_cured, colour, label in ((True, _GREEN, "cured"), (False, _RED, "not cured")):
        sales = [sale for sale in crash.sales if sale.is_cured is is_cured]
        rates = [100 * sale.rate / BASIS for sale in sales]
        axes.plot(_times([sale.hour for sale in sales]), rates, "o", color=colour, alpha=0.6, label=label)
    axes.set_ylabel("reward [% of margin]")
    axes.set_title("Takeovers: the rate that the auction had reached", loc="left")
    axes.legend(loc="upper right", frameon=False)
    axes.grid(color=_GRID)


def _draw_debt(axes: "Axes", crash: Crash) -> None:
    times = _times([end.hour for end in crash.hours])
    for values, colour, label in (
        ([end.fund for end in crash.hours], _BLUE, "insurance fund"),
        ([end.written_off for end in crash.hours], _GREY, "written off so far"),
        ([end.shortfall for end in crash.hours], _RED, "shortfall"),
    ):
        axes.step(times, _dollars(values), where="post", color=colour, label=label)
    axes.set_ylabel("[USD]")
    axes.set_title("Who pays for bad debt", loc="left")
    axes.legend(loc="upper left", frameon=False)
    axes.grid(color=_GRID)

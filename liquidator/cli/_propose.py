"""`zksolvency liquidator propose`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import ProgressLines, print_json, print_rows, say
from liquidator.cli._risk_options import HistoryOption, parse_histories
from liquidator.risk import require_libraries
from prover.formats import format_duration, format_utc
from verifier import InputError

if TYPE_CHECKING:
    from liquidator.risk import MarginProposal, ProposedAsset

EXAMPLES: Final = examples(
    "zksolvency liquidator propose --book majors-13 \\",
    "    --history WBTC,BTC-PERP=btc.csv",
    "zksolvency liquidator propose --config liquidator.toml \\",
    "    --history WBTC,BTC-PERP=btc.csv --out proposal.json",
)

_DAY: Final = 86_400
_WORDS: Final = {"none": "keep", "tighten": "raise", "loosen": "lower"}


def propose(
    history: HistoryOption,
    book: Annotated[
        str | None,
        typer.Option(
            "--book", metavar="NAME|FILE", help="Book with limits, whose fractions fit usual times: without a chain."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Settings of an engine with the table [steward], which signs: by the chain.",
        ),
    ] = None,
    carried_out: Annotated[
        list[Path] | None,
        typer.Option(
            "--carried-out", metavar="FILE", help="Earlier proposal that is in force; more than once. With --book."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write it: a new file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Propose margin fractions that fit how prices move now.

    It compares the volatility of the present regime with that of the last two years, and shows what the last year would
    have been with the rule and without. Raised fractions may be sent at once, where steward.send_tightening says so.
    Lowered ones wait for governance: the proposal has the call.
    """
    require_libraries("arch", "ruptures")
    if (book is None) == (config is None) or (config is not None and carried_out):
        raise InputError("name either --book, with --carried-out for what is in force, or --config for the chain")
    from liquidator.risk import AssetPrices, BookFractions, load_proposal, propose_margins  # noqa: PLC0415 - slow
    from prover.storage import require_new_target  # noqa: PLC0415
    from prover.toolchain import load_book  # noqa: PLC0415

    if out is not None:
        require_new_target(out)
    prices = [AssetPrices(*each) for each in parse_histories(history)]
    sent: dict[str, str] = {}
    if config is None:
        known = BookFractions.of_book(load_book(str(book)), _DAY, [load_proposal(path) for path in carried_out or []])
        made = propose_margins(prices, known, say)
        _save(made, out)
    else:
        from liquidator.engine import load_settings, open_steward  # noqa: PLC0415

        steward = open_steward(load_settings(config), progress=ProgressLines())
        made = steward.propose(prices, say)
        _save(made, out)
        if steward.may_send:
            sent = dict(steward.tighten(made))
    if as_json:
        print_json(made.model_dump(mode="json") | {"sent": sent})
        return
    _print(made)
    for symbol, transaction in sent.items():
        typer.echo(f"raised {symbol}: transaction {transaction}")
    if out is not None:
        typer.echo(f"wrote {out}")


def _save(made: "MarginProposal", out: Path | None) -> None:
    if out is not None:
        made.save(out)


def _print(made: "MarginProposal") -> None:
    title = ["asset", "proposal", "maintenance", "initial", "since", "volatility a day", "usual", "why"]
    print_rows([title, *map(_row, made.assets)])
    typer.echo()
    title = ["asset", "last year until", "moves of", "beyond margin", "without", "mean maintenance", "without"]
    print_rows([title, *map(_year, made.assets)])
    typer.echo()
    typer.echo(f"{len(made.changes)} of {len(made.assets)} assets would change")
    if made.steward is not None:
        typer.echo(f"signed by {made.steward}")


def _row(asset: "ProposedAsset") -> list[str]:
    before, after, regime = asset.before, asset.after, asset.regime
    return [
        asset.symbol,
        _WORDS[asset.change],
        _changed(before.maintenance_ppm, after.maintenance_ppm),
        _changed(before.initial_ppm, after.initial_ppm),
        format_utc(regime.since)[:10],
        _percent(regime.volatility_ppm),
        _percent(regime.reference_ppm),
        asset.reason,
    ]


def _year(asset: "ProposedAsset") -> list[str]:
    year = asset.last_year
    return [
        asset.symbol,
        format_utc(year.until)[:10],
        format_duration(year.step),
        f"{year.exceeded} of {year.moves}",
        str(year.exceeded_without),
        _percent(year.mean_ppm),
        _percent(year.without_ppm),
    ]


def _changed(before: int, after: int) -> str:
    return _percent(before) if before == after else f"{_percent(before)} -> {_percent(after)}"


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.2f}%"

"""`zksolvency liquidator predict`."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import print_json, print_rows
from liquidator.cli._risk_options import (
    AccountsOption,
    BookOption,
    HistoryOption,
    RoundOption,
    load_accounts,
    parse_histories,
)
from liquidator.risk import VolatilityMethod, require_libraries

if TYPE_CHECKING:
    from liquidator.risk import MarketModel, MoveBound, Prediction

EXAMPLES: Final = examples(
    "zksolvency liquidator predict --account account.json \\",
    "    --round round.json --history WBTC,BTC-PERP=btc.csv",
    "zksolvency liquidator predict --account accounts/ --round round.json \\",
    "    --history BTC-PERP=btc.csv --history ETH-PERP=eth.csv --json",
)

_NAMES: Final = {60: "1 min", 600: "10 min", 3_600: "1 h", 86_400: "24 h"}
_MISS_RATE: Final = 0.01
_DAY: Final = 86_400


def predict(
    account: AccountsOption,
    round_: RoundOption,
    history: HistoryOption,
    volatility: Annotated[
        VolatilityMethod, typer.Option("--volatility", help="How volatility is forecast.")
    ] = VolatilityMethod.HAR,
    paths: Annotated[int, typer.Option("--paths", min=100, help="How many paths are simulated.")] = 2_000,
    steps: Annotated[int, typer.Option("--steps", min=4, help="Of each path, until 24 hours.")] = 24,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draws: the same one, the same figures.")] = 1,
    top: Annotated[int, typer.Option("--top", min=1, help="How many accounts are shown.")] = 20,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show how likely accounts are to fall below maintenance margin.

    Within 1 minute, 10 minutes, 1 hour and 24 hours, and by how much health and equity may be below zero after 24
    hours. The accounts that may lose most come first. Nothing leaves this machine.
    """
    require_libraries()
    from liquidator.risk import (  # noqa: PLC0415 - slow to import
        HORIZONS,
        MarketModel,
        PriceHistory,
        Sampling,
        move_bound,
    )
    from liquidator.risk import predict as simulate  # noqa: PLC0415
    from prover.toolchain import load_round  # noqa: PLC0415

    histories = parse_histories(history)
    accounts, prices = load_accounts(account, book), load_round(round_, book)
    for each in accounts.values():
        each.require_same_book(prices)
    known = PriceHistory.load({each.symbols[0]: each.path for each in histories})
    model = MarketModel.fit(known, HORIZONS, volatility)
    sampling = Sampling(paths + paths % 2, steps, seed)
    symbols = [each.symbols for each in histories]
    found = simulate([each.state for each in accounts.values()], prices, symbols, model, sampling=sampling)
    health = {name: each.health(prices).health / 10**18 for name, each in accounts.items()}
    spans = {seconds: seconds // known.step for seconds in (3_600, _DAY) if seconds % known.step == 0}
    bounds = {
        name: {seconds: move_bound(known.returns[:, column], span, _MISS_RATE) for seconds, span in spans.items()}
        for column, name in enumerate(known.names)
    }
    rows = _rows(health, found)
    if as_json:
        settings = {"volatility": str(volatility), "paths": sampling.paths, "steps": steps, "seed": seed}
        shown = {"round": {"id": prices.id, "digest": prices.digest()}, **settings}
        print_json(shown | {"model": _model(model), "bounds": _bounds(bounds), "accounts": rows})
        return
    _print(rows, top)
    typer.echo()
    _print_model(model, bounds)
    typer.echo()
    typer.echo(f"{volatility} volatility, {sampling.paths} paths of {steps} steps, seed {seed}, round {prices.id}")


def _rows(health: Mapping[str, float], found: "Prediction") -> list[dict[str, Any]]:
    """For each account what is shown, the largest expected loss first."""
    names = [str(int(seconds)) for seconds in found.horizons]
    rows = [
        {
            "account": name,
            "health": value,
            "crossing": dict(zip(names, crossing, strict=True)),
            "shortfall": dict(zip(names, shortfall, strict=True)),
            "bad_debt": dict(zip(names, bad_debt, strict=True)),
        }
        for (name, value), crossing, shortfall, bad_debt in zip(
            health.items(), found.crossing.tolist(), found.shortfall.tolist(), found.bad_debt.tolist(), strict=True
        )
    ]
    last = names[-1]
    return sorted(
        rows, key=lambda row: (row["bad_debt"][last], row["shortfall"][last], row["crossing"][last]), reverse=True
    )


def _print(rows: Sequence[Mapping[str, Any]], top: int) -> None:
    names = list(rows[0]["crossing"])
    title = ["account", "health [USD]", *(_NAMES[int(name)] for name in names), "shortfall 24 h", "bad debt 24 h"]
    cells = [
        [
            row["account"],
            f"{row['health']:,.2f}",
            *(f"{row['crossing'][name]:.2%}" for name in names),
            f"{row['shortfall'][names[-1]]:,.2f}",
            f"{row['bad_debt'][names[-1]]:,.2f}",
        ]
        for row in rows[:top]
    ]
    print_rows([title, *cells])
    if len(rows) > top:
        typer.echo(f"and {len(rows) - top} more; --top shows them, --json has all")


def _model(model: "MarketModel") -> dict[str, Any]:
    return {
        "assets": list(model.names),
        "daily_volatility": model.daily_volatility.tolist(),
        "correlation": model.correlation.tolist(),
        "jumps_a_day": model.jump_rate * _DAY,
        "mean_jump": model.jump_mean.tolist(),
        "freedom": model.freedom,
    }


def _bounds(bounds: Mapping[str, Mapping[int, "MoveBound"]]) -> dict[str, Any]:
    return {
        name: {
            str(seconds): {
                "move": _move(bound),
                "missed": bound.missed if bound.cases else None,
                "cases": bound.cases,
            }
            for seconds, bound in by_horizon.items()
        }
        for name, by_horizon in bounds.items()
    }


def _move(bound: "MoveBound") -> float | None:
    """As a part of the price, upwards; None when the history is too short to say."""
    return math.expm1(bound.log_move) if math.isfinite(bound.log_move) else None


def _print_model(model: "MarketModel", bounds: Mapping[str, Mapping[int, "MoveBound"]]) -> None:
    title = ["asset", "volatility a day", "jumps a day", "mean jump"]
    spans = list(next(iter(bounds.values()), {}))
    title += [f"99 % bound of {_NAMES[seconds]}" for seconds in spans]
    cells = [
        [
            name,
            f"{volatility:.2%}",
            f"{model.jump_rate * _DAY:.2f}",
            f"{jump:+.2%}",
            *("-" if (move := _move(bounds[name][seconds])) is None else f"{move:.2%}" for seconds in spans),
        ]
        for name, volatility, jump in zip(
            model.names, model.daily_volatility.tolist(), model.jump_mean.tolist(), strict=True
        )
    ]
    print_rows([title, *cells])

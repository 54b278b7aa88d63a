"""`zksolvency liquidator impact`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import print_json, print_rows
from liquidator.cli._risk_options import (
    BookOption,
    HistoryOption,
    RoundOption,
    VolumeOption,
    load_accounts,
    load_markets,
    parse_histories,
)
from liquidator.risk import ImpactMethod, require_libraries
from verifier import ProvingError, VectorKind

if TYPE_CHECKING:
    from liquidator.risk import Exposure, ParcelImpact, PriceImpact
    from prover.account import State
    from prover.market import PriceRound

EXAMPLES: Final = examples(
    "zksolvency liquidator impact --victim account.json \\",
    "    --other accounts/ --round round.json \\",
    "    --history WBTC,BTC-PERP=btc.csv --history ETH-PERP=eth.csv",
    "zksolvency liquidator impact --victim account.json --whole \\",
    "    --round round.json --history BTC-PERP=btc.csv \\",
    "    --volume BTC-PERP=2000000000 --method almgren-chriss",
)

_MINUTES_A_DAY: Final = 1_440


def impact(
    victim: Annotated[Path, typer.Option("--victim", metavar="FILE", help="Account file of what is liquidated.")],
    round_: RoundOption,
    history: HistoryOption,
    other: Annotated[
        list[Path] | None,
        typer.Option("--other", metavar="FILE", help="Account that prices move too, or a folder; more than once."),
    ] = None,
    volume: VolumeOption = None,
    method: Annotated[
        ImpactMethod, typer.Option("--method", help="How a trade moves a price.")
    ] = ImpactMethod.SQUARE_ROOT,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.1, help="How long hedgers trade: for almgren-chriss.")
    ] = 10.0,
    whole: Annotated[
        bool, typer.Option("--whole", help="Liquidate all that it holds, though it may meet its margin.")
    ] = False,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what a liquidation does to prices and other accounts.

    The parcel is the smallest part that cures the account, taken where margin costs the least impact. Its taker, or
    who hedges for it, trades against its delta. Nothing leaves this machine.
    """
    require_libraries()
    from liquidator.risk import PriceImpact, exposures  # noqa: PLC0415 - slow to import
    from prover.toolchain import load_round  # noqa: PLC0415

    histories, prices = parse_histories(history), load_round(round_, book)
    sold = load_accounts([victim], book)
    others = load_accounts(other, book) if other else {}
    for each in (*sold.values(), *others.values()):
        each.require_same_book(prices)
    markets = PriceImpact(prices, load_markets(histories, volume or []), method, minutes / _MINUTES_A_DAY)
    (state,) = (each.state for each in sold.values())
    taken = state.balances if whole else _parcel(state, prices, markets)
    found = markets.of_parcel(taken)
    greeks = exposures([_state_of(taken)], prices)
    effects = _effects({name: each.state for name, each in others.items()}, prices, found)
    if as_json:
        print_json(_as_json(markets, found, greeks, effects, taken))
        return
    _print(markets, found, greeks, effects, taken)


def _state_of(taken: Sequence[int]) -> "State":
    from prover.account import State  # noqa: PLC0415

    return State(tuple(taken), 0)


def _parcel(state: "State", prices: "PriceRound", markets: "PriceImpact") -> tuple[int, ...]:
    """The smallest part that cures, by the rule of takeovers, at the least rate."""
    from prover.trade import Rates, plan_release  # noqa: PLC0415

    inputs = prices.release(VectorKind.MAINTENANCE)
    costs = markets.per_unit(state.balances, prices.prices)
    release = plan_release(state, inputs, Rates(inputs.limits.floor_rate), costs)
    if release is None:
        raise ProvingError("the account meets its maintenance margin, so nothing is liquidated; --whole sells it all")
    return release.taken


def _effects(states: "Mapping[str, State]", before: "PriceRound", found: "ParcelImpact") -> list[dict[str, Any]]:
    """Health of each other account before and after, the largest loss first."""
    from liquidator.risk import screen_both  # noqa: PLC0415

    if not states:
        return []
    grounds = [each.grounds[VectorKind.MAINTENANCE] for each in screen_both([*states.values()], before, found.after)]
    pairs = zip(*(ground.health.tolist() for ground in grounds), strict=True)
    below = [set(ground.below) for ground in grounds]
    rows = [
        {
            "account": name,
            "health": old / 10**18,
            "health_after": new / 10**18,
            "below": place in below[0],
            "below_after": place in below[1],
        }
        for place, (name, (old, new)) in enumerate(zip(states, pairs, strict=True))
    ]
    return sorted(rows, key=lambda row: row["health_after"] - row["health"])


def _as_json(
    markets: "PriceImpact",
    found: "ParcelImpact",
    greeks: "Mapping[str, Exposure]",
    effects: Sequence[Mapping[str, Any]],
    taken: Sequence[int],
) -> dict[str, Any]:
    from prover.account import position_amounts  # noqa: PLC0415

    rows = [
        {"symbols": list(market.symbols), "daily_volatility": market.volatility, "daily_volume": market.volume}
        | trade._asdict()
        for market, trade in zip(markets.markets, found.trades, strict=True)
    ]
    return {
        "round": {"id": markets.round_.id, "digest": markets.round_.digest()},
        "method": str(markets.method),
        "parcel": position_amounts(markets.round_.book, _state_of(taken)),
        "greeks": {symbol: exposure._asdict() for symbol, exposure in greeks.items()},
        "trades": rows,
        "others": list(effects),
        "pulled_below": [row["account"] for row in effects if row["below_after"] and not row["below"]],
    }


def _print(
    markets: "PriceImpact",
    found: "ParcelImpact",
    greeks: "Mapping[str, Exposure]",
    effects: Sequence[Mapping[str, Any]],
    taken: Sequence[int],
) -> None:
    from prover.account import position_amounts  # noqa: PLC0415

    print_rows(
        [["parcel", "amount"], *([*each] for each in position_amounts(markets.round_.book, _state_of(taken)).items())]
    )
    typer.echo()
    cells = [[symbol, *(f"{value:,.6g}" for value in exposure)] for symbol, exposure in greeks.items()]
    print_rows([["exposure to", "delta", "gamma", "vega", "theta a year"], *cells])
    typer.echo()
    title = ["market", "volatility a day", "volume a day [USD]", "hedgers trade [USD]", "price moves", "costs [USD]"]
    rows = [
        [
            ",".join(market.symbols),
            f"{market.volatility:.2%}",
            f"{market.volume:,.0f}",
            f"{trade.amount:,.2f}",
            f"{trade.move:+.4%}",
            f"{trade.cost:,.2f}",
        ]
        for market, trade in zip(markets.markets, found.trades, strict=True)
    ]
    print_rows([title, *rows])
    if effects:
        typer.echo()
        title = ["other account", "health [USD]", "after [USD]", "change [USD]", ""]
        print_rows([title, *map(_effect, effects)])


def _effect(row: Mapping[str, Any]) -> list[str]:
    change = row["health_after"] - row["health"]
    told = "pulled below the line" if row["below_after"] and not row["below"] else "below" if row["below_after"] else ""
    return [row["account"], f"{row['health']:,.2f}", f"{row['health_after']:,.2f}", f"{change:+,.2f}", told]

"""`zksolvency liquidator simulate`."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import print_json
from liquidator.cli._risk_options import BookOption, HistoryOption, RoundOption, VolumeOption
from liquidator.cli._simulation_options import (
    CountOption,
    FilesOption,
    OutOption,
    ScenarioProgress,
    ScenariosOption,
    SeedOption,
    Setting,
    TermsOption,
    WorkersOption,
    described,
    executor_of,
    keep,
    load_terms,
    print_run,
    require_free,
)
from liquidator.risk import VolatilityMethod, require_libraries

if TYPE_CHECKING:
    from liquidator.risk import MarketModel

EXAMPLES: Final = examples(
    "zksolvency liquidator simulate --accounts 10000 \\",
    "    --round round.json --history BTC-PERP=btc.csv",
    "zksolvency liquidator simulate --account accounts/ --round round.json \\",
    "    --history WBTC,BTC-PERP=btc.csv --terms terms.toml --out run.json",
)

_HOUR: Final = 3_600


def simulate(
    round_: RoundOption,
    history: HistoryOption,
    account: FilesOption = None,
    accounts: CountOption = None,
    volume: VolumeOption = None,
    terms: TermsOption = None,
    volatility: Annotated[
        VolatilityMethod, typer.Option("--volatility", help="How volatility is forecast.")
    ] = VolatilityMethod.HAR,
    hours: Annotated[float, typer.Option("--hours", min=0.1, max=168.0, help="Of each scenario.")] = 4.0,
    scenarios: ScenariosOption = 1_000,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    out: OutOption = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Simulate liquidations, and the cascades that they start.

    Prices are drawn from a model of their history. Accounts below their margin are flagged and sold by the rules of
    the engine. Liquidators buy for a profit, and close what they bought on markets whose prices move by it, until
    nothing moves. Nothing leaves this machine.
    """
    require_libraries()
    from liquidator.simulation import drawn_paths  # noqa: PLC0415 - slow to import
    from liquidator.simulation import simulate as play_all  # noqa: PLC0415

    require_free(out)
    chosen = load_terms(terms)
    setting = Setting(round_, book, history, volume, account, accounts, seed)
    model = _model(setting, hours, volatility)
    rounds = max(round(hours * _HOUR / chosen.round_interval), 1)
    paths = drawn_paths(model, chosen.round_interval, rounds, scenarios, seed)
    settings = {"hours": hours, "scenarios": scenarios, "seed": seed, "volatility": str(volatility)}
    with executor_of(workers) as executor:
        found = play_all(setting.market(chosen), paths, settings, ScenarioProgress(scenarios), executor)
    shown = {"settings": settings, **described(setting, chosen), **found.summary()}
    keep(out, shown | {"scenarios": found.rows()})
    if as_json:
        print_json(shown)
        return
    print_run(found)


def _model(setting: Setting, hours: float, volatility: VolatilityMethod) -> "MarketModel":
    from liquidator.risk import MarketModel, PriceHistory  # noqa: PLC0415

    known = PriceHistory.load({each.symbols[0]: each.path for each in setting.histories})
    return MarketModel.fit(known, sorted({float(_HOUR), hours * _HOUR}), volatility)

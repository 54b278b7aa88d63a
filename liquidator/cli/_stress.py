"""`zksolvency liquidator stress`."""

from typing import Annotated, Any, Final

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
    described,
    keep,
    load_terms,
    print_run,
    require_free,
)
from liquidator.risk import require_libraries

EXAMPLES: Final = examples(
    "zksolvency liquidator stress --scenario march-2020 --accounts 10000 \\",
    "    --round round.json --history BTC-PERP=btc.csv",
    "zksolvency liquidator stress --scenario may-2021 --scenario own.toml \\",
    "    --account accounts/ --round round.json --history BTC-PERP=btc.csv",
)


def stress(
    scenario: Annotated[
        list[str],
        typer.Option(
            "--scenario",
            metavar="NAME|FILE",
            help="march-2020, may-2021, november-2022, october-2025, or a TOML file; more than once.",
        ),
    ],
    round_: RoundOption,
    history: HistoryOption,
    account: FilesOption = None,
    accounts: CountOption = None,
    volume: VolumeOption = None,
    terms: TermsOption = None,
    scenarios: ScenariosOption = 20,
    seed: SeedOption = 1,
    out: OutOption = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put accounts through crashes that happened, or one of your own.

    Prices follow the course of the crash, from the prices of the round. The first scenario is the course alone, the
    others have noise between its points. Takeovers are as in `simulate`. Nothing leaves this machine.
    """
    require_libraries()
    from liquidator.simulation import crash_paths, load_crash  # noqa: PLC0415 - slow to import
    from liquidator.simulation import simulate as play_all  # noqa: PLC0415

    require_free(out)
    crashes = {name: load_crash(name) for name in scenario}
    chosen = load_terms(terms)
    setting = Setting(round_, book, history, volume, account, accounts, seed)
    courses = {name: crash.points(setting.markets) for name, crash in crashes.items()}
    market = setting.market(chosen)
    runs: dict[str, Any] = {}
    progress = ScenarioProgress(scenarios)
    for name, crash in crashes.items():
        noise = [crash.volatility] * len(setting.markets)
        paths = crash_paths(courses[name], noise, chosen.round_interval, scenarios, seed)
        found = play_all(market, paths, {"scenarios": scenarios, "seed": seed}, progress)
        told = {"scenario": name, "title": crash.title, "sources": list(crash.sources), "notes": crash.notes}
        runs[name] = told | found.summary() | {"scenarios": found.rows()}
        if not as_json:
            typer.echo(f"{crash.title}\n")
            print_run(found)
            typer.echo()
    shown = {"settings": {"scenarios": scenarios, "seed": seed}, **described(setting, chosen)}
    keep(out, shown | {"runs": list(runs.values())})
    if as_json:
        print_json(shown | {"runs": [{k: v for k, v in run.items() if k != "scenarios"} for run in runs.values()]})

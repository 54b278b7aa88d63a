"""`zksolvency liquidator stress`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import print_json, print_rows
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
from liquidator.risk import require_libraries
from verifier import InputError

if TYPE_CHECKING:
    from liquidator.screening import Executor
    from liquidator.simulation import Crash, Simulation, SimulationTerms, Sweep, SweepPlan, Tried

EXAMPLES: Final = examples(
    "zksolvency liquidator stress --scenario march-2020 --accounts 10000 \\",
    "    --round round.json --history BTC-PERP=btc.csv",
    "zksolvency liquidator stress --scenario may-2021 --scenario own.toml \\",
    "    --account accounts/ --round round.json --history BTC-PERP=btc.csv",
    "zksolvency liquidator stress --scenario october-2025 --sweep sweep.toml \\",
    "    --accounts 10000 --round round.json --history BTC-PERP=btc.csv",
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
    sweep: Annotated[
        Path | None,
        typer.Option("--sweep", metavar="FILE", help="TOML: values to try for each term; recommends a set of them."),
    ] = None,
    scenarios: ScenariosOption = 20,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    out: OutOption = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put accounts through crashes that happened, or one of your own.

    Prices follow the course of the crash, from the prices of the round. The first scenario is the course alone, the
    others have noise between its points. Takeovers are as in `simulate`. With --sweep, each value of each term is
    tried on the same prices. Nothing leaves this machine.
    """
    require_libraries()
    from liquidator.simulation import SweepPlan, load_crash  # noqa: PLC0415 - slow to import
    from liquidator.simulation import sweep as try_all  # noqa: PLC0415

    if sweep is not None and terms is not None:
        raise InputError("--terms: with --sweep, write the terms that are changed under [base] of its file")
    require_free(out)
    crashes = {name: load_crash(name) for name in scenario}
    plan = None if sweep is None else SweepPlan.load(sweep)
    chosen = load_terms(terms) if plan is None else plan.terms
    setting = Setting(round_, book, history, volume, account, accounts, seed)
    settings = {"scenarios": scenarios, "seed": seed}
    shown = {"settings": settings, **described(setting, chosen)}
    with executor_of(workers) as executor:
        sets = 1 if plan is None else plan.most_sets
        stage = _Stage(setting, crashes, settings, executor, sets)
        if plan is None:
            _run_each(stage, chosen, shown, out, as_json=as_json)
            return
        found = try_all(plan, lambda each: stage.play_all(each, plan.interval))
    shown |= {"crashes": list(crashes), **_sweep_as_json(plan, found)}
    keep(out, shown)
    if as_json:
        print_json(shown)
        return
    _print_sweep(found)


class _Stage:
    """Accounts and crashes, for so many sets of terms."""

    def __init__(
        self,
        setting: Setting,
        crashes: "Mapping[str, Crash]",
        settings: Mapping[str, Any],
        executor: "Executor",
        sets: int,
    ) -> None:
        self._setting, self.crashes, self._settings, self._executor = setting, crashes, settings, executor
        self._done, self._progress = 0, ScenarioProgress(settings["scenarios"] * len(crashes) * sets)
        self._courses = {name: crash.points(setting.markets) for name, crash in crashes.items()}

    def play(self, name: str, terms: "SimulationTerms", interval: int) -> "tuple[float, Simulation]":
        """A crash, and the initial margin of all accounts; prices are drawn at an interval."""
        from liquidator.simulation import crash_paths, simulate  # noqa: PLC0415

        market, count = self._setting.market(terms), self._settings["scenarios"]
        noise = [self.crashes[name].volatility] * len(self._setting.markets)
        paths = crash_paths(self._courses[name], noise, interval, count, self._settings["seed"])
        step = terms.round_interval // interval
        progress = self._progress.after(self._done)
        found = simulate(market, paths[:, :, step - 1 :: step], self._settings, progress, self._executor)
        self._done += count
        return market.initial_margin, found

    def play_all(self, terms: "SimulationTerms", interval: int) -> "tuple[float, Simulation]":
        """All crashes as one run."""
        runs = [self.play(name, terms, interval) for name in self.crashes]
        first, *rest = (run for _, run in runs)
        return runs[0][0], first.joined(rest)


def _run_each(
    stage: _Stage, terms: "SimulationTerms", shown: Mapping[str, Any], out: Path | None, *, as_json: bool
) -> None:
    runs = []
    for name, crash in stage.crashes.items():
        _, found = stage.play(name, terms, terms.round_interval)
        told = {"scenario": name, "title": crash.title, "sources": list(crash.sources), "notes": crash.notes}
        runs.append((told | found.summary(), found))
        if not as_json:
            typer.echo(f"{crash.title}\n")
            print_run(found)
            typer.echo()
    keep(out, {**shown, "runs": [told | {"scenarios": found.rows()} for told, found in runs]})
    if as_json:
        print_json({**shown, "runs": [told for told, _ in runs]})


def _sweep_as_json(plan: "SweepPlan", found: "Sweep") -> dict[str, Any]:
    curves = {name: [each.figures() for each in curve] for name, curve in found.curves.items()}
    single = {"base": found.base, "combined": found.combined, "recommended": found.recommended}
    return {
        "costs": plan.costs.model_dump(),
        "curves": curves,
        **{name: each.figures() for name, each in single.items()},
    }


def _print_sweep(found: "Sweep") -> None:
    title = ["", "insolvent [USD]", "95 %", "paid by owners", "not sold", "ruin", "margin [USD]", "cost a year"]
    rows = [title, _sweep_row("base", found.base)]
    for name, curve in found.curves.items():
        rows += [_sweep_row(f"{name} = {each.changes[name]}", each) for each in curve]
    print_rows([*rows, _sweep_row("best values together", found.combined)])
    typer.echo()
    typer.echo("recommended: the base with" if found.recommended.changes else "recommended: the base")
    for name, value in found.recommended.changes.items():
        typer.echo(f"  {name} = {value}")


def _sweep_row(name: str, each: "Tried") -> list[str]:
    figures = each.figures()
    amounts = [f"{figures[key]:,.0f}" for key in ("insolvent", "insolvent_at_risk", "victims_paid", "unsold")]
    return [name, *amounts, f"{each.run.ruin:.1%}", f"{each.margin:,.0f}", f"{each.cost:,.0f}"]

"""What `simulate` and `stress` share: their options, the market that these describe, and what is shown of a run."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from liquidator.cli._output import print_rows
from liquidator.cli._risk_options import load_accounts, load_markets, parse_histories
from verifier import InputError

if TYPE_CHECKING:
    from liquidator.risk import AssetMarket
    from liquidator.screening import Executor
    from liquidator.simulation import SimulatedMarket, Simulation, SimulationTerms
    from prover.market import PriceRound

FilesOption = Annotated[
    list[Path] | None,
    typer.Option("--account", metavar="FILE", help="Account file, or a folder of such files; more than once."),
]
CountOption = Annotated[
    int | None,
    typer.Option("--accounts", min=1, help="Draw so many accounts with perpetuals, in the place of files."),
]
TermsOption = Annotated[
    Path | None,
    typer.Option("--terms", metavar="FILE", help="TOML: auction, fund, liquidators.  [default: those of a deployment]"),
]
ScenariosOption = Annotated[int, typer.Option("--scenarios", min=1, help="How many are played.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of all draws: the same one, the same figures.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=1, help="Processes that play scenarios; figures do not depend on it.")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Keep the figures of each scenario as JSON; never overwritten."),
]

_ROWS: Final = {
    "flagged": "accounts flagged",
    "sold": "liquidations [USD]",
    "victims_paid": "paid by their owners [USD]",
    "insolvent": "insolvent debt [USD]",
    "fund_paid": "paid by the fund [USD]",
    "shortfall": "shared by all [USD]",
    "depth": "waves of a cascade",
    "seconds": "length of a cascade [s]",
    "impact": "prices moved by sales",
    "unsold": "accounts not sold",
    "liquidators_gained": "gained by liquidators [USD]",
}
_QUIET: Final = 2.0
_PAUSE: Final = 5.0


class ScenarioProgress:
    """Says on standard error how many scenarios are done, once it takes more than two seconds.

    Args:
        total: of all.
    """

    def __init__(self, total: int) -> None:
        self._total, self._next = total, time.monotonic() + _QUIET

    def after(self, earlier: int) -> Callable[[int], None]:
        """Progress of a run that follows others.

        Args:
            earlier: scenarios of the others.
        """
        return lambda done: self(earlier + done)

    def __call__(self, done: int) -> None:
        """So many are done."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE
            print(f"{done} of {self._total} scenarios", file=sys.stderr, flush=True)  # noqa: T201


def load_terms(path: Path | None) -> "SimulationTerms":
    """Those of a file, or the defaults. Raises InputError as `SimulationTerms.load`."""
    from liquidator.simulation import SimulationTerms  # noqa: PLC0415 - slow to import

    return SimulationTerms() if path is None else SimulationTerms.load(path)


@contextmanager
def executor_of(workers: int) -> "Iterator[Executor]":
    """What plays scenarios."""
    from liquidator.screening import InProcess, LocalPool  # noqa: PLC0415

    if workers == 1:
        yield InProcess()
        return
    with LocalPool(workers) as pool:
        yield pool


class Setting:
    """What the options of both commands describe.

    Args:
        round_: file of the prices at the start.
        book: what --book says.
        histories: values of --history.
        volumes: values of --volume.
        files: values of --account.
        count: value of --accounts.
        seed: of the draws.

    Raises:
        InputError: neither accounts nor how many, or both; or what the files say does not fit together.
    """

    def __init__(
        self,
        round_: Path,
        book: str | None,
        histories: Sequence[str],
        volumes: Sequence[str] | None,
        files: Sequence[Path] | None,
        count: int | None,
        seed: int,
    ) -> None:
        from prover.toolchain import load_round  # noqa: PLC0415

        if bool(files) is bool(count):
            raise InputError("name account files by --account, or say by --accounts how many are drawn")
        self.prices: PriceRound = load_round(round_, book)
        self.histories = parse_histories(histories)
        self.markets: tuple[AssetMarket, ...] = load_markets(self.histories, volumes or [])
        self._accounts = load_accounts(files, book) if files else {}
        for each in self._accounts.values():
            each.require_same_book(self.prices)
        self._count, self._seed = count or 0, seed

    def market(self, terms: "SimulationTerms") -> "SimulatedMarket":
        """The accounts at these terms; drawn ones have the leverage that their margins allow."""
        from liquidator.risk import Holdings  # noqa: PLC0415
        from liquidator.simulation import SimulatedMarket, draw_accounts  # noqa: PLC0415

        symbols = [market.symbols for market in self.markets]
        holdings = (
            Holdings.of([each.state for each in self._accounts.values()])
            if self._accounts
            else draw_accounts(terms.scaled(self.prices), symbols, self._count, self._seed)
        )
        return SimulatedMarket(self.prices, holdings, self.markets, terms)


def keep(path: Path | None, content: Mapping[str, Any]) -> None:
    """Write a result where --out says. Raises InputError where there is a file."""
    from prover.storage import write_file  # noqa: PLC0415

    if path is not None:
        write_file(path, json.dumps({"format": "zksolvency/simulation/1"} | dict(content)) + "\n", overwrite=False)


def require_free(path: Path | None) -> None:
    """Refuse a file of --out that is there already, before anything is played. Raises InputError."""
    from prover.storage import require_new_target  # noqa: PLC0415

    if path is not None:
        require_new_target(path)


def described(setting: Setting, terms: "SimulationTerms") -> dict[str, Any]:
    """What a result was made with, beside the settings of its command."""
    markets = [market._asdict() | {"symbols": list(market.symbols)} for market in setting.markets]
    prices = {"id": setting.prices.id, "digest": setting.prices.digest()}
    return {"round": prices, "markets": markets, "terms": terms.model_dump(mode="json")}


def print_run(found: "Simulation") -> None:
    """A table of the figures over scenarios."""
    title = ["of a scenario", "mean", "median", "95 %", "mean of worst 5 %", "most"]
    rows = [[text, *map(_figure, asdict(found.distribution(name)).values())] for name, text in _ROWS.items()]
    print_rows([title, *rows])
    typer.echo()
    typer.echo(f"{found.accounts:,} accounts with {found.equity:,.0f} USD; {len(found.outcomes):,} scenarios")
    typer.echo(f"the fund of {found.fund:,.0f} USD does not suffice in {found.ruin:.2%} of them")
    typer.echo(f"least worth of money in a scenario: {found.lowest_fraction:.4f}")
    typer.echo(f"inputs {found.inputs}")
    typer.echo(f"result {found.digest}")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"

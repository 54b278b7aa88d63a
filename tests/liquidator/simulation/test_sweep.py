"""Sweeps: every value once, the cheapest allowed set, and what a file may say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liquidator.simulation import Outcome, Simulation, SimulationTerms, SweepPlan, sweep
from verifier import InputError

Play = Callable[[SimulationTerms], tuple[float, Simulation]]


def plan(**values: Any) -> SweepPlan:
    costs = {"events_a_year": 2.0, "capital_a_year": 0.1, "most_ruin": 0.5}
    return SweepPlan.model_validate_json(json.dumps({"base": {"ramp": 300}, "values": values, "costs": costs}))


def losing(loss: Callable[[SimulationTerms], float], seen: list[SimulationTerms] | None = None) -> Play:
    """Two scenarios: one loses that, the other nothing; the fund has 1,000 USD."""

    def play(terms: SimulationTerms) -> tuple[float, Simulation]:
        if seen is not None:
            seen.append(terms)
        outcomes = (Outcome(debt=loss(terms) / 2, victims_paid=loss(terms) / 2), Outcome())
        return 1_000.0 * terms.margin_scale, Simulation(1, 1e6, 1_000.0, outcomes, "")

    return play


def test_each_value_is_tried_alone_and_the_best_together() -> None:
    seen: list[SimulationTerms] = []
    found = sweep(plan(ramp=[100, 500], cap=[3_000, 8_000]), losing(lambda t: float(t.ramp + t.cap / 100), seen))
    assert [(t.ramp, t.cap) for t in seen] == [
        (300, 5_000), (100, 5_000), (500, 5_000), (300, 3_000), (300, 8_000), (100, 3_000),
    ]  # fmt: skip
    assert found.recommended.changes == {"ramp": 100, "cap": 3_000}
    assert found.recommended.cost == pytest.approx(2.0 * (100 + 30) / 2 + 0.1 * 1_000)
    assert [each.changes for each in found.curves["cap"]] == [{"cap": 3_000}, {"cap": 8_000}]


def test_the_best_values_are_not_always_best_together() -> None:
    costs = {(300, 5_000): 500.0, (100, 5_000): 100.0, (300, 3_000): 200.0, (100, 3_000): 900.0}
    found = sweep(plan(ramp=[100], cap=[3_000]), losing(lambda t: costs[t.ramp, t.cap]))
    assert found.combined.changes == {"ramp": 100, "cap": 3_000}
    assert found.recommended.changes == {"ramp": 100}


def test_nothing_is_recommended_that_is_worse_than_the_base() -> None:
    found = sweep(plan(ramp=[100, 500]), losing(lambda t: abs(t.ramp - 300.0)))
    assert found.recommended.changes == {}
    assert found.combined == found.base


def test_a_set_that_ruins_the_fund_is_not_cheap() -> None:
    """Half of the scenarios may ruin the fund, so allow less, and see the dearer one win."""
    chosen = plan(margin_scale=[0.5, 2.0])
    strict = chosen.model_copy(update={"costs": chosen.costs.model_copy(update={"most_ruin": 0.4})})
    play = losing(lambda t: 2_100.0 if t.margin_scale < 1.0 else 1_900.0 if t.margin_scale < 2.0 else 1_990.0)
    assert sweep(strict, play).recommended.changes == {}
    assert sweep(strict, play).curves["margin_scale"][0].run.ruin == 0.5
    free = chosen.model_copy(update={"costs": chosen.costs.model_copy(update={"capital_a_year": 9.0})})
    assert sweep(free, play).recommended.changes == {"margin_scale": 0.5}


def test_prices_are_drawn_at_what_all_intervals_are_multiples_of() -> None:
    assert plan(round_interval=[40, 100]).interval == 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[values]\nramps = [1]", "ramps"),
        ("[values]\ncap = [1, 20000]", "cap"),
        ("[values]\ncap = []", "values.cap"),
        ("[base]\nramp = 1", "values"),
        ("[values]\ncap = [5000]\n[costs]\nmost_ruin = 2.0", "most_ruin"),
        (f"[values]\ncap = {[5_000] * 201}", "more than 200"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        SweepPlan.load(path)


def test_runs_are_joined() -> None:
    runs = [Simulation(1, 2.0, 3.0, (Outcome(flagged=count),), str(count)) for count in (4, 5)]
    both = runs[0].joined(runs[1:])
    assert both.column("flagged").tolist() == [4.0, 5.0]
    assert len({both.inputs, runs[1].joined(runs[:1]).inputs, *(run.inputs for run in runs)}) == 4

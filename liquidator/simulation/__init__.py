"""What becomes of accounts in a crash: takeovers by the rules of the engine, whose hedges move prices further.

numpy is imported by the modules that compute: a program that names nothing of this package does not load it.
"""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "Crash",
    "Distribution",
    "Outcome",
    "Point",
    "SimulatedMarket",
    "Simulation",
    "SimulationTerms",
    "Sweep",
    "SweepPlan",
    "Tried",
    "crash_paths",
    "draw_accounts",
    "drawn_paths",
    "load_crash",
    "named_crashes",
    "play",
    "simulate",
    "sweep",
]

if TYPE_CHECKING:
    from liquidator.simulation._crash import Crash, load_crash, named_crashes
    from liquidator.simulation._drawn import draw_accounts
    from liquidator.simulation._market import SimulatedMarket
    from liquidator.simulation._paths import Point, crash_paths, drawn_paths
    from liquidator.simulation._run import Distribution, Simulation, simulate
    from liquidator.simulation._scenario import Outcome, play
    from liquidator.simulation._sweep import Sweep, SweepPlan, Tried, sweep
    from liquidator.simulation._terms import SimulationTerms
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._crash": (
                "Crash",
                "load_crash",
                "named_crashes",
            ),
            "._drawn": ("draw_accounts",),
            "._market": ("SimulatedMarket",),
            "._paths": (
                "Point",
                "crash_paths",
                "drawn_paths",
            ),
            "._run": (
                "Distribution",
                "Simulation",
                "simulate",
            ),
            "._scenario": (
                "Outcome",
                "play",
            ),
            "._sweep": (
                "Sweep",
                "SweepPlan",
                "Tried",
                "sweep",
            ),
            "._terms": ("SimulationTerms",),
        },
    )

"""The plot of docs/benchmarks.md: milliseconds a proof, on a logarithmic scale."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tools.bench._ratios import FRESH, WARM, best
from tools.bench._rows import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INSTANCES: Final = ("margin-13", "margin-58")
_OURS: Final = "#0b6e4f"
_OTHERS: Final = "#8a8f98"
_TEXT: Final = "#1f2328"
_GRID: Final = "#d8dee4"


class _Line(NamedTuple):
    label: str
    backend: str
    metric: str


_LINES: Final = (
    _Line("native, IFMA", "native IFMA", WARM),
    _Line("native, portable", "native portable", WARM),
    _Line("rapidsnark library", "rapidsnark library", WARM),
    _Line("groth16py", "groth16py", WARM),
    _Line("snarkjs worker", "snarkjs worker", WARM),
    _Line("native, IFMA: new process", "native IFMA", FRESH),
    _Line("rapidsnark: new process", "rapidsnark CLI", FRESH),
    _Line("snarkjs: new process", "snarkjs CLI", FRESH),
)


def write_plot(rows: Sequence[Row], path: Path, **options: Any) -> None:
    """Draw the time of a proof from a witness, each prover with the number of threads that suits it best.

    Args:
        rows: what was measured.
        path: the picture to write; its ending says the format.
        options: of matplotlib's `savefig`.
    """
    import matplotlib as mpl  # noqa: PLC0415 (slow to import, and needed here only)
    from matplotlib.figure import Figure  # noqa: PLC0415 (as above)

    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "zksolvency",
        "font.family": "sans-serif",
        "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
        "font.size": 10,
    }
    shown = [name for name in INSTANCES if any(row.instance == name for row in rows)]
    with mpl.rc_context(settings):
        figure = Figure(figsize=(9.6, 3.6), layout="constrained", facecolor="white")
        for axes, name in zip(figure.subplots(1, len(shown), sharey=True, squeeze=False)[0], shown, strict=True):
            _draw(axes, name, [row for row in rows if row.instance == name])
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata, **options)


def _draw(axes: "Axes", name: str, rows: Sequence[Row]) -> None:
    constraints = next(row.median for row in rows if row.metric == "constraints")
    lines = [(line, row) for line in _LINES if (row := best(rows, line.backend, line.metric)) is not None]
    for height, (line, row) in enumerate(lines):
        colour = _OURS if line.backend.startswith("native") else _OTHERS
        axes.plot([row.min, row.max], [height, height], color=colour, linewidth=2, alpha=0.45, solid_capstyle="round")
        axes.plot(row.median, height, "o", color=colour, markersize=7)
        axes.annotate(
            f"{row.median:,.1f} ms" if row.median < 10 else f"{row.median:,.0f} ms",
            (row.max, height),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=_TEXT,
        )
    axes.set_xscale("log")
    axes.set_xlim(1, 7000)
    axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.axhline(sum(line.metric == WARM for line, _ in lines) - 0.5, color=_GRID, linewidth=0.8)
    axes.set_yticks(range(len(lines)), [line.label for line, _ in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_title(f"{name}: {constraints:,.0f} constraints", loc="left", color=_TEXT, fontsize=11)
    axes.set_xlabel("milliseconds a proof, logarithmic", color=_TEXT)
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, which="both", colors=_TEXT)
    axes.spines[:].set_visible(False)

"""The pictures of a report, as SVG that a page holds: no file beside it, no script, the same for the same figures.

Lines differ in their dashes and bars in their hatches, so that they are told apart in black and white.
"""

import io
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from liquidator.risk._report_section import Section

_COLORS: Final = ("#2b5c8a", "#c2703d", "#3d7a4e", "#8a5a9e", "#6b7280", "#a63d40")
_DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1, 5, 1)))
_HATCHES: Final = ("", "//", "\\\\", "xx")
_MARKERS: Final = ("o", "s", "^", "D", "v", "P")
_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e7eb",
    "hatch.linewidth": 0.6,
}
_WIDTH: Final = 4.8
"""Inches: text of this size is still read on a telephone."""

_DEPTHS: Final = (1, 2, 3)


def section_picture(section: Section) -> str:
    """The SVG of a section; empty where nothing can be drawn."""
    draw = _DRAWN.get(section.key)
    if draw is None or not section.rows:
        return ""
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, 3.1), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot(), section)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return _embedded(file.getvalue(), section)


def _embedded(text: str, section: Section) -> str:
    """The element alone, with names of its own: a page has several."""
    svg = text[text.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(id="|xlink:href="#|url\(#)', rf"\g<1>{section.key}-", svg)
    return re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', _opening(section), svg, count=1)


def _opening(section: Section) -> str:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return rf'<svg {names} viewBox="\1" role="img" aria-label="{section.title}: the table below has the figures">'


def _health(axes: Axes, section: Section) -> None:
    names, counts, _ = zip(*section.rows, strict=True)
    places = np.arange(len(names))
    bars = axes.bar(places, counts, color=[_COLORS[5], *[_COLORS[0]] * (len(names) - 1)])
    bars[0].set_hatch(_HATCHES[1])
    axes.bar_label(bars, padding=2, fontsize=9)
    axes.set_xticks(places, [str(name).replace(" to ", " to\n").replace(" or ", "\nor ") for name in names])
    axes.set(xlabel="equity / maintenance margin", ylabel="accounts")
    axes.grid(visible=False, axis="x")


def _distance(axes: Axes, section: Section) -> None:
    drawn = section.drawn or {}
    for (name, curve), color, dash in zip(list(drawn["curves"].items()), _COLORS, _DASHES, strict=False):
        axes.plot(drawn["moves"], curve, color=color, linestyle=dash, label=name)
    axes.set(xscale="log", ylim=(0, None), xlabel="move of the price, either way", ylabel="accounts that breach")
    _percent(axes)
    axes.set_xticks([0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5], ["0.1%", "1%", "2%", "5%", "10%", "20%", "50%"])
    axes.minorticks_off()
    axes.legend(fontsize=8.5)


def _concentration(axes: Axes, section: Section) -> None:
    names = [str(row[0]) for row in section.rows]
    parts = np.array([[row[2], row[3], row[4], 1.0] for row in section.rows], dtype=np.float64)
    places, left = np.arange(len(names)), np.zeros(len(names))
    for column, label in enumerate(("largest", "next 4", "next 5", "all others")):
        width = parts[:, column] - left
        color, hatch = _COLORS[column if column < 3 else 4], _HATCHES[column]
        axes.barh(places, width, left=left, color=color, hatch=hatch, edgecolor="white", label=label, height=0.65)
        left = parts[:, column]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set(xlabel="part of the market's exposure", xlim=(0, 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, fontsize=8.5, frameon=False)


def _cascades(axes: Axes, section: Section) -> None:
    drawn = section.drawn or {}
    minutes, depth = np.array(drawn["seconds"]) / 60.0, np.array(drawn["depth"])
    end = max(float(minutes.max()), 1.0)
    for least, color, dash in zip(_DEPTHS, _COLORS, _DASHES, strict=False):
        lengths = np.sort(minutes[depth >= least])
        times = np.concatenate([[0.0], lengths, [end]])
        going = np.concatenate([len(lengths) - np.arange(len(lengths) + 1), [0]]) / len(minutes)
        label = "any sale" if least == 1 else f"{least} waves or more"
        axes.step(times, going, where="post", color=color, linestyle=dash, label=label)
    axes.set(xlabel="minutes since the first sale", ylabel="scenarios that still sell", xlim=(0, end), ylim=(0, None))
    _percent(axes)
    axes.legend(fontsize=8.5)


def _auctions(axes: Axes, section: Section) -> None:
    names = [str(row[0]) for row in section.rows]
    places, left = np.arange(len(names)), np.zeros(len(names))
    for column, title in enumerate(column.title for column in section.columns[1:-1]):
        width = np.array([row[column + 1] for row in section.rows], dtype=np.float64)
        axes.barh(
            places, width, left=left, color=_COLORS[column], hatch=_HATCHES[column], edgecolor="white", label=title
        )
        left = left + width
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set(xlabel="jobs")
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=8.5, frameon=False)


def _calibration(axes: Axes, section: Section) -> None:
    axes.plot([1e-3, 1], [1e-3, 1], color="#9aa5b1", linewidth=1, label="exact")
    names = list(dict.fromkeys(row[0] for row in section.rows))
    for name, color, marker in zip(names, _COLORS, _MARKERS, strict=False):
        points = np.array([row[1:3] for row in section.rows if row[0] == name], dtype=np.float64)
        points = points[(points > 1e-3).all(axis=1)]
        axes.plot(*points.T, marker, color=color, markersize=5, label=str(name))
    ticks = [0.001, 0.01, 0.1, 1.0], ["0.1%", "1%", "10%", "100%"]
    axes.set(xscale="log", yscale="log", xlabel="probability that was forecast", ylabel="part that crossed")
    axes.set_xticks(*ticks)
    axes.set_yticks(*ticks)
    axes.minorticks_off()
    axes.legend(fontsize=8.5)


def _fund(axes: Axes, section: Section) -> None:
    debts = np.sort(np.array((section.drawn or {})["insolvent"]))
    end = max(1.25, float(debts[-1]) * 1.05)
    values = np.concatenate([[0.0], debts, [end]])
    more = np.concatenate([len(debts) - np.arange(len(debts) + 1), [0]]) / len(debts)
    axes.step(values, more, where="post", color=_COLORS[0], label="debt is more than this")
    axes.axvline(1.0, color=_COLORS[5], linestyle="--", label="the fund")
    axes.set(xlabel="debt / fund", ylabel="scenarios", xlim=(0, end), yscale="log", ylim=(0.5 / len(debts), 1.2))
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    _percent(axes)
    axes.legend(fontsize=8.5)


def _percent(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))


_DRAWN: Final[Mapping[str, Callable[[Axes, Section], None]]] = {
    "health": _health,
    "distance": _distance,
    "concentration": _concentration,
    "cascades": _cascades,
    "auctions": _auctions,
    "calibration": _calibration,
    "fund": _fund,
}

"""A report as one HTML page: pictures, tables and style are in it, and nothing is loaded from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Final

from liquidator.risk._report_pictures import section_picture
from liquidator.risk._report_section import Cell, Report, Section
from prover.formats import format_duration

_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #1f2933;
  background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 0.3rem; }
p { margin: 0.4rem 0; }
figure { margin: 0.8rem 0; }
svg { display: block; width: 100%; height: auto; max-width: 40rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.9rem 0.25rem 0; text-align: right; border-bottom: 1px solid #e4e7eb; }
th { font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
.out { color: #52606d; font-style: italic; }
.about { overflow-wrap: anywhere; color: #52606d; font-size: 0.9rem; }
@media (max-width: 34rem) {
  table { font-size: 0.8rem; }
  th, td { padding-right: 0.55rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  svg { max-width: 10.5cm; }
  section { break-inside: avoid; }
  .table { overflow: visible; }
}
"""


def report_page(report: Report) -> str:
    """The page.

    Args:
        report: of `make_report`.
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    about = report.about
    title = f"Risk report: {about['book']}, round {about['round']}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>"
    yield f"<style>{_STYLE}</style></head><body>"
    yield f"<h1>Risk report of {escape(str(about['book']))}</h1>"
    yield f"<p>Accounts: {about['accounts']:,}. Below their maintenance margin: {about['below_maintenance']:,}. "
    yield f"Prices of round {about['round']}.</p>"
    for section in report.sections:
        yield from _section(section)
    yield f'<p class="about">Round digest {escape(str(about["round_digest"]))}. The same files give the same page.</p>'
    yield "</body></html>"


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{section.key}">'
    yield f"<h2>{escape(section.title)}</h2>"
    if section.left_out:
        yield f'<p class="out">Left out: {escape(section.left_out)}.</p>'
    else:
        yield f"<p>{escape(section.says)}</p>"
        drawn = section_picture(section)
        if drawn:
            yield f"<figure>{drawn}</figure>"
        yield from _table(section) if section.rows else ['<p class="out">There is nothing to show.</p>']
    yield "</section>"


def _table(section: Section) -> Iterator[str]:
    titles = "".join(f"<th>{escape(column.title)}</th>" for column in section.columns)
    yield f'<div class="table"><table><thead><tr>{titles}</tr></thead><tbody>'
    for row in section.rows:
        cells = (_cell(value, column.kind) for value, column in zip(row, section.columns, strict=True))
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
    yield "</tbody></table></div>"


def _cell(value: Cell, kind: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    match kind:
        case "count":
            return f"{value:,}"
        case "percent":
            return _percent(value)
        case "seconds":
            return format_duration(round(value)) if value >= 60 else f"{value:.2g} s"
        case _:
            return f"{value:,.2f}"


def _percent(value: float) -> str:
    """With a digit more below 1 %; what is not 0 does not look like it."""
    if 0 < abs(value) < 5e-5:
        return "below 0.01%"
    return f"{value:.1%}" if abs(value) >= 0.01 or value == 0 else f"{value:.2%}"

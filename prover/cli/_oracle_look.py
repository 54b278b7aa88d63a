"""What `oracle run` prints: one line a look, or one JSON object; and a warning for each thing that is newly wrong."""

import time
from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console

from prover.cli._oracle_post import posted_facts, warn_of_prices
from prover.cli._output import as_line, emit, warn
from prover.formats import format_clock
from prover.market import format_price
from prover.oracle import Decision, Look, LookFailed, ReporterEvent

_MAX_NAMED: Final = 5


class LookPrinter:
    """Prints the events of a reporter.

    Args:
        as_json: for machines.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._told: set[str] = set()

    def print(self, event: ReporterEvent) -> None:
        """Print an event on stdout. What was wrong at the look before is not told again."""
        if isinstance(event, LookFailed):
            message = as_line(str(event.error))
            if not self._as_json:
                warn(f"a look failed, and is tried again: {message}")
                return
            emit({"event": "failed", "time": int(time.time()), "message": message}, lambda _: None, as_json=True)
            return
        problems = {as_line(problem) for problem in _problems(event)}
        for problem in sorted(problems - self._told):
            warn(problem)
        self._told = problems
        if event.outcome.posted is not None:
            warn_of_prices(event.outcome.posted)
        line = look_line(event)

        def render(console: Console) -> None:
            console.print(line, soft_wrap=True)

        emit(look_json(event), render, as_json=self._as_json)


def look_line(look: Look) -> str:
    """A look in one line."""
    outcome, seen = look.outcome, look.observation
    priced = sum(price is not None for price in seen.prices)
    signed = f"sees {_count(priced, 'price')}, signs nothing new"
    if look.signed is not None:
        signed = f"signed {_count(priced, 'price')} of {format_clock(look.signed.report.timestamp)}"
    parts = [f"{format_clock(look.time)}  round {look.round_id or 'none'}", signed]
    if seen.omitted:
        parts.append(f"without {_named([one.symbol for one in seen.omitted])}")
    parts.append(f"{_count(len(look.reports), 'report')}, {look.threshold} needed")
    decision = str(outcome.decision)
    if outcome.posted is not None and outcome.decision is Decision.POSTED:
        decision = f"posted round {outcome.posted.posting.round_id}"
    reason = f" ({outcome.reason})" if outcome.reason else ""
    detail = as_line(outcome.detail or str(outcome.error or ""))
    return "; ".join(parts) + f": {decision}{reason}" + (f": {detail}" if detail else "")


def look_json(look: Look) -> dict[str, Any]:
    """A look for machines."""
    outcome, seen = look.outcome, look.observation
    content: dict[str, Any] = {
        "event": "look",
        "time": look.time,
        "round": look.round_id or None,
        "signed": None if look.signed is None else look.signed.report.timestamp,
        "omitted": {one.symbol: one.reason for one in seen.omitted},
        "leaps": [move.symbol for move in seen.leaps],
        "faults": list(look.faults),
        "reports": list(look.reports),
        "threshold": look.threshold,
        "rejected": list(look.rejected),
        "decision": outcome.decision,
        "reason": outcome.reason,
        "message": outcome.detail or None if outcome.error is None else as_line(str(outcome.error)),
    }
    posted = outcome.posted
    return content | ({} if posted is None else {"posted": posted_facts(posted, len(look.reports))})


def _problems(look: Look) -> Iterator[str]:
    """What is wrong, or may be, in words that stay the same while it lasts."""
    yield from look.faults
    for symbol, reason in look.observation.omitted:
        yield f"{symbol} is not priced: {reason}"
    for move in look.observation.leaps:
        yield (
            f"{move.symbol} moves from {format_price(move.before)} USD by more than {format_price(move.limit)} USD in "
            "a minute: a round needs a second set a minute later"
        )
    yield from look.rejected


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _named(symbols: list[str]) -> str:
    more = f" and {len(symbols) - _MAX_NAMED} more" if len(symbols) > _MAX_NAMED else ""
    return ", ".join(symbols[:_MAX_NAMED]) + more

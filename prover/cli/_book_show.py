"""The public state of a margin book, for people."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console

from prover.cli._book_words import POST_A_ROUND
from prover.cli._ether import ether
from prover.cli._output import columns, print_facts, print_table, short_id
from prover.formats import format_duration, format_utc
from prover.market import PRICE_DECIMALS, format_price_rounded, parse_decimal

_ROLES: Final = {"risk_parameters": "risk parameters", "book": "margin book"}
_FIELD_ELEMENTS: Final = {"account", "buyer", "seller", "ticket"}
_UNREADABLE: Final = {"commitment", "rho", "ciphertext", "ownerTag", "ownerPoint", "guardianPoint", "guardian", "point"}


def render_overview(console: Console, view: Mapping[str, Any]) -> None:
    """Print what `overview` tells."""
    reporters = view["reporters"]
    print_facts(
        console,
        [
            ("chain id", str(view["chain_id"])),
            ("book", view["book"]),
            *((_ROLES.get(role, role), address) for role, address in view["contracts"].items()),
            ("gate", view["gate"] or "none"),
            ("breaker", _breaker(view["breaker"])),
            ("active time", _active_time(view["breaker"]["active_time"])),
            ("reporters", f"{reporters['threshold']} of {len(reporters['addresses'])} make a round"),
            ("guardians", f"{len(view['guardians'])} accepted"),
            ("accounts", str(view["accounts"])),
            ("opening bond", ether(view["opening_bond"])),
            ("cure window", format_duration(view["cure_window"])),
            ("round", _round(view)),
            *_candidate(view["candidate"]),
        ],
    )
    if view["round"] is not None:
        console.print()
        print_prices(console, view["round"]["assets"], view["round"]["stale"], view["round"]["closing"])
    console.print()
    rows = [[token["symbol"], token["token"], _grouped(token["holdings"])] for token in view["tokens"]]
    print_table(console, columns(["asset", "token", "held by the book"], rows, left=2))
    console.print()
    rows = [[str(event["block"]), event["event"], _words(event)] for event in view["events"]]
    print_table(console, columns(["block", "last events", "what it shows"], rows, left=3))


def print_prices(
    console: Console, assets: Sequence[Mapping[str, str]], stale: Sequence[str], closing: Sequence[str] = ()
) -> None:
    """Print the table of a round.

    Args:
        console: where.
        assets: as `round_json` has them.
        stale: symbols of the assets without a fresh price.
        closing: symbols of further assets in which no account may grow.
    """
    fields = ("price", "effective_price", "maintenance_margin", "initial_margin")
    rows = [
        [
            asset["symbol"],
            "stale" if asset["symbol"] in stale else "closing" if asset["symbol"] in closing else "live",
            *(format_price_rounded(parse_decimal(asset[field], PRICE_DECIMALS, field)) for field in fields),
        ]
        for asset in assets
    ]
    headings = ["asset", "status", "price", "effective", "maintenance", "initial"]
    print_table(console, columns(headings, rows, left=2))


def _breaker(breaker: Mapping[str, Any]) -> str:
    text = f"level {breaker['level']}, {breaker['stops']}"
    until = breaker["tripped_until"]
    return text if until is None else f"{text}: tripped until {format_utc(until)}"


def _active_time(active: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {format_duration(seconds)}" for name, seconds in active.items())


def _candidate(candidate: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Nothing when no prices wait for their confirmation."""
    if candidate is None:
        return []
    moves = ", ".join(f"{asset['symbol']} {asset['price']} USD" for asset in candidate["assets"])
    return [
        ("candidate", f"{moves}, held at {format_utc(candidate['held_at'])}"),
        ("confirmation", f"from {format_utc(candidate['confirmable_at'])} until {format_utc(candidate['over_at'])}"),
    ]


def _round(view: Mapping[str, Any]) -> str:
    latest = view["round"]
    if latest is None:
        return f"none yet: {POST_A_ROUND}"
    text = f"{latest['id']} at {format_utc(latest['timestamp'])}, {format_duration(latest['age'])} ago"
    if latest["usable"]:
        return text
    return f"{text}: too old for proofs (at most {format_duration(view['max_proof_age'])}): {POST_A_ROUND}"


def _words(event: Mapping[str, Any]) -> str:
    """What an event says beside what only computers read; each on a line of its own."""
    arguments = {name: value for name, value in event.items() if name not in {"event", "block", *_UNREADABLE}}
    return "\n".join(f"{name} {_value(name, value)}" for name, value in arguments.items())


def _value(name: str, value: Any) -> str:
    if name in _FIELD_ELEMENTS:
        return short_id(int(value, 16))
    return "\n  ".join(["", *map(str, value)]) if isinstance(value, list) else str(value)


def _grouped(text: str) -> str:
    whole, point, fraction = text.partition(".")
    return f"{int(whole):,}{point}{fraction}"

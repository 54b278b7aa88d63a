"""What everybody can see of a margin book, for people."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console

from prover._units import PRICE_DECIMALS, parse_decimal
from prover.cli._amounts import price_rounded, utc
from prover.cli._book_chain import short_id
from prover.cli._book_words import POST_A_ROUND, age_words
from prover.cli._output import columns, print_facts, print_table

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
            ("breaker", f"level {view['breaker']['level']}, {view['breaker']['stops']}"),
            ("reporters", f"{reporters['threshold']} of {len(reporters['addresses'])} make a round"),
            ("guardians", f"{len(view['guardians'])} accepted"),
            ("accounts", str(view["accounts"])),
            ("round", _round(view)),
        ],
    )
    if view["round"] is not None:
        console.print()
        print_prices(console, view["round"]["assets"])
    console.print()
    rows = [[token["symbol"], token["token"], _grouped(token["holdings"])] for token in view["tokens"]]
    print_table(console, columns(["asset", "token", "held by the book"], rows, left=2))
    console.print()
    rows = [[str(event["block"]), event["event"], _words(event)] for event in view["events"]]
    print_table(console, columns(["block", "last events", "what everybody sees"], rows, left=3))


def print_prices(console: Console, assets: Sequence[Mapping[str, str]]) -> None:
    """Print the table of a round."""
    fields = ("price", "effective_price", "maintenance_margin", "initial_margin")
    rows = [
        [asset["symbol"], *(price_rounded(parse_decimal(asset[field], PRICE_DECIMALS, field)) for field in fields)]
        for asset in assets
    ]
    print_table(console, columns(["asset", "price", "effective", "maintenance", "initial"], rows))


def _round(view: Mapping[str, Any]) -> str:
    latest = view["round"]
    if latest is None:
        return f"none yet: {POST_A_ROUND}"
    text = f"{latest['id']} at {utc(latest['timestamp'])}, {age_words(latest['age'])} ago"
    if latest["usable"]:
        return text
    return f"{text}: too old for proofs (at most {age_words(view['max_proof_age'])}): {POST_A_ROUND}"


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

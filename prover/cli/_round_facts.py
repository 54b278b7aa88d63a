"""Facts of a price round that commands print."""

from typing import Any

from prover import PriceRound
from prover.formats import format_utc


def round_summary(round_: PriceRound) -> dict[str, Any]:
    """As JSON."""
    return {
        "id": round_.id,
        "timestamp": round_.timestamp,
        "digest": round_.digest(),
        "book": {"name": round_.book.name, "digest": round_.book.digest()},
    }


def round_facts(round_: PriceRound) -> list[tuple[str, str]]:
    """As text."""
    return [
        ("round", f"{round_.id} at {format_utc(round_.timestamp)}"),
        ("digest", round_.digest()),
        ("book", round_.book.name),
        ("book digest", round_.book.digest()),
    ]

"""What `zksolvency oracle post` prints of a posted set of prices."""

from typing import Any, Final

from prover.cli._output import sent, warn
from prover.formats import format_clock, format_utc
from prover.market import PPM, format_price
from prover.onchain import HeldPrices, PostedReports, PriceMove

_TIMES: Final = frozenset({"timestamp", "post_again_after", "waits_until"})


def posted_facts(posted: PostedReports, reports: int) -> dict[str, Any]:
    """The result for machines."""
    posting, held, other = posted.posting, posted.held, ", ".join(posted.other_margins)
    facts = {"result": str(posting.status), "timestamp": posting.timestamp, "reports": reports}
    if held is not None:
        facts |= {
            "round": None,
            "far": list(held.symbols),
            "post_again_after": held.confirmable_at,
            "waits_until": held.expires_at,
        }
    else:
        facts |= {
            "round": posting.round_id,
            "stale": [asset.symbol for asset in posted.stale],
            "discarded_candidate": posting.discarded,
            "effective_prices": "as the reference has them",
            "margins": f"other fractions for {other}" if other else "as the reference has them",
        }
    return {**facts, **sent(posting.receipt)}


def readable(facts: dict[str, Any]) -> dict[str, Any]:
    """The result for people: times in UTC, and a word where there is nothing."""
    times = {name: format_utc(facts[name]) for name in _TIMES & facts.keys()}
    return {name: "none" if value in ([], None) else times.get(name, value) for name, value in facts.items()}


def warn_of_prices(posted: PostedReports) -> None:
    """Warn of prices that are held, stale assets, and margins that differ from the book's file."""
    if posted.held is not None:
        _warn_of_held(posted.held)
    if posted.other_margins:
        warn(
            f"margins of {', '.join(posted.other_margins)} are not those of the book's file: governance or the steward "
            "changed their fractions on chain, and the chain's count"
        )
    if posted.stale:
        reasons = "; ".join(f"{asset.symbol}: {asset.reason}" for asset in posted.stale)
        warn(f"assets without a fresh price keep the one before, and can only be reduced: {reasons}")


def _warn_of_held(held: HeldPrices) -> None:
    moves = map(_move, held.moves) if held.moves else held.symbols
    warn(
        "the prices are held as a candidate, and flags, withdrawals and new risk wait until "
        f"{format_clock(held.expires_at)} at the latest: {'; '.join(moves)}. Right prices: sign and post again after "
        f"{format_clock(held.confirmable_at)}, which confirms them. Wrong prices: post right ones at once, which "
        "discards them"
    )


def _move(move: PriceMove) -> str:
    relative = "" if move.limit_ppm is None else f" ({100 * move.limit_ppm / PPM:g} %)"
    return (
        f"{move.symbol} moves from {format_price(move.before)} to {format_price(move.after)} USD, by more than "
        f"{format_price(move.limit)} USD{relative} in a minute"
    )

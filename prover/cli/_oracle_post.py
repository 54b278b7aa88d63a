"""Posting a set of prices: what became of it, and what to do next."""

import time
from typing import Any, Final

from prover.chain import Posting
from prover.cli._oracle_checks import CLOCK_SECONDS, Reports, stale_reasons
from prover.cli._oracle_reference import differences, reference_round
from prover.cli._output import note, sent, warn
from prover.formats import format_clock, format_utc
from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    PPM,
    Outcome,
    PostingStatus,
    asset_symbol,
    format_price,
    slot_symbols,
)
from prover.onchain import MarginBook, PriceSource
from verifier import ChainError

PAUSE_SECONDS: Final = 2.0

_TIMES: Final = frozenset({"timestamp", "post_again_after", "waits_until"})


def post_reports(book: MarginBook, source: PriceSource, reports: Reports, expected: Outcome) -> dict[str, Any]:
    """Post reports, and compare what the chain made of them with the reference in Python.

    Args:
        book: whose prices they are.
        source: its price source before.
        reports: to be posted.
        expected: what the reference makes of them.

    Returns:
        What became of them, as facts.

    Raises:
        ChainError: refused, or the chain has other prices than the reference.
    """
    posted = _post(book, reports)
    facts = {
        "result": str(posted.status),
        "timestamp": posted.timestamp,
        "reports": len(reports),
        **(_held(book, source, posted) if posted.status is PostingStatus.HELD else _recorded(book, posted, expected)),
    }
    if posted.stale:
        reasons = "; ".join(stale_reasons(book, source, reports, posted.stale))
        warn(f"assets without a fresh price keep the one before, and can only be reduced: {reasons}")
    return {**facts, **sent(posted.receipt)}


def _recorded(book: MarginBook, posted: Posting, expected: Outcome) -> dict[str, Any]:
    chain = book.contracts.rounds.round(posted.round_id)
    agreed = reference_round(book.assets, expected.prices)
    prices, margins = differences(chain, agreed)
    if prices:
        raise ChainError(
            f"round {posted.round_id} was posted, but the chain has other prices of {', '.join(prices)} than the "
            "reports make: was another set posted at the same moment, or does the node tell the truth?"
        )
    if margins:
        warn(
            f"margins of {', '.join(margins)} are not those of the book's file: governance or the steward changed "
            "their fractions on chain, and the chain's count"
        )
    return {
        "round": posted.round_id,
        "stale": slot_symbols(book.assets, posted.stale),
        "discarded_candidate": posted.discarded,
        "effective_prices": "as the reference has them",
        "margins": f"other fractions for {', '.join(margins)}" if margins else "as the reference has them",
    }


def _held(book: MarginBook, source: PriceSource, posted: Posting) -> dict[str, Any]:
    """Tell what is beyond its limit, and what to do about it."""
    candidate = book.contracts.rounds.candidate()
    held_at = posted.timestamp if candidate is None else candidate.held_at
    confirmable, over = held_at + CANDIDATE_DELAY, held_at + CANDIDATE_LIFETIME
    far = slot_symbols(book.assets, posted.far)
    moves = far if candidate is None else _moves(book, source, posted.far, candidate.prices)
    warn(
        f"the prices are held as a candidate, and flags, withdrawals and new risk wait until {format_clock(over)} at "
        f"the latest: {'; '.join(moves)}. Right prices: sign and post again after "
        f"{format_clock(confirmable)}, which confirms them. Wrong prices: post right ones at once, which discards them"
    )
    return {
        "round": None,
        "far": far,
        "post_again_after": confirmable,
        "waits_until": over,
    }


def _moves(book: MarginBook, source: PriceSource, far: int, prices: tuple[int, ...]) -> list[str]:
    """What moved further than its limit, from which price to which."""
    reference, told = source.rules.reference, []
    for slot, rules in enumerate(source.rules.slots):
        if far >> slot & 1 and rules is not None and reference is not None and slot in reference.quotes:
            before = reference.quotes[slot].price
            limit = rules.limit(before)
            relative = f" ({100 * rules.deviation_ppm / PPM:g} %)" if limit > rules.deviation_amount else ""
            symbol = asset_symbol(book.assets, slot)
            told.append(
                f"{symbol} moves from {format_price(before)} to {format_price(prices[slot])} USD, by more than "
                f"{format_price(limit)} USD{relative} in a minute"
            )
    return told


def shown(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as people read them: times in UTC, and a word where there is nothing."""
    readable = {name: format_utc(facts[name]) for name in _TIMES & facts.keys()}
    return {name: "none" if value in ([], None) else readable.get(name, value) for name, value in facts.items()}


def _post(book: MarginBook, reports: Reports) -> Posting:
    """Post, again while the newest block is older than the reports: a node may judge by its time."""
    deadline = time.monotonic() + CLOCK_SECONDS
    is_told = False
    while True:
        try:
            return book.contracts.rounds.post([file.report for file in reports.values()])
        except ChainError as error:
            if error.refusal != "ReportFromFuture" or time.monotonic() > deadline:
                raise
        if not is_told:
            note("waiting for a block that is newer than the reports")
            is_told = True
        time.sleep(PAUSE_SECONDS)

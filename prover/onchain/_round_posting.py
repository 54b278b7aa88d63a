"""Posting a set of price reports, and comparing the round on the chain with the reference of its rules."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from prover.chain import OnchainRound, Posting, Report
from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    AssetList,
    PostingOutcome,
    PostingStatus,
    PriceRound,
    RecordedRound,
    asset_symbol,
    slot_symbols,
)
from prover.onchain._book import MarginBook
from prover.onchain._price_source import PriceSource
from prover.onchain._report_checks import MAX_CLOCK_LEAD, require_postable, stale_reason
from prover.onchain._report_file import Reports, require_one_set
from verifier import ChainError, MarginsPerUnit, VectorKind

PAUSE_SECONDS: Final = 2.0

_LOG: Final = logging.getLogger("prover.onchain")


class StaleAsset(NamedTuple):
    """An asset without a fresh price in a round.

    Attributes:
        symbol: of the asset.
        reason: why the reports give it none.
    """

    symbol: str
    reason: str


class PriceMove(NamedTuple):
    """A price beyond its limit.

    Attributes:
        symbol: of the asset.
        before: price of the reference round [1e-9 USD].
        after: price that is held [1e-9 USD].
        limit: how far it may move in a minute [1e-9 USD].
        limit_ppm: the limit as a share of the price before [ppm]; None when the absolute limit is the larger one.
    """

    symbol: str
    before: int
    after: int
    limit: int
    limit_ppm: int | None


@dataclass(frozen=True, slots=True)
class HeldPrices:
    """A set of prices that is held as a candidate.

    Attributes:
        symbols: of the assets beyond their limits.
        moves: their prices; empty when the node does not show the candidate.
        confirmable_at: when new reports can confirm it, Unix seconds.
        expires_at: when it expires, Unix seconds.
    """

    symbols: tuple[str, ...]
    moves: tuple[PriceMove, ...]
    confirmable_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class PostedReports:
    """Result of posting a set of reports.

    Attributes:
        posting: status, round and receipt.
        stale: assets without a fresh price in the round.
        held: the candidate, when the set is held; None when a round is recorded.
        other_margins: symbols of assets whose margins are not those of the book's file: governance or a steward changed
            their fractions.
    """

    posting: Posting
    stale: tuple[StaleAsset, ...] = ()
    held: HeldPrices | None = None
    other_margins: tuple[str, ...] = ()


def post_reports(book: MarginBook, reports: Reports) -> PostedReports:
    """Check reports, post them, and compare the round on the chain with the reference.

    Args:
        book: whose prices they are.
        reports: of a quorum of reporters, by the names that errors call them.

    Raises:
        InputError: the contract would refuse them; nothing was sent.
        ChainError: refused, or the chain has other prices than the reference.
    """
    require_one_set(reports)
    source = PriceSource.read(book.contracts)
    expected = require_postable(book, source, reports)
    posting = _post(book, [file.report for file in reports.values()])
    if posting.status is PostingStatus.HELD:
        return PostedReports(posting, held=_held(book, source, posting))
    unpriced = posting.stale & ~source.rules.settled  # what has settled has no price, and that is right
    stale = (slot for slot in range(book.n) if unpriced >> slot & 1)
    return PostedReports(
        posting,
        tuple(StaleAsset(asset_symbol(book.assets, slot), stale_reason(book, source, reports, slot)) for slot in stale),
        other_margins=_other_margins(book, posting, expected),
    )


def reference_round(book: AssetList, recorded: RecordedRound) -> PriceRound:
    """A round of the reference, with the fractions of a book. A slot that never had a price has price 0."""
    quotes = [recorded.quotes.get(slot) for slot in range(book.n)]
    return PriceRound(
        book=book,
        id=recorded.id,
        timestamp=recorded.timestamp,
        prices=tuple(0 if quote is None else quote.price for quote in quotes),
        funding=tuple(0 if quote is None else quote.funding for quote in quotes),
        stale=recorded.stale,
    )


def differences(posted: OnchainRound, reference: PriceRound) -> tuple[list[str], list[str]]:
    """Symbols whose prices, and symbols whose margins per unit, differ between the chain and the reference."""
    found, expected = posted.vectors, reference.vectors
    prices, margins = [], []
    for slot, asset in enumerate(reference.book.assets):
        if (posted.prices[slot], found.effective_prices[slot]) != (
            reference.prices[slot],
            expected.effective_prices[slot],
        ):
            prices.append(asset.symbol)
        if any(_sides(found.margins(kind), slot) != _sides(expected.margins(kind), slot) for kind in VectorKind):
            margins.append(asset.symbol)
    return prices, margins


def _sides(margins: MarginsPerUnit, slot: int) -> tuple[int, int]:
    return margins.long[slot], margins.short_extra[slot]


def _other_margins(book: MarginBook, posting: Posting, expected: PostingOutcome) -> tuple[str, ...]:
    posted = book.contracts.rounds.round(posting.round_id)
    prices, margins = differences(posted, reference_round(book.assets, expected.prices))
    if prices:
        raise ChainError(
            f"round {posting.round_id} was posted, but the chain has other prices of {', '.join(prices)} than the "
            "reports make: was another set posted at the same moment, or does the node tell the truth?"
        )
    return tuple(margins)


def _held(book: MarginBook, source: PriceSource, posting: Posting) -> HeldPrices:
    candidate = book.contracts.rounds.candidate()
    held_at = posting.timestamp if candidate is None else candidate.held_at
    return HeldPrices(
        symbols=tuple(slot_symbols(book.assets, posting.far)),
        moves=() if candidate is None else tuple(price_moves(book, source, posting.far, candidate.prices)),
        confirmable_at=held_at + CANDIDATE_DELAY,
        expires_at=held_at + CANDIDATE_LIFETIME,
    )


def price_moves(book: MarginBook, source: PriceSource, far: int, prices: Sequence[int]) -> list[PriceMove]:
    """Moves from the reference round.

    Args:
        book: whose prices they are.
        source: its price source.
        far: bitmap of the slots that are asked about.
        prices: of each slot [1e-9 USD].
    """
    reference, moves = source.rules.reference, []
    for slot, rules in enumerate(source.rules.slots):
        if far >> slot & 1 and rules is not None and reference is not None and slot in reference.quotes:
            before = reference.quotes[slot].price
            limit = rules.limit(before)
            limit_ppm = rules.deviation_ppm if limit > rules.deviation_amount else None
            moves.append(PriceMove(asset_symbol(book.assets, slot), before, prices[slot], limit, limit_ppm))
    return moves


def _post(book: MarginBook, reports: list[Report]) -> Posting:
    """Post, again while the newest block is older than the reports: a node may judge by its time."""
    deadline = time.monotonic() + MAX_CLOCK_LEAD
    is_logged = False
    while True:
        try:
            return book.contracts.rounds.post(reports)
        except ChainError as error:
            if error.refusal != "ReportFromFuture" or time.monotonic() > deadline:
                raise
        if not is_logged:
            _LOG.info("waiting for a block that is newer than the reports")
            is_logged = True
        time.sleep(PAUSE_SECONDS)

"""The round that reports make, by the reference in Python."""

from prover import AssetList, PriceRound
from prover.chain import OnchainRound
from prover.market import RecordedRound
from verifier import MarginsPerUnit, VectorKind


def reference_round(book: AssetList, recorded: RecordedRound) -> PriceRound:
    """A round of the reference, with the fractions of a book: a slot that never had a price has one of 0."""
    quotes = [recorded.quotes.get(slot) for slot in range(book.n)]
    return PriceRound(
        book=book,
        id=recorded.id,
        timestamp=recorded.timestamp,
        prices=tuple(0 if quote is None else quote.price for quote in quotes),
        funding=tuple(0 if quote is None else quote.funding for quote in quotes),
        stale=recorded.stale,
    )


def differences(posted: OnchainRound, agreed: PriceRound) -> tuple[list[str], list[str]]:
    """Symbols whose prices, and symbols whose margins per unit, the chain has otherwise than the reference."""
    found, expected = posted.vectors, agreed.vectors
    prices, margins = [], []
    for slot, asset in enumerate(agreed.book.assets):
        if (posted.prices[slot], found.effective_prices[slot]) != (
            agreed.prices[slot],
            expected.effective_prices[slot],
        ):
            prices.append(asset.symbol)
        if any(_sides(found.margins(kind), slot) != _sides(expected.margins(kind), slot) for kind in VectorKind):
            margins.append(asset.symbol)
    return prices, margins


def _sides(margins: MarginsPerUnit, slot: int) -> tuple[int, int]:
    return margins.long[slot], margins.short_extra[slot]

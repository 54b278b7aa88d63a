"""The round that reports make, by the reference in Python."""

from collections.abc import Sequence

from prover import AssetList, PriceRound
from verifier import VectorKind
from verifier.chain import OnchainRound, Report


def lower_median(values: Sequence[int]) -> int:
    """The middle one; of an even number the lower of the two in the middle, which somebody signed."""
    return sorted(values)[(len(values) - 1) // 2]


def agreed_round(book: AssetList, reports: Sequence[Report]) -> PriceRound:
    """The medians of reports of one round."""
    return PriceRound(
        book=book,
        id=reports[0].round_id,
        timestamp=lower_median([report.timestamp for report in reports]),
        prices=tuple(map(lower_median, zip(*(report.prices for report in reports), strict=True))),
        funding=tuple(map(lower_median, zip(*(report.funding for report in reports), strict=True))),
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
        if any(found.margins_per_unit(kind)[slot] != expected.margins_per_unit(kind)[slot] for kind in VectorKind):
            margins.append(asset.symbol)
    return prices, margins

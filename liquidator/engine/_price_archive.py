"""Past prices of a book's assets: files that the settings name, and the rounds that the engine has seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from liquidator.risk import PriceHistory, VolatilityMethod, least_returns, resampled
from liquidator.store import EngineStore
from prover.market import AssetKind, AssetList, load_price_series
from verifier import InputError


class PriceSource(NamedTuple):
    """Where the past prices of an asset are from.

    Attributes:
        symbols: of the book that move together; rounds give the price of the first.
        path: of a file of candles; None for the rounds alone.
    """

    symbols: tuple[str, ...]
    path: Path | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what the settings say, such as WBTC,BTC-PERP=btc.csv."""
        names, equals, path = text.partition("=")
        return cls(tuple(names.split(",")), Path(path) if equals else None)


class KnownPrices(NamedTuple):
    """A history that is long enough, and whose it is.

    Attributes:
        history: of the assets.
        sources: one for each asset.
    """

    history: PriceHistory
    sources: tuple[PriceSource, ...]

    @property
    def symbols(self) -> list[tuple[str, ...]]:
        """For each asset the symbols of the book that move as it does."""
        return [source.symbols for source in self.sources]


@dataclass(frozen=True)
class PriceArchive:
    """Reads past prices.

    Attributes:
        store: has the rounds.
        chain_id: of the chain.
        book: address of the margin book, checksummed.
        assets: of the book.
        sources: of past prices; empty for each asset alone.
        step: between two past prices [s].
        method: of the volatility, which needs a length.
    """

    store: EngineStore
    chain_id: int
    book: str
    assets: AssetList
    sources: Sequence[PriceSource]
    step: int
    method: VolatilityMethod

    def load(self, now: float) -> KnownPrices:
        """Read what is known now. An asset with too short a history is left out, and so is who holds it.

        Args:
            now: Unix seconds.

        Raises:
            InputError: no asset has a history that is long enough, or a file cannot be read.
            StoreError: the store cannot be used.
        """
        rounds = self.store.rounds_every(self.chain_id, self.book, self.step)
        series: dict[PriceSource, Mapping[int, int]] = {}
        for source in self._sources():
            slot = self.assets.slot(source.symbols[0], "prediction.history")
            filed = [] if source.path is None else load_price_series(source.path)
            seen = [
                (one.timestamp, one.prices[slot]) for one in rounds if one.prices[slot] and not one.stale >> slot & 1
            ]
            series[source] = resampled(filed, self.step, int(now)) | resampled(seen, self.step, int(now))
        needed = least_returns(self.method)
        kept = {source: points for source, points in series.items() if len(points) > needed}
        if not kept:
            most = max((len(points) for points in series.values()), default=0)
            raise InputError(
                f"past prices: {self.method} needs over {needed}, one every {self.step} s; {most} are known: "
                "name files with prediction.history, or wait for rounds"
            )
        history = PriceHistory.of_series({source.symbols[0]: points for source, points in kept.items()})
        return KnownPrices(history, tuple(kept))

    def _sources(self) -> Sequence[PriceSource]:
        own = [PriceSource((one.symbol,), None) for one in self.assets.assets if one.kind is not AssetKind.OPTION]
        return self.sources or own

"""Putting forecasts together from settings, where the libraries of the extra `risk` are installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from liquidator.engine._delivery import Delivery
from liquidator.engine._parts import Parts
from liquidator.engine._settings import CallSettings
from liquidator.engine._telemetry import Telemetry
from liquidator.engine._watched import WatchedAccounts
from liquidator.risk import CallRule, require_libraries

if TYPE_CHECKING:
    from liquidator.engine._margin_calls import MarginCalls
    from liquidator.engine._predictor import Predictor


@contextmanager
def open_predictor(parts: Parts, watched: WatchedAccounts, telemetry: Telemetry) -> Iterator["Predictor | None"]:
    """What makes forecasts, for as long as the context; None where the settings want none.

    Args:
        parts: of the engine.
        watched: the book and its accounts.
        telemetry: told of forecasts.

    Raises:
        InputError: the book has no such symbol.
        ToolError: the extra `risk` is needed.
    """
    settings = parts.settings.prediction
    if settings is None:
        yield None
        return
    require_libraries()
    from liquidator.engine._impact_costs import ImpactCosts  # noqa: PLC0415 - of the extra `risk`
    from liquidator.engine._predictor import Predictor  # noqa: PLC0415
    from liquidator.engine._price_archive import PriceArchive, PriceSource  # noqa: PLC0415

    journal, assets = parts.journal, parts.market.book.assets
    sources = [PriceSource.parse(text) for text in settings.history]
    for source in sources:
        for symbol in source.symbols:
            assets.slot(symbol, "prediction.history")
    archive = PriceArchive(
        journal.store, journal.chain_id, journal.book, assets, sources, settings.step_seconds, settings.volatility
    )
    calls = parts.settings.calls
    predictor = Predictor(
        settings,
        watched,
        archive,
        telemetry,
        parts.clock,
        None if calls is None or parts.is_dry else _calls(calls, parts),
        parts.costs if isinstance(parts.costs, ImpactCosts) else None,
    )
    try:
        yield predictor
    finally:
        predictor.close()


def _calls(settings: CallSettings, parts: Parts) -> "MarginCalls":
    from liquidator.engine._margin_calls import MarginCalls  # noqa: PLC0415 - of the extra `risk`

    rule = CallRule(settings.early, settings.urgent, cooldown=settings.cooldown_seconds)
    delivery = Delivery("margin calls", settings.webhook, settings.command)
    domain = parts.market.book.domain
    return MarginCalls(
        settings, rule, delivery, parts.journal.store, domain, parts.journal.book, parts.clock, parts.alarms
    )

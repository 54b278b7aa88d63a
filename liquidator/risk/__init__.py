"""Greeks, price impact and predictions of accounts, on opened states or account files.

numpy and scipy are imported by the modules that compute: a program that names nothing of this package loads neither.
"""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "HORIZONS",
    "AdaptiveBound",
    "AssetMarket",
    "Candles",
    "Exposure",
    "Forecasts",
    "Greeks",
    "Holdings",
    "ImpactMethod",
    "MarketModel",
    "OptionBoard",
    "OptionContract",
    "ParcelImpact",
    "Prediction",
    "PriceHistory",
    "PriceImpact",
    "Reliability",
    "Sampling",
    "Trade",
    "UnitValues",
    "Valuation",
    "VolatilityMethod",
    "black76",
    "black76_value",
    "book_options",
    "brier_score",
    "daily_volume",
    "distance_crossing",
    "exposures",
    "implied_volatility",
    "log_score",
    "predict",
    "reliability",
    "screen_both",
    "walk_forward",
]

if TYPE_CHECKING:
    from liquidator.risk._black76 import Greeks, black76, black76_value, implied_volatility
    from liquidator.risk._exposure import Exposure, exposures
    from liquidator.risk._history import PriceHistory, daily_volume
    from liquidator.risk._impact import AssetMarket, ImpactMethod, ParcelImpact, PriceImpact, Trade, screen_both
    from liquidator.risk._model import MarketModel
    from liquidator.risk._options import OptionBoard, OptionContract, book_options
    from liquidator.risk._predict import HORIZONS, Prediction, Sampling, distance_crossing, predict
    from liquidator.risk._scores import AdaptiveBound, Reliability, brier_score, log_score, reliability
    from liquidator.risk._valuation import Holdings, UnitValues, Valuation
    from liquidator.risk._volatility import VolatilityMethod
    from liquidator.risk._walk_forward import Candles, Forecasts, walk_forward
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._black76": (
                "Greeks",
                "black76",
                "black76_value",
                "implied_volatility",
            ),
            "._exposure": (
                "Exposure",
                "exposures",
            ),
            "._history": (
                "PriceHistory",
                "daily_volume",
            ),
            "._impact": (
                "AssetMarket",
                "ImpactMethod",
                "ParcelImpact",
                "PriceImpact",
                "Trade",
                "screen_both",
            ),
            "._model": ("MarketModel",),
            "._options": (
                "OptionBoard",
                "OptionContract",
                "book_options",
            ),
            "._predict": (
                "HORIZONS",
                "Prediction",
                "Sampling",
                "distance_crossing",
                "predict",
            ),
            "._scores": (
                "AdaptiveBound",
                "Reliability",
                "brier_score",
                "log_score",
                "reliability",
            ),
            "._valuation": (
                "Holdings",
                "UnitValues",
                "Valuation",
            ),
            "._volatility": ("VolatilityMethod",),
            "._walk_forward": (
                "Candles",
                "Forecasts",
                "walk_forward",
            ),
        },
    )

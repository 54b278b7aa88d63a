"""Greeks, price impact and predictions of accounts, on opened states or account files.

numpy and scipy are imported by the modules that compute: a program that names nothing of this package loads neither.
"""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "HORIZONS",
    "AdaptiveBound",
    "AssetMarket",
    "AssetPrices",
    "BookFractions",
    "CallRule",
    "Candles",
    "Change",
    "ContractCall",
    "Decision",
    "Exposure",
    "Floats",
    "Forecasts",
    "FractionRange",
    "Greeks",
    "History",
    "Holdings",
    "ImpactMethod",
    "MarginProposal",
    "MarketModel",
    "MoveBound",
    "Nearest",
    "OptionBoard",
    "OptionContract",
    "ParcelImpact",
    "Prediction",
    "PriceHistory",
    "PriceImpact",
    "ProposalChain",
    "ProposedAsset",
    "Regime",
    "Regimes",
    "Reliability",
    "Replay",
    "Report",
    "Sampling",
    "Sources",
    "States",
    "Trade",
    "UnitValues",
    "Valuation",
    "VolatilityMethod",
    "black76",
    "black76_value",
    "book_options",
    "brier_score",
    "daily_volume",
    "decide",
    "distance_crossing",
    "expected_loss",
    "exposures",
    "implied_volatility",
    "least_returns",
    "load_proposal",
    "load_simulation",
    "log_score",
    "make_report",
    "move_bound",
    "nearest",
    "predict",
    "propose_margins",
    "reliability",
    "replay",
    "report_page",
    "require_libraries",
    "resampled",
    "screen_both",
    "seconds_until",
    "walk_forward",
]

if TYPE_CHECKING:
    from liquidator.risk._black76 import Floats, Greeks, black76, black76_value, implied_volatility
    from liquidator.risk._call_rule import CallRule, seconds_until
    from liquidator.risk._exposure import Exposure, exposures
    from liquidator.risk._history import PriceHistory, daily_volume, resampled
    from liquidator.risk._impact import AssetMarket, ParcelImpact, PriceImpact, Trade, screen_both
    from liquidator.risk._libraries import require_libraries
    from liquidator.risk._loss import expected_loss
    from liquidator.risk._margin_proposal import (
        AssetPrices,
        BookFractions,
        Change,
        ContractCall,
        MarginProposal,
        ProposalChain,
        ProposedAsset,
        load_proposal,
        propose_margins,
    )
    from liquidator.risk._margin_rule import Decision, FractionRange, Replay, decide, replay
    from liquidator.risk._methods import ImpactMethod, VolatilityMethod
    from liquidator.risk._model import MarketModel
    from liquidator.risk._nearest import Nearest, nearest
    from liquidator.risk._options import OptionBoard, OptionContract, book_options
    from liquidator.risk._predict import HORIZONS, Prediction, Sampling, distance_crossing, predict
    from liquidator.risk._regimes import Regime, Regimes, States
    from liquidator.risk._report import Sources, make_report
    from liquidator.risk._report_page import report_page
    from liquidator.risk._report_section import Report
    from liquidator.risk._report_sources import History, load_simulation
    from liquidator.risk._scores import (
        AdaptiveBound,
        MoveBound,
        Reliability,
        brier_score,
        log_score,
        move_bound,
        reliability,
    )
    from liquidator.risk._valuation import Holdings, UnitValues, Valuation
    from liquidator.risk._volatility import least_returns
    from liquidator.risk._walk_forward import Candles, Forecasts, walk_forward
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._black76": (
                "Floats",
                "Greeks",
                "black76",
                "black76_value",
                "implied_volatility",
            ),
            "._call_rule": ("CallRule", "seconds_until"),
            "._exposure": (
                "Exposure",
                "exposures",
            ),
            "._history": (
                "PriceHistory",
                "daily_volume",
                "resampled",
            ),
            "._impact": (
                "AssetMarket",
                "ParcelImpact",
                "PriceImpact",
                "Trade",
                "screen_both",
            ),
            "._margin_proposal": (
                "AssetPrices",
                "BookFractions",
                "Change",
                "ContractCall",
                "MarginProposal",
                "ProposalChain",
                "ProposedAsset",
                "load_proposal",
                "propose_margins",
            ),
            "._margin_rule": (
                "Decision",
                "FractionRange",
                "Replay",
                "decide",
                "replay",
            ),
            "._libraries": ("require_libraries",),
            "._loss": ("expected_loss",),
            "._methods": ("ImpactMethod", "VolatilityMethod"),
            "._model": ("MarketModel",),
            "._nearest": ("Nearest", "nearest"),
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
            "._regimes": (
                "Regime",
                "Regimes",
                "States",
            ),
            "._report": (
                "Sources",
                "make_report",
            ),
            "._report_page": ("report_page",),
            "._report_section": ("Report",),
            "._report_sources": (
                "History",
                "load_simulation",
            ),
            "._scores": (
                "AdaptiveBound",
                "MoveBound",
                "Reliability",
                "brier_score",
                "log_score",
                "move_bound",
                "reliability",
            ),
            "._valuation": (
                "Holdings",
                "UnitValues",
                "Valuation",
            ),
            "._volatility": ("least_returns",),
            "._walk_forward": (
                "Candles",
                "Forecasts",
                "walk_forward",
            ),
        },
    )

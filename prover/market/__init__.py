"""What every account shares: units, books of assets, price rounds, the margin rule and the rules of prices."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "BALANCE_BITS",
    "BALANCE_DECIMALS",
    "BOOK_SIZES",
    "CANDIDATE_DELAY",
    "CANDIDATE_LIFETIME",
    "CASH_SYMBOL",
    "EQUITY_SYMBOL",
    "LEVELS",
    "OPTION_PPM",
    "PPM",
    "PRICE_DECIMALS",
    "QUOTE_BITS",
    "QUOTE_DECIMALS",
    "QUOTE_SYMBOL",
    "ActiveTime",
    "Asset",
    "AssetKind",
    "AssetList",
    "Candidate",
    "FeedAnswer",
    "FeedFault",
    "Health",
    "Limits",
    "MarginFractions",
    "MarginRules",
    "MarginStatus",
    "OptionTerms",
    "Outcome",
    "PostingStatus",
    "PricePoint",
    "PriceReport",
    "PriceRound",
    "PriceRules",
    "Quorum",
    "Quote",
    "RecordedRound",
    "ReportedPrices",
    "RoundRefusedError",
    "SlotRules",
    "Standing",
    "SymbolMap",
    "TierTable",
    "agreed_prices",
    "assess",
    "bitmap",
    "book_size",
    "book_text",
    "effective_price",
    "feed_price",
    "format_decimal",
    "has_enough_digits",
    "is_balance",
    "is_quote",
    "liquidation_price",
    "listed_asset",
    "load_price_series",
    "load_tiers",
    "lower_median",
    "margin_per_unit_up",
    "margins_per_unit",
    "option_terms",
    "parse_decimal",
    "parse_instruments",
    "parse_round",
    "require_symbols",
    "round_vectors",
    "suggestion",
    "tier_at",
    "tiers_of",
]

if TYPE_CHECKING:
    from prover.market._active_time import LEVELS, ActiveTime
    from prover.market._book import BOOK_SIZES, QUOTE_SYMBOL, Asset, AssetKind, AssetList, MarginFractions, OptionTerms
    from prover.market._book_builder import (
        OPTION_PPM,
        TierTable,
        book_size,
        book_text,
        listed_asset,
        option_terms,
        parse_instruments,
    )
    from prover.market._feed_rules import FeedAnswer, FeedFault, feed_price, has_enough_digits
    from prover.market._leverage_tiers import load_tiers, tier_at, tiers_of
    from prover.market._listing import Limits
    from prover.market._margin import (
        Health,
        MarginStatus,
        Standing,
        assess,
        effective_price,
        liquidation_price,
        margin_per_unit_up,
    )
    from prover.market._nearest import suggestion
    from prover.market._price_rules import (
        CANDIDATE_DELAY,
        CANDIDATE_LIFETIME,
        Candidate,
        Outcome,
        PostingStatus,
        PriceRules,
        Quote,
        RecordedRound,
        RoundRefusedError,
        SlotRules,
        bitmap,
    )
    from prover.market._price_series import PricePoint, load_price_series
    from prover.market._report_rules import PriceReport, Quorum, agreed_prices, lower_median
    from prover.market._round import PriceRound, ReportedPrices
    from prover.market._round_csv import parse_round
    from prover.market._round_vectors import MarginRules, margins_per_unit, round_vectors
    from prover.market._symbol_map import CASH_SYMBOL, EQUITY_SYMBOL, SymbolMap, require_symbols
    from prover.market._units import (
        BALANCE_BITS,
        BALANCE_DECIMALS,
        PPM,
        PRICE_DECIMALS,
        QUOTE_BITS,
        QUOTE_DECIMALS,
        format_decimal,
        is_balance,
        is_quote,
        parse_decimal,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._active_time": (
                "LEVELS",
                "ActiveTime",
            ),
            "._book": (
                "BOOK_SIZES",
                "QUOTE_SYMBOL",
                "Asset",
                "AssetKind",
                "AssetList",
                "MarginFractions",
                "OptionTerms",
            ),
            "._book_builder": (
                "OPTION_PPM",
                "TierTable",
                "book_size",
                "book_text",
                "listed_asset",
                "option_terms",
                "parse_instruments",
            ),
            "._feed_rules": (
                "FeedAnswer",
                "FeedFault",
                "feed_price",
                "has_enough_digits",
            ),
            "._leverage_tiers": (
                "load_tiers",
                "tier_at",
                "tiers_of",
            ),
            "._listing": ("Limits",),
            "._margin": (
                "Health",
                "MarginStatus",
                "Standing",
                "assess",
                "effective_price",
                "liquidation_price",
                "margin_per_unit_up",
            ),
            "._nearest": ("suggestion",),
            "._price_rules": (
                "CANDIDATE_DELAY",
                "CANDIDATE_LIFETIME",
                "Candidate",
                "Outcome",
                "PostingStatus",
                "PriceRules",
                "Quote",
                "RecordedRound",
                "RoundRefusedError",
                "SlotRules",
                "bitmap",
            ),
            "._price_series": (
                "PricePoint",
                "load_price_series",
            ),
            "._report_rules": (
                "PriceReport",
                "Quorum",
                "agreed_prices",
                "lower_median",
            ),
            "._round": (
                "PriceRound",
                "ReportedPrices",
            ),
            "._round_csv": ("parse_round",),
            "._round_vectors": (
                "MarginRules",
                "margins_per_unit",
                "round_vectors",
            ),
            "._symbol_map": (
                "CASH_SYMBOL",
                "EQUITY_SYMBOL",
                "SymbolMap",
                "require_symbols",
            ),
            "._units": (
                "BALANCE_BITS",
                "BALANCE_DECIMALS",
                "PPM",
                "PRICE_DECIMALS",
                "QUOTE_BITS",
                "QUOTE_DECIMALS",
                "format_decimal",
                "is_balance",
                "is_quote",
                "parse_decimal",
            ),
        },
    )

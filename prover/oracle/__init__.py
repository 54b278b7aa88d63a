"""Reporters of prices: feeds, reports of other reporters, and the loop that signs and posts.

Imported on its own (`import prover.oracle`): it takes web3 with it, which is heavy.
"""

from prover.oracle._exchange import (
    PeerReports,
    PeerUrl,
    ReportFolder,
    ReportPublisher,
    ReportServer,
    parse_listen,
)
from prover.oracle._feed_file import FeedPrices, SeenPrice, parse_feed
from prover.oracle._feeds import FileFeed, PriceFeed, UrlFeed, open_feed
from prover.oracle._observation import Observation, Omission, observe
from prover.oracle._posting import PostingReason, PostingRules
from prover.oracle._report_pool import ReportPool
from prover.oracle._reporter import Decision, Look, LookFailed, Mode, Outcome, Reporter, ReporterEvent

__all__ = [
    "Decision",
    "FeedPrices",
    "FileFeed",
    "Look",
    "LookFailed",
    "Mode",
    "Observation",
    "Omission",
    "Outcome",
    "PeerReports",
    "PeerUrl",
    "PostingReason",
    "PostingRules",
    "PriceFeed",
    "ReportFolder",
    "ReportPool",
    "ReportPublisher",
    "ReportServer",
    "Reporter",
    "ReporterEvent",
    "SeenPrice",
    "UrlFeed",
    "observe",
    "open_feed",
    "parse_feed",
    "parse_listen",
]

"""What the engine measures, for Prometheus. No metric has an account, an amount or a key in it."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from liquidator.engine._events import STAGES, Stage

_BUCKETS: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5),
    *(0.75, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)


class Metrics:
    """The metrics of one engine, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"zksolvency_{name}", text, registry=self.registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"zksolvency_{name}", text, labels, registry=self.registry)

        self.stages = Histogram(
            "zksolvency_stage_seconds",
            "Time that a stage took [s]",
            ["stage"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.tick_to_flag = Histogram(
            "zksolvency_tick_to_flag_seconds",
            "From the sight of a round to the receipt of a flag [s]",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.accounts = gauge("accounts", "Accounts that are watched")
        self.unread = gauge("accounts_unread", "Accounts whose present state the node leaves out, or counts alone")
        self.below = gauge("accounts_below", "Accounts below a line, by the newest screening")
        self.flagged = gauge("accounts_flagged", "Accounts that are flagged on chain")
        self.in_flight = gauge("jobs_in_flight", "Jobs that are not over")
        self.open_transactions = gauge("transactions_open", "Transactions that may be mined, and are not")
        self.block = gauge("block", "Newest block that was seen")
        self.block_age = gauge("block_age_seconds", "Age of the newest block by this clock [s]")
        self.round = gauge("round", "Newest round that was seen")
        self.forecast_accounts = gauge("forecast_accounts", "Accounts that the newest forecast is about; 0 without one")
        self.node_up = gauge("node_up", "1 while the node answers and its newest block is young")
        self.balance = gauge("sender_balance_ether", "Balance of the sending account")
        self.done = counter("jobs_done_total", "Jobs that did what they were for", "statement")
        self.refused = counter("jobs_refused_total", "Jobs that were refused", "statement", "kind")
        self.notices = counter("notices_total", "Notices that were written")
        self.margin_calls = counter("margin_calls_total", "Margin calls that owners got")
        self.alarms = counter("alarms_total", "Alarms that were told", "kind")
        for stage in STAGES:
            self.stages.labels(stage)

    def observe(self, stage: Stage, seconds: float) -> None:
        """Add what a stage took."""
        self.stages.labels(stage).observe(seconds)

    def text(self) -> bytes:
        """All metrics in Prometheus' own format."""
        return generate_latest(self.registry)

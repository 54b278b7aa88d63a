"""The state of a price source on the chain, for the reference of its rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from prover.chain import BookContracts, PriceLimits
from prover.market import (
    Candidate,
    PostingOutcome,
    PriceReport,
    PriceRules,
    Quorum,
    Quote,
    RecordedRound,
    SlotRules,
    agreed_prices,
)


@dataclass(frozen=True)
class PriceSource:
    """State of a deployed `PriceRounds`: predicts the result of a posting.

    Attributes:
        rules: its rounds, its candidate and the limits of each slot.
        quorum: its reporters.
    """

    rules: PriceRules
    quorum: Quorum

    @classmethod
    def read(cls, contracts: BookContracts) -> Self:
        """Read it from the chain.

        Raises:
            ChainError: the node is not reached.
        """
        rounds, risk = contracts.rounds, contracts.risk_parameters
        spot = risk.spot_assets()
        slots = [_slot_rules(limits, is_spot=bool(spot >> slot & 1)) for slot, limits in enumerate(risk.price_limits())]
        status = contracts.expiries.status()
        rules = PriceRules(
            slots,
            rounds.min_interval(),
            newest_timestamp=rounds.newest_timestamp(),
            settled=status.settled,
            is_last=status.is_winding_down,
        )
        latest = rounds.latest_id()
        if latest:
            rules.latest = _recorded(contracts, latest)
            reference = rounds.reference_id()
            rules.reference = rules.latest if reference == latest else _recorded(contracts, reference)
        rules.candidate = _candidate(contracts)
        reporters, threshold = rounds.reporters()
        return cls(rules, Quorum(reporters, threshold, rounds.max_report_age()))

    def outcome(self, reports: Sequence[PriceReport], now: int) -> PostingOutcome:
        """Predict the result of posting a set of reports.

        Args:
            reports: the set.
            now: time of the block.

        Raises:
            RoundRefusedError: the contract refuses the set.
        """
        return self.rules.copy().post(agreed_prices(self.rules, self.quorum, reports, now), now)


def _slot_rules(limits: PriceLimits, *, is_spot: bool) -> SlotRules | None:
    return SlotRules(*limits, is_spot=is_spot) if limits.greatest_price else None


def _recorded(contracts: BookContracts, round_id: int) -> RecordedRound:
    round_ = contracts.rounds.round(round_id)
    # A slot that never had a price is stale, at price 0 and closed to shorts. An option at 0 is open to shorts.
    unpriced = round_.stale & contracts.rounds.long_only(round_id)
    quotes = {
        slot: Quote(price, price - effective)
        for slot, (price, effective) in enumerate(zip(round_.prices, round_.vectors.effective_prices, strict=True))
        if price or not unpriced >> slot & 1
    }
    return RecordedRound(round_id, round_.timestamp, quotes, round_.stale)


def _candidate(contracts: BookContracts) -> Candidate | None:
    held = contracts.rounds.candidate()
    if held is None:
        return None
    quotes = {
        slot: Quote(price, price - effective)
        for slot, (price, effective) in enumerate(zip(held.prices, held.effective_prices, strict=True))
    }
    return Candidate(RecordedRound(0, held.timestamp, quotes, held.stale), held.held_at)

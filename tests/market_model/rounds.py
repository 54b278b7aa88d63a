"""Price rounds: `PriceRules` records them, `round_vectors` makes margins of them, `ActiveTime` stops clocks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from market_model.listings import LAMBDAS, Listing, margin_rules
from market_model.rules import RefusedError, Rules, Use, require

from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    ActiveTime,
    Candidate,
    PostingOutcome,
    PostingStatus,
    PriceRules,
    Quote,
    RecordedRound,
    RoundRefusedError,
    bitmap,
    is_calm,
    round_vectors,
)
from prover.market._price_rules import PriceSet
from verifier import RiskInputs

NO_FLAGS: Final = 1
"""The level of the breaker from which on no account is flagged, withdraws or adds risk."""

NO_WITHDRAWALS: Final = 3
"""The level of the breaker at which nothing is paid out."""


@dataclass(frozen=True)
class Round:
    """A recorded round.

    Attributes:
        id: from 1.
        recorded_at: time of the block.
        marks: prices as posted [1e-9 USD].
        risk: what `update` takes for a trade.
        taker_risk: what it takes for the taker of a liquidation.
        epoch: how many expiries there were.
        stale: bitmap of the slots that keep an old price.
    """

    id: int
    recorded_at: int
    marks: tuple[int, ...]
    risk: RiskInputs
    taker_risk: RiskInputs
    epoch: int
    stale: int

    @property
    def prices(self) -> tuple[int, ...]:
        """Effective prices [1e-9 USD]."""
        return self.risk.vectors.effective_prices


class ExactConfirmation(PriceRules):
    """The price rules with `nearer_price_confirms` taken out: a candidate is confirmed by a price near it alone."""

    def _confirmed(self, slot: int, quote: Quote, candidate: Candidate) -> Quote | None:
        held, slot_rules = candidate.prices.quotes[slot].price, self.slots[slot]
        if slot_rules is None or slot_rules.is_too_far(held, quote.price):
            return None
        return super()._confirmed(slot, quote, candidate)


@dataclass
class Rounds:
    """The rounds of a market, and its breaker.

    Attributes:
        rules: of the market.
        listings: by slot; None for a vacant slot.
        recorded: all rounds, the newest last.
        epochs: of each expiry the bitmap of slots, and their settlement prices.
        announced: bitmap of the slots whose delisting is announced.
        expired: bitmap of the slots that expired, and have no new asset.
    """

    rules: Rules
    listings: list[Listing | None]
    recorded: list[Round] = field(default_factory=list)
    epochs: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    announced: int = 0
    expired: int = 0

    def __post_init__(self) -> None:
        self.symbols = [None if each is None else each.symbol for each in self.listings]
        kind = PriceRules if self.rules.nearer_price_confirms else ExactConfirmation
        self.source = kind([None if each is None else each.prices for each in self.listings])
        self.breaker = ActiveTime(0, self.rules.resume_grace)

    @property
    def newest(self) -> Round:
        return self.recorded[-1]

    @property
    def slots(self) -> int:
        return len(self.listings)

    def slot(self, symbol: str) -> int:
        """The slot of an asset that is listed, or was the last one there."""
        require(symbol in self.symbols, "no such asset")
        return self.symbols.index(symbol)

    def level(self, now: int) -> int:
        """Of the breaker."""
        return self.breaker.level(now)

    def active(self, now: int) -> int:
        """Seconds in which the clocks of flags ran."""
        silent_since = self.newest.recorded_at + self.rules.max_age
        return self.breaker.active(1, now, silent_since if now > silent_since else 0)

    def post(
        self, prices: Sequence[int], now: int, *, stale: int = 0, expire: int = 0, spot_scale: int = 10**18
    ) -> PostingOutcome:
        """Post prices [1e-9 USD]: they become a round, or a candidate.

        Args:
            prices: what the reports say; no matter what in a stale, expired or vacant slot.
            now: time of the reports and of the block.
            stale: bitmap of the slots that the reports leave out.
            expire: bitmap of the slots that these prices settle.
            spot_scale: as for `round_vectors`.
        """
        require(not expire & self.expired, "expired already")
        candidate = self.source.candidate
        if candidate is not None and not self.rules.candidate_delay:
            old = now - CANDIDATE_DELAY
            aged = replace(candidate.prices, timestamp=min(old, candidate.prices.timestamp))
            self.source.candidate = Candidate(aged, min(old, candidate.held_at))
        quotes = {slot: Quote(price, 0) for slot, price in enumerate(prices) if not stale >> slot & 1}
        try:
            outcome = self.source.post(PriceSet(now, quotes), now)
        except RoundRefusedError as refused:
            raise RefusedError(refused.error) from None
        if outcome.status is PostingStatus.HELD:
            self._stop(now)
            return outcome
        self._resume(now)
        if expire:
            quotes = outcome.prices.quotes
            settled = tuple(quotes[slot].effective if expire >> slot & 1 else 0 for slot in range(self.slots))
            self.epochs.append((expire, settled))
            self._vacate(expire)
        self._record(now, outcome.prices.stale & ~expire, spot_scale)
        return outcome

    def list(self, slot: int, listing: Listing) -> None:
        """Governance lists another asset in an expired slot."""
        self.listings[slot] = listing
        self.symbols[slot] = listing.symbol
        self.source.slots = [None if each is None else each.prices for each in self.listings]
        self.expired &= ~(1 << slot)
        self.announced &= ~(1 << slot)

    def serving(self, use: Use, round_id: int | None, now: int) -> Round:
        """The round of a proof.

        Raises:
            RefusedError: it does not serve for that use now.
        """
        newest = self.newest
        require(round_id is None or 0 < round_id <= newest.id, "no such round")
        chosen = self.recorded[(newest.id if round_id is None else round_id) - 1]
        require(now - chosen.recorded_at <= self.rules.max_age or not self.rules.rounds_are_young, "round too old")
        if round_id is None or round_id == newest.id:
            return newest
        age = now - self.recorded[round_id].recorded_at
        if not self.rules.newest(use):
            require(age <= self.rules.old_round, "round too old")
            return chosen
        require(use is Use.TRADES and round_id == newest.id - 1, "round superseded")
        require(age <= self.rules.grace, "grace is over")
        require(not self.rules.grace_needs_calm or self.moved_little(chosen), "no grace after a jump")
        is_fresh = _is_calm(chosen, chosen.prices, newest.stale)
        require(is_fresh or not self.rules.grace_needs_fresh, "no grace after a slot became stale")
        return chosen

    def moved_little(self, before: Round) -> bool:
        """Whether no price of an asset that is listed moved too far from a round to the newest."""
        pairs = zip(before.prices, self.newest.prices, strict=True)
        moved = [old if self.expired >> slot & 1 else new for slot, (old, new) in enumerate(pairs)]
        return _is_calm(before, moved, before.stale)

    def _stop(self, now: int) -> None:
        if self.rules.candidate_needs_no_grace:
            self.breaker.trip(now + CANDIDATE_LIFETIME, now)
        else:
            self.breaker.raise_to(NO_WITHDRAWALS, now)

    def _resume(self, now: int) -> None:
        if self.rules.candidate_needs_no_grace:
            self.breaker.clear(now)
        else:
            self.breaker.lower_to(0, now)

    def _vacate(self, slots: int) -> None:
        self.expired |= slots
        self.listings = [None if slots >> slot & 1 else each for slot, each in enumerate(self.listings)]
        self.source.slots = [None if each is None else each.prices for each in self.listings]
        self.source.latest = _without(self.source.latest, slots)
        self.source.reference = _without(self.source.reference, slots)

    def _record(self, now: int, stale: int, spot_scale: int) -> None:
        latest = self.source.latest
        assert latest is not None
        if self.recorded and now > self.newest.recorded_at + self.rules.max_age:
            self.breaker.end_silence(self.newest.recorded_at + self.rules.max_age, now)
        prices = [latest.quotes[slot].price if slot in latest.quotes else 0 for slot in range(self.slots)]
        backs_nothing = stale if self.rules.stale_spot_backs_nothing else 0
        vectors = round_vectors(
            prices, (0,) * self.slots, margin_rules(self.listings), stale=backs_nothing, spot_scale=spot_scale
        )
        not_for_takers = stale if self.rules.stale_is_reduce_only else 0
        reduce_only = not_for_takers | self.announced | (self.expired if self.rules.expired_is_reduce_only else 0)
        risk = RiskInputs(vectors, self._long_only(), LAMBDAS, reduce_only)
        taker_risk = replace(risk, reduce_only=not_for_takers if self.rules.taker_may_grow else reduce_only)
        number = len(self.recorded) + 1
        epoch = len(self.epochs)
        self.recorded.append(Round(number, now, tuple(prices), risk, taker_risk, epoch, stale))

    def _long_only(self) -> int:
        if self.rules.vacant_is_long_only:
            return self.source.long_only()
        return bitmap(slot for slot, each in enumerate(self.listings) if each is not None and each.is_spot)


def _is_calm(before: Round, after: Sequence[int], stale: int) -> bool:
    return is_calm(before.risk.vectors, after, stale_before=before.stale, stale=stale)


def _without(kept: RecordedRound | None, slots: int) -> RecordedRound | None:
    """A round without the prices of some slots."""
    if kept is None:
        return None
    return replace(kept, quotes={slot: quote for slot, quote in kept.quotes.items() if not slots >> slot & 1})

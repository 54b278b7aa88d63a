"""Price rounds: `PriceRules` records them, `round_vectors` makes margins of them, `ActiveTime` stops clocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from market_model.expiries import Expiries, Quoted
from market_model.listings import LAMBDAS, Listing, margin_rules
from market_model.rules import RefusedError, Rules, Use, require

from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    SPOT_SCALE,
    ActiveTime,
    Candidate,
    MarginRules,
    PostingOutcome,
    PostingStatus,
    PriceRules,
    Quote,
    RecordedRound,
    RoundRefusedError,
    SlotRules,
    bitmap,
    is_calm,
    round_vectors,
)
from prover.market._price_rules import PriceSet
from verifier import RiskInputs, RoundVectors

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
        vectors: as they were recorded, with spot prices in full.
        risk: what `update` takes for a trade, with spot prices at the present scale.
        taker_risk: what it takes for the taker of a liquidation.
        epoch: how many were open.
        stale: bitmap of the slots that have an asset and no fresh price, those that settled among them.
        closing: bitmap of the slots whose expiry is over, or whose delisting is announced.
        margins: how its prices become margins.
        backs_nothing: bitmap of the slots whose price backs no new risk.
    """

    id: int
    recorded_at: int
    marks: tuple[int, ...]
    vectors: RoundVectors
    risk: RiskInputs
    taker_risk: RiskInputs
    epoch: int
    stale: int
    closing: int
    margins: MarginRules
    backs_nothing: int

    @property
    def prices(self) -> tuple[int, ...]:
        """Effective prices, with spot at the present scale [1e-9 USD]."""
        return self.risk.vectors.effective_prices

    @property
    def spot(self) -> int:
        """Bitmap of the slots with a token."""
        return self.margins.spot

    def scaled(self, scale: int) -> "Round":
        """The same with spot at another scale [1e-18]."""
        vectors = round_vectors(
            self.marks, (0,) * len(self.marks), self.margins, stale=self.backs_nothing, spot_scale=scale
        )
        risk, taker_risk = (replace(each, vectors=vectors) for each in (self.risk, self.taker_risk))
        return replace(self, risk=risk, taker_risk=taker_risk)


class SettlingRules(PriceRules):
    """The price rules of a source whose assets settle.

    Attributes:
        settled: bitmap of the slots that settled and have no new asset. They have no price.
    """

    settled: int = 0

    def repeat(self, now: int) -> None:
        """Record the prices of the latest round as old ones."""
        self._record(now, {})

    def _counts(self, slot: int, quote: Quote) -> bool:
        return not self.settled >> slot & 1 and super()._counts(slot, quote)

    def _before(self, slot: int) -> Quote | None:
        is_known = self.latest is not None and slot in self.latest.quotes
        return super()._before(slot) if is_known else None

    def _made(self, id_: int, timestamp: int, live: Mapping[int, Quote]) -> RecordedRound:
        made = super()._made(id_, timestamp, live)
        kept = {slot: quote for slot, quote in made.quotes.items() if not self.settled >> slot & 1}
        return replace(made, quotes=kept)


class ExactConfirmation(SettlingRules):
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
        expiries: what settled.
        recorded: all rounds, the newest last.
        delisted: bitmap of the slots whose delisting is announced.
        symbols: of the asset of each slot, or of the last one there.
        source: of prices.
        breaker: stops clocks.
        scale: what prices of spot are multiplied with now [1e-18].
    """

    rules: Rules
    listings: list[Listing | None]
    recorded: list[Round] = field(default_factory=list)
    delisted: int = 0
    scale: int = SPOT_SCALE

    def __post_init__(self) -> None:
        self.expiries = Expiries(self.rules)
        self.symbols = [None if each is None else each.symbol for each in self.listings]
        self._used = set(self.symbols)
        self._repeats = False
        kind = SettlingRules if self.rules.nearer_price_confirms else ExactConfirmation
        self.source = kind(self._slot_rules())
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
        return self.breaker.active(1, now, self.silent_since(now))

    def silent_since(self, now: int) -> int:
        """Since when there is no young round; 0 when there is one. A book that winds down waits for no prices."""
        since = self.newest.recorded_at + self.rules.max_age
        return since if now > since and not self._repeats else 0

    def rescale(self, scale: int) -> bool:
        """Price spot at another scale from now on, at the rounds that there are too; whether it is another one."""
        if scale == self.scale:
            return False
        self.scale = scale
        if self.rules.spot_at_present_backing:
            self.recorded = [each.scaled(scale) for each in self.recorded]
        return True

    def post(self, prices: Sequence[int], now: int, *, stale: int = 0) -> PostingOutcome:
        """Post prices [1e-9 USD]: they become a round, or a candidate.

        Args:
            prices: what the reports say; no matter what in a stale, settled or vacant slot.
            now: time of the reports and of the block.
            stale: bitmap of the slots that the reports leave out.
        """
        require(not self.expiries.is_winding_down, "BookWindsDown")
        self.source.settled = self.expiries.settled
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
        self._record(now, outcome.prices.stale)
        return outcome

    def settle(self, expiry: int, prices: dict[int, int], now: int) -> None:
        """Settle slots at the prices of reports of their expiry [1e-9 USD]. The next round is of another epoch."""
        newest = Quoted(self.newest.recorded_at, self.newest.marks, self.newest.stale)
        self.expiries.settle(expiry, prices, newest, self.listings, now)

    def start_wind_down(self, now: int) -> None:
        """Settle every derivative at its last price, once no round came for so long."""
        is_silent = now > self.newest.recorded_at + self.rules.silence
        require(not self.expiries.is_winding_down, "the book winds down")
        require(is_silent or not self.rules.wind_down_needs_silence, "not silent")
        self.expiries.wind_down(self._last_prices(), self.listings, now)
        self._repeat(now)

    def record_wind_down(self, now: int) -> None:
        """Repeat the prices of spot, for proofs that need a young round."""
        require(self.expiries.is_winding_down, "the book does not wind down")
        require(now > self.newest.recorded_at + self.rules.max_age, "rounds are fresh")
        self._repeat(now)

    def list(self, slot: int, listing: Listing, now: int) -> None:
        """Governance lists an asset, in a vacant slot or in one that settled."""
        require(listing.symbol not in self._used, "symbol is in use")
        require(not 0 < listing.expires_at <= now, "cannot expire")
        self._require_covered(listing)
        if self.listings[slot] is not None:
            reference = self.source.reference
            assert reference is not None
            self.expiries.free(slot, self.newest.epoch, self.recorded[reference.id - 1].epoch, now)
        self._set(slot, listing)
        self.delisted &= ~(1 << slot)

    def delist(self, slot: int, expires_at: int, now: int) -> None:
        """Governance announces the expiry of a derivative that has none."""
        listing = self.listings[slot]
        require(listing is not None and not listing.is_spot and not listing.expires_at, "cannot expire")
        assert listing is not None
        require(expires_at >= now + self.rules.notice, "notice is too short")
        options = (each for each in self._options() if each.underlying == slot)
        is_outlived = any(not 0 < each.expires_at < expires_at for each in options)
        require(not is_outlived, "an option stays longer")
        self._set(slot, replace(listing, expires_at=expires_at))
        self.delisted |= 1 << slot

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
        is_fresh = _is_calm(chosen, chosen.vectors.effective_prices, newest.stale)
        require(is_fresh or not self.rules.grace_needs_fresh, "no grace after a slot became stale")
        require(chosen.epoch == newest.epoch or not self.rules.grace_ends_with_epoch, "no grace after a settlement")
        has_closed = bool(newest.closing & ~chosen.closing)
        require(not has_closed or not self.rules.grace_needs_open, "no grace after a slot closed")
        return chosen

    def moved_little(self, before: Round) -> bool:
        """Whether no price moved too far from a round to the newest."""
        return _is_calm(before, self.newest.vectors.effective_prices, before.stale)

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

    def _last_prices(self) -> tuple[int, ...]:
        candidate = self.source.candidate
        if candidate is None or self.rules.wind_down_at_recorded:
            return self.newest.vectors.effective_prices
        quotes = candidate.prices.quotes
        return tuple(quotes[slot].effective if slot in quotes else 0 for slot in range(self.slots))

    def _repeat(self, now: int) -> None:
        self.source.settled = self.expiries.settled
        self.source.repeat(now)
        self._resume(now)
        latest = self.source.latest
        assert latest is not None
        self._record(now, latest.stale if self.rules.wind_down_spot_is_stale else self.expiries.settled)
        self._repeats = True  # now that the silence before has ended

    def _set(self, slot: int, listing: Listing) -> None:
        self.listings[slot], self.symbols[slot] = listing, listing.symbol
        self._used.add(listing.symbol)
        self.source.slots = self._slot_rules()

    def _slot_rules(self) -> Sequence[SlotRules | None]:
        return [None if each is None else each.prices for each in self.listings]

    def _require_covered(self, listing: Listing) -> None:
        """An option settles before its underlying."""
        if listing.underlying is not None:
            underlying = self.listings[listing.underlying]
            require(underlying is not None and underlying.underlying is None, "no underlying")
            assert underlying is not None
            is_covered = not underlying.expires_at or 0 < listing.expires_at < underlying.expires_at
            require(is_covered, "an option stays longer")

    def _options(self) -> Iterator[Listing]:
        """Those that have not settled."""
        for slot, each in enumerate(self.listings):
            if each is not None and each.underlying is not None and not self.expiries.settled >> slot & 1:
                yield each

    def _closing(self, now: int) -> int:
        expiries = enumerate(0 if each is None else each.expires_at for each in self.listings)
        return self.delisted | bitmap(slot for slot, expiry in expiries if 0 < expiry <= now)

    def _record(self, now: int, stale: int) -> None:
        latest = self.source.latest
        assert latest is not None
        if self.recorded and self.silent_since(now):
            self.breaker.end_silence(self.silent_since(now), now)
        prices = [latest.quotes[slot].price if slot in latest.quotes else 0 for slot in range(self.slots)]
        backs_nothing = stale if self.rules.stale_spot_backs_nothing else 0
        margins = margin_rules(self.listings)
        vectors = round_vectors(prices, (0,) * self.slots, margins, stale=backs_nothing)
        settled, closing = self.expiries.settled, self._closing(now)
        not_for_takers = stale & ~settled if self.rules.stale_is_reduce_only else 0
        if self.rules.closing_is_reduce_only:
            not_for_takers |= stale & settled
        reduce_only = not_for_takers | (closing if self.rules.closing_is_reduce_only else 0)
        risk = RiskInputs(vectors, self._long_only(), LAMBDAS, reduce_only)
        taker_risk = replace(risk, reduce_only=not_for_takers if self.rules.taker_may_grow else reduce_only)
        number = len(self.recorded) + 1
        made = Round(
            number,
            now,
            tuple(prices),
            vectors,
            risk,
            taker_risk,
            self.expiries.epoch,
            stale,
            closing,
            margins,
            backs_nothing,
        )
        self.recorded.append(made if self.scale == SPOT_SCALE else made.scaled(self.scale))

    def _long_only(self) -> int:
        listed = [(slot, each) for slot, each in enumerate(self.listings) if each is not None]
        latest = self.source.latest
        assert latest is not None
        barred = bitmap(slot for slot, each in listed if each.is_spot)
        if self.rules.vacant_is_long_only:
            barred = self.source.long_only()
        if self.rules.option_needs_underlying:
            barred |= bitmap(
                slot for slot, each in listed if each.underlying is not None and each.underlying not in latest.quotes
            )
        return barred


def _is_calm(before: Round, after: Sequence[int], stale: int) -> bool:
    return is_calm(before.vectors, after, reduce_only_before=before.stale, reduce_only=stale)

"""How the reward of a takeover rises: the Dutch auction of a flagged account, or one rate for the first taker."""

from dataclasses import dataclass, replace
from typing import Self

from prover.chain import FixedRates, LiquidationCurves, LiquidationTerms
from prover.trade import Rates
from verifier import BASIS, InputError, ReleaseLimits, VectorKind


@dataclass(frozen=True, slots=True)
class Auction:
    """What the liquidation engine fixes for one ground. Times are active seconds since the flag.

    Attributes:
        limits: of a takeover. Its floor rate is where the covered rate begins.
        cap: the highest covered and uncovered rate [1e-4 of the margin taken].
        ramp: from the end of the cure window to the cap [s]; 0 where it is reached at once.
        uncovered_cap: where the uncovered rate ends [1e-4]; it begins at 0, with the flag.
        uncovered_ramp: from the flag to there [s]; 0 where it is reached at once.
        cure_window: in which only an account of negative equity is sold [s].
        lifetime: after which a flag has expired [s].

    Raises:
        InputError: a rate or time that no engine has.
    """

    limits: ReleaseLimits
    cap: int
    ramp: int
    uncovered_cap: int
    uncovered_ramp: int
    cure_window: int
    lifetime: int

    def __post_init__(self) -> None:
        if not self.limits.floor_rate <= self.cap < BASIS or not 0 <= self.uncovered_cap <= BASIS:
            raise InputError("auction: its rates are not those of an engine")
        if self.ramp < 0 or self.uncovered_ramp < 0 or not 0 <= self.cure_window <= self.lifetime:
            raise InputError("auction: its times are not those of an engine")

    @classmethod
    def of(
        cls, terms: LiquidationTerms, curves: LiquidationCurves | FixedRates, ground: VectorKind, cure_window: int
    ) -> Self:
        """The auction of a ground in an engine.

        Args:
            terms: of the engine.
            curves: of the engine.
            ground: maintenance or overdraft.
            cure_window: of its book [s].
        """
        is_overdraft = ground is VectorKind.OVERDRAFT
        buffer_rate = terms.overdraft_buffer if is_overdraft else terms.maintenance_buffer
        ramps = (0, 0)
        if isinstance(curves, FixedRates):
            floor = cap = curves.overdraft if is_overdraft else curves.maintenance
            uncovered = curves.uncovered
        elif is_overdraft:
            floor, cap, uncovered = curves.overdraft_floor, curves.overdraft_cap, curves.uncovered_cap
            ramps = curves.overdraft_ramp, curves.uncovered_ramp
        else:
            floor, cap, uncovered = curves.maintenance_floor, curves.maintenance_cap, curves.uncovered_cap
            ramps = curves.maintenance_ramp, curves.uncovered_ramp
        limits = ReleaseLimits(floor, buffer_rate, terms.least_share, terms.least_amount, terms.dust)
        return cls(limits, cap, ramps[0], uncovered, ramps[1], cure_window, lifetime=terms.flag_lifetime)

    def reached(self, elapsed: int) -> Rates:
        """The highest rates that are paid, rounded down.

        In the cure window the covered rate is that of the whole margin. No account below its margin can pay it, so a
        proof that names it pays the uncovered rate.

        Args:
            elapsed: active seconds since the flag.
        """
        uncovered = min(_risen(self.uncovered_cap, elapsed, self.uncovered_ramp), self.cap)
        if elapsed < self.cure_window:
            return Rates(BASIS, uncovered)
        floor = self.limits.floor_rate
        return Rates(floor + _risen(self.cap - floor, elapsed - self.cure_window, self.ramp), uncovered)

    def limits_at(self, elapsed: int) -> ReleaseLimits:
        """The limits of a takeover: in the cure window the floor is 0, which only negative equity does not pay.

        Args:
            elapsed: active seconds since the flag.
        """
        return replace(self.limits, floor_rate=0) if elapsed < self.cure_window else self.limits

    def limits_of(self, rates: Rates) -> ReleaseLimits:
        """The limits that a proof of these rates is for: a covered rate of the whole margin is for the cure window.

        Args:
            rates: of the proof.
        """
        return replace(self.limits, floor_rate=0) if rates.covered == BASIS else self.limits

    def times_of(self, rates: Rates) -> range:
        """When the engine takes a proof of these rates: active seconds since the flag. Empty for never.

        Args:
            rates: of the proof. Both 0 is what an owner may release at from the flag on.
        """
        if rates == Rates(0, 0):
            return range(self.lifetime + 1)
        if rates.uncovered > min(self.uncovered_cap, self.cap):
            return range(0)
        first = -(-rates.uncovered * self.uncovered_ramp // self.uncovered_cap) if rates.uncovered else 0
        if rates.covered == BASIS:
            return range(first, self.cure_window)
        if rates.covered > self.cap:
            return range(0)
        floor = self.limits.floor_rate
        above = rates.covered - floor
        risen = -(-above * self.ramp // (self.cap - floor)) if above > 0 else 0
        return range(max(first, self.cure_window + risen), self.lifetime + 1)


def _risen(span: int, elapsed: int, ramp: int) -> int:
    """How far a rate has risen, rounded down: all of its span once the ramp is over."""
    return span if elapsed >= ramp else span * elapsed // ramp

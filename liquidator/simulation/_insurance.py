"""Who pays for debts, in floating point: the fund within its limits, then all who are owed money (ZS-90 to ZS-94)."""

from dataclasses import dataclass
from typing import Final

_DAY: Final = 86_400.0


@dataclass
class Insurance:
    """Fund and ledger of one scenario. Amounts are in USD.

    Attributes:
        assets: of the fund.
        round_share: of the fund, which pays in one round.
        day_share: of the fund, which pays at once and is forgotten within a day.
        backing: T, what backs the money of accounts.
        shortfall: S, what nothing backs.
        debts: that were written off.
        paid: by the fund.
    """

    assets: float
    round_share: float
    day_share: float
    backing: float
    shortfall: float = 0.0
    debts: float = 0.0
    paid: float = 0.0
    _round: tuple[int, float] = (0, 0.0)
    _spent: tuple[float, float] = (0.0, 0.0)

    @property
    def fraction(self) -> float:
        """f, what a unit that is owed is worth."""
        owed = self.backing + self.shortfall
        return self.backing / owed if owed > 0.0 else 1.0

    def write_off(self, debt: float, round_id: int, now: float) -> None:
        """A debt, which the fund pays as far as its limits allow."""
        self.debts += debt
        self.shortfall += debt
        self.draw(round_id, now)

    def draw(self, round_id: int, now: float) -> None:
        """Let the fund pay what it may of the shortfall."""
        amount = min(self.shortfall, self._drawable(round_id, now))
        if amount > 0.0:
            self._spent = self._spent_at(now) + amount, now
            self._round = round_id, self._drawn_in(round_id) + amount
            self.assets -= amount
            self.shortfall -= amount
            self.backing += amount
            self.paid += amount

    def _drawable(self, round_id: int, now: float) -> float:
        spent, drawn = self._spent_at(now), self._drawn_in(round_id)
        of_day = (self.assets + spent) * self.day_share - spent
        of_round = (self.assets + drawn) * self.round_share - drawn
        return max(min(of_day, of_round), 0.0)

    def _spent_at(self, now: float) -> float:
        spent, since = self._spent
        return max(spent - self.assets * self.day_share * (now - since) / _DAY, 0.0)

    def _drawn_in(self, round_id: int) -> float:
        last, amount = self._round
        return amount if last == round_id else 0.0

"""The shortfall ledger: debt that nothing covers, and the claims of owners who left meanwhile (ZS-90 to ZS-92)."""

from dataclasses import dataclass, field
from typing import Final

from market_model.rules import require

ONE: Final = 10**18
"""A fraction or a scale of 1."""

MOST: Final = 10 * ONE
"""The greatest scale of spot."""

_STEPS: Final = 1_000
"""A scale moves in steps of this part of T."""

_WHOLE: Final = 1 << 223
"""What is left of a claim is kept as a part of this, rounded down."""


@dataclass
class Claim:
    """Of an owner, as it was when something was paid last.

    Attributes:
        owed: token units; due was paid of it, and not taken yet.
        left: what was left then of a claim of `_WHOLE` that was there from the beginning.
        age: how often all claims had been paid whole.
    """

    owed: int = 0
    due: int = 0
    left: int = _WHOLE
    age: int = 0


@dataclass
class Claims:
    """Of all owners, each of whom is paid the same part of what it is owed.

    Attributes:
        total: what they are owed, token units.
        left: what is left of a claim of `_WHOLE`.
        age: how often all of them were paid whole.
        by_owner: each.
    """

    total: int = 0
    left: int = _WHOLE
    age: int = 0
    by_owner: dict[str, Claim] = field(default_factory=dict)

    def add(self, owner: str, amount: int) -> None:
        """Owe an owner more."""
        self.settled(owner).owed += amount
        self.total += amount

    def pay(self, amount: int) -> None:
        """Pay all of them together."""
        rest = self.total - amount
        if amount and not rest:
            self.left, self.age = _WHOLE, self.age + 1
        elif amount:
            self.left = self.left * rest // self.total
        self.total = rest

    def settled(self, owner: str) -> Claim:
        """The claim of an owner, once what it is owed now and can take is written down."""
        self.by_owner[owner] = self.read(owner)
        return self.by_owner[owner]

    def read(self, owner: str) -> Claim:
        """What an owner is owed now, and can take: both rounded down."""
        claim = self.by_owner.get(owner, Claim())
        if claim.age < self.age:
            owed, paid = 0, claim.owed
        else:
            owed = claim.owed * self.left // claim.left
            paid = claim.owed - -(-claim.owed * self.left // claim.left)
        return Claim(owed, claim.due + paid, self.left, self.age)


@dataclass
class Ledger:
    """What is owed and not there.

    Attributes:
        grain: of quote in a unit of the token [1e-18 USD].
        shortfall: S, debt that nothing covers [1e-18 USD].
        claims: of owners who left.
        claimed: all claims that there ever were, token units.
        held: what was paid of claims and not taken, token units.
        accepted: the least fraction at which an owner deposits [1e-18]; 1 unless it says so.
    """

    grain: int = 1
    shortfall: int = 0
    claims: Claims = field(default_factory=Claims)
    claimed: int = 0
    held: int = 0
    accepted: dict[str, int] = field(default_factory=dict)

    def fraction(self, backing: int) -> int:
        """f = T / (T + S), rounded down [1e-18]."""
        return ONE * backing // (backing + self.shortfall) if self.shortfall else ONE

    def scale(self, backing: int) -> int:
        """What prices of spot are multiplied with: 1 + S / T in steps, rounded down [1e-18]."""
        if not self.shortfall:
            return ONE
        steps = self.shortfall * _STEPS // backing if backing else MOST
        return min(ONE + steps * (ONE // _STEPS), MOST)

    def paid(self, owner: str, amount: int, backing: int) -> int:
        """What is paid now of a pay-out; its owner has a claim for the rest. Both are in token units."""
        if not self.shortfall:
            return amount
        paid = amount * backing // (backing + self.shortfall)
        self.shortfall -= min(self.shortfall, (amount - paid) * self.grain)
        self.claims.add(owner, amount - paid)
        self.claimed += amount - paid
        return paid

    def add(self, debt: int, drawn: int) -> None:
        """A debt is written off, and a part of it paid [1e-18 USD]."""
        self.shortfall += debt - min(debt, drawn)

    def recapitalise(self, most: int) -> tuple[int, int]:
        """What claims and vault get, token units: no more than both lack, and each in proportion."""
        paid = min(most, self.owed)
        require(paid, "nothing is owed")
        return self.share(paid)

    @property
    def owed(self) -> int:
        """What claims and shortfall lack, token units, rounded up."""
        return self.claims.total + -(-self.shortfall // self.grain)

    def share(self, paid: int) -> tuple[int, int]:
        """What claims and vault get of a payment, token units."""
        claimed = self.claims.total * self.grain
        to_claims = paid * claimed // (claimed + self.shortfall)
        self.shortfall -= min(self.shortfall, (paid - to_claims) * self.grain)
        self.claims.pay(to_claims)
        self.held += to_claims
        return to_claims, paid - to_claims

    def claim(self, owner: str) -> int:
        """Take what was paid of a claim, token units."""
        claim = self.claims.settled(owner)
        amount = claim.due
        require(amount, "nothing to claim")
        claim.due = 0
        self.held -= amount
        return amount

    def accept(self, owner: str, fraction: int) -> None:
        """An owner says at which fraction it deposits [1e-18]."""
        require(fraction <= ONE, "fraction above 1")
        self.accepted[owner] = fraction

    def require_accepted(self, owner: str, backing: int) -> None:
        """A deposit of money is booked in full, and worth the fraction."""
        is_accepted = self.fraction(backing) >= self.accepted.get(owner, ONE)
        require(not self.shortfall or is_accepted, "haircut not accepted")

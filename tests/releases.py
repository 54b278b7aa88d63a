"""Circuit inputs of `release` from bare integers, every one the attacker's choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from steps import HERE, OLD_SALT, RHO, TICKET_SALT, field_texts, owner_keys

from prover.account import State, ViewingKeys
from prover.trade import Rates, Release, SizeRule, ticket_id
from verifier import (
    BASIS,
    SCALAR_MODULUS,
    MarginsPerUnit,
    ReleaseInputs,
    ReleaseLimits,
    RoundVectors,
    VectorKind,
    from_field,
)

KEYS = ViewingKeys.of_owner(owner_keys())
LIMITS = ReleaseLimits(
    floor_rate=1_000, buffer_rate=2_500, least_share=2_500, least_amount=10_000 * 10**18, dust=1_000 * 10**18
)


class Facts(NamedTuple):
    """What a release is about [1e-18 USD], by the side of each balance and not of the part."""

    equity: int
    margin: int
    value: int
    taken_margin: int
    reward: int
    health_after: int


def terms(
    n: int,
    legs: Mapping[int, tuple[int, ...]],
    *,
    kind: VectorKind = VectorKind.MAINTENANCE,
    sellable: int | None = None,
    **limits: int,
) -> ReleaseInputs:
    """A round of one kind: of each slot e, d and perhaps x [1e-9 USD]; all slots can be sold."""
    e, d, x = ([0] * n for _ in range(3))
    for slot, (price, long, *extra) in legs.items():
        e[slot], d[slot], x[slot] = price, long, sum(extra)
    return inputs_of(e, d, x, kind, (1 << n) - 1 if sellable is None else sellable, replace(LIMITS, **limits))


def inputs_of(
    e: Sequence[int], d: Sequence[int], x: Sequence[int], kind: VectorKind, sellable: int, limits: ReleaseLimits
) -> ReleaseInputs:
    """A round whose margins of every kind are the same."""
    margins = MarginsPerUnit(tuple(d), tuple(x))
    return ReleaseInputs(RoundVectors(tuple(e), margins, margins, margins), kind, sellable, limits)


@dataclass(frozen=True)
class Taking:
    """What a prover puts into `release`. `new` and `cost` are computed from the rest as the circuit does, modulo r,
    unless given; `cured` is the side of the health afterwards."""

    old: State
    taken: tuple[int, ...]
    terms: ReleaseInputs
    rate: int = 1_000
    uncovered_rate: int = 0
    covered: int = 1
    is_small: int = 0
    by_amount: int = 0
    cured: int | None = None
    taker: int = 0
    cost: int | None = None
    new: State | None = None
    keys: ViewingKeys = field(default_factory=lambda: KEYS)
    new_keys: ViewingKeys | None = None

    @classmethod
    def of_vector(cls, vector: Mapping[str, object]) -> "Taking":
        """A row of tests/vectors/release.json."""
        e, d, x, balances, taken = (
            tuple(map(int, vector[name]))  # type: ignore[call-overload]
            for name in ("effective", "long", "short_extra", "balances", "taken")
        )
        number = {name: int(str(vector[name])) for name in _NUMBERS}
        limits = ReleaseLimits(*(number[name] for name in _LIMITS))
        kind = VectorKind(str(vector["kind"]))
        return cls(
            State(balances, number["quote"]),
            taken,
            inputs_of(e, d, x, kind, number["sellable"], limits),
            **{name: number[name] for name in _CHOSEN},
        )

    def but(self, **changes: object) -> "Taking":
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_limits(self, **changes: int) -> "Taking":
        return self.but(terms=replace(self.terms, limits=replace(self.terms.limits, **changes)))

    def at_equity(self, equity: int) -> "Taking":
        """The same account with another equity, by its quote."""
        return self.but(old=State(self.old.balances, self.old.quote + equity - self.facts.equity))

    def at_health(self, health: int) -> "Taking":
        """The same account with another health, by its quote."""
        return self.at_equity(self.facts.margin + health)

    @property
    def n(self) -> int:
        return len(self.taken)

    @property
    def facts(self) -> Facts:
        prices, margins = self.terms.vectors.effective_prices, self.terms.margins
        equity, margin, value, taken_margin = self.old.quote, 0, 0, 0
        for slot, (balance, taken) in enumerate(zip(self.old.balances, self.taken, strict=True)):
            per_unit = margins.long[slot] if balance >= 0 else -margins.short[slot]
            equity += balance * prices[slot]
            margin += balance * per_unit
            value += taken * prices[slot]
            taken_margin += taken * per_unit
        reward = (self.rate if self.covered else self.uncovered_rate) * taken_margin // BASIS
        return Facts(equity, margin, value, taken_margin, reward, equity - margin + taken_margin - reward)

    def with_bits(self) -> "Taking":
        """With the private bits that make it valid, if any do."""
        covered = self.but(covered=int(BASIS * self.facts.equity >= self.rate * self.facts.margin))
        rule = covered.release().rule or SizeRule(is_small=False, by_amount=False)
        return covered.but(is_small=int(rule.is_small), by_amount=int(rule.by_amount))

    def release(self) -> Release:
        """As the reference takes it; the bits have a meaning."""
        return Release(self.old, self.taken, Rates(self.rate, self.uncovered_rate), bool(self.covered), self.terms)

    def is_valid(self) -> bool:
        """What the reference says."""
        rule = SizeRule(is_small=bool(self.is_small), by_amount=bool(self.by_amount))
        return not any(self.release().broken_rules(rule)) and self.cured in (None, int(self.facts.health_after >= 0))

    def pays(self) -> int:
        return self.facts.value - self.facts.reward if self.cost is None else self.cost

    def next(self) -> State:
        if self.new is not None:
            return self.new
        left = (balance - taken for balance, taken in zip(self.old.balances, self.taken, strict=True))
        return State(tuple(map(signed, left)), signed(self.old.quote + self.pays()))

    def ticket(self) -> int:
        return ticket_id(HERE.tag(), [signed(amount) for amount in self.taken], signed(self.pays()), TICKET_SALT)

    def inputs(self, **overrides: int | Sequence[int]) -> dict[str, str | Sequence[str]]:
        """Honest values for the choices made; `overrides` replace signals by name, without anything else following."""
        after = (self.new_keys or self.keys).seal(self.next(), RHO)
        cured = int(self.facts.health_after >= 0) if self.cured is None else self.cured
        values: Mapping[str, int | Sequence[int]] = {
            "oldCommitment": self.keys.open(self.old, OLD_SALT).commitment,
            "newCommitment": after.commitment,
            "ticket": self.ticket(),
            "taker": self.taker,
            "rate": self.rate,
            "uncoveredRate": self.uncovered_rate,
            "cured": cured,
            "rho": RHO,
            "ciphertext": after.ciphertext,
            **self.terms.values(),
            "ownerTag": self.keys.owner_tag,
            "viewKey": self.keys.view_key,
            "domain": self.keys.domain.tag(),
            "oldBalance": self.old.balances,
            "oldQuote": self.old.quote,
            "oldShorts": self.old.shorts,
            "oldSalt": OLD_SALT,
            "taken": self.taken,
            "ticketSalt": TICKET_SALT,
            "covered": self.covered,
            "isSmall": self.is_small,
            "byAmount": self.by_amount,
            **overrides,
        }
        return {name: field_texts(value) for name, value in values.items()}


def signed(value: int) -> int:
    """The integer nearest to 0 that is the same field element."""
    return from_field(value % SCALAR_MODULUS)


def part(n: int, legs: Mapping[int, int]) -> tuple[int, ...]:
    """Amounts by slot."""
    return tuple(legs.get(slot, 0) for slot in range(n))


_LIMITS = ("floor_rate", "buffer_rate", "least_share", "least_amount", "dust")
_CHOSEN = ("rate", "uncovered_rate", "covered", "is_small", "by_amount")
_NUMBERS = ("quote", "sellable", *_LIMITS, *_CHOSEN)

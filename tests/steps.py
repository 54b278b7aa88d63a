"""Circuit inputs of `update` from bare integers, every one the attacker's choice."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from prover import Domain, OwnerKeys
from prover.account import BASE, Point, State, ViewingKeys
from prover.trade import Transfer, Transition, ticket_id
from verifier import SCALAR_MODULUS, MarginsPerUnit, RiskInputs, RoundVectors, from_field

HERE = Domain(31337, 0xB00C)
ELSEWHERE = Domain(1, 0xB00C)
GUARDIAN_SECRET = 987654321
OLD_SALT = 2**200 + 1
RHO = 3**100
TICKET_SALT = 5**90

PRICE = 50_000 * 10**9
ONE = 10**9
"""One token [1e-9 token]."""

DOLLAR = 10**18
"""[1e-18 USD]"""

LAMBDAS = (50_000, 100_000)
"""Where an account grows, and where it only shrinks [ppm]."""


@cache
def owner_keys(owner_secret: int = 123456789, domain: Domain = HERE) -> OwnerKeys:
    return OwnerKeys(owner_secret, GUARDIAN_SECRET * BASE, domain)


@cache
def owner_point(owner_secret: int = 123456789) -> Point:
    return owner_secret * BASE


def risk(n: int) -> RiskInputs:
    """Every asset at 50,000 USD, 5 % maintenance and 10 % initial margin; asset 0 is spot, with a haircut of none."""
    margins = [0] + [PRICE // 20] * (n - 1)
    return RiskInputs(vectors_of((PRICE,) * n, margins, [2 * margin for margin in margins]), 1, LAMBDAS)


def vectors_of(effective: Sequence[int], maintenance: Sequence[int], initial: Sequence[int]) -> RoundVectors:
    """Vectors with the same margins on both sides, and none at the overdraft kind."""
    both = MarginsPerUnit.of_both_sides
    return RoundVectors(tuple(effective), both(maintenance), both(initial), both([0] * len(effective)))


def random_risk(n: int, rng: random.Random) -> RiskInputs:
    def some(limit: int) -> tuple[int, ...]:
        return tuple(rng.randint(0, limit) for _ in range(n))

    maintenance = MarginsPerUnit(some(1 << 40), some(1 << 42))
    initial = MarginsPerUnit(tuple(2 * d for d in maintenance.long), tuple(2 * x for x in maintenance.short_extra))
    vectors = RoundVectors(some(1 << 47), maintenance, initial, MarginsPerUnit.of_both_sides([0] * n))
    return RiskInputs(vectors, 1, LAMBDAS, rng.choice((0, 0, rng.getrandbits(n))))


def state(n: int, quote: int = 0, **balances: int) -> State:
    """Balances by slot: b3 = 5 puts 5 into slot 3, and last = 5 into the last one."""
    values = [0] * n
    for slot, balance in balances.items():
        values[n - 1 if slot == "last" else int(slot[1:])] = balance
    return State(tuple(values), quote)


@dataclass(frozen=True)
class Step:
    """What a prover puts into `update`. Values may lie outside their ranges, or be any field elements.

    `trade` is asset, size and cost; `legs`, if there are any, replace asset and size. `new` is computed from the rest
    as the circuit does, modulo r, unless given.
    """

    old: State
    risk: RiskInputs
    keys: OwnerKeys = field(default_factory=owner_keys)
    transfer: tuple[int, int] = (0, 0)
    is_withdrawal: int = 0
    side: int = 0
    trade: tuple[int, int, int] = (0, 0, 0)
    legs: Mapping[int, int] | None = None
    ticket_domain: Domain | None = None
    claim: int = 0
    shrinks: int = 0
    keeps_cash: int = 0
    recipient: int = 0
    old_keys: OwnerKeys | None = None
    new: State | None = None
    new_keys: OwnerKeys | None = None
    rho: int = RHO

    def but(self, **changes: object) -> "Step":
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def n(self) -> int:
        return len(self.old.balances)

    @property
    def amounts(self) -> tuple[int, ...]:
        legs = dict([self.trade[:2]]) if self.legs is None else self.legs
        return tuple(legs.get(slot, 0) for slot in range(self.n))

    def next(self) -> State:
        if self.new is not None:
            return self.new
        sign = {0: 0, 1: 1, 2: -1}.get(self.side, 1)
        values = [balance + sign * amount for balance, amount in zip(self.old.balances, self.amounts, strict=True)]
        values.append(self.old.quote - sign * self.trade[2])
        slot, amount = self.transfer
        if slot <= self.n:
            values[slot] += -amount if self.is_withdrawal else amount
        signed = [from_field(value % SCALAR_MODULUS) for value in values]
        return State(tuple(signed[:-1]), signed[-1])

    def transition(self) -> Transition:
        """The step as the reference takes it; its side, transfer and amounts have a meaning."""
        sign = (0, 1, -1)[self.side]
        traded = tuple(sign * amount for amount in self.amounts)
        transfer = Transfer(*self.transfer, is_withdrawal=bool(self.is_withdrawal))
        return Transition(self.old, traded, sign * self.trade[2], trades=self.side != 0, transfer=transfer)

    def ticket(self) -> int:
        if self.side == 0:
            return 0
        domain = self.ticket_domain or self.keys.domain
        *amounts, cost = (from_field(value % SCALAR_MODULUS) for value in (*self.amounts, self.trade[2]))
        return ticket_id(domain.tag(), amounts, cost, TICKET_SALT)

    def inputs(self, **overrides: int | Sequence[int]) -> dict[str, str | Sequence[str]]:
        """Honest values for the choices made; `overrides` replace signals by name, without anything else following."""
        old_keys = ViewingKeys.of_owner(self.old_keys or self.keys)
        after = ViewingKeys.of_owner(self.new_keys or self.keys).seal(self.next(), self.rho)
        values: Mapping[str, int | Sequence[int]] = {
            "oldCommitment": old_keys.open(self.old, OLD_SALT).commitment,
            "newCommitment": after.commitment,
            "ticket": self.ticket(),
            "side": self.side,
            "transferAsset": self.transfer[0],
            "transferAmount": self.transfer[1],
            "isWithdrawal": self.is_withdrawal,
            "claim": self.claim,
            "recipient": self.recipient,
            "rho": self.rho,
            "ciphertext": after.ciphertext,
            **self.risk.values(),
            "ownerSecret": self.keys.owner_secret,
            "viewKey": self.keys.view_key,
            "domain": self.keys.domain.tag(),
            "oldBalance": self.old.balances,
            "oldQuote": self.old.quote,
            "oldShorts": self.old.shorts,
            "oldSalt": OLD_SALT,
            "tradeAmount": self.amounts,
            "tradeCost": self.trade[2],
            "ticketSalt": TICKET_SALT,
            "shrinks": self.shrinks,
            "keepsCash": self.keeps_cash,
            **overrides,
        }
        return {name: field_texts(value) for name, value in values.items()}


def field_texts(value: int | Sequence[int]) -> str | list[str]:
    """Integers as field elements, in decimal."""
    if isinstance(value, int):
        return str(value % SCALAR_MODULUS)
    return [str(element % SCALAR_MODULUS) for element in value]

"""`expire` against the reference: its slots become cash, exactly, and nothing else changes (spec ZS-80)."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from book_circuits import SIZES, compiled
from steps import DOLLAR, ELSEWHERE, GUARDIAN_SECRET, HERE, OLD_SALT, ONE, RHO, field_texts, owner_keys, owner_point
from steps import state as state_of
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX

from prover.account import SealedState, State, ViewingKeys
from prover.formats import R1CS, Symbols, Witness
from prover.statements import expire_claim, expire_inputs
from prover.toolchain import AnyBackend
from prover.trade import expired_state
from verifier import SCALAR_MODULUS, STATEMENTS, InputError, ProvingError, SettlementPrices, from_field

pytestmark = pytest.mark.full

KEYS = ViewingKeys.of_owner(owner_keys())
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "settlement.json").read_text())[
    "expire"
]
USD = 10**9


@dataclass(frozen=True)
class Expiry:
    """What a prover puts into `expire`. The new state is computed from the rest modulo r, unless given."""

    old: State
    slots: int
    prices: tuple[int, ...]
    new: State | None = None
    keys: ViewingKeys = field(default_factory=lambda: KEYS)
    new_keys: ViewingKeys | None = None

    @classmethod
    def of_vector(cls, vector: Mapping[str, Any]) -> "Expiry":
        old = State(tuple(map(int, vector["old"]["balances"])), int(vector["old"]["quote"]))
        return cls(old, int(vector["slots"]), tuple(map(int, vector["prices"])))

    def but(self, **changes: object) -> "Expiry":
        return replace(self, **changes)  # type: ignore[arg-type]

    def next(self) -> State:
        if self.new is not None:
            return self.new
        settled = [balance * (self.slots >> slot & 1) for slot, balance in enumerate(self.old.balances)]
        cash = sum(amount * price for amount, price in zip(settled, self.prices, strict=True))
        kept = tuple(balance - amount for balance, amount in zip(self.old.balances, settled, strict=True))
        return State(kept, from_field((self.old.quote + cash) % SCALAR_MODULUS))

    def inputs(self, **overrides: int | Sequence[int]) -> dict[str, str | Sequence[str]]:
        after = (self.new_keys or self.keys).seal(self.next(), RHO)
        values: Mapping[str, int | Sequence[int]] = {
            "oldCommitment": self.keys.open(self.old, OLD_SALT).commitment,
            "newCommitment": after.commitment,
            "slots": self.slots,
            "rho": RHO,
            "ciphertext": after.ciphertext,
            "settlementPrice": self.prices,
            "ownerTag": self.keys.owner_tag,
            "viewKey": self.keys.view_key,
            "domain": HERE.tag(),
            "oldBalance": self.old.balances,
            "oldQuote": self.old.quote,
            "oldShorts": self.old.shorts,
            "oldSalt": OLD_SALT,
            **overrides,
        }
        return {name: field_texts(value) for name, value in values.items()}


class Prover:
    """`expire` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit = compiled("expire", n)
        self.r1cs = R1CS.load(self.circuit.r1cs)
        self._backend = backend

    def expiry(self) -> Expiry:
        """Two calls and three written puts expire, a perpetual in the last slot stays."""
        old = state_of(self.n, 100 * DOLLAR, b1=2 * ONE, b2=-3 * ONE, last=-ONE)
        return Expiry(old, 0b110, (0, 5 * USD, 7 * USD, *[0] * (self.n - 4), 9 * USD))

    def accepts(self, expiry: Expiry, **overrides: int | Sequence[int]) -> Witness:
        return Witness.parse(self._backend.witness(self.circuit, expiry.inputs(**overrides)))

    def refuses(self, expiry: Expiry, **overrides: int | Sequence[int]) -> None:
        with pytest.raises(ProvingError):
            self.accepts(expiry, **overrides)


@pytest.fixture(scope="module", params=SIZES)
def prover(request: pytest.FixtureRequest, backend: AnyBackend) -> Prover:
    return Prover(request.param, backend)


def test_agrees_with_the_reference_on_the_shared_vectors(prover: Prover) -> None:
    """Where the reference has no state, the attacker takes the one that the field has."""
    vectors = [vector for vector in VECTORS if vector["n"] == prover.n]
    assert len(vectors) > 20
    for vector in vectors:
        expiry = Expiry.of_vector(vector)
        if vector["new"] is None:
            prover.refuses(expiry)
            continue
        new = State(tuple(map(int, vector["new"]["balances"])), int(vector["new"]["quote"]))
        witness = prover.accepts(expiry.but(new=new))
        assert prover.r1cs.violated(witness.values) == [], vector["name"]
        prover.refuses(expiry.but(new=State(new.balances, new.quote + 1)))


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.deep)])
def test_agrees_with_the_reference_on_random_expiries(prover: Prover, count: int) -> None:
    rng = random.Random(count)
    for _ in range(count):
        old = State(tuple(rng.randint(-1, 1) * rng.getrandbits(70) for _ in range(prover.n)), rng.getrandbits(140))
        prices = tuple(rng.choice((-1, 1)) * rng.getrandbits(60) for _ in range(prover.n))
        slots = rng.getrandbits(prover.n)
        new = expired_state(old, slots, SettlementPrices(prices))
        prover.accepts(Expiry(old, slots, prices, new=new))
        other = slots ^ 1 << rng.randrange(prover.n)
        if expired_state(old, other, SettlementPrices(prices)) != new:
            prover.refuses(Expiry(old, other, prices, new=new))


def test_an_account_that_holds_nothing_there_is_settled_all_the_same(prover: Prover) -> None:
    """An account that slept through an expiry has a new commitment afterwards: the same state under a fresh rho."""
    for old in (state_of(prover.n), state_of(prover.n, -DOLLAR, b3=ONE, last=-ONE)):
        expiry = Expiry(old, 0b110, (3 * USD,) * prover.n)
        assert expiry.next() == old
        values = prover.accepts(expiry).values
        assert values[1] != values[2]


def test_the_last_balance_of_a_range_can_be_settled_in_every_slot(prover: Prover) -> None:
    for slot in range(prover.n):
        for sign in (-1, 1):
            balances = tuple(sign * BALANCE_MAX if i == slot else 0 for i in range(prover.n))
            prices = tuple(PRICE_MAX if i == slot else 0 for i in range(prover.n))
            prover.accepts(Expiry(State(balances, 0), 1 << slot, prices))


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_quote_reaches_its_limit_and_no_further(prover: Prover, sign: int, beyond: int) -> None:
    old = state_of(prover.n, sign * (QUOTE_MAX - 6 + beyond), b1=2 * sign)
    expiry = Expiry(old, 0b10, (0, 3, *[0] * (prover.n - 2)))
    if beyond > 0:
        prover.refuses(expiry)
    else:
        prover.accepts(expiry)


def test_the_bitmap_has_no_bit_beyond_the_book(prover: Prover) -> None:
    expiry = prover.expiry()
    for slots in (1 << prover.n, expiry.slots + (1 << prover.n), -1, SCALAR_MODULUS // 2):
        prover.refuses(expiry, slots=slots)


class TestAttacks:
    def test_only_the_slots_of_the_bitmap_are_settled(self, prover: Prover) -> None:
        expiry = prover.expiry()
        for slots in (0, 0b010, 0b100, 0b110 | 1 << (prover.n - 1)):
            prover.accepts(expiry.but(slots=slots))
            prover.refuses(expiry.but(new=expiry.but(slots=slots).next()))

    def test_a_loss_cannot_be_left_out_and_a_gain_not_doubled(self, prover: Prover) -> None:
        expiry = prover.expiry()
        kept = expiry.next().balances
        for quote in (110, 111, 100, 79, 99, -89):
            prover.refuses(expiry.but(new=State(kept, quote * DOLLAR)))
        for off in (-1, 1):
            prover.refuses(expiry.but(new=State(kept, 89 * DOLLAR + off)))

    def test_an_expired_balance_does_not_stay(self, prover: Prover) -> None:
        expiry = prover.expiry()
        quote = expiry.next().quote
        prover.refuses(expiry.but(new=State(expiry.old.balances, quote)))
        prover.refuses(expiry.but(new=expiry.old))

    def test_no_other_balance_changes(self, prover: Prover) -> None:
        expiry = prover.expiry()
        new = expiry.next()
        for slot in range(prover.n):
            for by in (-1, 1):
                balances = tuple(balance + by * (i == slot) for i, balance in enumerate(new.balances))
                prover.refuses(expiry.but(new=State(balances, new.quote)))

    def test_a_settlement_is_at_the_public_price(self, prover: Prover) -> None:
        expiry = prover.expiry()
        for slot, change in ((1, 1), (1, -1), (2, 1), (2, -1)):
            prices = tuple(price + change * (i == slot) for i, price in enumerate(expiry.prices))
            prover.refuses(expiry.but(new=expiry.next()), settlementPrice=prices)

    def test_the_price_of_another_slot_counts_nothing(self, prover: Prover) -> None:
        expiry = prover.expiry()
        new = expiry.next()
        for slot in (0, 3, prover.n - 1):
            for price in (0, 1, PRICE_MAX, -PRICE_MAX):
                prices = tuple(price if i == slot else old for i, old in enumerate(expiry.prices))
                assert expiry.but(prices=prices).next() == new
                prover.accepts(expiry.but(prices=prices))

    def test_prices_out_of_their_range_are_refused_by_verifiers_alone(self, prover: Prover) -> None:
        """Two calls at r / 2 / 10^9 cost nothing modulo r: the range is the verifier's to check."""
        expiry = prover.expiry()
        wrapping = tuple(SCALAR_MODULUS // (2 * ONE) if i == 1 else old for i, old in enumerate(expiry.prices))
        prover.accepts(expiry.but(prices=wrapping))
        with pytest.raises(InputError, match="effective price"):
            SettlementPrices(wrapping)

    def test_the_old_state_is_the_committed_one(self, prover: Prover) -> None:
        expiry = prover.expiry()
        honest = expiry.inputs()
        committed = int(str(honest["oldCommitment"]))
        for other in (
            state_of(prover.n, 100 * DOLLAR, b1=20 * ONE, b2=-3 * ONE, last=-ONE),
            state_of(prover.n, 100 * DOLLAR, b1=2 * ONE, b2=3 * ONE, last=-ONE),
            state_of(prover.n, 101 * DOLLAR, b1=2 * ONE, b2=-3 * ONE, last=-ONE),
        ):
            prover.accepts(expiry.but(old=other))
            prover.refuses(expiry.but(old=other), oldCommitment=committed)

    def test_the_account_stays_the_same(self, prover: Prover) -> None:
        expiry = prover.expiry()
        for keys in (owner_keys(42), owner_keys(domain=ELSEWHERE)):
            prover.refuses(expiry.but(new_keys=ViewingKeys.of_owner(keys)))

    @pytest.mark.parametrize(
        "name",
        [
            "oldCommitment",
            "newCommitment",
            "rho",
            "ownerTag",
            "viewKey",
            "domain",
            "oldQuote",
            "oldShorts",
            "oldSalt",
        ],
    )
    def test_every_signal_is_forced(self, prover: Prover, name: str) -> None:
        expiry = prover.expiry()
        prover.refuses(expiry, **{name: int(str(expiry.inputs()[name])) + 1})

    def test_what_is_posted_can_be_decrypted(self, prover: Prover) -> None:
        expiry = prover.expiry()
        ciphertext = [int(element) for element in expiry.inputs()["ciphertext"]]
        for element in range(len(ciphertext)):
            spoilt = [*ciphertext]
            spoilt[element] += 1
            prover.refuses(expiry, ciphertext=spoilt)


class TestFakeWitness:
    """Wires of a valid witness that are changed: a constraint is broken."""

    def test_no_witness_holds_for_another_price_of_a_balance_that_expires(self, prover: Prover) -> None:
        values = prover.accepts(prover.expiry()).values
        first = 1 + STATEMENTS["expire"].proof_inputs(prover.n)
        for slot in range(prover.n):
            assert bool(prover.r1cs.violated(changed(values, first + slot))) == (slot in (1, 2))

    def test_no_witness_holds_for_another_bit_or_amount(self, prover: Prover) -> None:
        wires = Symbols.load(prover.circuit.sym).wires
        values = prover.accepts(prover.expiry()).values
        names = [f"{name}[{i}]" for name in ("isExpired", "settled", "cash") for i in range(prover.n)]
        named = [name for name in names if name in wires]
        assert len(named) > 2 * prover.n
        for name in named:
            assert prover.r1cs.violated(changed(values, wires[name])), name


def changed(values: Sequence[int], wire: int) -> list[int]:
    """A witness of which one wire has another value, a bit the other one."""
    other = 1 - values[wire] if values[wire] in (0, 1) else values[wire] + 1
    return [*values[:wire], other, *values[wire + 1 :]]


def test_the_guardian_proves_it_without_the_owner(prover: Prover, backend: AnyBackend) -> None:
    keys = ViewingKeys.of_guardian(GUARDIAN_SECRET, owner_point(), KEYS.owner_tag, HERE)
    expiry = prover.expiry()
    posted, prices = KEYS.seal(expiry.old), SettlementPrices(expiry.prices)
    before: SealedState = keys.unseal(posted.commitment, posted.rho, posted.ciphertext, prover.n)
    after = keys.seal(expired_state(before.state, expiry.slots, prices))
    claim = expire_claim(before, after, expiry.slots, prices)
    backend.witness(prover.circuit, expire_inputs(keys, before, claim, prices))

"""`release` against the reference: valid takings, every line, and every attack of spec ZS-76."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from book_circuits import SIZES, compiled
from random_releases import altered, extreme_taking, valid_takings
from releases import KEYS, Taking, part, terms
from steps import DOLLAR, ELSEWHERE, GUARDIAN_SECRET, HERE, ONE, RHO, TICKET_SALT, Step, owner_keys, owner_point
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX

from prover.account import State, ViewingKeys
from prover.formats import R1CS, Symbols, Witness
from prover.statements import SealedRelease, release_inputs
from prover.toolchain import AnyBackend
from prover.trade import Rates, Release, ticket_id
from verifier import (
    BASIS,
    SCALAR_MODULUS,
    STATEMENTS,
    InputError,
    MarginsPerUnit,
    ProvingError,
    RiskInputs,
    VectorKind,
)

pytestmark = pytest.mark.full

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "release.json").read_text())[
    "cases"
]
USD = 10**9
P = 10_000 * USD
SPOT, PERP, SHORT, OPTION = 0, 3, 4, 10
LEGS = {
    SPOT: (P, P // 10),
    PERP: (P, P // 40),
    SHORT: (500 * USD, 25 * USD // 2, 3 * USD),
    OPTION: (5 * USD, 2 * USD, 400 * USD),
}
BESIDE = pytest.mark.parametrize("off", [-1, 0, 1])
FREE = {"buffer_rate": BASIS, "least_share": 0, "dust": 0}
"""Limits that only cure and reward can break."""


class Prover:
    """`release` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit = compiled("release", n)
        self.update = compiled("update", n)
        self.r1cs = R1CS.load(self.circuit.r1cs)
        self.backend = backend

    def taking(self, legs: dict[int, int] | None = None, **limits: int) -> Taking:
        """All kinds of positions, an equity of 70 % of the margin, and by default a part that is neither too much nor
        too little."""
        held = part(self.n, {SPOT: ONE, PERP: 10 * ONE, SHORT: -50 * ONE, OPTION: -20 * ONE})
        taken = part(self.n, {PERP: 10 * ONE, OPTION: -2 * ONE} if legs is None else legs)
        taking = Taking(State(held, 0), taken, terms(self.n, LEGS, **limits))
        return taking.at_equity(taking.facts.margin * 7 // 10).with_bits()

    def accepts(self, taking: Taking, **overrides: int | Sequence[int]) -> Witness:
        return Witness.parse(self.backend.witness(self.circuit, taking.inputs(**overrides)))

    def refuses(self, taking: Taking, **overrides: int | Sequence[int]) -> None:
        """With the private bits of the taking and no others."""
        with pytest.raises(ProvingError):
            self.accepts(taking, **overrides)

    def refuses_any(self, taking: Taking) -> None:
        """Whichever private bits the prover turns to."""
        for bits in range(8):
            chosen = taking.but(covered=bits & 1, is_small=bits >> 1 & 1, by_amount=bits >> 2)
            self.refuses(chosen)

    def judges(self, taking: Taking) -> bool:
        """As the reference does, which tells."""
        is_valid = taking.is_valid()
        if is_valid:
            self.accepts(taking)
        else:
            self.refuses(taking)
        return is_valid


@pytest.fixture(scope="module", params=SIZES)
def prover(request: pytest.FixtureRequest, backend: AnyBackend) -> Prover:
    return Prover(request.param, backend)


def test_agrees_with_the_reference_on_the_shared_vectors(prover: Prover) -> None:
    vectors = [vector for vector in VECTORS if vector["n"] == prover.n]
    assert len(vectors) > 20
    for vector in vectors:
        taking = Taking.of_vector(vector)
        if vector["after"] is None:
            prover.refuses(taking)
            continue
        new = State(tuple(map(int, vector["after"]["balances"])), int(vector["after"]["quote"]))
        cured = int(vector["after"]["cured"])
        witness = prover.accepts(taking.but(new=new, cost=int(vector["after"]["cost"]), cured=cured))
        assert prover.r1cs.violated(witness.values) == [], vector["name"]
        prover.refuses(taking.but(new=State(new.balances, new.quote + 1)))
        prover.refuses(taking.but(cured=1 - cured))


@pytest.mark.parametrize("count", [42, pytest.param(364, marks=pytest.mark.deep)])
def test_agrees_with_the_reference_on_random_takings(prover: Prover, count: int) -> None:
    for taking in valid_takings(prover.n, count, random.Random(count)):
        prover.accepts(taking)


@pytest.mark.parametrize("count", [56, pytest.param(322, marks=pytest.mark.deep)])
def test_agrees_with_the_reference_on_altered_takings(prover: Prover, count: int) -> None:
    rng, verdicts = random.Random(count), {True: 0, False: 0}
    for taking in valid_takings(prover.n, count, rng):
        other = altered(taking, rng)
        if other.old.is_in_range:
            verdicts[prover.judges(other)] += 1
    assert min(verdicts.values()) > count // 6


@pytest.mark.parametrize("count", [40, pytest.param(300, marks=pytest.mark.deep)])
def test_agrees_with_the_reference_at_the_limits_of_every_quantity(prover: Prover, count: int) -> None:
    rng, verdicts = random.Random(count), {True: 0, False: 0}
    for _ in range(count):
        verdicts[prover.judges(extreme_taking(prover.n, rng))] += 1
    assert min(verdicts.values()) > count // 8


@pytest.mark.parametrize("count", [30, pytest.param(300, marks=pytest.mark.deep)])
def test_a_signal_that_is_changed_alone_is_refused(prover: Prover, count: int) -> None:
    rng = random.Random(count)
    names = ("oldCommitment", "newCommitment", "ticket", "rho", "ownerTag", "viewKey", "domain", "oldQuote")
    names += ("oldShorts", "oldSalt", "ticketSalt", "ciphertext", "taken", "oldBalance")
    for number, taking in enumerate(valid_takings(prover.n, count, rng)):
        name, honest = names[number % len(names)], taking.inputs()
        told = honest[names[number % len(names)]]
        if isinstance(told, str):
            changed: int | list[int] = (
                int(told) ^ 1 << rng.randrange(prover.n) if name == "oldShorts" else int(told) + 1
            )
        else:
            changed = [int(element) for element in told]
            changed[rng.randrange(len(changed))] += rng.choice((-1, 1))
        prover.refuses(taking, **{name: changed})


class TestParts:
    """Rule 2: on the side of the balance, no larger, sellable, and not nothing."""

    @pytest.mark.parametrize("slot", [SPOT, PERP, SHORT, OPTION])
    @BESIDE
    def test_no_more_is_taken_than_there_is(self, prover: Prover, slot: int, off: int) -> None:
        taking = prover.taking(**FREE)
        balance = taking.old.balances[slot]
        side = 1 if balance > 0 else -1
        taken = part(prover.n, {slot: balance + side * off})
        assert prover.judges(taking.but(taken=taken, is_small=1).with_limits(dust=1 << 149)) == (off <= 0)

    @pytest.mark.parametrize("slot", [SPOT, PERP, SHORT, OPTION])
    @BESIDE
    def test_nothing_comes_in(self, prover: Prover, slot: int, off: int) -> None:
        taking = prover.taking(**FREE)
        side = 1 if taking.old.balances[slot] > 0 else -1
        assert prover.judges(taking.but(taken=part(prover.n, {slot: side * off}))) == (off > 0)

    def test_an_empty_slot_gives_nothing(self, prover: Prover) -> None:
        for slot in (5, prover.n - 1):
            for by in (-ONE, -1, 1, ONE):
                prover.refuses_any(prover.taking({PERP: 8 * ONE, slot: by}, **FREE))

    def test_a_part_of_nothing_is_refused(self, prover: Prover) -> None:
        """A proof that changes the commitment alone would void every notice about the account."""
        insolvent = prover.taking({}, **FREE).at_equity(-DOLLAR)
        for taking in (insolvent, prover.taking({}, **FREE), insolvent.with_limits(dust=1 << 149)):
            prover.refuses_any(taking)
        poor = Taking(State((0,) * prover.n, -DOLLAR), (0,) * prover.n, terms(prover.n, LEGS))
        prover.refuses_any(poor)  # that debt is written off

    def test_parts_that_add_up_to_nothing_are_a_part(self, prover: Prover) -> None:
        """Sizes are added, and not amounts: one unit of a long and one of a short."""
        prover.accepts(prover.taking({PERP: 1, SHORT: -1}, **FREE))

    @pytest.mark.parametrize("slot", [SPOT, SHORT])
    def test_only_sellable_slots_are_taken_from(self, prover: Prover, slot: int) -> None:
        taking = prover.taking({slot: 1 if slot == SPOT else -1}, **FREE)
        every = (1 << prover.n) - 1
        for sellable, is_valid in ((every, True), (1 << slot, True), (every ^ 1 << slot, False), (0, False)):
            assert prover.judges(taking.but(terms=replace(taking.terms, sellable=sellable))) == is_valid

    def test_the_bitmap_has_no_bit_beyond_the_book(self, prover: Prover) -> None:
        taking = prover.taking(**FREE)
        for sellable in (1 << prover.n, taking.terms.sellable + (1 << prover.n), SCALAR_MODULUS - 1):
            prover.refuses(taking, sellable=sellable)


class TestLines:
    """Rules 3 to 8, on the line and a unit beside it."""

    @BESIDE
    @pytest.mark.parametrize("kind", [VectorKind.MAINTENANCE, VectorKind.OVERDRAFT])
    def test_an_account_that_meets_its_margin_loses_nothing(self, prover: Prover, off: int, kind: VectorKind) -> None:
        taking = prover.taking({PERP: 1}, **FREE)
        taking = taking.but(terms=replace(taking.terms, kind=kind), rate=0).at_health(off)
        if off < 0:
            prover.accepts(taking.with_bits())
        else:
            prover.refuses_any(taking)

    @BESIDE
    @pytest.mark.parametrize("rate", [1, 999, 1_000, 1_001, 4_999])
    def test_equity_pays_the_rate_to_the_unit(self, prover: Prover, rate: int, off: int) -> None:
        """Beside the line the other bit does not help while equity pays the least rate of 10 %."""
        taking = prover.taking({PERP: 2 * ONE}, **FREE)
        margin = taking.facts.margin
        taking = taking.but(rate=rate, uncovered_rate=700).at_equity(-(-rate * margin // BASIS) + off)
        is_poor = BASIS * taking.facts.equity < 1_000 * margin
        for covered in (0, 1):
            assert prover.judges(taking.but(covered=covered)) == (off >= 0 if covered else is_poor)

    @BESIDE
    @pytest.mark.parametrize("floor", [0, 1, 1_000, BASIS])
    def test_an_uncovered_reward_needs_equity_below_the_least_rate(self, prover: Prover, floor: int, off: int) -> None:
        """And whichever rate the prover names, which would otherwise be one just too high."""
        taking = prover.taking({PERP: 2 * ONE}, **FREE).with_limits(floor_rate=floor)
        taking = taking.at_equity(min(-(-floor * taking.facts.margin // BASIS) + off, taking.facts.margin - 1))
        for rate in (0, floor, BASIS):
            verdict = prover.judges(taking.but(covered=0, rate=rate, uncovered_rate=2_500))
            assert verdict == (off < 0 or floor == BASIS)

    @pytest.mark.parametrize(("rate", "margin"), [(7, 7143), (3, 6667), (9999, 19_999)])
    def test_lines_between_units_go_against_the_taker(self, prover: Prover, rate: int, margin: int) -> None:
        """10^4 equity is below, then above rate * margin, by less than 10^4."""
        unit = terms(prover.n, {PERP: (0, 1)}, floor_rate=rate, least_amount=1, **FREE)
        taking = Taking(State(part(prover.n, {PERP: margin}), 0), part(prover.n, {PERP: margin // 2}), unit, rate, rate)
        for equity in (rate * margin // BASIS, rate * margin // BASIS + 1):
            pays = BASIS * equity >= rate * margin
            for covered in (0, 1):
                assert prover.judges(taking.at_equity(equity).but(covered=covered)) == (covered == pays)

    @pytest.mark.parametrize("slot", [SPOT, PERP, SHORT, OPTION])
    @BESIDE
    def test_cured_is_the_side_of_health_afterwards(self, prover: Prover, slot: int, off: int) -> None:
        side = -1 if slot in (SHORT, OPTION) else 1
        taking = prover.taking({slot: side * ONE // 2}, **FREE)
        taking = taking.at_health(off - (taking.facts.taken_margin - taking.facts.reward)).with_bits()
        assert taking.facts.health_after == off
        for cured in (0, 1):
            assert prover.judges(taking.but(cured=cured)) == (cured == (off >= 0))

    @pytest.mark.parametrize("buffer", [0, 1, 2_500])
    @BESIDE
    def test_no_more_health_is_left_than_the_buffer(self, prover: Prover, buffer: int, off: int) -> None:
        taking = prover.taking({PERP: 8 * ONE, OPTION: -10 * ONE}, **FREE).with_limits(buffer_rate=buffer)
        f = taking.facts
        most = buffer * (f.margin - f.taken_margin) // BASIS
        taking = taking.at_health(min(most + off - f.taken_margin + f.reward, -1))
        assert (taking.facts.health_after <= most) == prover.judges(taking) == (off <= 0)

    @pytest.mark.parametrize(("health", "buffer", "left"), [(1, 9999, 1), (1, BASIS, 1), (3, 4285, 7), (3, 4286, 7)])
    def test_the_buffer_is_exact_between_units(self, prover: Prover, health: int, buffer: int, left: int) -> None:
        unit = terms(prover.n, {PERP: (0, 1)}, **{**FREE, "buffer_rate": buffer})
        held = State(part(prover.n, {PERP: left + 50}), 0)
        taking = Taking(held, part(prover.n, {PERP: 50}), unit, rate=0).at_equity(left + health)
        assert prover.judges(taking) == (buffer * left >= BASIS * health)

    @BESIDE
    def test_dust_is_taken_whole(self, prover: Prover, off: int) -> None:
        taking = prover.taking({PERP: 10 * ONE, SHORT: -50 * ONE, OPTION: -20 * ONE}, buffer_rate=0)
        small = taking.with_limits(dust=taking.facts.margin + off)
        assert prover.judges(small.but(is_small=1)) == (off >= 0)
        prover.refuses(small.but(is_small=0))

    @BESIDE
    def test_without_a_cure_a_least_share_is_taken(self, prover: Prover, off: int) -> None:
        taking = prover.taking({PERP: ONE}, **FREE).with_limits(least_amount=1 << 149)
        share = BASIS * taking.facts.taken_margin // taking.facts.margin
        assert prover.judges(taking.with_limits(least_share=share + off)) == (off <= 0)
        prover.refuses(taking.with_limits(least_share=share).but(by_amount=1))

    @BESIDE
    def test_a_least_amount_is_enough_in_its_place(self, prover: Prover, off: int) -> None:
        """Otherwise an account that is larger than all takers could not be sold."""
        taking = prover.taking({PERP: ONE}, **FREE).with_limits(least_share=BASIS)
        enough = taking.with_limits(least_amount=taking.facts.taken_margin + off)
        assert prover.judges(enough.but(by_amount=1)) == (off <= 0)
        prover.refuses(enough.but(by_amount=0))

    @BESIDE
    def test_the_least_share_is_of_what_can_be_sold(self, prover: Prover, off: int) -> None:
        """Otherwise an account with much that is stale could not be sold. By 25 % of all 2,000 USD would be needed."""
        taking = prover.taking({SPOT: ONE // 4}, **FREE).with_limits(least_share=2_500, least_amount=1 << 149)
        one = taking.but(terms=replace(taking.terms, sellable=1 << SPOT))
        assert prover.judges(one.but(taken=part(prover.n, {SPOT: ONE // 4 + off}))) == (off >= 0)
        prover.refuses_any(taking)

    @pytest.mark.parametrize(("taken", "share", "margin"), [(1, 1, 10_000), (1, 1, 10_001), (3, 4285, 7), (3, 4286, 7)])
    def test_the_least_share_is_exact_between_units(self, prover: Prover, taken: int, share: int, margin: int) -> None:
        unit = terms(prover.n, {PERP: (0, 1)}, **{**FREE, "least_share": share})
        held = State(part(prover.n, {PERP: margin}), 0)
        taking = Taking(held, part(prover.n, {PERP: taken}), unit, rate=0, covered=0).at_equity(-5)
        assert prover.judges(taking) == (BASIS * taken >= share * margin)

    def test_a_cure_is_enough_whatever_its_size(self, prover: Prover) -> None:
        taking = prover.taking({PERP: 1}, **FREE).with_limits(least_share=BASIS, least_amount=(1 << 150) - 1)
        prover.accepts(taking.but(rate=0).at_health(-1))

    @pytest.mark.parametrize("sign", [-1, 1])
    @BESIDE
    def test_quote_reaches_its_limit_and_no_further(self, prover: Prover, sign: int, off: int) -> None:
        """The largest price takes it there; a long of negative price takes it down."""
        slot = PERP if sign > 0 else SHORT
        legs = {PERP: (PRICE_MAX, 1), SHORT: (-PRICE_MAX, 1), SPOT: (-1, PRICE_MAX)}
        held = part(prover.n, {SPOT: BALANCE_MAX, PERP: 1 << 20, SHORT: 1 << 70})
        taking = Taking(State(held, 0), part(prover.n, {slot: 1}), terms(prover.n, legs, least_amount=1, **FREE))
        quote = sign * (QUOTE_MAX + off) - taking.facts.value
        taking = taking.but(old=State(held, quote), rate=0).with_bits()
        assert taking.next().quote == sign * (QUOTE_MAX + off)
        assert taking.facts.equity < taking.facts.margin
        assert prover.judges(taking) == (off <= 0)


class TestRewards:
    def test_a_short_frees_its_own_margin(self, prover: Prover) -> None:
        """An option of 2 USD, short 402 USD: the reward is of what is freed."""
        taking = prover.taking({OPTION: -ONE}, **FREE)
        assert taking.facts.reward == 402 * DOLLAR // 10
        prover.accepts(taking)
        for cost in (taking.facts.value, taking.facts.value - 2 * DOLLAR // 10):
            prover.refuses(taking.but(cost=cost))

    @pytest.mark.parametrize("off", [-1, 1, -(10**18), 10**18])
    def test_the_reward_is_neither_more_nor_less(self, prover: Prover, off: int) -> None:
        for taking in (prover.taking(), prover.taking(**FREE).but(covered=0, uncovered_rate=500).at_equity(-DOLLAR)):
            prover.accepts(taking)
            prover.refuses(taking.but(cost=taking.pays() + off))

    def test_the_reward_is_rounded_down(self, prover: Prover) -> None:
        unit = terms(prover.n, {PERP: (0, 1)}, least_amount=1, **FREE)
        held = State(part(prover.n, {PERP: 10**6}), 0)
        for taken, rate, reward in ((BASIS, 77, 77), (1, 1, 0), (9999, 1, 0), (7143, 7, 5), (1, 9999, 0)):
            taking = Taking(held, part(prover.n, {PERP: taken}), unit, rate).at_health(-1).with_bits()
            assert taking.facts.reward == reward
            prover.accepts(taking)
            prover.refuses(taking.but(cost=-reward - 1))

    def test_a_debtor_is_sold_whole_at_every_rate(self, prover: Prover) -> None:
        whole = prover.taking().old.balances
        for equity in (-1, -DOLLAR, -(10**9) * DOLLAR):
            for rate, uncovered in ((0, 0), (0, BASIS), (BASIS, BASIS), (1_000, 500)):
                taking = prover.taking().but(taken=whole, covered=0, rate=rate, uncovered_rate=uncovered)
                prover.accepts(taking.at_equity(equity))
                prover.refuses(taking.at_equity(equity).but(covered=1))

    def test_rates_out_of_their_range_are_refused_by_verifiers_alone(self, prover: Prover) -> None:
        """An uncovered rate above 10^4 would take health from the account: the range is the verifier's to check."""
        taking = prover.taking({PERP: 8 * ONE}, **FREE).but(covered=0, uncovered_rate=BASIS + 1).at_equity(-DOLLAR)
        assert taking.facts.health_after < -DOLLAR - taking.facts.margin
        prover.accepts(taking)
        before = KEYS.seal(taking.old)
        with pytest.raises(InputError, match="rate"):
            release_inputs(KEYS, SealedRelease.make(KEYS, before, taking.release()))


class TestOverdraft:
    """The kind at which spot is sold for its own debt."""

    def test_spot_alone_is_sold(self, prover: Prover) -> None:
        legs = {SPOT: (P, P * 9 // 10), 1: (500 * USD, 450 * USD), PERP: (P, 0), SHORT: (500 * USD, 0)}
        inputs = terms(prover.n, legs, kind=VectorKind.OVERDRAFT, sellable=0b11, **FREE)
        held = State(part(prover.n, {SPOT: 3 * ONE, 1: 11 * ONE, PERP: ONE, SHORT: -7 * ONE}), 0)
        taking = Taking(held, part(prover.n, {SPOT: ONE}), inputs, rate=50)
        taking = taking.at_equity(taking.facts.margin // 2).with_bits()
        prover.accepts(taking)
        prover.accepts(taking.but(taken=part(prover.n, {SPOT: 3 * ONE, 1: 11 * ONE})).at_equity(0).with_bits())
        prover.refuses_any(taking.but(taken=part(prover.n, {SPOT: ONE, PERP: 1})))
        prover.refuses_any(taking.but(taken=part(prover.n, {SPOT: ONE, SHORT: -1})))

    def test_stale_spot_counts_by_no_part_of_its_value(self, prover: Prover) -> None:
        """d = e: what is sold of it frees its whole value."""
        inputs = terms(prover.n, {SPOT: (P, P)}, kind=VectorKind.OVERDRAFT, **FREE)
        held = State(part(prover.n, {SPOT: 3 * ONE}), 0)
        taking = Taking(held, part(prover.n, {SPOT: ONE}), inputs, rate=50).at_health(-1)
        assert taking.facts.value == taking.facts.taken_margin
        prover.accepts(taking)

    def test_a_proof_at_one_kind_is_none_at_the_other(self, prover: Prover) -> None:
        """The same account, healthy at maintenance margin and overdrawn: the margins are public."""
        long = MarginsPerUnit.of_both_sides(part(prover.n, {SPOT: P * 9 // 10}))
        overdrawn = terms(prover.n, {SPOT: (P, P // 10)}, **FREE)
        overdrawn = replace(
            overdrawn, vectors=replace(overdrawn.vectors, overdraft=long), kind=VectorKind.OVERDRAFT, sellable=1
        )
        held = State(part(prover.n, {SPOT: 3 * ONE}), -6_000 * DOLLAR)
        taking = Taking(held, part(prover.n, {SPOT: ONE // 2}), overdrawn, rate=50).with_bits()
        prover.accepts(taking)
        prover.refuses_any(taking.but(terms=replace(overdrawn, kind=VectorKind.MAINTENANCE)))
        prover.refuses(taking, marginPerUnit=overdrawn.vectors.maintenance.long)


class TestAttacks:
    @pytest.mark.parametrize("bit", ["covered", "isSmall", "byAmount", "cured"])
    def test_bits_are_bits(self, prover: Prover, bit: str) -> None:
        for value in (2, SCALAR_MODULUS - 1):
            prover.refuses(prover.taking(), **{bit: value})

    def test_the_ticket_is_of_the_part_and_its_cost(self, prover: Prover) -> None:
        """A taker who could buy another ticket would pay another cost, or take what no account gives."""
        taking = prover.taking()
        amounts, cost, domain = taking.taken, taking.pays(), HERE.tag()
        more = tuple(amount + (slot == PERP) for slot, amount in enumerate(amounts))
        further = tuple(amount + (slot == 5) for slot, amount in enumerate(amounts))
        assert taking.ticket() == ticket_id(domain, amounts, cost, TICKET_SALT)
        for ticket in (
            0,
            ticket_id(domain, amounts, cost + 1, TICKET_SALT),
            ticket_id(domain, amounts, cost - 1, TICKET_SALT),
            ticket_id(domain, more, cost, TICKET_SALT),
            ticket_id(domain, further, cost, TICKET_SALT),
            ticket_id(domain, [-amount for amount in amounts], -cost, TICKET_SALT),
            ticket_id(ELSEWHERE.tag(), amounts, cost, TICKET_SALT),
            ticket_id(domain, amounts, cost, TICKET_SALT + 1),
        ):
            prover.refuses(taking, ticket=ticket)

    def test_the_new_state_is_what_is_left(self, prover: Prover) -> None:
        """A taker does not choose where the victim's value goes."""
        taking = prover.taking()
        new, old = taking.next(), taking.old
        for state in (
            State(new.balances, old.quote),
            State(new.balances, new.quote + 1),
            State(new.balances, new.quote - 1),
            State(new.balances, new.quote - taking.pays()),
            State(old.balances, new.quote),
            old,
            State((0,) * prover.n, new.quote),
        ):
            prover.refuses(taking.but(new=state))
        for slot in range(prover.n):
            balances = tuple(balance + (place == slot) for place, balance in enumerate(new.balances))
            prover.refuses(taking.but(new=State(balances, new.quote)))

    def test_the_account_stays_the_same(self, prover: Prover) -> None:
        for keys in (owner_keys(42), owner_keys(domain=ELSEWHERE)):
            prover.refuses(prover.taking().but(new_keys=ViewingKeys.of_owner(keys)))

    def test_the_old_state_is_the_committed_one(self, prover: Prover) -> None:
        taking = prover.taking()
        committed = int(str(taking.inputs()["oldCommitment"]))
        richer = State(taking.old.balances, taking.old.quote - 1)
        prover.accepts(taking.but(old=richer))
        prover.refuses(taking.but(old=richer), oldCommitment=committed)
        flipped = taking.old.shorts ^ 1 << PERP
        prover.refuses(taking, oldShorts=flipped)

    @pytest.mark.parametrize("name", ["effectivePrice", "marginPerUnit", "shortExtra"])
    def test_prices_and_margins_are_the_public_ones(self, prover: Prover, name: str) -> None:
        taking = prover.taking()
        told = [int(element) for element in taking.inputs()[name]]
        for slot in (PERP, OPTION) if name != "shortExtra" else (OPTION,):
            prover.refuses(taking, **{name: [value + USD * (place == slot) for place, value in enumerate(told)]})

    def test_the_taker_is_bound_and_free(self, prover: Prover) -> None:
        for taker in (0, 1, owner_keys(42).identity, SCALAR_MODULUS - 1):
            assert prover.accepts(prover.taking().but(taker=taker)).values[4] == taker

    def test_what_is_posted_can_be_decrypted(self, prover: Prover) -> None:
        taking = prover.taking()
        values = iter(prover.accepts(taking).values[1:])
        told = {name: next(values) for name in STATEMENTS["release"].public[:8]}
        ciphertext = [next(values) for _ in range((prover.n + 2) // 3)]
        assert KEYS.unseal(told["newCommitment"], RHO, ciphertext, prover.n).state == taking.next()
        for element in range(len(ciphertext)):
            spoilt = [*ciphertext]
            spoilt[element] += 1
            prover.refuses(taking, ciphertext=spoilt)

    def test_amounts_are_numbers_and_not_field_elements(self, prover: Prover) -> None:
        taking = prover.taking()
        for wild in ((SCALAR_MODULUS + 1) // 2, SCALAR_MODULUS - ONE, 1 << 80, 1 << 200):
            prover.refuses(taking.but(taken=part(prover.n, {PERP: wild})))
        for rate in (SCALAR_MODULUS - 1, 1 << 200):
            prover.refuses(taking, rate=rate)
            prover.refuses(taking.but(covered=0).at_equity(-DOLLAR), uncoveredRate=rate)


class TestFakeWitness:
    """Wires of a valid witness that are changed: a constraint is broken."""

    def test_no_witness_holds_for_another_signal_of_the_round(self, prover: Prover) -> None:
        """But where it counts nothing: a price of an empty slot, a rule that another bit answers."""
        values = prover.accepts(prover.taking()).values
        first = 1 + STATEMENTS["release"].proof_inputs(prover.n)
        for kind in range(3):
            for slot in (SPOT, PERP, SHORT, OPTION):
                wire = first + kind * prover.n + slot
                matters = kind < 2 or slot in (SHORT, OPTION)
                assert bool(prover.r1cs.violated(changed(values, wire))) == matters, (kind, slot)
        assert prover.r1cs.violated(changed(values, first + 3 * prover.n))  # sellable

    @pytest.mark.parametrize(
        "names",
        [
            ("reward",),
            ("inverse",),
            ("neededRate", "needed", "line", "used", "product"),
            ("allowed", "buffer", "share", "least"),
            ("sidedMargin[3]", "sidedMargin[4]", "oldMargin[3]", "sellableMargin[3]", "takenMargin[3]"),
            ("oldValue[4]", "takenValue[3]", "takenSize[3]"),
            ("isSellable[0]", "isSellable[3]"),
        ],
    )
    def test_no_witness_holds_for_another_inner_value(self, prover: Prover, names: tuple[str, ...]) -> None:
        wires = Symbols.load(prover.circuit.sym).wires
        values = prover.accepts(prover.taking()).values
        named = [name for name in names if name in wires]
        assert named
        for name in named:
            assert prover.r1cs.violated(changed(values, wires[name])), name


def changed(values: Sequence[int], wire: int) -> list[int]:
    """A witness of which one wire has another value, a bit the other one."""
    other = 1 - values[wire] if values[wire] in (0, 1) else values[wire] + 1
    return [*values[:wire], other, *values[wire + 1 :]]


def test_the_guardian_proves_it_without_the_owner(prover: Prover) -> None:
    keys = ViewingKeys.of_guardian(GUARDIAN_SECRET, owner_point(), KEYS.owner_tag, HERE)
    taking = prover.taking()
    posted = KEYS.seal(taking.old)
    before = keys.unseal(posted.commitment, posted.rho, posted.ciphertext, prover.n)
    sealed = SealedRelease.make(keys, before, taking.release(), taker=7)
    prover.backend.witness(prover.circuit, release_inputs(keys, sealed))


class TestTaker:
    """The same ticket in an `update` of the taker, at the same round."""

    def pairs(self, prover: Prover) -> Iterator[tuple[Taking, Step]]:
        """Releases of many kinds, and a taker whose quote is just enough."""
        rng = random.Random(prover.n)
        for taking in valid_takings(prover.n, 14, rng):
            if taking.terms.kind is VectorKind.OVERDRAFT:
                continue
            release = taking.release()
            empty = State((0,) * prover.n, 0)
            risk = RiskInputs(taking.terms.vectors, 0, (10**6, 10**6))
            step = Step(empty, risk, keys=owner_keys(42), side=1, legs=dict(enumerate(release.taken)))
            step = step.but(trade=(0, 0, release.cost))
            bought = Release.of(step.next(), release.taken, Rates(0), taking.terms).whole
            covered = step.next().quote + sum(
                balance * price for balance, price in zip(release.taken, risk.vectors.effective_prices, strict=True)
            )
            yield taking, step.but(old=State(empty.balances, -min(bought.health, covered)))

    def test_it_buys_what_was_released(self, prover: Prover) -> None:
        seen = 0
        for taking, step in self.pairs(prover):
            released = prover.accepts(taking).values
            bought = Witness.parse(prover.backend.witness(prover.update, step.inputs())).values
            assert released[3] == bought[3]  # the ticket
            seen += 1
        assert seen > 8

    def test_it_cannot_pay_less_than_it_has_to(self, prover: Prover) -> None:
        for taking, step in self.pairs(prover):
            poorer = step.but(old=State(step.old.balances, step.old.quote - 1))
            cheaper = step.but(trade=(0, 0, taking.pays() - 1))
            for other, ticket in ((poorer, taking.ticket()), (cheaper, taking.ticket())):
                with pytest.raises(ProvingError):
                    prover.backend.witness(prover.update, other.inputs(ticket=ticket))

    def test_a_second_seller_of_the_ticket_is_a_valid_update(self, prover: Prover) -> None:
        """So the contract must demand side 1: both would be paid (spec ZS-76)."""
        taking, step = next(self.pairs(prover))
        rich = step.but(side=2, old=State(step.old.balances, 10**30))
        assert int(str(rich.inputs()["ticket"])) == taking.ticket()
        prover.backend.witness(prover.update, rich.inputs())

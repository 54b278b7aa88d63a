"""The audit of the statements that create states: clean, but not once a constraint is taken out (spec ZS-63)."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from book_circuits import compiled
from releases import Taking, part, terms
from removed_constraint import audit_detects_removal
from steps import DOLLAR, HERE, OLD_SALT, ONE, PRICE, Step, owner_keys, owner_point, risk, state

from prover.account import BASE, SUBGROUP_ORDER, OwnerKeys, State, ViewingKeys, empty_state
from prover.audit import Effort, Signals, audit
from prover.audit._transitions import transition_declaration
from prover.formats import R1CS, Symbols, Witness
from prover.market import BALANCE_BITS, QUOTE_BITS
from prover.statements import (
    exit_claim,
    exit_inputs,
    expire_claim,
    expire_inputs,
    open_inputs,
    opening_claim,
    rekey_claim,
    rekey_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.toolchain import AnyBackend
from prover.trade import exited_state, expired_state
from verifier import PRICE_BITS, SCALAR_MODULUS, STATEMENTS, SettlementPrices, StatementName, to_field

N = 13  # of the reference's own tests
KEYS = ViewingKeys.of_owner(owner_keys())
Inputs = Mapping[str, str | list[str]]


def updates(n: int) -> list[Inputs]:
    """Each side and none, each direction of a transfer and none, each rule on risk and cash, and each claim."""
    rich = Step(state(n, 10**6 * DOLLAR, b0=5 * ONE, b3=ONE, last=-ONE), risk(n))
    below = Step(state(n, -46_000 * DOLLAR, b4=ONE), risk(n))
    poor = Step(state(n, -48_000 * DOLLAR, b4=ONE), risk(n))
    steps = (
        rich.but(side=1, trade=(3, ONE // 3, PRICE), transfer=(0, ONE), recipient=1 << 159),
        below.but(claim=2, shrinks=1),
        rich.but(side=2, trade=(n - 1, ONE, -PRICE * ONE), transfer=(n, DOLLAR), is_withdrawal=1, claim=1),
        below.but(side=2, trade=(4, ONE // 2, PRICE * ONE // 2), shrinks=1, keeps_cash=1),
        poor.but(transfer=(n, DOLLAR), claim=3, shrinks=1),
    )
    return [step.inputs() for step in steps]  # type: ignore[misc]


def writeoffs(n: int) -> list[Inputs]:
    """Of a debt, of the most, and of none."""
    empty = KEYS.seal(empty_state(n))
    debts = (1, (1 << QUOTE_BITS) - 1, 0)
    owing = [KEYS.seal(state(n, -debt)) for debt in debts]
    return [writeoff_inputs(KEYS, before, writeoff_claim(before, empty)) for before in owing]


def opens(n: int) -> list[Inputs]:
    return [open_inputs(owner_keys(), opening_claim(owner_keys(), KEYS.seal(empty_state(n))))]


def expires(n: int) -> list[Inputs]:
    """Of a call and a put, of the largest position, of slots that hold nothing, and of every slot."""
    call_and_put = state(n, 100 * DOLLAR, b1=2 * ONE, b2=-3 * ONE, last=-ONE)
    largest = state(n, 0, b4=(1 << BALANCE_BITS) - 1, last=1 - (1 << BALANCE_BITS))
    cases = (
        (call_and_put, 0b110, (PRICE,) * n),
        (largest, 1 << 4, (1 - (1 << PRICE_BITS),) * n),
        (call_and_put, 0b1000, (-PRICE,) * n),
        (State(tuple(range(-6, n - 6)), 5), (1 << n) - 1, tuple(range(1, n + 1))),
    )
    return [expiry(*case) for case in cases]


def expiry(old: State, slots: int, prices: tuple[int, ...]) -> Inputs:
    at = SettlementPrices(prices)
    before, after = (KEYS.seal(each) for each in (old, expired_state(old, slots, at)))
    return expire_inputs(KEYS, before, expire_claim(before, after, slots, at), at)


def exits(n: int) -> list[Inputs]:
    """Of a part of quote, and of all of the most."""
    most = (1 << QUOTE_BITS) - 1
    made = []
    for quote, amount in ((1000, 10), (most, most)):
        before = KEYS.seal(state(n, quote))
        after = KEYS.seal(exited_state(before.state, amount))
        made.append(exit_inputs(owner_keys(), before, exit_claim(before, after, amount, 1 << 159)))
    return made


NEW_KEYS = OwnerKeys(987, 192837465 * BASE, HERE)


def rekeys(n: int) -> list[Inputs]:
    """Of balances on both sides, of an empty account, and of the limits."""
    limit = (1 << BALANCE_BITS) - 1
    extreme = State(tuple(limit if slot % 2 else -limit for slot in range(n)), (1 << QUOTE_BITS) - 1)
    found = []
    for held in (state(n, -7 * DOLLAR, b0=5 * ONE, b1=-ONE, last=-3), empty_state(n), extreme):
        before, after = KEYS.seal(held), ViewingKeys.of_owner(NEW_KEYS).seal(held)
        claim = rekey_claim(owner_keys(), before, NEW_KEYS, after)
        found.append(rekey_inputs(owner_keys(), before, NEW_KEYS, claim))
    return found  # type: ignore[return-value]


def releases(n: int) -> list[Inputs]:
    """A cure by a long and a short, an insolvent account, dust, and a part that is enough by its margin."""
    held = state(n, 0, b0=ONE, b3=10 * ONE, last=-20 * ONE)
    usd = 10**9
    round_ = terms(n, {0: (100 * usd, 10 * usd), 3: (1_000 * usd, 50 * usd), n - 1: (50 * usd, 5 * usd, 20 * usd)})
    some = Taking(held, part(n, {3: 6 * ONE, n - 1: -8 * ONE}), round_, taker=1 << 159)
    margin = some.facts.margin
    takings = (
        some.at_health(-margin * 4 // 10),
        some.but(taken=held.balances, uncovered_rate=500).at_equity(-1),
        some.but(taken=held.balances, rate=3_000).at_equity(margin // 2).with_limits(dust=margin),
        some.but(taken=part(n, {3: 2 * ONE})).at_equity(margin // 2).with_limits(least_amount=100 * DOLLAR, dust=0),
    )
    return [taking.with_bits().inputs() for taking in takings]  # type: ignore[misc]


UNPROVEN: Mapping[str, tuple[str, ...]] = {
    "open": ("keys.KeyAgreement", "ownerPoint"),  # divisions on the curve: docs/spec.md, ZS-50
    "update": (),
    "writeoff": (),
    "expire": (),
    "exit": (),
    "rekey": ("keys.KeyAgreement", "newOwnerPoint"),
    "release": ("reward",),  # a quotient: docs/spec.md, ZS-76
}
"""What the names of wires begin with that the audit cannot show to be unique."""

MADE = {
    "open": opens,
    "update": updates,
    "writeoff": writeoffs,
    "expire": expires,
    "exit": exits,
    "rekey": rekeys,
    "release": releases,
}
ALL = pytest.mark.parametrize("statement", list(MADE))


@dataclass(frozen=True)
class Audited:
    """A statement of one size, and valid witnesses of it."""

    r1cs: R1CS
    symbols: Symbols
    witnesses: list[Witness]

    @classmethod
    def of(cls, statement: StatementName, n: int, count: int, backend: AnyBackend) -> "Audited":
        circuit = compiled(statement, n)
        found = [Witness.parse(backend.witness(circuit, inputs)) for inputs in MADE[statement](n)[:count]]
        return cls(R1CS.load(circuit.r1cs), Symbols.load(circuit.sym), found)


def implied(statement: StatementName, it: Audited) -> set[int]:
    """Places of constraints that others imply: where no slot is long-only, the bits of longOnly are 0."""
    if "longOnly" in STATEMENTS[statement].public:
        return set()
    bits = {wire for name, wire in it.symbols.wires.items() if "AssertNoneShort" in name and "isLongOnly[" in name}
    return {
        place
        for place, (left, right, result) in enumerate(it.r1cs.constraints)
        if not result and set(left) <= bits and not set(right) & bits
    }


def signals(inputs: Inputs, **changes: int) -> Signals:
    """Public signals and state as the audit hands them to the reference."""
    texts = inputs | {name: str(to_field(value)) for name, value in changes.items()}  # type: ignore[operator]
    return {name: tuple(map(int, [v] if isinstance(v, str) else v)) for name, v in texts.items()}


@pytest.mark.full
@pytest.mark.parametrize(
    ("statement", "n", "witnesses", "effort"),
    [
        ("open", 13, 1, Effort(pairs=100, attacks=2)),
        ("update", 13, 1, Effort(pairs=100, attacks=2)),
        ("writeoff", 13, 1, Effort(pairs=100, attacks=2)),
        ("expire", 13, 1, Effort(pairs=100, attacks=2)),
        ("exit", 13, 1, Effort(pairs=100, attacks=2)),
        ("rekey", 13, 1, Effort(pairs=100, attacks=2)),
        ("release", 13, 1, Effort(pairs=100, attacks=2)),
        pytest.param("open", 13, 1, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("open", 28, 1, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
        pytest.param("update", 13, 4, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("update", 28, 2, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
        pytest.param("writeoff", 13, 3, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("writeoff", 28, 1, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
        pytest.param("expire", 13, 4, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("expire", 28, 2, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
        pytest.param("exit", 13, 2, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("exit", 28, 1, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
        pytest.param("rekey", 13, 3, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("rekey", 28, 1, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
        pytest.param("release", 13, 4, Effort(pairs=500, attacks=8), marks=pytest.mark.deep),
        pytest.param("release", 28, 2, Effort(pairs=500, attacks=4), marks=pytest.mark.deep),
    ],
)
def test_every_wire_is_determined_and_no_false_statement_is_accepted(
    statement: StatementName, n: int, witnesses: int, effort: Effort, backend: AnyBackend
) -> None:
    it = Audited.of(statement, n, witnesses, backend)
    declaration = transition_declaration(statement)
    report = audit(it.r1cs, it.symbols, it.witnesses, declaration, random.Random(1), effort)
    assert report.failures == ()
    assert report.sizes["witnesses"] == witnesses
    curve = [name for name in report.harmless if name not in ("recipient", "taker") and "quoteBits" not in name]
    assert all(name.startswith(UNPROVEN[statement]) for name in curve)
    inputs = len(it.r1cs.inputs) - sum(len(signals(MADE[statement](n)[0])[name]) for name in declaration.determined)
    assert report.sizes["wires proven unique"] == it.r1cs.wires - 1 - inputs - len(curve)


@pytest.mark.full
@pytest.mark.parametrize(
    ("n", "count"), [(13, 1), pytest.param(13, 6, marks=pytest.mark.deep), pytest.param(28, 2, marks=pytest.mark.deep)]
)
@ALL
def test_no_constraint_can_be_left_out(statement: StatementName, n: int, count: int, backend: AnyBackend) -> None:
    it = Audited.of(statement, n, 1, backend)
    declaration = transition_declaration(statement)
    skipped = implied(statement, it)
    assert len(skipped) == (0 if statement == "update" else n)
    needed = [place for place in range(len(it.r1cs.constraints)) if place not in skipped]
    for left_out in random.Random(n).sample(needed, count):
        noticed = audit_detects_removal(left_out, it.r1cs, it.symbols, it.witnesses, declaration, Effort(0, 3))
        assert noticed, f"constraint {left_out} can be left out"


class TestReference:
    """The reference that judges: it must be true of honest statements and of no lie."""

    @ALL
    def test_true_of_honest_statements(self, statement: StatementName) -> None:
        assert all(transition_declaration(statement).holds(signals(inputs)) for inputs in MADE[statement](N))

    @ALL
    def test_false_where_a_determined_signal_differs(self, statement: StatementName) -> None:
        declaration = transition_declaration(statement)
        honest = signals(MADE[statement](N)[0])
        for name in declaration.determined:
            changed = (honest[name][0] ^ 1, *honest[name][1:])
            assert not declaration.holds({**honest, name: changed}), name

    @pytest.mark.parametrize(
        "lie",
        [
            {"side": 0},
            {"side": 2},
            {"side": 3},
            {"isWithdrawal": 1},
            {"isWithdrawal": 2},
            {"transferAmount": -1},
            {"transferAsset": N + 1},
            {"tradeCost": -1},
            {"claim": 2},
            {"claim": 3},
            {"claim": 4},
            {"shrinks": 1},
            {"shrinks": 2},
            {"keepsCash": 1},
            {"keepsCash": 2},
            {"reduceOnly": 1 << 3},
            {"ownerSecret": 1},
            {"domain": 1},
            {"oldQuote": 0},
        ],
        ids=str,
    )
    def test_an_update_that_lies(self, lie: dict[str, int]) -> None:
        step = updates(N)[0]
        assert not transition_declaration("update").holds(signals(step, **lie))

    @pytest.mark.parametrize(
        "lie",
        [
            {"cured": 0},
            {"cured": 2},
            {"covered": 0},
            {"covered": 2},
            {"isSmall": 1},
            {"isSmall": 2},
            {"byAmount": 2},
            {"rate": 999},
            {"sellable": 1 << 3},
            {"bufferRate": 0},
            {"oldQuote": 0},
            {"ownerTag": 1},
            {"viewKey": 1},
            {"domain": 1},
            {"oldSalt": 1},
            {"ticketSalt": 1},
        ],
        ids=str,
    )
    def test_a_release_that_lies(self, lie: dict[str, int]) -> None:
        assert not transition_declaration("release").holds(signals(releases(N)[0], **lie))

    def test_a_release_of_another_part(self) -> None:
        honest, holds = signals(releases(N)[0]), transition_declaration("release").holds
        for slot in range(N):
            taken = tuple(amount + (place == slot) for place, amount in enumerate(honest["taken"]))
            assert not holds({**honest, "taken": taken})
        assert not holds({**honest, "taken": (0,) * N})

    @pytest.mark.parametrize(
        "refused",
        [
            {"rate": (10_001,)},
            {"uncoveredRate": (10_001,)},
            {"floorRate": (10_001,)},
            {"leastAmount": (0,)},
            {"dust": (1 << 150,)},
            {"shortExtra": (1 << PRICE_BITS,) * N},
            {"effectivePrice": (1 << PRICE_BITS,) * N},
            {"oldShorts": (1 << N,)},
        ],
        ids=str,
    )
    def test_a_release_that_is_refused_or_assumed_away_can_do_no_harm(self, refused: Signals) -> None:
        lie, holds = signals(releases(N)[0], newCommitment=5), transition_declaration("release").holds
        assert not holds(lie)
        assert holds({**lie, **refused})

    @pytest.mark.parametrize("signal", ["maintenanceShortExtra", "initialShortExtra", "maintenancePerUnit"])
    def test_margins_that_verifiers_refuse_can_do_no_harm(self, signal: str) -> None:
        lie = signals(updates(N)[0], newCommitment=5)
        holds = transition_declaration("update").holds
        assert not holds(lie)
        assert holds({**lie, signal: (1 << 64,) * N})

    @pytest.mark.parametrize(
        "refused", ["recipient", "oldShorts", "longOnly", "reduceOnly", "lambdaInitial", "lambdaMaintenance"]
    )
    def test_what_is_refused_or_assumed_away_can_do_no_harm(self, refused: str) -> None:
        lie = signals(updates(N)[0], newCommitment=5)
        holds = transition_declaration("update").holds
        assert not holds(lie)
        assert holds({**lie, refused: (1 << 161,)})

    @pytest.mark.parametrize("amount", [-1, -5, -(10**24), 1 << QUOTE_BITS])
    def test_a_writeoff_of_what_is_no_debt(self, amount: int) -> None:
        owner = KEYS.seal(state(N, -amount))
        committed = KEYS.open(owner.state, OLD_SALT).commitment
        honest = writeoffs(N)[0]
        lie = signals(honest, amount=amount, oldCommitment=0, oldSalt=OLD_SALT)
        assert not transition_declaration("writeoff").holds({**lie, "oldCommitment": (committed,)})

    @pytest.mark.parametrize(
        "lie",
        [
            {"slots": 0b010},
            {"slots": 0b110 | 1 << (N - 1)},
            {"slots": 1 << N},
            {"slots": -1},
            {"oldQuote": 0},
            {"ownerTag": 1},
            {"viewKey": 1},
            {"domain": 1},
            {"oldSalt": 1},
        ],
        ids=str,
    )
    def test_an_expiry_that_lies(self, lie: dict[str, int]) -> None:
        assert not transition_declaration("expire").holds(signals(expires(N)[0], **lie))

    def test_an_expiry_at_other_prices(self) -> None:
        honest, holds = signals(expires(N)[0]), transition_declaration("expire").holds
        for slot in range(N):
            prices = tuple(PRICE + (i == slot) for i in range(N))
            assert holds({**honest, "settlementPrice": prices}) == (slot not in (1, 2))

    def test_an_expiry_that_leaves_the_range_of_quote(self) -> None:
        lie = signals(expires(N)[1], oldQuote=1 - (1 << QUOTE_BITS))
        assert not transition_declaration("expire").holds(lie)

    @pytest.mark.parametrize("refused", [{"settlementPrice": (1 << PRICE_BITS,) * N}, {"oldShorts": (1 << N,)}])
    def test_an_expiry_that_is_refused_or_assumed_away_can_do_no_harm(self, refused: Signals) -> None:
        lie, holds = signals(expires(N)[0], newCommitment=5), transition_declaration("expire").holds
        assert not holds(lie)
        assert holds({**lie, **refused})

    @pytest.mark.parametrize(
        "lie",
        [
            {"amount": 0},
            {"amount": 9},
            {"amount": 1001},
            {"amount": -10},
            {"amount": 1 << QUOTE_BITS},
            {"oldQuote": 1001},
            {"ownerSecret": 1},
            {"viewKey": 1},
            {"domain": 1},
            {"oldSalt": 1},
        ],
        ids=str,
    )
    def test_an_exit_that_lies(self, lie: dict[str, int]) -> None:
        assert not transition_declaration("exit").holds(signals(exits(N)[0], **lie))

    @pytest.mark.parametrize("refused", ["recipient", "oldQuote"])
    def test_an_exit_that_is_refused_or_assumed_away_can_do_no_harm(self, refused: str) -> None:
        lie, holds = signals(exits(N)[0], newCommitment=5), transition_declaration("exit").holds
        assert not holds(lie)
        assert holds({**lie, refused: (1 << 161,)})

    def test_an_account_of_no_owner_or_guardian(self) -> None:
        honest = signals(opens(N)[0])
        holds = transition_declaration("open").holds
        for secret in (0, SUBGROUP_ORDER, owner_keys().owner_secret + SUBGROUP_ORDER):
            assert not holds({**honest, "ownerSecret": (secret,)})
        other = owner_point(42)
        for point in ((0, 1), (0, SCALAR_MODULUS - 1), (1, 1), (other.x, other.y)):
            assert not holds({**honest, "guardianPoint": point})

    @pytest.mark.parametrize(
        "lie",
        [
            {"oldOwnerSecret": 1},
            {"oldViewKey": 1},
            {"oldSalt": 1},
            {"newOwnerSecret": 0},
            {"newOwnerSecret": NEW_KEYS.owner_secret + SUBGROUP_ORDER},
            {"newOwnerSecret": SUBGROUP_ORDER - NEW_KEYS.owner_secret},
            {"domain": 1},
            {"quote": 0},
            {"quote": 1 << QUOTE_BITS},
            {"rho": 1},
        ],
        ids=str,
    )
    def test_a_rekey_that_lies(self, lie: dict[str, int]) -> None:
        assert not transition_declaration("rekey").holds(signals(rekeys(N)[0], **lie))

    def test_a_rekey_of_another_state_or_to_no_guardian(self) -> None:
        honest = signals(rekeys(N)[0])
        holds = transition_declaration("rekey").holds
        for slot in range(N):
            balance = [*honest["balance"]]
            balance[slot] += 1
            assert not holds({**honest, "balance": tuple(balance)})
        for point in ((0, 1), (0, SCALAR_MODULUS - 1), (1, 1)):
            assert not holds({**honest, "newGuardianPoint": point})
        too_much = State((1 << BALANCE_BITS, *[0] * (N - 1)), 0)
        before, after = KEYS.seal(too_much), ViewingKeys.of_owner(NEW_KEYS).seal(too_much)
        claim = rekey_claim(owner_keys(), before, NEW_KEYS, after)
        assert not holds(signals(rekey_inputs(owner_keys(), before, NEW_KEYS, claim)))  # type: ignore[arg-type]

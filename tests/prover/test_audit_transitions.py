"""The audit of `open`, `update` and `writeoff`: clean, and no longer clean once a constraint is taken out."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from book_circuits import compiled
from steps import DOLLAR, OLD_SALT, ONE, PRICE, Step, owner_keys, owner_point, risk, state

from prover._babyjubjub import SUBGROUP_ORDER
from prover._book_statements import empty_state, open_inputs, writeoff_inputs
from prover._r1cs import R1CS
from prover._sealed import ViewingKeys
from prover._symbols import Symbols
from prover._witness import Witness
from prover.audit import Effort, Signals, audit
from prover.audit._transitions import transition_declaration
from prover.toolchain import AnyBackend
from verifier import SCALAR_MODULUS, BookStatement, to_field

N = 13
KEYS = ViewingKeys.of_owner(owner_keys())
LITTLE = Effort(pairs=500, attacks=8)
Inputs = Mapping[str, str | list[str]]


def updates() -> list[Inputs]:
    """With and without trade and transfer, and by either rule on risk."""
    rich = Step(state(N, 10**6 * DOLLAR, b0=5 * ONE, b3=ONE, last=-ONE), risk(N))
    below = Step(state(N, -46_000 * DOLLAR, b4=ONE), risk(N))
    steps = (
        rich.but(side=1, trade=(3, ONE // 3, PRICE), transfer=(0, ONE), recipient=1 << 159),
        below.but(claim=2, reduces=1),
    )
    return [step.inputs() for step in steps]  # type: ignore[misc]


def writeoffs() -> list[Inputs]:
    empty = KEYS.seal(empty_state(N))
    return [writeoff_inputs(KEYS, KEYS.seal(state(N, -(10**24))), empty)]  # type: ignore[list-item]


def opens() -> list[Inputs]:
    return [open_inputs(owner_keys(), KEYS.seal(empty_state(N)))]  # type: ignore[list-item]


MADE = {"open": opens, "update": updates, "writeoff": writeoffs}


def witnesses(statement: BookStatement, backend: AnyBackend) -> list[Witness]:
    circuit = compiled(statement, N)
    return [Witness.parse(backend.witness(circuit, inputs)) for inputs in MADE[statement]()]


def signals(inputs: Inputs, **changes: int) -> Signals:
    """Public signals and state as the audit hands them to the reference."""
    texts = inputs | {name: str(to_field(value)) for name, value in changes.items()}  # type: ignore[operator]
    return {name: tuple(map(int, [v] if isinstance(v, str) else v)) for name, v in texts.items()}


@pytest.mark.full
@pytest.mark.parametrize(
    ("statement", "unproven"),
    [
        ("update", ()),
        ("writeoff", ()),
        ("open", ("KeyAgreement", "ownerPoint")),  # divisions on the curve: docs/spec-book.md, ZS-50
    ],
)
def test_every_wire_is_determined_and_no_false_statement_is_accepted(
    statement: BookStatement, unproven: tuple[str, ...], backend: AnyBackend
) -> None:
    circuit = compiled(statement, N)
    r1cs, symbols = R1CS.load(circuit.r1cs), Symbols.load(circuit.sym)
    declaration = transition_declaration(statement)
    report = audit(r1cs, symbols, witnesses(statement, backend), declaration, random.Random(1), LITTLE)
    assert report.failures == ()
    curve = [name for name in report.harmless if name != "recipient" and "quoteBits" not in name]
    assert all(name.startswith(unproven) for name in curve)
    inputs = len(r1cs.inputs) - sum(len(signals(MADE[statement]()[0])[name]) for name in declaration.determined)
    assert report.sizes["wires proven unique"] == r1cs.wires - 1 - inputs - len(curve)


@pytest.mark.full
@pytest.mark.parametrize("statement", ["update"])
def test_no_constraint_can_be_left_out(statement: BookStatement, backend: AnyBackend) -> None:
    circuit = compiled(statement, N)
    r1cs, symbols = R1CS.load(circuit.r1cs), Symbols.load(circuit.sym)
    base = witnesses(statement, backend)[:1]
    for left_out in random.Random(3).sample(range(len(r1cs.constraints)), 2):
        rest = [row for index, row in enumerate(r1cs.constraints) if index != left_out]
        lessened = replace(r1cs, constraints=rest)
        report = audit(lessened, symbols, base, transition_declaration(statement), random.Random(1), Effort(0, 3))
        assert report.failures, f"constraint {left_out} can be left out"


class TestReference:
    """The reference that judges: it must be true of honest statements and of no lie."""

    @pytest.mark.parametrize("statement", ["open", "update", "writeoff"])
    def test_true_of_honest_statements(self, statement: BookStatement) -> None:
        assert all(transition_declaration(statement).holds(signals(inputs)) for inputs in MADE[statement]())

    @pytest.mark.parametrize("statement", ["open", "update", "writeoff"])
    def test_false_where_a_determined_signal_differs(self, statement: BookStatement) -> None:
        declaration = transition_declaration(statement)
        honest = signals(MADE[statement]()[0])
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
            {"tradeAsset": N},
            {"tradeSize": -1},
            {"claim": 2},
            {"claim": 3},
            {"reducesRisk": 2},
            {"ownerSecret": 1},
            {"domain": 1},
            {"oldQuote": 0},
        ],
        ids=str,
    )
    def test_an_update_that_lies(self, lie: dict[str, int]) -> None:
        step = updates()[0]
        assert not transition_declaration("update").holds(signals(step, **lie))

    @pytest.mark.parametrize("refused", ["recipient", "oldShorts", "spotAssets"])
    def test_what_is_refused_or_assumed_away_can_do_no_harm(self, refused: str) -> None:
        lie = signals(updates()[0], newCommitment=5)
        holds = transition_declaration("update").holds
        assert not holds(lie)
        assert holds({**lie, refused: (1 << 161,)})

    @pytest.mark.parametrize("amount", [0, -5, -(10**24)])
    def test_a_writeoff_of_no_debt(self, amount: int) -> None:
        owner = KEYS.seal(state(N, -amount))
        committed = KEYS.commit(owner.state, OLD_SALT)
        honest = writeoffs()[0]
        lie = signals(honest, amount=amount, oldCommitment=0, oldSalt=OLD_SALT)
        assert not transition_declaration("writeoff").holds({**lie, "oldCommitment": (committed,)})

    def test_an_account_of_no_owner_or_guardian(self) -> None:
        honest = signals(opens()[0])
        holds = transition_declaration("open").holds
        for secret in (0, SUBGROUP_ORDER, owner_keys().owner_secret + SUBGROUP_ORDER):
            assert not holds({**honest, "ownerSecret": (secret,)})
        other = owner_point(42)
        for point in ((0, 1), (0, SCALAR_MODULUS - 1), (1, 1), (other.x, other.y)):
            assert not holds({**honest, "guardianPoint": point})

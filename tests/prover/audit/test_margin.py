"""The audit of `margin` and `margin-lean`: clean, and no longer clean once any constraint is taken out."""

import random
from collections.abc import Mapping

import pytest
from on_demand import compiled_circuits
from removed_constraint import audit_detects_removal
from states import BLIND, Attempt
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX, Case

from prover.audit import Effort, Signals, audit, margin_declaration
from prover.formats import R1CS, Symbols, Witness
from prover.toolchain import AnyBackend, CompiledCircuit
from verifier import SCALAR_MODULUS, MarginsPerUnit, StatementName, to_field

LITTLE = Effort(pairs=500, attacks=40)


def attempts(n: int) -> list[Attempt]:
    """Everyday, on the line, empty, and at the limits with margins that no price explains."""
    rng = random.Random(n)

    def some(limit: int) -> tuple[int, ...]:
        return tuple(rng.randint(0, limit) for _ in range(n))

    balances = tuple((-1, 1, 0)[slot % 3] * rng.randint(1, 1 << 50) for slot in range(n))
    margins = MarginsPerUnit(some(1 << 44), some(1 << 44))
    everyday = Attempt(Case(some(1 << 47), margins, balances, 10**30), recipient=1 << 159)
    signs = [rng.choice([-1, 1]) for _ in range(n)]
    halves = MarginsPerUnit((PRICE_MAX // 2,) * n, (PRICE_MAX - PRICE_MAX // 2,) * n)
    limits = Case((PRICE_MAX,) * n, halves, tuple(sign * BALANCE_MAX for sign in signs), -QUOTE_MAX)
    return [
        everyday,
        everyday.with_state(balances, everyday.case.quote - everyday.health),  # health 0
        everyday.with_state((0,) * n, 0),
        Attempt(limits),
    ]


def signals(attempt: Attempt, **changes: int) -> Signals:
    """Public signals and state as the audit hands them to the reference."""
    inputs = attempt.inputs() | {name: str(to_field(value)) for name, value in changes.items()}
    return {name: tuple(map(int, [v] if isinstance(v, str) else v)) for name, v in inputs.items()}


@pytest.fixture(scope="module")
def circuits() -> Mapping[str, CompiledCircuit]:
    return compiled_circuits()


def witnesses_of(circuit: CompiledCircuit, backend: AnyBackend) -> list[Witness]:
    return [Witness.parse(backend.witness(circuit, attempt.inputs())) for attempt in attempts(circuit.instance.n)]


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "effort"),
    [
        ("margin-13", LITTLE),
        ("margin-lean-13", LITTLE),
        pytest.param("margin-13", Effort(pairs=10_000, attacks=60), marks=pytest.mark.deep),
        pytest.param("margin-lean-13", Effort(pairs=10_000, attacks=60), marks=pytest.mark.deep),
        pytest.param("margin-28", Effort(pairs=5_000, attacks=40), marks=pytest.mark.deep),
        pytest.param("margin-lean-28", Effort(pairs=5_000, attacks=25), marks=pytest.mark.deep),
    ],
)
def test_every_wire_is_determined_and_no_false_statement_is_accepted(
    name: str, effort: Effort, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    circuit = circuits[name]
    r1cs, symbols = R1CS.load(circuit.r1cs), Symbols.load(circuit.sym)
    declaration = margin_declaration(circuit.instance.statement)
    witnesses = witnesses_of(circuit, backend)
    report = audit(r1cs, symbols, witnesses, declaration, random.Random(1), effort)
    assert report.failures == ()
    assert set(report.harmless) == {"recipient"}

    n, lean = circuit.instance.n, name.startswith("margin-lean")
    inputs = 4 * n + 3 + lean  # recipient, e, d, x, balance, quote, blind; shorts too where the state is trusted
    assert report.sizes["wires proven unique"] == r1cs.wires - 1 - inputs
    # Sign bits are bits in both; balances and quote are made of bits in `margin` alone. Then commitment and health
    # each stop one direction of the n + 2 that are left.
    assert report.sizes["hidden directions (largest)"] == (n if lean else 0)
    assert {"balance", "blind", "commitment", "effectivePrice", "healthy", "quote"} <= set(report.other_statements)


@pytest.mark.full
@pytest.mark.parametrize("count", [2, pytest.param(8, marks=pytest.mark.deep)])
@pytest.mark.parametrize("name", ["margin-13", "margin-lean-13"])
def test_no_constraint_can_be_left_out(
    name: str, count: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    circuit = circuits[name]
    r1cs, symbols = R1CS.load(circuit.r1cs), Symbols.load(circuit.sym)
    declaration = margin_declaration(circuit.instance.statement)
    witnesses = witnesses_of(circuit, backend)[:1]
    for left_out in random.Random(3).sample(range(len(r1cs.constraints)), count):
        noticed = audit_detects_removal(left_out, r1cs, symbols, witnesses, declaration, LITTLE)
        assert noticed, f"constraint {left_out} can be left out"


@pytest.mark.parametrize("statement", ["margin", "margin-lean"])
class TestReference:
    """The reference that judges: it must be true of honest statements and of no lie."""

    def test_true_of_honest_statements(self, statement: StatementName) -> None:
        assert all(margin_declaration(statement).holds(signals(attempt)) for attempt in attempts(13))

    @pytest.mark.parametrize("number", range(4))
    def test_false_of_another_side_or_commitment(self, statement: StatementName, number: int) -> None:
        attempt = attempts(13)[number]
        holds = margin_declaration(statement).holds
        honest = signals(attempt)
        for healthy in {0, 1, 2, -1} - {honest["healthy"][0]}:
            assert not holds(signals(attempt, healthy=healthy))
        assert not holds(signals(attempt, commitment=5))
        assert not holds(signals(attempt, blind=BLIND + 1))

    def test_an_invalid_state_is_a_lie_only_where_the_state_is_not_taken_on_trust(
        self, statement: StatementName
    ) -> None:
        attempt = attempts(13)[0]
        wrong_bit = attempt.but(shorts=attempt.honest_shorts() ^ 1)
        too_large = attempt.with_state((1 << 80, *attempt.case.balances[1:]), 0)
        too_much_quote = attempt.with_state(attempt.case.balances, 1 << 144)
        for invalid in (wrong_bit, too_large, too_much_quote):
            assert margin_declaration(statement).holds(signals(invalid)) == (statement == "margin-lean")

    @pytest.mark.parametrize(
        "refused",
        [
            {"recipient": (1 << 160,)},
            {"effectivePrice": (1 << 64,) * 13},
            {"effectivePrice": (SCALAR_MODULUS - (1 << 64),) * 13},
            {"marginPerUnit": (1 << 64,) * 13},
            {"shortExtra": (1 << 64,) * 13},
            {"marginPerUnit": (1 << 63,) * 13, "shortExtra": (1 << 63,) * 13},
        ],
        ids=lambda refused: next(iter(refused)),
    )
    def test_what_verifiers_refuse_can_do_no_harm(
        self, statement: StatementName, refused: dict[str, tuple[int, ...]]
    ) -> None:
        lie = signals(attempts(13)[0], commitment=5)
        holds = margin_declaration(statement).holds
        assert not holds(lie)
        assert holds({**lie, **refused})

"""Circuits that each hold one mistake found in the wild: the audit catches it, by the check that is named here."""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from prover import poseidon
from prover.audit import AuditReport, Check, Declaration, Effort, Signals, audit
from prover.formats import R1CS, Symbols, Witness
from prover.toolchain import AnyBackend, CircuitInstance, cache_dir
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import SCALAR_MODULUS, from_field

pytestmark = pytest.mark.full

BAD = Path(__file__).parents[2] / "circuits" / "bad"


@dataclass(frozen=True)
class Mistake:
    """A circuit in tests/circuits/bad, what it should mean, valid inputs, and what must be found."""

    template: str
    declaration: Declaration
    inputs: dict[str, str | list[str]]
    found: tuple[tuple[Check, str], ...]
    clean: frozenset[Check] = frozenset()


def at_least(signals: Signals) -> bool:
    """healthy = 1 exactly when equity >= margin, as unsigned integers."""
    return signals["healthy"][0] == (signals["equity"][0] >= signals["margin"][0])


MISTAKES = {
    "missing-bit": Mistake(
        "MissingBit",
        Declaration(
            public=("healthy", "health"),
            state=(),
            determined=("healthy",),
            holds=lambda s: s["healthy"][0] == (from_field(s["health"][0]) >= 0),
        ),
        {"health": "5"},
        ((Check.UNIQUENESS, "digit[3]"), (Check.MUTATION, "digit[3]"), (Check.ATTACK, "digit[3]")),
        clean=frozenset({Check.STRUCTURE, Check.JACOBIAN}),
    ),
    "free-hint": Mistake(
        "FreeHint",
        Declaration(
            public=("margin", "fee", "price"),
            state=("size",),
            determined=("margin", "fee"),
            holds=lambda s: s["margin"][0] == s["size"][0] * s["price"][0] % SCALAR_MODULUS,
        ),
        {"size": "5", "price": "7"},
        tuple((check, "margin") for check in (Check.STRUCTURE, Check.MUTATION, Check.JACOBIAN, Check.UNIQUENESS)),
    ),
    "free-inverse": Mistake(
        "FreeInverse",
        Declaration(
            public=("isDebtFree", "debt"),
            state=(),
            determined=("isDebtFree",),
            holds=lambda s: s["isDebtFree"][0] == (s["debt"][0] == 0),
        ),
        {"debt": "5"},
        (
            (Check.JACOBIAN, "isDebtFree"),
            (Check.UNIQUENESS, "inverse"),
            (Check.MUTATION, "inverse"),
            (Check.ATTACK, "inverse"),
        ),
        clean=frozenset({Check.STRUCTURE}),
    ),
    # Every wire is unique here and nothing can drift: what is wrong is the meaning, and only the reference knows it.
    "field-ratio": Mistake(
        "FieldRatio",
        Declaration(("healthy", "margin"), ("equity",), ("healthy",), at_least),
        {"equity": "14", "margin": "7"},
        ((Check.ATTACK, "equity"),),
        clean=frozenset({Check.STRUCTURE, Check.JACOBIAN, Check.UNIQUENESS, Check.MUTATION}),
    ),
    "unranged-comparator": Mistake(
        "UnrangedComparator",
        Declaration(("healthy", "margin"), ("equity",), ("healthy",), at_least),
        {"equity": "14", "margin": "7"},
        ((Check.ATTACK, "equity"),),
        clean=frozenset({Check.STRUCTURE, Check.JACOBIAN, Check.UNIQUENESS}),
    ),
    "free-equity": Mistake(
        "FreeEquity",
        Declaration(
            public=("healthy", "commitment"),
            state=("balance", "equity"),
            determined=("healthy", "commitment"),
            holds=lambda s: s["healthy"][0] == (sum(map(from_field, s["balance"])) >= 0),
        ),
        {"commitment": str(poseidon([3, 4])), "balance": ["3", "4"], "equity": "7"},
        ((Check.STRUCTURE, "equity"), (Check.ATTACK, "equity")),
        clean=frozenset({Check.JACOBIAN, Check.UNIQUENESS}),
    ),
    "unused-public": Mistake(
        "UnusedPublic",
        Declaration(("image", "recipient"), ("secret",), ("image",), lambda s: True),
        {"recipient": "3", "secret": "4"},
        ((Check.STRUCTURE, "recipient"),),
    ),
    "self-binding": Mistake(
        "SelfBinding",
        Declaration(
            public=("grown", "commitment"),
            state=("balance",),
            determined=("grown", "commitment"),
            holds=lambda s: s["commitment"][0] == poseidon([s["balance"][0]]),
        ),
        {"commitment": str(poseidon([3])), "balance": "3"},
        tuple(
            (check, "commitment")
            for check in (Check.STRUCTURE, Check.MUTATION, Check.JACOBIAN, Check.UNIQUENESS, Check.ATTACK)
        ),
    ),
    # No change of one wire or two shows the second decomposition: the proof of uniqueness that fails does.
    "aliased-bits": Mistake(
        "AliasedBits",
        Declaration(("isOdd", "value"), (), ("isOdd",), lambda s: s["isOdd"][0] == s["value"][0] % 2),
        {"value": "3"},
        ((Check.UNIQUENESS, "bits.out[1]"),),
        clean=frozenset({Check.STRUCTURE, Check.JACOBIAN, Check.MUTATION}),
    ),
}


@pytest.fixture(scope="module")
def cache() -> Cache:
    """Kept between runs, apart from what users build."""
    return Cache(cache_dir() / "tests")


@pytest.fixture(params=MISTAKES)
def audited(request: pytest.FixtureRequest, cache: Cache, backend: AnyBackend) -> tuple[Mistake, AuditReport]:
    mistake = MISTAKES[request.param]
    outputs = mistake.declaration.public[:-1]
    instance = CircuitInstance(
        name=request.param,
        file=f"{request.param}.circom",
        template=mistake.template,
        params=(),
        public=mistake.declaration.public[len(outputs) :],
        statement="margin",
        n=1,
    )
    circuit = compile_instance(instance, BAD, cache)
    witness = Witness.parse(backend.witness(circuit, mistake.inputs))
    system, symbols = R1CS.load(circuit.r1cs), Symbols.load(circuit.sym)
    return mistake, audit(system, symbols, [witness], mistake.declaration, random.Random(1), Effort(200, 50))


def test_the_mistake_is_caught_by_the_checks_that_can_see_it(audited: tuple[Mistake, AuditReport]) -> None:
    mistake, report = audited
    found = {(finding.check, name) for finding in report.failures for name in finding.wires}
    assert found >= set(mistake.found)
    assert not {check for check, _ in found} & mistake.clean


def test_no_bad_circuit_is_forgotten() -> None:
    assert {path.stem for path in BAD.glob("*.circom")} == set(MISTAKES)

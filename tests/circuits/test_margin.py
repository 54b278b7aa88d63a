"""`margin` and `margin-lean` against the reference: valid, boundary and invalid states (spec ZS-12, ZS-21)."""

import json
import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from on_demand import OnDemand, compiled_circuits
from states import Attempt
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX, Case

from prover.formats import R1CS, Witness
from prover.toolchain import AnyBackend, CompiledCircuit
from verifier import SCALAR_MODULUS, MarginsPerUnit, ProvingError

pytestmark = pytest.mark.full

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "margin.json").read_text())
NAMES = [
    "margin-13",
    "margin-lean-13",
    pytest.param("margin-28", marks=pytest.mark.deep),
    pytest.param("margin-lean-28", marks=pytest.mark.deep),
]


@pytest.fixture(scope="module")
def circuits() -> Mapping[str, CompiledCircuit]:
    return compiled_circuits()


@pytest.fixture(scope="module")
def systems(circuits: Mapping[str, CompiledCircuit]) -> Mapping[str, R1CS]:
    return OnDemand(lambda name: R1CS.load(circuits[name].r1cs))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=NAMES[::2])
def validating(request: pytest.FixtureRequest) -> str:
    return request.param


def size_of(name: str) -> int:
    return int(name.rsplit("-", 1)[1])


def some_attempt(name: str, seed: int = 1) -> Attempt:
    """A realistic state on the healthy side, with long, short and zero balances."""
    n, rng = size_of(name), random.Random(seed)
    balances = [(-1, 1, 0)[i % 3] * rng.randint(1, 10**12) for i in range(n)]
    prices = tuple(rng.randint(10**8, 10**14) for _ in range(n))
    extras = tuple(price // 10 if i % 2 else 0 for i, price in enumerate(prices))
    margins = MarginsPerUnit(tuple(price // 20 for price in prices), extras)
    attempt = Attempt(Case(prices, margins, tuple(balances), 10**30))
    assert attempt.health > 0
    return attempt


def refuses(backend: AnyBackend, circuit: CompiledCircuit, attempt: Attempt) -> str:
    with pytest.raises(ProvingError) as caught:
        backend.witness(circuit, attempt.inputs())
    return str(caught.value)


def test_agrees_with_the_reference_on_the_shared_vectors(
    name: str, circuits: Mapping[str, CompiledCircuit], systems: Mapping[str, R1CS], backend: AnyBackend
) -> None:
    attempts = [Attempt.of_vector(v) for v in VECTORS if v["n"] == size_of(name)]
    assert len(attempts) > 15
    for attempt in attempts:
        witness = Witness.parse(backend.witness(circuits[name], attempt.inputs()))
        assert not list(systems[name].violated(witness.values))
        refuses(backend, circuits[name], attempt.but(healthy=int(attempt.health < 0)))


@pytest.mark.parametrize(
    ("instance", "count"),
    [
        ("margin-13", 60),
        ("margin-lean-13", 20),
        pytest.param("margin-lean-13", 50, marks=pytest.mark.deep),
        pytest.param("margin-13", 450, marks=pytest.mark.deep),
        pytest.param("margin-28", 50, marks=pytest.mark.deep),
    ],
)
def test_agrees_with_the_reference_on_random_states(
    instance: str, count: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    rng, n, sides = random.Random(count), size_of(instance), set()

    def any_of(limit: int) -> int:
        return rng.choice(
            [0, limit, rng.randint(0, limit), rng.randint(0, 1 << rng.randint(0, limit.bit_length() - 1))]
        )

    def signs(values: list[int]) -> tuple[int, ...]:
        return tuple(rng.choice([-1, 1]) * v for v in values)

    for _ in range(count):
        short = [any_of(PRICE_MAX) for _ in range(n)]
        long = [rng.choice([0, whole, rng.randint(0, whole)]) for whole in short]
        case = Case(
            signs([any_of(PRICE_MAX) for _ in range(n)]),
            MarginsPerUnit(tuple(long), tuple(whole - d for whole, d in zip(short, long, strict=True))),
            signs([any_of(BALANCE_MAX) for _ in range(n)]),
            rng.choice([-1, 1]) * any_of(QUOTE_MAX),
        )
        attempt = Attempt(case)
        sides.add(attempt.health >= 0)
        backend.witness(circuits[instance], attempt.inputs())  # proves the reference's verdict
    assert sides == {True, False}


@pytest.mark.parametrize("distance", [-1, 0, 1])
def test_the_line_is_exact(
    name: str, distance: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(name)
    quote = attempt.case.quote - attempt.health + distance
    attempt = attempt.with_state(attempt.case.balances, quote)
    assert attempt.health == distance
    backend.witness(circuits[name], attempt.but(healthy=int(distance >= 0)).inputs())
    refuses(backend, circuits[name], attempt.but(healthy=int(distance < 0)))


@pytest.mark.parametrize(("balance", "needed"), [(-2, 24), (-1, 12), (0, 0), (1, 7), (2, 14)])
def test_each_side_needs_its_own_margin(
    name: str, balance: int, needed: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    """d = 7, x = 5, e = 0: a long unit needs 7, a short one 12; one unit of quote less is too little."""
    n = size_of(name)
    margins = MarginsPerUnit((7,) * n, (5,) * n)
    for slot in (0, n - 1):
        balances = tuple(balance if index == slot else 0 for index in range(n))
        enough = Attempt(Case((0,) * n, margins, balances, needed))
        assert enough.health == 0
        backend.witness(circuits[name], enough.but(healthy=1).inputs())
        refuses(backend, circuits[name], enough.but(healthy=0))
        lacking = enough.with_state(balances, needed - 1)
        backend.witness(circuits[name], lacking.but(healthy=0).inputs())
        refuses(backend, circuits[name], lacking.but(healthy=1))


def test_the_largest_margins_of_either_side_do_not_wrap(
    name: str, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    """All of d + x in d, and all of it in x: the largest terms that there are."""
    n = size_of(name)
    for long in (PRICE_MAX, 0):
        margins = MarginsPerUnit((long,) * n, (PRICE_MAX - long,) * n)
        for sign in (-1, 1):
            for e in (-PRICE_MAX, PRICE_MAX):
                attempt = Attempt(Case((e,) * n, margins, (sign * BALANCE_MAX,) * n, sign * QUOTE_MAX))
                backend.witness(circuits[name], attempt.inputs())
                refuses(backend, circuits[name], attempt.but(healthy=int(attempt.health < 0)))


@pytest.mark.parametrize("wire", ["shortExtra", "marginPerUnit"])
def test_no_witness_holds_for_another_margin(
    name: str,
    wire: str,
    circuits: Mapping[str, CompiledCircuit],
    systems: Mapping[str, R1CS],
    backend: AnyBackend,
) -> None:
    """A witness of which one margin alone is changed: a constraint holds it wherever an account is short (x), or holds
    anything (d)."""
    n, attempt = size_of(name), some_attempt(name)
    witness = Witness.parse(backend.witness(circuits[name], attempt.inputs()))
    first = 1 + 3 + n * (2 if wire == "shortExtra" else 1)
    for slot, balance in enumerate(attempt.case.balances):
        values = list(witness.values)
        values[first + slot] += 1
        matters = balance < 0 if wire == "shortExtra" else balance != 0
        assert bool(list(systems[name].violated(values))) == matters, slot


@pytest.mark.parametrize("healthy", [2, SCALAR_MODULUS - 1])
def test_healthy_is_a_bit(
    name: str, healthy: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    inputs = some_attempt(name).inputs() | {"healthy": str(healthy)}
    with pytest.raises(ProvingError):
        backend.witness(circuits[name], inputs)


def test_refuses_another_commitment(name: str, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend) -> None:
    message = refuses(backend, circuits[name], some_attempt(name).but(commitment=1))
    assert "Margin" in message


def test_refuses_a_bitmap_beyond_the_book(
    name: str, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(name)
    refuses(backend, circuits[name], attempt.but(shorts=attempt.honest_shorts() + (1 << size_of(name))))


@pytest.mark.parametrize("balance", [-BALANCE_MAX, -1, 0, 1, BALANCE_MAX])
@pytest.mark.parametrize("slot", [0, -1])
def test_accepts_balances_at_the_limits(
    validating: str, slot: int, balance: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(validating)
    balances = list(attempt.case.balances)
    balances[slot] = balance
    backend.witness(circuits[validating], attempt.with_state(balances, attempt.case.quote).inputs())


@pytest.mark.parametrize("balance", [-(1 << 80), 1 << 80, -(1 << 80) - 1, 1 << 200, SCALAR_MODULUS // 2])
def test_refuses_balances_beyond_the_limits_in_every_slot(
    validating: str, balance: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(validating)
    for slot in range(size_of(validating)):
        balances = list(attempt.case.balances)
        balances[slot] = balance
        broken = attempt.with_state(balances, attempt.case.quote)
        for healthy in (0, 1):
            refuses(backend, circuits[validating], broken.but(healthy=healthy))


def test_refuses_each_sign_bit_flipped(
    validating: str, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(validating)
    for slot in range(size_of(validating)):  # long, short and zero balances all occur
        flipped = attempt.but(shorts=attempt.honest_shorts() ^ (1 << slot))
        for healthy in (0, 1):
            refuses(backend, circuits[validating], flipped.but(healthy=healthy))


@pytest.mark.parametrize("quote", [-QUOTE_MAX, -1, 0, 1, QUOTE_MAX])
def test_accepts_quotes_at_the_limits(
    validating: str, quote: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(validating)
    backend.witness(circuits[validating], attempt.with_state(attempt.case.balances, quote).inputs())


@pytest.mark.parametrize("quote", [-(1 << 144), 1 << 144, -(1 << 144) - 1, 1 << 151, SCALAR_MODULUS // 2])
def test_refuses_quotes_beyond_the_limits(
    validating: str, quote: int, circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    attempt = some_attempt(validating)
    broken = attempt.with_state(attempt.case.balances, quote)
    for healthy in (0, 1):
        refuses(backend, circuits[validating], broken.but(healthy=healthy))


def test_lean_trusts_the_state_and_so_is_only_for_validated_commitments(
    circuits: Mapping[str, CompiledCircuit], backend: AnyBackend
) -> None:
    """Spec ZS-22. For a commitment of unknown origin `margin-lean` proves a falsehood, so nothing accepts it there."""
    n = 13
    whole = MarginsPerUnit.of_both_sides([10**12] * n)
    poor = Attempt(Case((10**12,) * n, whole, (-(10**9),) * n, 10 * 10**21))
    assert poor.health < 0
    lying = poor.but(shorts=0, healthy=1)  # short balances declared long: margin counts as equity
    backend.witness(circuits["margin-lean-13"], lying.inputs())
    refuses(backend, circuits["margin-13"], lying)

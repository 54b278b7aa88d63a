"""Groth16 verification accepts what satisfies the equation and refuses the rest (spec ZS-31)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from simulated import SimulatedKey, g1, g2, off_subgroup_g2, rerandomised

from verifier import (
    BASE_MODULUS,
    SCALAR_MODULUS,
    G1Point,
    G2Point,
    Proof,
    VerificationError,
    VerifyingKey,
    verify,
)

SIGNALS = (5, 0, SCALAR_MODULUS - 1)


@pytest.fixture(scope="module")
def simulated() -> SimulatedKey:
    return SimulatedKey.generate(len(SIGNALS))


@pytest.fixture(scope="module")
def key(simulated: SimulatedKey) -> VerifyingKey:
    return simulated.verifying_key()


@pytest.fixture(scope="module")
def proof(simulated: SimulatedKey) -> Proof:
    return simulated.prove(SIGNALS)


def refusal(key: VerifyingKey, signals: tuple[int, ...], proof: Proof) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(key, signals, proof)
    return caught.value.reason


def test_accepts_a_valid_proof(key: VerifyingKey, proof: Proof) -> None:
    verify(key, SIGNALS, proof)


def test_accepts_a_rerandomised_proof(key: VerifyingKey, proof: Proof) -> None:
    other = rerandomised(proof)
    assert other != proof
    verify(key, SIGNALS, other)


@pytest.mark.parametrize("index", range(len(SIGNALS)))
def test_refuses_each_signal_perturbed(key: VerifyingKey, proof: Proof, index: int) -> None:
    signals = tuple((s + (i == index)) % SCALAR_MODULUS for i, s in enumerate(SIGNALS))
    assert refusal(key, signals, proof) == "proof-does-not-verify"


@pytest.mark.parametrize("index", range(len(SIGNALS)))
@pytest.mark.parametrize("shift", [SCALAR_MODULUS, -SCALAR_MODULUS])
def test_refuses_each_signal_shifted_by_r(key: VerifyingKey, proof: Proof, index: int, shift: int) -> None:
    signals = tuple(s + shift * (i == index) for i, s in enumerate(SIGNALS))
    assert refusal(key, signals, proof) == "signal-not-in-field"


@pytest.mark.parametrize("signals", [(), SIGNALS[:-1], (*SIGNALS, 0)])
def test_refuses_a_wrong_number_of_signals(key: VerifyingKey, proof: Proof, signals: tuple[int, ...]) -> None:
    assert refusal(key, signals, proof) == "wrong-number-of-signals"


def swap_a_and_c(p: Proof) -> Proof:
    return replace(p, a=p.c, c=p.a)


def negate_a(p: Proof) -> Proof:
    return replace(p, a=G1Point(p.a.x, BASE_MODULUS - p.a.y))


ALTERATIONS: dict[str, tuple[Callable[[Proof], Proof], str]] = {
    "A and C swapped": (swap_a_and_c, "proof-does-not-verify"),
    "A negated": (negate_a, "proof-does-not-verify"),
    "A off the curve": (lambda p: replace(p, a=G1Point(p.a.x, (p.a.y + 1) % BASE_MODULUS)), "point-not-on-curve"),
    "C off the curve": (lambda p: replace(p, c=G1Point(1, 1)), "point-not-on-curve"),
    "A at infinity, as (0, 0)": (lambda p: replace(p, a=G1Point(0, 0)), "point-not-on-curve"),
    "B off the curve": (lambda p: replace(p, b=G2Point(p.b.y, p.b.x)), "point-not-on-curve"),
    "B at infinity, as zeros": (lambda p: replace(p, b=G2Point((0, 0), (0, 0))), "point-not-on-curve"),
    "B outside the subgroup": (lambda p: replace(p, b=off_subgroup_g2()), "point-not-in-subgroup"),
    "x of A plus q": (lambda p: replace(p, a=G1Point(p.a.x + BASE_MODULUS, p.a.y)), "coordinate-not-in-field"),
    "y of B plus q": (
        lambda p: replace(p, b=G2Point(p.b.x, (p.b.y[0], p.b.y[1] + BASE_MODULUS))),
        "coordinate-not-in-field",
    ),
}


@pytest.mark.parametrize(("alter", "reason"), ALTERATIONS.values(), ids=ALTERATIONS)
def test_refuses_altered_points(key: VerifyingKey, proof: Proof, alter: Callable[[Proof], Proof], reason: str) -> None:
    assert refusal(key, SIGNALS, alter(proof)) == reason


def test_refuses_a_proof_under_another_key(proof: Proof) -> None:
    assert refusal(SimulatedKey.generate(3).verifying_key(), SIGNALS, proof) == "proof-does-not-verify"


def test_a_key_without_contribution_would_accept_the_forgery_that_it_is_refused_for(key: VerifyingKey) -> None:
    """Spec ZS-32."""
    bare = SimulatedKey.generate(3)
    bare = replace(bare, delta=bare.gamma)
    combination = bare.ic[0] + sum(s * i for s, i in zip(SIGNALS, bare.ic[1:], strict=True))
    forged = Proof(g1(bare.alpha), g2(bare.beta), g1(-combination))
    assert refusal(bare.verifying_key(), SIGNALS, forged) == "key-without-contribution"
    # the same forgery against the equation alone, with the check passed over
    blind = _WithoutContributionCheck(
        **{name: getattr(bare.verifying_key(), name) for name in key.__dataclass_fields__}
    )
    verify(blind, SIGNALS, forged)


class _WithoutContributionCheck(VerifyingKey):
    def require_contribution(self) -> None:
        """Pass over the check, to show what it prevents."""


@pytest.mark.parametrize("name", ["alpha", "beta", "gamma", "delta"])
def test_refuses_key_points_off_the_curve(key: VerifyingKey, proof: Proof, name: str) -> None:
    bad = G1Point(1, 1) if name == "alpha" else G2Point((1, 1), (1, 1))
    assert refusal(replace(key, **{name: bad}), SIGNALS, proof) == "point-not-on-curve"


def test_refuses_a_key_point_outside_the_subgroup(key: VerifyingKey, proof: Proof) -> None:
    assert refusal(replace(key, delta=off_subgroup_g2()), SIGNALS, proof) == "point-not-in-subgroup"

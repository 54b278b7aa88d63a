"""A Groth16 key whose trapdoor is known, so that proofs for any signals can be simulated without a circuit.

For tests of the equation and its checks only: what a proof means is tested on real circuits.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import py_ecc.optimized_bn128 as _bn128

from verifier import BASE_MODULUS, SCALAR_MODULUS, G1Point, G2Point, Proof, StatementName, VerifyingKey

bn128: Any = _bn128


def g1(scalar: int) -> G1Point:
    x, y = bn128.normalize(bn128.multiply(bn128.G1, scalar % SCALAR_MODULUS))
    return G1Point(int(x), int(y))


def g2(scalar: int) -> G2Point:
    x, y = bn128.normalize(bn128.multiply(bn128.G2, scalar % SCALAR_MODULUS))
    return G2Point(tuple(map(int, x.coeffs)), tuple(map(int, y.coeffs)))


def off_subgroup_g2() -> G2Point:
    """A point of the twist's curve that is not in the subgroup of order r."""
    for c0 in range(1, 200):
        x = bn128.FQ2([c0, 1])
        y = _square_root(x * x * x + bn128.b2)
        if y is not None and not bn128.is_inf(bn128.multiply((x, y, bn128.FQ2.one()), SCALAR_MODULUS)):
            return G2Point(tuple(map(int, x.coeffs)), tuple(map(int, y.coeffs)))
    raise AssertionError("no such point among 200 candidates")


def _square_root(value: Any) -> Any:
    """A root in FQ2 = FQ[u] / (u^2 + 1) when there is one, by the complex method."""
    c0, c1 = map(int, value.coeffs)
    half = pow(2, -1, BASE_MODULUS)
    norm = _base_root(c0 * c0 + c1 * c1)
    for sign in (1, -1):
        x0 = _base_root((c0 + sign * norm) * half) if norm else 0
        if x0:
            root = bn128.FQ2([x0, c1 * half * pow(x0, -1, BASE_MODULUS) % BASE_MODULUS])
            if root * root == value:
                return root
    return None


def _base_root(value: int) -> int:
    """A root modulo q, which is 3 mod 4; 0 when there is none."""
    root = pow(value, (BASE_MODULUS + 1) // 4, BASE_MODULUS)
    return root if (root * root - value) % BASE_MODULUS == 0 else 0


@dataclass(frozen=True)
class SimulatedKey:
    """Trapdoor alpha, beta, gamma, delta and the logarithms of the IC points."""

    alpha: int
    beta: int
    gamma: int
    delta: int
    ic: tuple[int, ...]

    @classmethod
    def generate(cls, signals: int) -> "SimulatedKey":
        draw = [1 + secrets.randbelow(SCALAR_MODULUS - 1) for _ in range(4 + signals + 1)]
        return cls(*draw[:4], tuple(draw[4:]))

    def verifying_key(self, statement: StatementName = "margin", n: int = 13) -> VerifyingKey:
        return VerifyingKey(
            statement=statement,
            n=n,
            origin="development",
            alpha=g1(self.alpha),
            beta=g2(self.beta),
            gamma=g2(self.gamma),
            delta=g2(self.delta),
            ic=tuple(map(g1, self.ic)),
        )

    def prove(self, signals: tuple[int, ...]) -> Proof:
        """a b = alpha beta + (sum of signals * ic) gamma + c delta for random a, b."""
        a, b = (1 + secrets.randbelow(SCALAR_MODULUS - 1) for _ in range(2))
        combination = self.ic[0] + sum(s * i for s, i in zip(signals, self.ic[1:], strict=True))
        c = (a * b - self.alpha * self.beta - combination * self.gamma) * pow(self.delta, -1, SCALAR_MODULUS)
        return Proof(g1(a), g2(b), g1(c))


def rerandomised(proof: Proof) -> Proof:
    """(r A, r^-1 B, C): another valid proof of the same statement, made from the proof alone."""
    r = 2 + secrets.randbelow(SCALAR_MODULUS - 2)
    a = bn128.multiply((bn128.FQ(proof.a.x), bn128.FQ(proof.a.y), bn128.FQ(1)), r)
    b = (bn128.FQ2(proof.b.x), bn128.FQ2(proof.b.y), bn128.FQ2.one())
    b = bn128.multiply(b, pow(r, -1, SCALAR_MODULUS))
    (ax, ay), (bx, by) = bn128.normalize(a), bn128.normalize(b)
    return Proof(G1Point(int(ax), int(ay)), G2Point(tuple(map(int, bx.coeffs)), tuple(map(int, by.coeffs))), proof.c)

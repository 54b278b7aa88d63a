"""Groth16 verification on py_ecc, every point and signal checked before the pairing."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from verifier._errors import VerificationError
from verifier._field import BASE_MODULUS, SCALAR_MODULUS
from verifier._keys import VerifyingKey
from verifier._proof import G1Point, G2Point, Proof

_Point = Any  # py_ecc's projective points: tuples of three field elements


@cache
def _py_ecc() -> Any:
    """The curve, untyped: py_ecc re-exports its names implicitly."""
    import py_ecc.optimized_bn128  # noqa: PLC0415 - slow to import, and for those who verify

    return py_ecc.optimized_bn128


def verify(key: VerifyingKey, signals: Sequence[int], proof: Proof) -> None:
    """Accept a proof or raise: e(A, B) = e(alpha, beta) e(sum of signals * IC, gamma) e(C, delta).

    Source of the equation: Groth, "On the Size of Pairing-based Non-interactive Arguments", 2016, section 3.2.

    Args:
        key: verifying key of the statement.
        signals: public signals, each below r, recomputed by the caller from what the caller knows.
        proof: the proof.

    Raises:
        VerificationError: with the reason of the first check that fails:
            `key-without-contribution`, `wrong-number-of-signals`, `signal-not-in-field`,
            `coordinate-not-in-field`, `point-not-on-curve`, `point-not-in-subgroup`, `proof-does-not-verify`.
    """
    if len(signals) != key.public_count:
        raise VerificationError(
            "wrong-number-of-signals",
            f"the key takes {key.public_count} public signals, {len(signals)} were given",
        )
    for index, signal in enumerate(signals):
        if not 0 <= signal < SCALAR_MODULUS:
            raise VerificationError("signal-not-in-field", f"public signal {index} is not below the scalar modulus")

    curve = _py_ecc()
    a, b, c = _checked_proof(proof)
    points = _checked(key)
    combination = points.ic[0]
    for signal, point in zip(signals, points.ic[1:], strict=True):
        combination = curve.add(combination, curve.multiply(point, signal))

    one = curve.FQ12.one()
    product = one
    for g2, g1 in (
        (b, curve.neg(a)),
        (points.beta, points.alpha),
        (points.gamma, combination),
        (points.delta, c),
    ):
        product *= curve.pairing(g2, g1, final_exponentiate=False)
    if curve.final_exponentiate(product) != one:
        raise VerificationError("proof-does-not-verify", "the proof does not satisfy the equation for these signals")


def require_valid_key(key: VerifyingKey) -> None:
    """Refuse a key that no proof must ever be checked with.

    Raises:
        VerificationError: `key-without-contribution`, `coordinate-not-in-field`, `point-not-on-curve`,
            `point-not-in-subgroup`. A point at infinity is on no curve here: as an IC point it would leave its
            public signal unbound.
    """
    _checked(key)


def require_valid_points(proof: Proof) -> None:
    """Refuse a proof with a point that is none: the part of `verify` to keep when another check decides the rest.

    Raises:
        VerificationError: `coordinate-not-in-field`, `point-not-on-curve`, `point-not-in-subgroup`.
    """
    _checked_proof(proof)


def _checked_proof(proof: Proof) -> tuple[_Point, _Point, _Point]:
    return _g1(proof.a, "proof point A"), _g2(proof.b, "proof point B"), _g1(proof.c, "proof point C")


class _KeyPoints(NamedTuple):
    alpha: _Point
    beta: _Point
    gamma: _Point
    delta: _Point
    ic: Sequence[_Point]


def _checked(key: VerifyingKey) -> _KeyPoints:
    key.require_contribution()
    return _KeyPoints(
        alpha=_g1(key.alpha, "key point alpha"),
        beta=_g2(key.beta, "key point beta"),
        gamma=_g2(key.gamma, "key point gamma"),
        delta=_g2(key.delta, "key point delta"),
        ic=[_g1(point, f"key point IC[{index}]") for index, point in enumerate(key.ic)],
    )


def _g1(point: G1Point, name: str) -> _Point:
    _require_coordinates((point.x, point.y), name)
    curve = _py_ecc()
    affine = (curve.FQ(point.x), curve.FQ(point.y), curve.FQ.one())
    if not curve.is_on_curve(affine, curve.b):
        raise VerificationError("point-not-on-curve", f"{name} is not on the curve")
    return affine  # G1 has prime order: on the curve is in the subgroup


def _g2(point: G2Point, name: str) -> _Point:
    _require_coordinates((*point.x, *point.y), name)
    curve = _py_ecc()
    affine = (curve.FQ2(point.x), curve.FQ2(point.y), curve.FQ2.one())
    if not curve.is_on_curve(affine, curve.b2):
        raise VerificationError("point-not-on-curve", f"{name} is not on the curve")
    if not curve.is_inf(curve.multiply(affine, SCALAR_MODULUS)):
        raise VerificationError("point-not-in-subgroup", f"{name} is not in the subgroup of order r")
    return affine


def _require_coordinates(coordinates: Sequence[int], name: str) -> None:
    if not all(0 <= coordinate < BASE_MODULUS for coordinate in coordinates):
        raise VerificationError(
            "coordinate-not-in-field", f"{name} has a coordinate that is not below the base modulus"
        )

"""Points that no guardian has, and what circuits would make of them."""

from prover.account import SUBGROUP_ORDER, Point
from prover.account._babyjubjub import NEUTRAL
from prover.audit._roots import square_root
from verifier import SCALAR_MODULUS

OF_ORDER_2 = Point(0, SCALAR_MODULUS - 1)


def of_order_8() -> Point:
    """A point of order 8: l times a point outside the subgroup, found by trying y."""
    for y in range(2, 200):
        x2 = (1 - y * y) * pow(168700 - 168696 * y * y, -1, SCALAR_MODULUS) % SCALAR_MODULUS
        x = square_root(x2)
        if x is not None and 4 * (SUBGROUP_ORDER * Point(x, y)) != NEUTRAL:
            return SUBGROUP_ORDER * Point(x, y)
    raise AssertionError("no such point")


def times_one_in_the_circuit(point: Point) -> Point:
    """1 * 8 * point with the circuit's formulas in the circuit's order: what it computes off the curve too.

    Its second segment adds 0 * 2^148 * point as P' - P', which is neutral on the curve alone.
    """
    a, b, r = 168698, 1, SCALAR_MODULUS  # Montgomery's A and B of Baby Jubjub
    cleared = 8 * point
    u = (1 + cleared.y) * pow(1 - cleared.y, -1, r) % r
    v = u * pow(cleared.x, -1, r) % r
    for _ in range(148):
        slope = (3 * u * u + 2 * a * u + 1) * pow(2 * b * v, -1, r) % r
        doubled = (b * slope * slope - a - 2 * u) % r
        u, v = doubled, (slope * (u - doubled) - v) % r
    x, y = u * pow(v, -1, r) % r, (u - 1) * pow(u + 1, -1, r) % r
    return cleared + (Point(x, y) + Point(r - x, y))

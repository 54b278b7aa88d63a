"""Proofs as bytes, within the texts and files of trades."""

from typing import Final

from verifier import BASE_MODULUS, G1Point, G2Point, InputError, Proof

_COORDINATE: Final = 32
_COORDINATES: Final = 8

PROOF_BYTES: Final = _COORDINATE * _COORDINATES


def proof_to_bytes(proof: Proof) -> bytes:
    """Its coordinates, the highest byte first: those of A, of B with the real parts first, and of C."""
    return b"".join(coordinate.to_bytes(_COORDINATE) for coordinate in coordinates(proof))


def proof_from_bytes(data: bytes) -> Proof:
    """Undo `proof_to_bytes`. Whether its points are points is not checked.

    Args:
        data: `PROOF_BYTES` bytes.
    """
    ax, ay, bx0, bx1, by0, by1, cx, cy = (
        int.from_bytes(data[start : start + _COORDINATE]) for start in range(0, PROOF_BYTES, _COORDINATE)
    )
    return Proof(G1Point(ax, ay), G2Point((bx0, bx1), (by0, by1)), G1Point(cx, cy))


def require_coordinates(proof: Proof, what: str) -> None:
    """Refuse a proof with a coordinate outside the base field. Raises InputError, which names `what` it is of."""
    if not all(0 <= coordinate < BASE_MODULUS for coordinate in coordinates(proof)):
        raise InputError(f"{what}: a coordinate of the proof outside the base field")


def coordinates(proof: Proof) -> tuple[int, ...]:
    """The eight coordinates in the order of `proof_to_bytes`."""
    return (proof.a.x, proof.a.y, *proof.b.x, *proof.b.y, proof.c.x, proof.c.y)

"""snarkjs as the Groth16 check of `verify_envelope`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prover.toolchain import SnarkjsBackend
from verifier import BASE_MODULUS, Proof, VerificationError, VerifyingKey


def snarkjs_check(
    snarkjs: SnarkjsBackend, key_json: Mapping[str, Any]
) -> Callable[[VerifyingKey, Sequence[int], Proof], None]:
    """A check that lets snarkjs decide; everything that `verify_envelope` checks before it stays ours.

    Args:
        snarkjs: the backend.
        key_json: the verifying key as snarkjs reads it.
    """

    def check(_: VerifyingKey, signals: Sequence[int], proof: Proof) -> None:
        _require_coordinates(proof)
        if not snarkjs.verify(key_json, [str(signal) for signal in signals], proof.to_json()):
            raise VerificationError("proof-does-not-verify", "snarkjs says that the proof does not verify")

    return check


def _require_coordinates(proof: Proof) -> None:
    """Snarkjs reduces coordinates modulo q, and so would take several spellings of one proof."""
    points = (proof.a.x, proof.a.y, *proof.b.x, *proof.b.y, proof.c.x, proof.c.y)
    if any(coordinate >= BASE_MODULUS for coordinate in points):
        raise VerificationError("coordinate-not-in-field", "a coordinate of the proof is not below the base modulus")

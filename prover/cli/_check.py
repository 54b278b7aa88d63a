"""snarkjs as the Groth16 check of `verify_envelope`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prover.toolchain import SnarkjsBackend
from verifier import Proof, VerificationError, VerifyingKey, require_valid_points


def snarkjs_check(
    snarkjs: SnarkjsBackend, key_json: Mapping[str, Any]
) -> Callable[[VerifyingKey, Sequence[int], Proof], None]:
    """A check in which snarkjs decides on the equation alone.

    The points are checked here: snarkjs reduces coordinates modulo q, and would take several spellings of one proof.

    Args:
        snarkjs: the backend.
        key_json: the verifying key as snarkjs reads it.
    """

    def check(_: VerifyingKey, signals: Sequence[int], proof: Proof) -> None:
        require_valid_points(proof)
        if not snarkjs.verify(key_json, [str(signal) for signal in signals], proof.to_json()):
            raise VerificationError("proof-does-not-verify", "snarkjs says that the proof does not verify")

    return check

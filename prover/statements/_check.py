"""A backend as the Groth16 check of `verify_envelope`, `verify_update` and the like."""

from collections.abc import Sequence

from prover.statements._margin import Backend
from verifier import Check, Proof, VerificationError, VerifyingKey, require_valid_points


def backend_check(backend: Backend) -> Check:
    """A check in which a backend decides on the equation alone.

    The points are checked here: snarkjs reduces coordinates modulo q, and would take several spellings of one proof.

    Args:
        backend: decides.
    """

    def check(key: VerifyingKey, signals: Sequence[int], proof: Proof) -> None:
        require_valid_points(proof)
        if not backend.verify(key, [str(signal) for signal in signals], proof.to_json()):
            raise VerificationError("proof-does-not-verify", "the backend says that the proof does not verify")

    return check

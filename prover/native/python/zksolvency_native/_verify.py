"""Verification in one call; a `NativeVerifier` is faster for many calls with one key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zksolvency_native._native import NativeVerifier


def verify(verification_key: Mapping[str, Any], proof: Mapping[str, Any], public_signals: Sequence[str]) -> None:
    """Returns only if the proof is valid.

    Args:
        verification_key: snarkjs' `verification_key.json`.
        proof: snarkjs' `proof.json`.
        public_signals: decimal strings, each below r.

    Raises:
        VerificationError: key, proof or signals are refused; its args are a reason code and a message.
    """
    NativeVerifier(verification_key).verify(proof, public_signals)


def verify_batch(
    verification_key: Mapping[str, Any], proofs: Iterable[tuple[Mapping[str, Any], Sequence[str]]]
) -> None:
    """Returns only if every proof is valid; an invalid one passes with probability below 2^-126.

    Raises:
        VerificationError: as `verify`; does not say which proof is invalid.
    """
    NativeVerifier(verification_key).verify_batch(list(proofs))

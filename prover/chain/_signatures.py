"""The one form of a signature that contracts accept."""

from typing import Final

LEAST_V: Final = 27

_HALF_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 // 2
_BYTES: Final = 65


def is_strict(signature: bytes) -> bool:
    """Whether a signature is r, s and v with s in the lower half. Contracts accept no other that recovers the same."""
    return (
        len(signature) == _BYTES
        and signature[-1] in {LEAST_V, LEAST_V + 1}
        and int.from_bytes(signature[32:64]) <= _HALF_ORDER
    )

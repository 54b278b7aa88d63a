"""Which backend makes proofs."""

from enum import StrEnum

from prover.toolchain._core import has_core
from prover.toolchain._native import NativeBackend
from prover.toolchain._worker import SnarkjsBackend

AnyBackend = NativeBackend | SnarkjsBackend
"""Either backend: both calculate witnesses, prove and verify."""


class BackendName(StrEnum):
    """What makes proofs."""

    NATIVE = "native"
    SNARKJS = "snarkjs"


def default_backend() -> BackendName:
    """The native core where it is installed, else snarkjs."""
    return BackendName.NATIVE if has_core() else BackendName.SNARKJS


def open_backend(name: BackendName | None = None) -> AnyBackend:
    """A backend, to be closed after use.

    Args:
        name: which; None for `default_backend`.
    """
    return NativeBackend() if (name or default_backend()) is BackendName.NATIVE else SnarkjsBackend()

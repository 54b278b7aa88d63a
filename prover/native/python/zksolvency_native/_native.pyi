from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, final

__all__ = [
    "Core",
    "InputError",
    "NativeError",
    "NativeVerifier",
    "ProvingError",
    "VerificationError",
    "poseidon_permutation",
    "unsafe_development_key",
    "unseal_states",
    "viewing_keys",
]

class NativeError(Exception): ...
class InputError(NativeError): ...
class ProvingError(NativeError): ...
class VerificationError(NativeError): ...

@final
class Core:
    def __new__(
        cls,
        zkey_path: PathLike[str] | str,
        *,
        r1cs_path: PathLike[str] | str | None = None,
        threads: int | None = None,
        table_memory_limit: int = ...,
        cache_folder: PathLike[str] | str | None = None,
        portable: bool = False,
    ) -> Core: ...
    def prove_witness(self, witness: bytes, *, threads: int | None = None) -> tuple[dict[str, Any], list[str]]: ...
    def verify(self, proof: Mapping[str, Any], public_signals: Sequence[str]) -> None: ...
    @property
    def table_bytes(self) -> int: ...
    @property
    def arithmetic(self) -> str: ...
    @property
    def threads(self) -> int: ...

@final
class NativeVerifier:
    def __new__(cls, verification_key: Mapping[str, Any]) -> NativeVerifier: ...
    def verify(self, proof: Mapping[str, Any], public_signals: Sequence[str]) -> None: ...
    def verify_batch(self, proofs: Sequence[tuple[Mapping[str, Any], Sequence[str]]]) -> None: ...

def poseidon_permutation(states: bytes, width: int) -> bytes: ...
def unsafe_development_key(r1cs_path: PathLike[str] | str, zkey_path: PathLike[str] | str) -> str: ...
def viewing_keys(
    guardian_secret: bytes, domain: bytes, owners: bytes, *, threads: int | None = None, portable: bool = False
) -> tuple[bytes, bytes]: ...
def unseal_states(
    n: int, sealed: bytes, *, threads: int | None = None, portable: bool = False
) -> tuple[bytes, bytes]: ...

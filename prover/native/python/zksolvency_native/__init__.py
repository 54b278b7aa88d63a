"""Groth16 proofs for fixed keys, in process and in milliseconds."""

import importlib
from typing import TYPE_CHECKING

from zksolvency_native._native import (
    InputError,
    NativeError,
    NativeVerifier,
    ProvingError,
    VerificationError,
    poseidon_permutation,
    unsafe_development_key,
    unseal_states,
    viewing_keys,
)
from zksolvency_native._verify import verify, verify_batch

if TYPE_CHECKING:
    from zksolvency_native._inputs import InputValue
    from zksolvency_native._prover import NativeProver, ProofWithSignals
    from zksolvency_native._wasm_witness import WasmWitness

__all__ = [
    "InputError",
    "InputValue",
    "NativeError",
    "NativeProver",
    "NativeVerifier",
    "ProofWithSignals",
    "ProvingError",
    "VerificationError",
    "WasmWitness",
    "poseidon_permutation",
    "unsafe_development_key",
    "unseal_states",
    "verify",
    "verify_batch",
    "viewing_keys",
]

# wasmtime takes most of the import's time, and only witnesses need it.
_LAZY = {
    "InputValue": "_inputs",
    "NativeProver": "_prover",
    "ProofWithSignals": "_prover",
    "WasmWitness": "_wasm_witness",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)

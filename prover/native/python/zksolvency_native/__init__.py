"""Groth16 proofs for fixed keys, in process and in milliseconds."""

from zksolvency_native._inputs import InputValue
from zksolvency_native._native import (
    InputError,
    NativeError,
    NativeVerifier,
    ProvingError,
    VerificationError,
    unsafe_development_key,
)
from zksolvency_native._prover import NativeProver, Proved
from zksolvency_native._verify import verify, verify_batch
from zksolvency_native._wasm_witness import WasmWitness

__all__ = [
    "InputError",
    "InputValue",
    "NativeError",
    "NativeProver",
    "NativeVerifier",
    "Proved",
    "ProvingError",
    "VerificationError",
    "WasmWitness",
    "unsafe_development_key",
    "verify",
    "verify_batch",
]

"""rapidsnark's shared library, in this process, with its key kept open. Where it is comes from the environment."""

import ctypes
import json
from pathlib import Path
from typing import Any, Final, Self

_ERROR_BYTES: Final = 1024
_SIGNAL_BYTES: Final = 80


class RapidsnarkLibrary:
    """A prover object of rapidsnark's C interface. Context manager.

    It keeps a thread for each core, which nothing in its interface changes.

    Args:
        library: librapidsnark.so.
        zkey: the proving key.
        signals: number of public signals.
    """

    def __init__(self, library: Path, zkey: Path, signals: int) -> None:
        self._library = ctypes.CDLL(str(library))
        self._library.groth16_prover_destroy.restype = None
        self._key = zkey.read_bytes()  # the library reads from this memory as long as the object lives
        self._prover = ctypes.c_void_p()
        self._error = ctypes.create_string_buffer(_ERROR_BYTES)
        size = ctypes.c_ulonglong()
        self._library.groth16_proof_size(ctypes.byref(size))
        self._proof = ctypes.create_string_buffer(size.value)
        self._signals = ctypes.create_string_buffer(_SIGNAL_BYTES * (signals + 1))
        self._check(
            self._library.groth16_prover_create(
                ctypes.byref(self._prover),
                self._key,
                ctypes.c_ulonglong(len(self._key)),
                self._error,
                ctypes.c_ulonglong(_ERROR_BYTES),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.groth16_prover_destroy(self._prover)

    def prove(self, witness: bytes) -> tuple[dict[str, Any], list[str]]:
        """Proof and public signals, as snarkjs writes them."""
        proof_size, signal_size = (ctypes.c_ulonglong(len(buffer)) for buffer in (self._proof, self._signals))
        self._check(
            self._library.groth16_prover_prove(
                self._prover,
                witness,
                ctypes.c_ulonglong(len(witness)),
                self._proof,
                ctypes.byref(proof_size),
                self._signals,
                ctypes.byref(signal_size),
                self._error,
                ctypes.c_ulonglong(_ERROR_BYTES),
            )
        )
        return json.loads(self._proof.value) | {"curve": "bn128"}, json.loads(self._signals.value)

    def _check(self, code: int) -> None:
        if code != 0:
            message = self._error.value.decode(errors="replace")
            raise RuntimeError(f"rapidsnark: error {code} {message}")

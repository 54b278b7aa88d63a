"""Proving in process with the native core."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar

from prover.toolchain._artifacts import Artifacts
from prover.toolchain._compile import CompiledCircuit
from prover.toolchain._core import core_cache, native_core
from prover.toolchain._inputs import Inputs, require_decimals, require_well_formed
from verifier import VerificationError, VerifyingKey

_ProofAndSignals = tuple[dict[str, Any], list[str]]

_T = TypeVar("_T")

_FALSE: Final = "proof-does-not-verify"


class NativeBackend:
    """Witnesses, proofs and verification without Node, in milliseconds once a key is open.

    A key or circuit is opened at its first use and again when a file of it has changed. Tables and compiled witness
    calculators are kept in the cache folder. Safe for several threads, whose calls run at the same time, and after a
    fork.
    """

    def __init__(self) -> None:
        self._calculators: _Opened[_Calculator] = _Opened()
        self._provers: _Opened[_Prover] = _Opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget what was opened. A later call opens it again."""
        self._calculators.forget()
        self._provers.forget()

    def warm(self, artifacts: Artifacts) -> None:
        """Open a key and its circuit, so that the first proof does not wait for it. Raises as `prove`."""
        with native_core():
            self._prover(artifacts)

    def witness(self, circuit: Artifacts | CompiledCircuit, inputs: Inputs) -> bytes:
        """Calculate a witness.

        Returns:
            A .wtns file.

        Raises:
            ProvingError: the inputs do not satisfy the statement; says at which template and line.
            InputError: an input is missing, unknown, of a wrong length, or no decimal string below r; or a file is
                malformed.
            ToolError: the native core is not installed or failed, or a file cannot be read.
        """
        require_decimals(inputs)
        with native_core():
            return self._calculator(circuit).witness(inputs)

    def prove(self, artifacts: Artifacts, inputs: Inputs) -> _ProofAndSignals:
        """Make a proof.

        Returns:
            The proof and the public signals, as snarkjs writes them.

        Raises:
            ProvingError, ToolError: as `witness`.
            InputError: as `witness`, or the key and the circuit do not belong together.
            VerificationError: proofs for the key could be forged.
        """
        require_decimals(inputs)
        with native_core():
            proof, signals = self._prover(artifacts).prove(inputs)
            return proof, signals

    def prove_witness(self, artifacts: Artifacts, witness: bytes) -> _ProofAndSignals:
        """Make a proof from a witness.

        Args:
            artifacts: the instance.
            witness: a .wtns file.

        Returns:
            As `prove`.

        Raises:
            ProvingError: the witness does not satisfy the constraints.
            InputError: the witness is malformed or of another circuit; or a file, as for `prove`.
            VerificationError, ToolError: as `prove`.
        """
        with native_core():
            proof, signals = self._prover(artifacts).prove_witness(witness)
            return proof, signals

    def prove_many(self, artifacts: Artifacts, inputs: Iterable[Inputs]) -> Iterator[_ProofAndSignals]:
        """Make proof after proof, in order, as many at once as there are cores.

        Takes inputs only as fast as proofs are taken, so memory stays bounded.

        Raises:
            What `prove` raises, at the item that it concerns.
        """

        def checked() -> Iterator[Inputs]:
            for item in inputs:
                require_decimals(item)
                yield item

        with native_core():
            yield from map(tuple, self._prover(artifacts).prove_many(checked()))

    def verify(self, key: VerifyingKey, signals: Sequence[str], proof: Mapping[str, Any]) -> bool:
        """Whether a proof is valid, decided by arkworks' pairing.

        Raises:
            InputError: signals or proof are not of the form that snarkjs writes.
            VerificationError: the key must not be used, a point is none, or a signal is not below r.
            ToolError: as `witness`.
        """
        return self.verify_batch(key, [(signals, proof)])

    def verify_batch(self, key: VerifyingKey, proofs: Iterable[tuple[Sequence[str], Mapping[str, Any]]]) -> bool:
        """Whether all proofs are valid; of several, an invalid one passes with probability below 2^-126.

        Args:
            key: of all of them.
            proofs: public signals and proof of each.

        Raises:
            InputError, VerificationError, ToolError: as `verify`.
        """
        listed = [(dict(proof), list(signals)) for signals, proof in proofs]
        for proof, signals in listed:
            require_well_formed(key, signals, proof)
        try:
            with native_core() as core:
                verifier = core.NativeVerifier(key.to_json())
                if len(listed) == 1:
                    verifier.verify(*listed[0])
                else:
                    verifier.verify_batch(listed)
        except VerificationError as error:
            if error.reason != _FALSE:
                raise
            return False
        return True

    def _calculator(self, circuit: Artifacts | CompiledCircuit) -> "_Calculator":
        def open_() -> _Calculator:
            with native_core() as core:
                calculator: _Calculator = core.WasmWitness(circuit.wasm, cache_folder=core_cache())
                return calculator

        return self._calculators.get([circuit.wasm], open_)

    def _prover(self, artifacts: Artifacts) -> "_Prover":
        def open_() -> _Prover:
            calculator = self._calculator(artifacts)
            with native_core() as core:
                prover: _Prover = core.NativeProver(
                    artifacts.zkey, calculator, r1cs_path=artifacts.r1cs, cache_folder=core_cache()
                )
                return prover

        return self._provers.get([artifacts.zkey, artifacts.wasm, artifacts.r1cs], open_)


class _Calculator(Protocol):
    """What is used of `zksolvency_native.WasmWitness`, which need not be installed where types are checked."""

    def witness(self, inputs: Inputs) -> bytes: ...


class _Prover(Protocol):
    """What is used of `zksolvency_native.NativeProver`."""

    def prove(self, inputs: Inputs) -> _ProofAndSignals: ...

    def prove_witness(self, witness: bytes) -> _ProofAndSignals: ...

    def prove_many(self, items: Iterable[Inputs]) -> Iterator[_ProofAndSignals]: ...


class _Stamp(NamedTuple):
    """Changes with the content of a file."""

    path: Path
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Self:
        status = path.stat()
        return cls(path, status.st_ino, status.st_size, status.st_mtime_ns)


class _Opened(Generic[_T]):
    """Things opened from files, by their first file; opened again when one has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[list[_Stamp], _T]] = {}

    def get(self, files: Sequence[Path], open_: Callable[[], _T]) -> _T:
        with self._lock:
            stamps = list(map(_Stamp.of, files))
            known = self._known.get(files[0])
            if known is None or known[0] != stamps:
                known = self._known[files[0]] = stamps, open_()
            return known[1]

    def forget(self) -> None:
        with self._lock:
            self._known.clear()

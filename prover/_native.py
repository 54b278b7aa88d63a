"""Proving in process with the native core, where it is installed."""

import importlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple, Protocol, Self

from prover.toolchain import Artifacts, Inputs, cache_dir
from verifier import SCALAR_MODULUS, InputError, ProvingError, ToolError, VerificationError

_PACKAGE: Final = "zksolvency_native"
_DECIMAL: Final = re.compile(r"[0-9]{1,77}")


class NativeBackend:
    """Witnesses and proofs without Node, in milliseconds once a key is open.

    A key is opened at its first use and again when a file of it has changed. Its tables and the compiled circuit are
    kept in the cache folder. Safe for several threads, whose calls run at the same time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: dict[Path, _Opened] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the opened keys. A later call opens them again."""
        with self._lock:
            self._opened.clear()

    def witness(self, artifacts: Artifacts, inputs: Inputs) -> bytes:
        """Calculate a witness.

        Returns:
            A .wtns file.

        Raises:
            ProvingError: the inputs do not satisfy the statement; says at which template and line.
            InputError: an input is missing, unknown, of a wrong length, or no decimal string below r; or a key or
                circuit file is malformed, or they do not belong together.
            VerificationError: the key must not be used.
            ToolError: the native core is not installed or failed, or a file cannot be read.
        """
        _require_decimals(inputs)
        with _translated_errors() as native:
            return self._open(native, artifacts).witness(inputs)

    def prove(self, artifacts: Artifacts, inputs: Inputs) -> tuple[dict[str, Any], list[str]]:
        """Make a proof.

        Returns:
            The proof and the public signals, as snarkjs writes them.

        Raises:
            ProvingError, InputError, VerificationError, ToolError: as `witness`.
        """
        _require_decimals(inputs)
        with _translated_errors() as native:
            proof, signals = self._open(native, artifacts).prove(inputs)
            return proof, signals

    def prove_witness(self, artifacts: Artifacts, witness: bytes) -> tuple[dict[str, Any], list[str]]:
        """Make a proof from a witness.

        Args:
            artifacts: the instance.
            witness: a .wtns file.

        Returns:
            As `prove`.

        Raises:
            ProvingError: the witness does not satisfy the constraints.
            InputError: the witness is malformed or of another circuit; or a file, as for `witness`.
            VerificationError, ToolError: as `witness`.
        """
        with _translated_errors() as native:
            proof, signals = self._open(native, artifacts).prove_witness(witness)
            return proof, signals

    def _open(self, native: ModuleType, artifacts: Artifacts) -> "_NativeProver":
        files = (artifacts.zkey, artifacts.wasm, artifacts.r1cs)
        with self._lock:
            stamp = tuple(map(_stamp, files))
            known = self._opened.get(artifacts.zkey)
            if known is None or known.stamp != stamp:
                zkey, wasm, r1cs = files
                prover = native.NativeProver(zkey, wasm, r1cs_path=r1cs, cache_folder=cache_dir() / "native")
                known = self._opened[artifacts.zkey] = _Opened(stamp, prover)
            return known.prover


class _NativeProver(Protocol):
    """What is used of `zksolvency_native.NativeProver`, which need not be installed where types are checked."""

    def witness(self, inputs: Inputs) -> bytes: ...

    def prove(self, inputs: Inputs) -> tuple[dict[str, Any], list[str]]: ...

    def prove_witness(self, witness: bytes) -> tuple[dict[str, Any], list[str]]: ...


class _Opened(NamedTuple):
    stamp: tuple[tuple[Path, int, int, int], ...]
    prover: _NativeProver


def _stamp(path: Path) -> tuple[Path, int, int, int]:
    """Changes with the content of a file."""
    status = path.stat()
    return path, status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def _translated_errors() -> Iterator[ModuleType]:
    """The native package, with its errors turned into the project's. None of them holds a secret."""
    try:
        native = importlib.import_module(_PACKAGE)
    except ImportError:
        raise ToolError("the native proving core is not installed: run `make native`, which needs Rust") from None
    try:
        yield native
    except native.ProvingError as error:
        raise ProvingError(f"the statement does not hold for these inputs: {error}") from None
    except native.InputError as error:
        raise InputError(f"native prover: {error}") from None
    except native.VerificationError as error:
        reason, message = error.args
        raise VerificationError(reason, message) from None
    except native.NativeError as error:
        raise ToolError(f"the native prover failed: {error}") from None
    except OSError as error:
        raise ToolError(f"the native prover cannot read its files: {error.strerror or error}") from None


def _require_decimals(inputs: Inputs) -> None:
    """Refuse what would be reduced or misread. Values stay out of the error: they are secret."""
    for name, value in inputs.items():
        for item in [value] if isinstance(value, str) else value:
            if not _DECIMAL.fullmatch(item) or int(item) >= SCALAR_MODULUS:
                raise InputError(f"inputs of the circuit: {name} holds a value that is no decimal string below r")

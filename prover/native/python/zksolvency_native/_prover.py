"""From the inputs of a circuit to a proof, in one warm process."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from os import PathLike
from typing import NamedTuple

from zksolvency_native._cache import private_folder
from zksolvency_native._inputs import InputValue
from zksolvency_native._native import Core, InputError
from zksolvency_native._wasm_witness import WasmWitness


class ProofWithSignals(NamedTuple):
    """A proof and its public signals in snarkjs' form."""

    proof: dict[str, object]
    public_signals: list[str]


class NativeProver:
    """A prover for one key: opened once, kept warm, safe to use from many threads and after a fork.

    Args:
        zkey_path: snarkjs' Groth16 proving key on bn128.
        wasm: circom's witness calculator, as a file or opened already; without it only `prove_witness` works.
        r1cs_path: the circuit's constraints. With them a wrong witness is refused at once; without, every
            proof is verified before it is returned, which takes longer than proving.
        threads: threads of one proof, at least 1; all cores by default.
        table_memory_limit: bytes that the precomputed tables may take.
        cache_folder: where to keep tables and the compiled witness calculator between processes, which only this
            user may write to; None to keep none.
        portable: whether to use the portable arithmetic even where a faster one runs.

    Raises:
        InputError: a file is malformed, the files do not belong together, the limit is too small, or others can
            write to the cache folder.
        VerificationError: the key must not be used: anyone could forge proofs for it.
        OSError: a file cannot be read.
    """

    def __init__(
        self,
        zkey_path: PathLike[str] | str,
        wasm: PathLike[str] | str | WasmWitness | None = None,
        *,
        r1cs_path: PathLike[str] | str | None = None,
        threads: int | None = None,
        table_memory_limit: int = 1 << 28,
        cache_folder: PathLike[str] | str | None = None,
        portable: bool = False,
    ) -> None:
        folder = None if cache_folder is None else private_folder(cache_folder)
        self._core = Core(
            zkey_path,
            r1cs_path=r1cs_path,
            threads=threads,
            table_memory_limit=table_memory_limit,
            cache_folder=folder,
            portable=portable,
        )
        opened = wasm is None or isinstance(wasm, WasmWitness)
        self._witness = wasm if opened else WasmWitness(wasm, cache_folder=folder)

    @property
    def arithmetic(self) -> str:
        """The field arithmetic in use: "portable" or "ifma"."""
        return self._core.arithmetic

    @property
    def table_bytes(self) -> int:
        """Memory that the precomputed tables take [bytes]."""
        return self._core.table_bytes

    @property
    def threads(self) -> int:
        """Threads of one proof."""
        return self._core.threads

    def prove(self, inputs: Mapping[str, InputValue]) -> ProofWithSignals:
        """Proves the statement for `inputs`, with fresh randomness.

        Args:
            inputs: every input signal by name; integers or decimal strings, taken modulo r.

        Raises:
            InputError, ProvingError, NativeError: as `witness`.
        """
        return ProofWithSignals(*self._core.prove_witness(self.witness(inputs)))

    def witness(self, inputs: Mapping[str, InputValue]) -> bytes:
        """The witness for `inputs`, as a `.wtns` file's content. An assertion is checked, the constraints are not.

        Raises:
            InputError: opened without a `.wasm`, or an input is missing, unknown, of another size, or no number.
            ProvingError: an assertion of the circuit fails; names template and line.
            NativeError: the witness calculator stopped for another reason.
        """
        if self._witness is None:
            raise InputError("opened without a .wasm: only prove_witness works")
        return self._witness.witness(inputs)

    def prove_witness(self, witness: bytes) -> ProofWithSignals:
        """Proves for a `.wtns` file's content, or for bare wires of 32 little-endian bytes.

        Raises:
            InputError: the witness is malformed or of another circuit.
            ProvingError: the witness does not satisfy the circuit.
        """
        return ProofWithSignals(*self._core.prove_witness(witness))

    def prove_many(self, items: Iterable[Mapping[str, InputValue]]) -> Iterator[ProofWithSignals]:
        """Proves one statement after another, in order, each on one thread and as many at once as there are threads.

        Takes from `items` only as fast as results are taken, so memory stays bounded. Leaving the loop, also by
        Ctrl-C, gives up what has not started.

        Raises:
            What `prove` raises, at the item that it concerns.
        """
        with ThreadPoolExecutor(self.threads) as pool:
            pending: deque[Future[ProofWithSignals]] = deque()
            try:
                for inputs in items:
                    pending.append(pool.submit(self._prove_alone, inputs))
                    if len(pending) >= 2 * self.threads:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def verify(self, proof: Mapping[str, object], public_signals: list[str]) -> None:
        """Returns only if the proof is valid under this key.

        Raises:
            VerificationError: it is refused.
        """
        self._core.verify(proof, public_signals)

    def _prove_alone(self, inputs: Mapping[str, InputValue]) -> ProofWithSignals:
        return ProofWithSignals(*self._core.prove_witness(self.witness(inputs), threads=1))

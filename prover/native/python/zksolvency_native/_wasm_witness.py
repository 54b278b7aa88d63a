"""Witnesses without Node: circom's WebAssembly in process, compiled once and kept on disk."""

import os
import queue
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import wasmtime

from zksolvency_native._cache import content_name, private_folder, store
from zksolvency_native._inputs import FIELD_ORDER, InputValue
from zksolvency_native._instance import Instance
from zksolvency_native._native import InputError
from zksolvency_native._shim import SHIM, WIRE_BYTES

_inherited: list[object] = []
"""Engines of the parent process, kept after a fork so that the child does not close them."""


class WasmWitness:
    """A circuit's witness calculator. Thread-safe; a process opens its own engine after a fork.

    Args:
        wasm_path: circom's `.wasm`.
        cache_folder: where to keep the compiled form, which only this user may write to; None to keep none.

    Raises:
        InputError: the file is no WebAssembly module, or others can write to the folder.
        OSError: the file cannot be read, or the folder cannot be made.
    """

    def __init__(self, wasm_path: PathLike[str] | str, *, cache_folder: PathLike[str] | str | None = None) -> None:
        self._code = Path(wasm_path).read_bytes()
        self._cache = None if cache_folder is None else private_folder(cache_folder)
        self._open()

    def witness(self, inputs: Mapping[str, InputValue]) -> bytes:
        """The witness for `inputs`, as a `.wtns` file's content.

        Args:
            inputs: every input signal by name.

        Raises:
            InputError: a signal is missing, unknown, of another size, or no number; or the `.wasm` is no witness
                calculator for bn128.
            ProvingError: an assertion of the circuit fails; names template and line as circom reports them.
            NativeError: the calculator stopped for another reason.
        """
        if os.getpid() != self._owner:
            _inherited.append((self._engine, self._module, self._shim, self._idle))
            self._open()
        with self._instance() as instance:
            return _wtns(instance.wires(inputs))

    def _open(self) -> None:
        self._owner = os.getpid()
        # Compiling in parallel would leave threads behind, which a fork does not copy and a child would wait for.
        config = wasmtime.Config()
        config.parallel_compilation = False
        self._engine = wasmtime.Engine(config)
        self._module = _compiled(self._engine, self._code, self._cache)
        self._shim = wasmtime.Module(self._engine, SHIM)
        self._idle: queue.SimpleQueue[Instance] = queue.SimpleQueue()

    @contextmanager
    def _instance(self) -> Iterator[Instance]:
        try:
            instance = self._idle.get_nowait()
        except queue.Empty:
            instance = Instance(self._engine, self._module, self._shim)
        yield instance
        # Not reached after an exception.
        self._idle.put(instance)


def _compiled(engine: wasmtime.Engine, code: bytes, cache: Path | None) -> wasmtime.Module:
    stored = None if cache is None else cache / f"{content_name(code)}.compiled"
    if stored is not None and stored.is_file():
        try:
            return wasmtime.Module.deserialize_file(engine, str(stored))
        except wasmtime.WasmtimeError:
            pass  # of another processor or engine version: compile again
    try:
        module = wasmtime.Module(engine, code)
    except wasmtime.WasmtimeError as error:
        raise InputError("the .wasm is not a WebAssembly module") from error
    if stored is not None:
        store(stored, bytes(module.serialize()))
    return module


def _wtns(wires: bytes) -> bytes:
    header = struct.pack("<I32sI", WIRE_BYTES, FIELD_ORDER.to_bytes(WIRE_BYTES, "little"), len(wires) // WIRE_BYTES)
    sections = b"".join(struct.pack("<IQ", kind, len(body)) + body for kind, body in [(1, header), (2, wires)])
    return b"wtns" + struct.pack("<II", 2, 2) + sections

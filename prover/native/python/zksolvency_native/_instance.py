"""One instance of circom's witness calculator: what runs in the engine, for one thread at a time."""

import struct
import weakref
from collections.abc import Callable, Iterator, Mapping

import wasmtime

from zksolvency_native._inputs import FIELD_ORDER, InputValue, signal_hash, signals
from zksolvency_native._native import InputError, NativeError, ProvingError
from zksolvency_native._shim import ENTRY_BYTES, WIRE_BYTES

_PAGE_BYTES = 65536
_ASSERT_FAILED = 4
_EXCEPTIONS = {
    1: "signal not found",
    2: "too many signals set",
    3: "signal already set",
    _ASSERT_FAILED: "assert failed",
    5: "not enough memory",
    6: "input signal array access exceeds the size",
    7: "out of bounds array access",
}
_ENTRY = struct.Struct("<IIII")


class Instance:
    """Wires for one set of inputs after another. After an exception it is in an unknown state: drop it.

    Args:
        engine: the engine of both modules.
        module: circom's calculator.
        shim: the compiled `SHIM`.

    Raises:
        InputError: the module is no witness calculator for bn128.
    """

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module, shim: wasmtime.Module) -> None:
        self._store = wasmtime.Store(engine)
        self._messages: list[str] = []
        self._code: int | None = None
        linker = wasmtime.Linker(engine)
        self._import(linker, "exceptionHandler", [wasmtime.ValType.i32()], self._on_exception)
        self._import(linker, "printErrorMessage", [], self._on_message)
        # What `log()` prints may be a secret.
        self._import(linker, "writeBufferMessage", [], self._drop_message)
        self._import(linker, "showSharedRWMemory", [], self._drop_memory)
        try:
            circuit = linker.instantiate(self._store, module)
            linker.define_instance(self._store, "circuit", circuit)
            shim_exports = linker.instantiate(self._store, shim).exports(self._store)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            raise InputError("the .wasm is no witness calculator of circom") from error
        self._circuit = circuit.exports(self._store)
        self._set_inputs = _function(shim_exports, "set_inputs")
        self._get_witness = _function(shim_exports, "get_witness")
        self._memory = _memory(shim_exports)
        if self._call("getFieldNumLen32") != WIRE_BYTES // 4 or self._prime() != FIELD_ORDER:
            raise InputError("the .wasm is for another field than bn128")
        self._wires = self._call("getWitnessSize")
        self._inputs = self._call("getInputSize")
        self._names: dict[str, tuple[int, int, int]] = {}
        size = max(self._wires * WIRE_BYTES, self._inputs * ENTRY_BYTES)
        self._memory.grow(self._store, size // _PAGE_BYTES + 1)

    def wires(self, inputs: Mapping[str, InputValue]) -> bytes:
        """Wire after wire, 32 little-endian bytes each.

        Raises:
            InputError: a signal is missing, unknown, of another size, or no number.
            ProvingError: an assertion of the circuit fails; names template and line as circom reports them.
            NativeError: the calculator stopped for another reason.
        """
        entries = b"".join(self._entries(inputs))
        count = len(entries) // ENTRY_BYTES
        if count != self._inputs:
            raise InputError(f"{count} input values, the circuit takes {self._inputs}")
        self._messages.clear()
        self._code = None
        self._memory.write(self._store, entries, 0)
        try:
            self._call("init", 1)
            self._set_inputs(self._store, 0, count)
        except (wasmtime.WasmtimeError, wasmtime.Trap, _CircuitError):
            raise self._failure() from None
        self._get_witness(self._store, 0, self._wires)
        size = self._wires * WIRE_BYTES
        wires = bytes(self._memory.read(self._store, 0, size))
        self._memory.write(self._store, bytes(size), 0)
        return wires

    def _entries(self, inputs: Mapping[str, InputValue]) -> Iterator[bytes]:
        for name, values in signals(inputs):
            high, low, size = self._signal(name)
            if size != len(values):
                raise InputError(f"input {name}: {len(values)} values, the circuit takes {size}")
            for index, value in enumerate(values):
                yield _ENTRY.pack(high, low, index, 0) + value.to_bytes(WIRE_BYTES, "little")

    def _signal(self, name: str) -> tuple[int, int, int]:
        if name not in self._names:
            high, low = signal_hash(name)
            size = self._call("getInputSignalSize", _signed(high), _signed(low))
            if size <= 0:
                raise InputError(f"input {name}: the circuit has no such signal")
            self._names[name] = (high, low, size)
        return self._names[name]

    def _prime(self) -> int:
        self._call("getRawPrime")
        words = [self._call("readSharedRWMemory", j) & 0xFFFFFFFF for j in range(WIRE_BYTES // 4)]
        return sum(word << 32 * j for j, word in enumerate(words))

    def _call(self, name: str, *arguments: int) -> int:
        """Call a function of the calculator; 0 where it returns nothing."""
        result = _function(self._circuit, name)(self._store, *arguments)
        return result if isinstance(result, int) else 0

    def _import(
        self, linker: wasmtime.Linker, name: str, parameters: list[wasmtime.ValType], function: Callable[..., None]
    ) -> None:
        kind = wasmtime.FuncType(parameters, [])
        # The store keeps what it is given: if that kept this instance, neither would be freed, nor the secrets in it.
        own = weakref.WeakMethod(function)

        def call(*codes: int) -> None:
            alive = own()
            if alive is not None:
                alive(*codes)

        linker.define(self._store, "runtime", name, wasmtime.Func(self._store, kind, call))

    def _on_exception(self, code: int) -> None:
        self._code = code
        raise _CircuitError

    def _on_message(self) -> None:
        self._messages.append(self._message())

    def _drop_message(self) -> None:
        self._message()

    def _drop_memory(self) -> None:
        """What `show` prints is a secret too."""

    def _message(self) -> str:
        characters = iter(lambda: self._call("getMessageChar"), 0)
        return "".join(map(chr, characters)).strip()

    def _failure(self) -> NativeError:
        what = "the circuit stopped" if self._code is None else _EXCEPTIONS.get(self._code, "unknown error")
        kind = ProvingError if self._code == _ASSERT_FAILED else NativeError
        return kind("; ".join([what, *self._messages]))


class _CircuitError(Exception):
    """Leaves the engine from inside circom's exception handler."""


def _function(exports: Mapping[str, object], name: str) -> wasmtime.Func:
    function = exports.get(name)
    if not isinstance(function, wasmtime.Func):
        raise InputError(f"the .wasm is no witness calculator of circom: it has no function {name}")
    return function


def _memory(exports: Mapping[str, object]) -> wasmtime.Memory:
    memory = exports["memory"]
    if not isinstance(memory, wasmtime.Memory):
        raise NativeError("the shim has no memory")
    return memory


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word

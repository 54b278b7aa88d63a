"""The project's circuits with development keys of the native core, and random valid inputs."""

import json
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.mark import ParameterSet
from prover import State, assess, commit
from prover.toolchain import Artifacts, CircuitInstance, compile_circuits
from prover.toolchain._core import core_cache
from verifier import SCALAR_MODULUS, MarginsPerUnit, VerifyingKey, to_field
from zksolvency_native import NativeProver, WasmWitness, unsafe_development_key

DEEP: Final = pytest.mark.deep
SQUARE: Final = CircuitInstance(
    name="square", file="square.circom", template="Square", params=(), public=("square",), statement="margin", n=1
)
"""The small circuit of the toolchain's tests."""

_SMALL: Final = ("margin-13", "margin-lean-13")
_ALL: Final = (*_SMALL, "margin-28", "margin-lean-28")


def cases(few: int, many: int) -> list[ParameterSet]:
    """Names of circuits with how many proofs to check: a few of 13 assets; in the deep tier many, of every size."""
    return [
        *(pytest.param(name, few) for name in _SMALL),
        *(pytest.param(name, many, marks=DEEP) for name in _ALL if name not in _SMALL or many > few),
    ]


def names() -> list[ParameterSet]:
    """Names of circuits: one of 13 assets; in the deep tier all."""
    return [pytest.param(name, marks=() if name == _SMALL[0] else DEEP) for name in _ALL]


class Circuit:
    """One compiled instance with a key of its own."""

    def __init__(self, name: str, folder: Path, cache: Path) -> None:
        compiled = compile_circuits([name])[name]
        self.wasm, self.r1cs, self.zkey = compiled.wasm, compiled.r1cs, folder / f"{name}.zkey"
        self.cache = cache
        self._n = compiled.instance.n
        made = json.loads(unsafe_development_key(self.r1cs, self.zkey))
        key = VerifyingKey.from_snarkjs(made, compiled.instance.statement, self._n, "development")
        self.verification_key: dict[str, Any] = dict(key.to_json())
        self.artifacts = Artifacts(compiled, self.zkey, folder / f"{name}.json", key)
        self.artifacts.verification_key.write_text(json.dumps(self.verification_key))

    @cached_property
    def inputs(self) -> list[dict[str, Any]]:
        """Thirty random accounts at random rounds, on both sides of the line."""
        return [self.random_inputs() for _ in range(30)]

    def random_inputs(self) -> dict[str, Any]:
        """A random account at a random round."""
        return _inputs(self._n)

    @cached_property
    def calculator(self) -> WasmWitness:
        """From the project's cache, since compiling it takes seconds; tables of passing keys do not go there."""
        return WasmWitness(self.wasm, cache_folder=core_cache())

    def prover(self, **options: Any) -> NativeProver:
        """A prover that checks witnesses against the constraints."""
        usual: dict[str, Any] = {"r1cs_path": self.r1cs, "cache_folder": self.cache}
        return NativeProver(self.zkey, self.calculator, **usual | options)


def _inputs(n: int) -> dict[str, Any]:
    balances = tuple(_signed(secrets.randbelow(79) + 1) for _ in range(n))
    prices = [_signed(63) for _ in range(n)]
    long, extra = (tuple(secrets.randbits(60) | 1 for _ in range(n)) for _ in range(2))
    quote, blind = _signed(130), secrets.randbelow(SCALAR_MODULUS)
    shorts = sum(1 << slot for slot, balance in enumerate(balances) if balance < 0)
    return {
        "commitment": str(commit(State(balances, quote), shorts, blind)),
        "healthy": str(int(assess(balances, quote, prices, MarginsPerUnit(long, extra)).is_healthy)),
        "recipient": str(secrets.randbits(160)),
        "effectivePrice": [str(to_field(price)) for price in prices],
        "marginPerUnit": list(map(str, long)),
        "shortExtra": list(map(str, extra)),
        "balance": [str(to_field(balance)) for balance in balances],
        "quote": str(to_field(quote)),
        "shorts": str(shorts),
        "blind": str(blind),
    }


def _signed(bits: int) -> int:
    """Not zero, so that every input matters."""
    size = secrets.randbits(bits) | 1
    return -size if secrets.randbits(1) else size

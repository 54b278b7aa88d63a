"""The native core as the benchmark opens it: in every arithmetic that runs here, with one thread and with all."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from prover.toolchain import Artifacts
from tools.bench._rows import cores

IFMA: Final = "native IFMA"
PORTABLE: Final = "native portable"


class Opened(NamedTuple):
    """A prover that is kept warm."""

    backend: str
    threads: int
    prover: Any


def has_native() -> bool:
    """Whether the native core is installed."""
    return importlib.util.find_spec("zksolvency_native") is not None


def native() -> ModuleType:
    """The native core, which need not be installed where types are checked."""
    return importlib.import_module("zksolvency_native")


def open_provers(artifacts: Artifacts, cache: Path) -> list[Opened]:
    """Every variant of the native prover for one key."""
    opened = []
    for portable in (False, True):
        for threads in sorted({1, cores()}):
            prover = native().NativeProver(
                artifacts.zkey,
                artifacts.wasm,
                r1cs_path=artifacts.r1cs,
                threads=threads,
                cache_folder=cache,
                portable=portable,
            )
            if portable or prover.arithmetic == "ifma":
                opened.append(Opened(PORTABLE if portable else IFMA, threads, prover))
    return opened

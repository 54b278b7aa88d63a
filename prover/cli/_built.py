"""What the cache holds, found without building anything."""

from pathlib import Path

from prover.toolchain import Artifacts, cache_dir, find_home
from prover.toolchain._cache import Builder, Cache, Key
from prover.toolchain._circuits import find_instance
from prover.toolchain._compile import compile_instance
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._node import NodeProcess
from prover.toolchain._progress import ignore_progress
from verifier import InputError


def find_built(name: str) -> Artifacts | None:
    """An instance with its development keys, if both are in the cache.

    Raises:
        InputError: no instance of that name.
        ToolError: a tool is missing whose version is part of what the cache entries are named by.
    """
    cache = _ReadOnly(cache_dir())
    try:
        circuit = compile_instance(find_instance(name), find_home() / "circuits", cache)
    except _NotBuiltError:
        return None
    keys = UnsafeDevelopmentKeys(cache, NodeProcess("keys.mjs"), ignore_progress).find(circuit)
    return Artifacts(circuit, keys / "circuit.zkey", keys / "verification_key.json") if keys else None


def verification_key(name: str, given: Path | None) -> Path:
    """The file of a verifying key: the one given, else the development key of this machine.

    Raises:
        InputError: none was given and none is built. It is not built now: a new key would fit no proof.
        ToolError: as `find_built`.
    """
    if given is not None:
        return given
    built = find_built(name)
    if built is None:
        raise InputError(f"no key of {name} is built here: name its file with --key, or run `zksolvency setup` first")
    return built.verification_key


class _NotBuiltError(Exception):
    pass


class _ReadOnly(Cache):
    """A cache that finds and never builds."""

    def get(self, label: str, key: Key, build: Builder) -> Path:
        found = self.find(label, key)
        if found is None:
            raise _NotBuiltError
        return found

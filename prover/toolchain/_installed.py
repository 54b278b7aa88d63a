"""Circuits and keys that came out of an archive: where they are, and what they are circuits of."""

import hashlib
import json
from pathlib import Path
from typing import Final

from prover.toolchain._cache import Cache, Key
from prover.toolchain._circuits import CircuitInstance
from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._sources import CIRCOM_FLAGS, collect_sources, sources_digest

_LIBRARY: Final = "circomlib"
_COMPILER: Final = "circom2"


def circuit_digest(instance: CircuitInstance) -> str:
    """SHA-256 over what an instance is compiled from, in hex: the circuits of this installation, and what it pins.

    Compiler and circomlib count by the checksum of package-lock.json, so neither need be installed.
    """
    home = find_home()
    sources = collect_sources(instance.main(), home / "circuits", {}, without=(_LIBRARY,))
    pinned = json.loads((home / "package-lock.json").read_bytes())["packages"]
    built_from = {
        "sources": sources_digest(sources),
        "packages": {name: pinned[f"node_modules/{name}"]["integrity"] for name in (_LIBRARY, _COMPILER)},
        "flags": CIRCOM_FLAGS,
    }
    return hashlib.sha256(json.dumps(built_from, sort_keys=True).encode()).hexdigest()


def installed_folder(instance: CircuitInstance) -> Path | None:
    """The folder with an instance's circuit and keys, when an archive of this installation's circuits brought them."""
    return Cache(cache_dir()).find(installed_label(instance), installed_key(instance))


def installed_label(instance: CircuitInstance) -> str:
    """The label of its cache entry."""
    return f"installed-{instance.name}"


def installed_key(instance: CircuitInstance) -> Key:
    """What its cache entry is named by: the circuit alone, so that another archive's keys replace these."""
    return {"circuit": circuit_digest(instance)}

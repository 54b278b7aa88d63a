"""The toolchain: from the project's sources to compiled circuits, keys and a warm prover."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "BOOK_NAME",
    "CORE_INSTALL_HINT",
    "INSTANCES",
    "NPM_PACKAGE",
    "Anvil",
    "AnyBackend",
    "ArtifactArchive",
    "Artifacts",
    "BackendName",
    "Cache",
    "Ceremony",
    "CircuitInstance",
    "CompiledCircuit",
    "ContractSuite",
    "Contribution",
    "Inputs",
    "NativeBackend",
    "PackedKeys",
    "Progress",
    "ProgressSink",
    "SnarkjsBackend",
    "SolidityExport",
    "ToolStatus",
    "build",
    "build_with_contracts",
    "cache_dir",
    "compile_circuits",
    "compile_contracts",
    "compile_instance",
    "compile_verifiers",
    "default_backend",
    "existing_file",
    "export_solidity",
    "export_verifiers",
    "find_book",
    "find_built",
    "find_foundry",
    "find_home",
    "find_installed",
    "find_named_book",
    "find_node",
    "find_package",
    "has_core",
    "ignore_progress",
    "inspect_tools",
    "install_toolchain",
    "is_book_path",
    "load_account",
    "load_book",
    "load_keys",
    "load_round",
    "local_chain_folder",
    "local_node",
    "new_file",
    "open_backend",
    "own_version",
    "pack_archive",
    "parse_round_file",
    "read_entropy",
    "remove_installed",
    "stop_signals",
    "to_inputs",
    "verifier_file",
    "verifier_sources",
]

if TYPE_CHECKING:
    from prover.toolchain._anvil import Anvil
    from prover.toolchain._archive import ArtifactArchive, PackedKeys, pack_archive, remove_installed
    from prover.toolchain._artifacts import Artifacts, build, find_built, find_installed, load_keys
    from prover.toolchain._backend import AnyBackend, BackendName, default_backend, open_backend
    from prover.toolchain._book_files import load_account, load_round, parse_round_file
    from prover.toolchain._cache import Cache
    from prover.toolchain._ceremony import Ceremony, Contribution, read_entropy
    from prover.toolchain._circuits import INSTANCES, CircuitInstance
    from prover.toolchain._compile import CompiledCircuit, compile_circuits, compile_instance
    from prover.toolchain._contracts import (
        ContractSuite,
        build_with_contracts,
        compile_contracts,
        compile_verifiers,
        verifier_sources,
    )
    from prover.toolchain._core import CORE_INSTALL_HINT, has_core
    from prover.toolchain._doctor import ToolStatus, inspect_tools
    from prover.toolchain._home import cache_dir, find_home
    from prover.toolchain._inputs import Inputs, to_inputs
    from prover.toolchain._install import install_toolchain
    from prover.toolchain._local_node import local_chain_folder, local_node
    from prover.toolchain._named_books import BOOK_NAME, find_book, find_named_book, is_book_path, load_book
    from prover.toolchain._native import NativeBackend
    from prover.toolchain._progress import Progress, ProgressSink, ignore_progress
    from prover.toolchain._solidity_export import (
        NPM_PACKAGE,
        SolidityExport,
        export_solidity,
        export_verifiers,
        verifier_file,
    )
    from prover.toolchain._stop_signals import stop_signals
    from prover.toolchain._storage import existing_file, new_file
    from prover.toolchain._tools import find_foundry, find_node, find_package
    from prover.toolchain._version import own_version
    from prover.toolchain._worker import SnarkjsBackend
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._anvil": ("Anvil",),
            "._archive": ("ArtifactArchive", "PackedKeys", "pack_archive", "remove_installed"),
            "._artifacts": ("Artifacts", "build", "find_built", "find_installed", "load_keys"),
            "._backend": ("AnyBackend", "BackendName", "default_backend", "open_backend"),
            "._book_files": ("load_account", "load_round", "parse_round_file"),
            "._cache": ("Cache",),
            "._ceremony": ("Ceremony", "Contribution", "read_entropy"),
            "._circuits": ("INSTANCES", "CircuitInstance"),
            "._compile": ("CompiledCircuit", "compile_circuits", "compile_instance"),
            "._contracts": (
                "ContractSuite",
                "build_with_contracts",
                "compile_contracts",
                "compile_verifiers",
                "verifier_sources",
            ),
            "._core": ("CORE_INSTALL_HINT", "has_core"),
            "._doctor": ("ToolStatus", "inspect_tools"),
            "._home": ("cache_dir", "find_home"),
            "._inputs": ("Inputs", "to_inputs"),
            "._install": ("install_toolchain",),
            "._local_node": ("local_chain_folder", "local_node"),
            "._named_books": ("BOOK_NAME", "find_book", "find_named_book", "is_book_path", "load_book"),
            "._native": ("NativeBackend",),
            "._progress": ("Progress", "ProgressSink", "ignore_progress"),
            "._solidity_export": (
                "NPM_PACKAGE",
                "SolidityExport",
                "export_solidity",
                "export_verifiers",
                "verifier_file",
            ),
            "._stop_signals": ("stop_signals",),
            "._storage": ("existing_file", "new_file"),
            "._tools": ("find_foundry", "find_node", "find_package"),
            "._version": ("own_version",),
            "._worker": ("SnarkjsBackend",),
        },
    )

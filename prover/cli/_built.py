"""Which verifying key a command works with."""

from pathlib import Path

from prover.toolchain import find_built
from verifier import InputError


def verification_key(name: str, given: Path | None) -> Path:
    """The file of a verifying key: the one given, else the development key of this machine.

    Raises:
        InputError: none was given and none is built. It is not built now, since verifying starts no compiler.
        ToolError: a tool is missing whose version is part of what the cache entries are named by.
    """
    key = given or built_key(name)
    if key is None:
        statement = name.rpartition("-")[0]
        raise InputError(
            f"no key of {name} is built here: name its file with --key, "
            f"or run `zksolvency setup --statement {statement}` first"
        )
    return key


def built_key(name: str) -> Path | None:
    """The file of this machine's development key; None when it is not built. Raises ToolError as `verification_key`."""
    built = find_built(name)
    return None if built is None else built.verification_key

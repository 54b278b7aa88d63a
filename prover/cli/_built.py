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
    if given is not None:
        return given
    built = find_built(name)
    if built is None:
        statement = name.rpartition("-")[0]
        raise InputError(
            f"no key of {name} is built here: name its file with --key, "
            f"or run `zksolvency setup --statement {statement}` first"
        )
    return built.verification_key

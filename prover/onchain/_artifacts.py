"""Circuits of a size of book, with the keys that its proofs are made with."""

from collections.abc import Sequence
from pathlib import Path

from prover.toolchain import Artifacts, ProgressSink, build, ignore_progress, load_keys
from verifier import StatementName, instance_name


def book_artifacts(
    statements: Sequence[StatementName], n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> dict[StatementName, Artifacts]:
    """Statements for a size of book, compiled where they are not cached, with their keys.

    Args:
        statements: which.
        n: assets of the book.
        keys: folder with those of ceremonies, such as open-13 and update-13; None for this machine's development keys.
        progress: receives what is built.

    Raises:
        InputError: the folder lacks a key, or there are no circuits of this size.
        ToolError: a tool is missing or failed.
    """
    names = {statement: instance_name(statement, n) for statement in statements}
    if keys is not None:
        return {statement: load_keys(name, keys / name, progress=progress) for statement, name in names.items()}
    built = build(list(names.values()), progress=progress)
    return {statement: built[name] for statement, name in names.items()}

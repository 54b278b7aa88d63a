"""Folders of the user: where the system says that they lie, or what to set where it does not say."""

from collections.abc import Callable
from pathlib import Path

from verifier import InputError


def user_folder(find: Callable[[], Path], what: str, remedy: str) -> Path:
    """A folder below the user's home.

    Args:
        find: gives the path.
        what: names the folder in the error ("cache folder").
        remedy: what to do when there is no home, for instance "set HOME".

    Raises:
        InputError: the user has no home folder: HOME is not set, and the user id has no passwd entry, as in many
            containers.
    """
    try:
        return find()
    except (KeyError, RuntimeError):  # from `pwd`, and from `pathlib` and `platformdirs`
        raise InputError(f"the system names no home folder, where the {what} would lie: {remedy}") from None

"""Where things lie: the project's own sources, and the folder that keeps what is built from them."""

import os
from pathlib import Path
from typing import Final

import platformdirs

from prover.storage import user_folder
from verifier import InputError, ToolError

CACHE_VARIABLE: Final = "ZKSOLVENCY_CACHE"

_PACKAGE: Final = Path(__file__).resolve().parent.parent


def find_home() -> Path:
    """The folder with package.json and circuits/.

    A checkout (editable install) comes first; a wheel carries both in `prover/_data`.

    Raises:
        ToolError: neither is there: the installation is incomplete.
    """
    for home in (_PACKAGE.parent, _PACKAGE / "_data"):
        if (home / "package.json").is_file() and (home / "circuits").is_dir():
            return home
    raise ToolError("circuits and package.json are missing from this installation: install zksolvency again")


def node_script(name: str) -> Path:
    """The path of one of the Node scripts that the package carries."""
    return _PACKAGE / "node" / name


def cache_dir() -> Path:
    """The folder for everything built; it need not exist yet.

    Raises:
        InputError: the user has no home folder and `ZKSOLVENCY_CACHE` names none; or the folder could be changed by
            any user: a key that another user put there could reveal accounts.
    """
    remedy = f"set {CACHE_VARIABLE} to the full path of a folder, or set HOME"
    path = user_folder(_find_cache, "cache folder", remedy)
    try:
        mode = path.stat().st_mode
    except OSError:
        return path
    if mode & 0o002:
        raise InputError(f"all users can write to the cache folder {path}: run `chmod o-w {path}`, or choose another")
    return path


def _find_cache() -> Path:
    override = os.environ.get(CACHE_VARIABLE)
    return Path(override).expanduser().resolve() if override else platformdirs.user_cache_path("zksolvency")

"""Whether the libraries of the extra `risk` are installed."""

from importlib.util import find_spec
from typing import Final

from verifier import ToolError

_LIBRARIES: Final = ("numpy", "scipy", "threadpoolctl")


def require_libraries(*further: str) -> None:
    """Say what to install where the extra `risk` is not.

    Args:
        further: libraries of the extra that not every use needs.

    Raises:
        ToolError: a library is missing.
    """
    if not all(map(find_spec, (*_LIBRARIES, *further))):
        raise ToolError("the extra `risk` is not installed: pip install 'zksolvency-liquidator[risk]'")

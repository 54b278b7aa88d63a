"""The version of this installation."""

from importlib import metadata


def own_version() -> str:
    """As installed; a checkout that was never installed has none."""
    try:
        return metadata.version("zksolvency")
    except metadata.PackageNotFoundError:
        return "(not installed)"

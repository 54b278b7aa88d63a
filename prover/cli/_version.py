"""The version of the program."""

from importlib import metadata


def version() -> str:
    """As installed; a checkout that was never installed has none."""
    try:
        return metadata.version("zksolvency")
    except metadata.PackageNotFoundError:
        return "(not installed)"

"""Reading the status of a running engine."""

from typing import Any

import requests

from liquidator.engine._server import LOOPBACK
from verifier import InputError

_SECONDS = 5.0


def read_status(port: int) -> dict[str, Any]:
    """The status of the engine that listens at a port of this machine.

    Raises:
        InputError: no engine listens there.
    """
    url = f"http://{LOOPBACK}:{port}/status"
    try:
        answer = requests.get(url, timeout=_SECONDS)
        content: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError):
        raise InputError(f"no engine answers at {url}: is it running, and is its status.port {port}?") from None
    if "healthy" not in content:
        raise InputError(f"what listens at {url} is no engine")
    return content

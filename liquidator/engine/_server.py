"""What the engine tells on loopback: `/metrics`, `/health` and `/status`."""

import json
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from prometheus_client import CONTENT_TYPE_LATEST

from liquidator.engine._metrics import Metrics
from verifier import InputError

LOOPBACK: Final = "127.0.0.1"
_HOSTS: Final = frozenset({LOOPBACK, "localhost"})
"""What a request may name as its host: a page in a browser that has its own name point here names another one."""


_Page = Callable[[], tuple[HTTPStatus, str, bytes]]
"""A page: its code, its type and its content."""


class StatusServer:
    """Serves metrics and status to programs of this machine.

    Args:
        port: of loopback; 0 for any free one.
        metrics: of the engine.
        status: makes the status. It is healthy where its `healthy` is true.

    Attributes:
        port: where it listens.

    Raises:
        InputError: another program listens there.
    """

    def __init__(self, port: int, metrics: Metrics, status: Callable[[], dict[str, Any]]) -> None:
        pages: Mapping[str, _Page] = {
            "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE_LATEST, metrics.text()),
            "/status": lambda: (HTTPStatus.OK, "application/json", _json(status())),
            "/health": lambda: _health(status()),
        }
        try:
            self._server = ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, pages))
        except OSError as error:
            raise InputError(
                f"settings: status.port: {LOOPBACK}:{port}: {error.strerror}: does another engine run?"
            ) from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="status", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    timeout = 5.0

    def __init__(self, pages: Mapping[str, _Page], *arguments: Any) -> None:
        self._pages = pages
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Serve one of the pages."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        page = self._pages.get(self.path.partition("?")[0])
        if host not in _HOSTS:
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"loopback alone\n")
        elif page is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"/metrics, /health or /status\n")
        else:
            self._send(*page())

    def log_message(self, *_: object) -> None:
        """Requests are not logged."""

    def _send(self, code: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _health(status: dict[str, Any]) -> tuple[HTTPStatus, str, bytes]:
    code = HTTPStatus.OK if status["healthy"] else HTTPStatus.SERVICE_UNAVAILABLE
    return code, "application/json", _json({"healthy": status["healthy"], "alarms": status["alarms"]})


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"

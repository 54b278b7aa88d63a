"""How reporters exchange reports, which are public: a folder with a file for each, and a URL with the newest one."""

import ipaddress
import json
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler
from typing import Any, Final, Protocol, Self

from prover.chain import RequestPolicy, endpoint
from prover.onchain import ReportFile
from prover.oracle._downloads import Download
from verifier import ChainError, InputError, ZkSolvencyError, read_input_file

MAX_REPORT_BYTES: Final = 1 << 16
REPORT_PATH: Final = "/report"

_IDLE_SECONDS: Final = 5
_MAX_CONNECTIONS: Final = 32


class ReportPublisher(Protocol):
    """Where a reporter puts its newest report."""

    def publish(self, file: ReportFile) -> None:
        """Replace the report before.

        Raises:
            InputError: it cannot be written.
        """


class PeerReports(Protocol):
    """Where the reports of other reporters are."""

    def start(self) -> None:
        """Begin to read; returns at once."""

    def read(self, reporters: Sequence[str]) -> list[tuple[str, bytes | ZkSolvencyError]]:
        """What is there, by what it is called in errors; nothing of it is checked.

        Args:
            reporters: addresses of the reporters.
        """


class ReportFolder:
    """A folder with a file for each reporter, which is named by its address.

    Args:
        path: of the folder. Other reporters may write to it.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise InputError(f"{path}: there is no such folder for reports")
        self._path = path

    def publish(self, file: ReportFile) -> None:
        """Write the file of the reporter. It is whole at any time, whenever the program is ended."""
        file.save(self._of(file.report.reporter), overwrite=True)

    def start(self) -> None:
        """Nothing to do: it is read at once."""

    def read(self, reporters: Sequence[str]) -> list[tuple[str, bytes | ZkSolvencyError]]:
        """The files of the reporters that have one. Other files are not looked at."""
        found: list[tuple[str, bytes | ZkSolvencyError]] = []
        for path in map(self._of, reporters):
            if not path.exists():
                continue
            name = f"price report {path}"
            try:
                found.append((name, read_input_file(path, name, MAX_REPORT_BYTES)))
            except InputError as error:
                found.append((name, error))
        return found

    def _of(self, reporter: str) -> Path:
        return self._path / f"{reporter.lower()}.json"


class PeerUrl:
    """The URL of another reporter.

    Args:
        url: of its newest report.
        policy: timeouts.

    Raises:
        ChainError: it is no HTTP URL.
    """

    def __init__(self, url: str, policy: RequestPolicy) -> None:
        self._name = f"price report of {endpoint(url)}"
        self._download = Download(url, "peer", policy, MAX_REPORT_BYTES)

    def start(self) -> None:
        """Ask for the report."""
        self._download.start()

    def read(self, reporters: Sequence[str]) -> list[tuple[str, bytes | ZkSolvencyError]]:
        """The answer."""
        try:
            return [(self._name, self._download.result())]
        except ChainError as error:
            return [(self._name, error)]


class ReportServer:
    """Serves the newest report on loopback, at `REPORT_PATH`, for as long as the context.

    Args:
        address: of loopback, such as 127.0.0.1.
        port: 0 for any free one.

    Attributes:
        url: of the report.

    Raises:
        InputError: the address is not one of loopback, or is taken.
    """

    def __init__(self, address: str, port: int) -> None:
        if not _is_loopback(address):
            raise InputError(
                f"{address}: not an address of loopback, such as 127.0.0.1; put a web server in front of it for others"
            )
        self._newest: bytes | None = None
        try:
            self._server = _Server((address, port), _handler(self))
        except OSError as error:
            raise InputError(f"{address}:{port}: cannot be listened at ({error.strerror})") from None
        self.url = f"http://{address}:{self._server.server_address[1]}{REPORT_PATH}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="report server", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def newest(self) -> bytes | None:
        """What is served; None before the first report."""
        return self._newest

    def publish(self, file: ReportFile) -> None:
        """Serve a report from now on."""
        self._newest = json.dumps(file.to_json()).encode()


def parse_listen(text: str) -> tuple[str, int]:
    """Address and port of --listen.

    Raises:
        InputError: malformed.
    """
    address, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port[:6]) >= 1 << 16:
        raise InputError("expected an address and a port to listen at, such as 127.0.0.1:8550")
    return address, int(port)


class _Server(ThreadingHTTPServer):
    """Turns connections away while it has as many as it may."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = _MAX_CONNECTIONS

    def __init__(self, address: tuple[str, int], handler: type[BaseRequestHandler]) -> None:
        self._free = threading.BoundedSemaphore(_MAX_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is no fault of ours."""


def _handler(server: ReportServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _IDLE_SECONDS

        def do_GET(self) -> None:
            newest = server.newest
            if self.path != REPORT_PATH or newest is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(newest)))
            self.end_headers()
            self.wfile.write(newest)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.IPv4Address(address).is_loopback
    except ValueError:
        return False

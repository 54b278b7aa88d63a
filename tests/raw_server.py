"""A server on loopback that answers each connection with bytes of the test's choice, for ever if need be."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

Answer = Callable[[threading.Event], Iterator[bytes]]
"""Yields what is sent, until the client goes away or the event is set."""

OK = b"HTTP/1.1 200 OK\r\n"


def document(body: bytes, status: bytes = OK) -> Answer:
    def answer(_: threading.Event) -> Iterator[bytes]:
        yield status + b"Content-Length: %d\r\n\r\n" % len(body) + body

    return answer


def redirect_to(url: str) -> Answer:
    return document(b"", b"HTTP/1.1 302 Found\r\nLocation: " + url.encode() + b"\r\n")


def silent(closing: threading.Event) -> Iterator[bytes]:
    closing.wait(60)
    yield b""


def endless_body(closing: threading.Event) -> Iterator[bytes]:
    yield OK + b"\r\n"
    while not closing.is_set():
        yield b"0" * 65536


def dripping(start: bytes) -> Answer:
    """A byte now and then, so that no timeout of the socket ever comes."""

    def answer(closing: threading.Event) -> Iterator[bytes]:
        yield start
        while not closing.wait(0.05):
            yield b"x"

    return answer


def hangs_up(_: threading.Event) -> Iterator[bytes]:
    yield b""


class RawServer:
    """Gives every client the same answer, which a test may change.

    Args:
        answer: to begin with.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.connections = 0
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/report"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):  # the client has gone
            client.recv(65536)
            for piece in self.answer(self._closing):
                client.sendall(piece)

"""A proxy on loopback in front of a real node, which injects faults of networks, providers and other users."""

import json
import socket
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

import requests

NODE_SECONDS = 30
EVERY = "*"


class Answer(NamedTuple):
    """Response to the client."""

    status: int
    body: bytes
    pause: float = 0
    """Before each byte of the body [s]; 0 sends it at once."""


@dataclass(frozen=True)
class Call:
    """A JSON-RPC request."""

    method: str
    parameters: list[Any]
    id: Any
    path: str
    forward: Callable[[], Answer]
    closing: threading.Event


Fault = Callable[[Call], Answer | None]
"""None closes the connection without an answer."""


def passes(call: Call) -> Answer:
    return call.forward()


def drops(_: Call) -> None:
    """The request never reaches the node."""


def loses_answer(call: Call) -> None:
    """The node executes the request, and its response is lost."""
    call.forward()


def hangs(call: Call) -> None:
    call.closing.wait(NODE_SECONDS)


def answers(status: int, body: bytes = b"") -> Fault:
    return lambda _: Answer(status, body)


def results(value: object) -> Fault:
    """Well-formed JSON-RPC with that result."""
    return answers(200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())


def drips(call: Call) -> Answer:
    """A byte now and then: a timeout of the socket never comes."""
    return call.forward()._replace(pause=0.1)


def html(call: Call) -> Answer:
    return Answer(200, b"<html><body>Sign in to continue</body></html>")


def refuses(message: str, code: int = -32000, status: int = 200) -> Fault:
    def refuse(call: Call) -> Answer:
        error = {"code": code, "message": message.replace("{path}", call.path)}
        return Answer(status, json.dumps({"jsonrpc": "2.0", "id": call.id, "error": error}).encode())

    return refuse


def rewrites(change: Callable[[Any], object]) -> Fault:
    """The node's own result, changed: what a node whose index lost logs, or one that lies, would answer."""

    def rewrite(call: Call) -> Answer:
        answer = call.forward()
        content = json.loads(answer.body)
        if "result" in content:
            content["result"] = change(content["result"])
        return answer._replace(body=json.dumps(content).encode())

    return rewrite


def before(happening: Callable[[], object], then: Fault = passes) -> Fault:
    """Something happens on the chain before the request arrives."""

    def fault(call: Call) -> Answer | None:
        happening()
        return then(call)

    return fault


def after(happening: Callable[[], object]) -> Fault:
    """Something happens on the chain once the node has the request."""

    def fault(call: Call) -> Answer:
        answer = call.forward()
        happening()
        return answer

    return fault


class FaultProxy:
    """Forwards requests to a node, but for those that a fault is set for.

    Args:
        target: URL of the node.
    """

    def __init__(self, target: str) -> None:
        self.seen: list[tuple[str, list[Any]]] = []
        self._target = target
        self._next: Mapping[str, deque[Fault]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def then(self, method: str, *faults: Fault) -> None:
        """Treat the next requests of a method so, one each."""
        self._next[method].extend(faults)

    def always(self, method: str, fault: Fault) -> None:
        """Treat every request of a method so, from now on; EVERY for every method."""
        self._always[method] = fault

    def count(self, method: str) -> int:
        """How many requests of a method came."""
        return sum(name == method for name, _ in self.seen)

    def _treat(self, call: Call) -> Answer | None:
        self.seen.append((call.method, call.parameters))
        queue = self._next[call.method] or self._next[EVERY]
        fault = queue.popleft() if queue else self._always.get(call.method, self._always.get(EVERY, passes))
        return fault(call)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))

                def forward() -> Answer:
                    with requests.post(
                        proxy._target, body, headers={"Content-Type": "application/json"}, timeout=NODE_SECONDS
                    ) as reply:
                        return Answer(reply.status_code, reply.content)

                request = json.loads(body)
                answer = proxy._treat(
                    Call(request["method"], request["params"], request["id"], self.path, forward, proxy._closing)
                )
                if answer is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self._write(answer)

            def _write(self, answer: Answer) -> None:
                if not answer.pause:
                    self.wfile.write(answer.body)
                    return
                with suppress(OSError):  # the client has gone
                    for byte in answer.body:
                        if proxy._closing.wait(answer.pause):
                            return
                        self.wfile.write(bytes([byte]))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

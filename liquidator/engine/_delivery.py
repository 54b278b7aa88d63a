"""Messages for people and programs elsewhere, by a webhook and a command. A thread waits for them."""

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import requests
import structlog

_LOG: Final = structlog.get_logger("liquidator")

_SECONDS: Final = 10.0
"""Longest wait for a webhook or a command."""

_WAITING: Final = 256
"""Messages that wait for delivery; more are dropped, and the log has them."""


class Delivery:
    """Hands messages over in the order in which they come.

    Args:
        name: of what is delivered, for the log.
        webhook: gets each as a POST of JSON; None for none.
        command: gets each as JSON on its standard input; empty for none.
    """

    def __init__(self, name: str, webhook: str | None = None, command: Sequence[str] = ()) -> None:
        self._name = name
        self._webhook = webhook
        self._command = list(command)
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._deliver, name=name, daemon=True)
        self._thread.start()

    def put(self, message: dict[str, Any]) -> None:
        """Deliver a message."""
        self._put(partial(self._tell, message))

    def ask(self, url: str) -> None:
        """Ask for an address: a sign of life."""
        self._put(partial(self._ask, url, None))

    def close(self) -> None:
        """Deliver what waits, and end."""
        self._queue.put(None)
        self._thread.join(2 * _SECONDS)

    def _put(self, work: Callable[[], None]) -> None:
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            _LOG.warning("not delivered: too many wait", kind=self._name)

    def _deliver(self) -> None:
        while (work := self._queue.get()) is not None:
            work()

    def _tell(self, message: dict[str, Any]) -> None:
        if self._webhook is not None:
            self._ask(self._webhook, message)
        if self._command:
            self._run(message)

    def _ask(self, url: str, content: dict[str, Any] | None) -> None:
        """An address may hold a token: the log has its host alone."""
        host = url.split("/")[2].rpartition("@")[2]
        try:
            if content is None:
                answer = requests.get(url, timeout=_SECONDS)
            else:
                answer = requests.post(url, json=content, timeout=_SECONDS)
            answer.raise_for_status()
        except requests.RequestException as error:
            _LOG.warning("not delivered", kind=self._name, url=host, error=type(error).__name__)

    def _run(self, message: dict[str, Any]) -> None:
        try:
            subprocess.run(
                self._command,
                input=json.dumps(message).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            _LOG.warning("the command failed", kind=self._name, error=type(error).__name__)

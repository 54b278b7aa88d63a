"""Wakes the loop at each block of which a node tells by a websocket. What the block holds is read over HTTP as ever."""

import json
import logging
import threading
from typing import Final, Self

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

_LOG: Final = structlog.get_logger("liquidator")

_SILENT: Final = logging.getLogger("liquidator.websocket")
"""Takes what the library says, which may hold the key of a URL: it writes nothing."""
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

_SUBSCRIBE: Final = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]})
_SLICE: Final = 0.25
"""In which a stop is noticed [s]."""

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
"""Before it connects again, the second twice as long as the first [s]."""

_CLOSE_SECONDS: Final = 5.0


class BlockBell:
    """Listens in a thread of its own while it is entered as a context, and connects again where that ends.

    Args:
        url: of the node's websocket.
        timeout: of a connection [s].
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._rung = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="websocket", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(_CLOSE_SECONDS)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait for a block.

        Args:
            seconds: at most.
            stop: ends it early.

        Returns:
            Whether a block came.
        """
        left = seconds
        while left > 0 and not stop.is_set():
            if self._rung.wait(min(left, _SLICE)):
                break
            left -= _SLICE
        has_rung = self._rung.is_set()
        self._rung.clear()
        return has_rung

    def _listen(self) -> None:
        pause, is_heard = _FIRST_PAUSE, None
        while not self._closing.is_set():
            try:
                with connect(self._url, open_timeout=self._timeout, close_timeout=1, logger=_SILENT) as connection:
                    connection.send(_SUBSCRIBE)
                    self._receive(connection, self._timeout)  # what the node says to it
                    pause = _FIRST_PAUSE
                    if not is_heard:
                        is_heard = True
                        _LOG.info("the websocket tells of blocks")
                    while not self._closing.is_set():
                        if self._receive(connection, _SLICE):
                            self._rung.set()
            except (OSError, ValueError, WebSocketException):
                if is_heard is None or is_heard:
                    is_heard = False
                    _LOG.warning("the websocket does not tell of blocks: the node is asked for them")
                self._closing.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    @staticmethod
    def _receive(connection: ClientConnection, seconds: float) -> bool:
        """Wait for a message. Returns whether one came."""
        try:
            connection.recv(seconds)
        except TimeoutError:
            return False
        return True

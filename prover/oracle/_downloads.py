"""Documents of other programs, asked for side by side: one that never ends its answer delays nothing else."""

import threading
import time
from typing import Final

from prover.chain import RequestPolicy, download
from verifier import ChainError

_GRACE_SECONDS: Final = 0.5
"""For a thread that is at its own deadline."""


class Download:
    """A document that is asked for again and again, by one thread at a time.

    A server may send a byte now and then for ever, in its headers too. Its thread is left behind then, and the server
    is not asked again before the thread ends.

    Args:
        url: of the document.
        what: names the server in errors, such as "price feed".
        policy: timeouts.
        max_bytes: size limit.
    """

    def __init__(self, url: str, what: str, policy: RequestPolicy, max_bytes: int) -> None:
        self._url = url
        self._what = what
        self._policy = policy
        self._max_bytes = max_bytes
        self._thread: threading.Thread | None = None
        self._result: bytes | ChainError | None = None
        self._deadline = 0.0

    def start(self) -> None:
        """Ask for it, unless the last answer has not ended yet."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._result = None
        self._deadline = time.monotonic() + self._policy.response_seconds + _GRACE_SECONDS
        self._thread = threading.Thread(target=self._run, name=f"download of a {self._what}", daemon=True)
        self._thread.start()

    def result(self) -> bytes:
        """The document, waited for until the deadline.

        Raises:
            ChainError: as `download`, or it has not ended in time.
        """
        if self._thread is not None:
            self._thread.join(max(self._deadline - time.monotonic(), 0))
        if isinstance(self._result, bytes):
            return self._result
        raise self._result or ChainError(f"the {self._what} does not end its answer in time")

    def _run(self) -> None:
        try:
            self._result = download(self._url, self._what, self._policy, self._max_bytes)
        except ChainError as error:
            self._result = error

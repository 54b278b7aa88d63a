"""A local EVM node on loopback."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final, Self

from prover.toolchain._tools import find_foundry
from verifier import ToolError

CHAIN_ID: Final = 31337

_LISTENING: Final = re.compile(rb"Listening on (127\.0\.0\.1:[0-9]+)")
_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.01
_LOG_BYTES: Final = 1 << 20


class Anvil:
    """An anvil node that lives as long as the context, listening on a free port of loopback.

    Args:
        state: file to start from, when it exists, and to leave the chain in; None for a chain that is forgotten.
        timestamp: of its first block, Unix seconds; None for the present time.
        chain_id: of the chain.
        hardfork: rules of the chain, such as "shanghai"; None for anvil's newest.

    Raises:
        ToolError: anvil is missing or does not start.
    """

    def __init__(
        self,
        *,
        state: Path | None = None,
        timestamp: int | None = None,
        chain_id: int = CHAIN_ID,
        hardfork: str | None = None,
    ) -> None:
        command = [str(find_foundry("anvil")), "--host", "127.0.0.1", "--port", "0", "--chain-id", str(chain_id)]
        if hardfork is not None:
            command += ["--hardfork", hardfork]
        if state is not None:
            command += ["--state", str(state)]
        if timestamp is not None:
            command += ["--timestamp", str(timestamp)]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`; a pipe would fill up and stop the node
        # in a session of its own: Ctrl-C is for us, who then stop the node in order
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            self.url = self._await_url()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the node."""
        return self._process.pid

    def request(self, method: str, *parameters: object) -> Any:
        """Make a request that only a local node serves, such as moving its clock.

        Args:
            method: of JSON-RPC.
            parameters: of the method.

        Returns:
            Its result.

        Raises:
            ToolError: the node refuses, or does not answer.
        """
        import requests  # noqa: PLC0415 - slow to import, and for local nodes alone

        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        try:
            answer = requests.post(self.url, json=body, timeout=_START_SECONDS).json()
        except requests.RequestException:
            raise ToolError(f"anvil does not answer to {method}") from None
        if "error" in answer:
            raise ToolError(f"anvil refuses {method}: {answer['error'].get('message', 'no reason given')}")
        return answer["result"]

    def move_clock(self, timestamp: int) -> None:
        """Mine an empty block at a time, Unix seconds: after that of the newest block."""
        self.request("evm_setNextBlockTimestamp", timestamp)
        self.request("evm_mine")

    def close(self) -> None:
        """Stop the node, which writes its state first."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _await_url(self) -> str:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            alive = self._process.poll() is None
            found = _LISTENING.search(self._output())
            if found is not None:
                return f"http://{found[1].decode()}"
            if not alive:
                break
            time.sleep(_POLL_SECONDS)
        raise ToolError(f"anvil did not start:\n{self._output().decode(errors='replace')[-2000:]}")

    def _output(self) -> bytes:
        return os.pread(self._log.fileno(), _LOG_BYTES, 0)  # the node shares the offset: it must not move

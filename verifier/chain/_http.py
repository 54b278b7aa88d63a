"""One request to a node, bounded in time, size and nesting; asked again while the node fails in a way that may pass.

What sends a transaction is asked once here; the modules `_sending*` decide about that.
"""

import json
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError
from web3 import Web3
from web3.providers.base import JSONBaseProvider

from verifier._json import is_deep
from verifier.chain._answers import is_answer
from verifier.chain._patience import AnswerTooLongError, NodeError, Patience, retrying

if TYPE_CHECKING:
    from web3.types import RPCEndpoint, RPCResponse

SENDING: Final = frozenset({"eth_sendTransaction", "eth_sendRawTransaction"})
MAX_ANSWER_BYTES: Final = 1 << 26

_CONSTANT: Final = "eth_chainId"
"""What never changes: web3 asks for it before every call."""

_PIECE: Final = 1 << 16
_PASSING_STATUS: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_RATE_LIMITS: Final = ("rate limit", "too many requests", "request rate", "requests per second")
_BEHIND: Final = ("header not found", "block not found", "unknown block", "blockoutofrange")
"""Of a block that another node behind the same URL has told of, as geth, reth, nethermind and anvil put it."""

# Without compression no answer is larger than what came over the line.
_HEADERS: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


def connect(url: str, patience: Patience) -> Web3:
    """Web3 over HTTP, with the bounds and retries of this module."""
    return Web3(Provider(url, patience))


class Provider(JSONBaseProvider):
    """JSON-RPC over HTTP. web3's own provider reads whatever comes, for as long as it comes.

    Args:
        url: of the node.
        patience: how long to wait for what.

    Attributes:
        endpoint_uri: the URL.
    """

    def __init__(self, url: str, patience: Patience) -> None:
        super().__init__()
        self.endpoint_uri = url
        self._patience = patience
        self._threads = threading.local()
        self._chain_id: RPCResponse | None = None

    def make_request(self, method: "RPCEndpoint", params: Any) -> "RPCResponse":
        """Ask the node.

        Raises:
            NodeError: it gives no usable answer.
        """
        if method == _CONSTANT and self._chain_id is not None:
            return self._chain_id
        answer = self._ask(method, params) if method in SENDING else retrying(self._patience)(self._ask, method, params)
        if method == _CONSTANT and "result" in answer:
            self._chain_id = answer
        return answer

    def _ask(self, method: "RPCEndpoint", params: Any) -> "RPCResponse":
        status, content = self._post(self.encode_rpc_request(method, params))
        if status in _PASSING_STATUS:
            raise NodeError(f"answers with HTTP {status}; try again later", passing=True)
        answer = _decode(content)
        error = answer.get("error")
        if isinstance(error, dict):
            if _is_rate_limit(error):
                raise NodeError("takes no more requests now (rate limit); try again later", passing=True)
            if any(words in _message(error) for words in _BEHIND):
                raise NodeError("does not have a block (yet, or any more) that is asked about", passing=True)
        elif status >= HTTPStatus.BAD_REQUEST:
            raise NodeError(
                f"answers with HTTP {status}; is its URL right, with the key that it may need?", passing=False
            )
        elif not is_answer(method, answer.get("result", ...)):
            raise NodeError("answers with something that is no JSON-RPC; is its URL right?", passing=True)
        return cast("RPCResponse", answer)

    def _post(self, data: bytes) -> tuple[int, bytes]:
        """HTTP status and body."""
        deadline = time.monotonic() + self._patience.answer_seconds
        timeouts = (self._patience.connect_seconds, self._patience.answer_seconds)
        try:
            # a redirect would take the request, and a key in its headers, to a host that nobody named
            with self._session().post(
                self.endpoint_uri, data, headers=_HEADERS, timeout=timeouts, allow_redirects=False, stream=True
            ) as response:
                return response.status_code, _read(response, deadline)
        except requests.exceptions.SSLError:
            raise NodeError("offers no TLS that is accepted; is its URL right, http or https?", passing=True) from None
        except (requests.Timeout, ReadTimeoutError):
            raise NodeError("does not answer in time; is it running?", passing=True) from None
        except (OSError, HTTPError, ValueError):  # every other failure of requests, and of what is below it
            raise NodeError("does not answer; is it running?", passing=True) from None

    def _session(self) -> requests.Session:
        """One for each thread: keeps its connection open."""
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
        session: requests.Session = self._threads.session
        return session


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body, read as it comes: a timeout of the socket alone starts anew with each byte."""
    body = bytearray()
    while piece := response.raw.read1(_PIECE, decode_content=True):
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerTooLongError(f"answers with more than {MAX_ANSWER_BYTES >> 20} MiB", passing=False)
        if time.monotonic() > deadline:
            raise AnswerTooLongError("does not end its answer in time", passing=True)
    return bytes(body)


def _decode(content: bytes) -> dict[str, Any]:
    """The JSON object of an answer; an empty one for anything else."""
    try:
        text = content.decode()
        answer = None if is_deep(text) else json.loads(text)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {}


def _message(error: dict[str, Any]) -> str:
    return str(error.get("message")).lower()


def _is_rate_limit(error: dict[str, Any]) -> bool:
    limits = any(words in _message(error) for words in _RATE_LIMITS)
    return limits or error.get("code") == HTTPStatus.TOO_MANY_REQUESTS

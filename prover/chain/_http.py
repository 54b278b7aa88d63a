"""One request to a node, bounded in time, size and nesting; asked again while the node fails in a way that may pass.

Where there are several nodes, the next one is asked.
What sends a transaction is asked once here; the modules `_sending*` decide about that.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import requests
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.base import JSONBaseProvider

from prover.chain._answers import is_answer
from prover.chain._endpoints import endpoint
from prover.chain._patience import AnswerTooLongError, NodeError, OtherChainNodeError, Patience, retrying
from verifier import is_deeply_nested

if TYPE_CHECKING:
    from web3.types import RPCEndpoint, RPCResponse

SENDING: Final = frozenset({"eth_sendTransaction", "eth_sendRawTransaction"})
MAX_ANSWER_BYTES: Final = 1 << 26

_LOG: Final = logging.getLogger("prover.chain")

_CONSTANT: Final = cast("RPCEndpoint", "eth_chainId")
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


def connect(urls: Sequence[str], patience: Patience) -> Web3:
    """Web3 over HTTP, with the bounds and retries of this module."""
    web3 = Web3(Provider(urls, patience))
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)  # signatures make `extraData` long
    return web3


class Provider(JSONBaseProvider):
    """JSON-RPC over HTTP. web3's own provider reads whatever comes, for as long as it comes.

    The first node is asked until it fails, then the next one, and so on in a circle.

    Args:
        urls: of the nodes, one at least.
        patience: how long to wait for what.
    """

    def __init__(self, urls: Sequence[str], patience: Patience) -> None:
        super().__init__()
        self._nodes = [_Node(url, patience) for url in urls]
        self._current = 0
        self._chain_id: RPCResponse | None = None
        self._patience = replace(
            patience,
            attempts=max(patience.attempts, len(urls)),
            request_seconds=patience.request_seconds * len(urls),
        )

    def make_request(self, method: "RPCEndpoint", params: Any) -> "RPCResponse":
        """Ask a node.

        Raises:
            NodeError: none gives a usable answer.
        """
        if method == _CONSTANT and self._chain_id is not None:
            return self._chain_id
        request = self.encode_rpc_request(method, params)
        if method in SENDING:
            answer = self._ask(method, request)
        else:
            answer = retrying(self._patience)(self._ask, method, request)
        if method == _CONSTANT and "result" in answer:
            self._chain_id = answer
        return answer

    def _ask(self, method: "RPCEndpoint", request: bytes) -> "RPCResponse":
        if len(self._nodes) == 1:
            return self._nodes[0].ask(method, request)
        index = self._current
        node = self._nodes[index]
        try:
            if method != _CONSTANT:
                self._require_same_chain(node)
            return node.ask(method, request)
        except NodeError as error:
            error.node = node.name
            is_too_long = isinstance(error, AnswerTooLongError) and not error.passing
            if not is_too_long and not isinstance(error, OtherChainNodeError):
                error.passing = True
                self._current = (index + 1) % len(self._nodes)
            raise

    def _require_same_chain(self, node: "_Node") -> None:
        """Ask a node once which chain it serves."""
        if not node.is_of_chain and self._chain_id is not None:
            answer = node.ask(_CONSTANT, self.encode_rpc_request(_CONSTANT, []))
            if "result" not in answer:
                raise NodeError("does not tell which chain it serves", passing=True)
            if answer["result"] != self._chain_id["result"]:
                raise OtherChainNodeError("serves another chain than the others: leave it out", passing=False)
            node.is_of_chain = True


class _Node:
    """One node.

    Args:
        url: of it.
        patience: how long to wait for what.

    Attributes:
        name: what may be shown of its URL.
        is_of_chain: whether it is known to serve the chain of the others.
    """

    def __init__(self, url: str, patience: Patience) -> None:
        self.name = endpoint(url)
        self.is_of_chain = False
        self._url = url
        self._patience = patience
        self._threads = threading.local()

    def ask(self, method: "RPCEndpoint", request: bytes) -> "RPCResponse":
        """Ask once.

        Raises:
            NodeError: no usable answer.
        """
        notice = threading.Timer(self._patience.notice_seconds, self._tell_of_silence, [method])
        notice.daemon = True
        notice.start()
        try:
            status, content = self._post(request)
        finally:
            notice.cancel()
        if status in _PASSING_STATUS:
            unheard = status == HTTPStatus.TOO_MANY_REQUESTS
            raise NodeError(f"answers with HTTP {status}; try again later", passing=True, is_unheard=unheard)
        answer = _decode(content)
        error = answer.get("error")
        if isinstance(error, dict):
            if _is_rate_limit(error):
                raise NodeError(
                    "takes no more requests now (rate limit); try again later", passing=True, is_unheard=True
                )
            if any(words in _message(error) for words in _BEHIND):
                raise NodeError("does not have a block (yet, or any more) that is asked about", passing=True)
        elif status >= HTTPStatus.BAD_REQUEST:
            raise NodeError(
                f"answers with HTTP {status}; is its URL right, with the key that it may need?",
                passing=False,
                is_unheard=status < HTTPStatus.INTERNAL_SERVER_ERROR,
            )
        elif not is_answer(method, answer.get("result", ...)):
            raise NodeError("answers with something that is no JSON-RPC; is its URL right?", passing=True)
        return cast("RPCResponse", answer)

    def _tell_of_silence(self, method: str) -> None:
        _LOG.info(
            "the node at %s has not answered %s for %g s; waiting up to %g s",
            self.name,
            method,
            self._patience.notice_seconds,
            self._patience.answer_seconds,
        )

    def _post(self, data: bytes) -> tuple[int, bytes]:
        """HTTP status and body."""
        deadline = time.monotonic() + self._patience.answer_seconds
        timeouts = (self._patience.connect_seconds, self._patience.answer_seconds)
        try:
            # a redirect would take the request, and a key in its headers, to a host that nobody named
            with self._session().post(
                self._url, data, headers=_HEADERS, timeout=timeouts, allow_redirects=False, stream=True
            ) as response:
                return response.status_code, _read(response, deadline)
        except requests.exceptions.SSLError:
            raise NodeError("offers no TLS that is accepted; is its URL right, http or https?", passing=True) from None
        except (requests.Timeout, ReadTimeoutError) as error:
            unheard = isinstance(error, requests.ConnectTimeout)
            raise NodeError("does not answer in time; is it running?", passing=True, is_unheard=unheard) from None
        except (OSError, HTTPError, ValueError) as error:  # every other failure of requests, and of what is below it
            unheard = _is_refused(error)
            raise NodeError("does not answer; is it running?", passing=True, is_unheard=unheard) from None

    def _session(self) -> requests.Session:
        """One for each thread: keeps its connection open."""
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
        session: requests.Session = self._threads.session
        return session


def _is_refused(error: Exception) -> bool:
    """Whether no connection was made, so that nothing was sent over it."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


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
        answer = None if is_deeply_nested(text) else json.loads(text)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {}


def _message(error: dict[str, Any]) -> str:
    return str(error.get("message")).lower()


def _is_rate_limit(error: dict[str, Any]) -> bool:
    limits = any(words in _message(error) for words in _RATE_LIMITS)
    return limits or error.get("code") == HTTPStatus.TOO_MANY_REQUESTS

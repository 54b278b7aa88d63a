"""JSON-RPC over HTTP, bounded in time, size and nesting, with retries after transient errors and a failover of nodes.

A request that sends a transaction is made once: `_delivery` decides whether to broadcast again.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import requests
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.base import JSONBaseProvider

from prover.chain._endpoints import endpoint
from prover.chain._node_errors import ChainMismatchError, NodeError, ResponseTooLongError
from prover.chain._request_policy import RequestPolicy, retrying
from prover.chain._rpc_results import is_valid_result
from prover.chain._slow_requests import SlowRequests
from prover.chain._transfer import UNCOMPRESSED, lasting_session, transfer
from verifier import is_deeply_nested

if TYPE_CHECKING:
    from web3.types import RPCEndpoint, RPCResponse

SENDING: Final = frozenset({"eth_sendTransaction", "eth_sendRawTransaction"})
MAX_RESPONSE_BYTES: Final = 1 << 26

_LOG: Final = logging.getLogger("prover.chain")

_SLOW: Final = SlowRequests()

_CONSTANT: Final = cast("RPCEndpoint", "eth_chainId")
"""Its result never changes, and web3 requests it before every call: it is kept."""

_TRANSIENT_STATUS: Final = frozenset(
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
"""The node lacks a block that another node behind the same URL has: messages of geth, reth, nethermind and anvil."""

_HEADERS: Final = {"Content-Type": "application/json", **UNCOMPRESSED}


def connect(urls: Sequence[str], policy: RequestPolicy) -> Web3:
    """Web3 over HTTP, with the bounds and retries of this module."""
    web3 = Web3(Provider(urls, policy))
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)  # signatures make `extraData` long
    return web3


class Provider(JSONBaseProvider):
    """JSON-RPC over HTTP, in place of web3's own provider, which bounds neither time nor size of a response.

    Requests go to the first node until it fails, then to the next one, and so on in a circle.

    Args:
        urls: of the nodes, one at least.
        policy: timeouts and retries.
        role: what they are, for the log.
    """

    def __init__(self, urls: Sequence[str], policy: RequestPolicy, role: str = "node") -> None:
        super().__init__()
        self._nodes = [_Node(url, policy, role) for url in urls]
        self._current = 0
        self._chain_id: RPCResponse | None = None
        self._policy = replace(
            policy,
            attempts=max(policy.attempts, len(urls)),
            request_seconds=policy.request_seconds * len(urls),
        )

    def make_request(self, method: "RPCEndpoint", params: Any) -> "RPCResponse":
        """Make a request.

        Raises:
            NodeError: no node gives a usable response.
        """
        if method == _CONSTANT and self._chain_id is not None:
            return self._chain_id
        request = self.encode_rpc_request(method, params)
        ask = self._ask if method in SENDING else retrying(self._policy).wraps(self._ask)
        answer = ask(method, request)
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
            is_too_long = isinstance(error, ResponseTooLongError) and not error.is_transient
            if not is_too_long and not isinstance(error, ChainMismatchError):
                error.is_transient = True
                self._current = (index + 1) % len(self._nodes)
            raise

    def _require_same_chain(self, node: "_Node") -> None:
        """Check once that a node serves the chain of the others."""
        if not node.is_of_chain and self._chain_id is not None:
            answer = node.ask(_CONSTANT, self.encode_rpc_request(_CONSTANT, []))
            if "result" not in answer:
                raise NodeError("does not tell which chain it serves", is_transient=True)
            if answer["result"] != self._chain_id["result"]:
                raise ChainMismatchError("serves another chain than the others: leave it out", is_transient=False)
            node.is_of_chain = True


class _Node:
    """One node.

    Args:
        url: its URL.
        policy: timeouts and retries.
        role: what it is, for the log.

    Attributes:
        name: what may be shown of its URL.
        is_of_chain: whether it is known to serve the chain of the others.
    """

    def __init__(self, url: str, policy: RequestPolicy, role: str) -> None:
        self.name = endpoint(url)
        self.is_of_chain = False
        self._url = url
        self._policy = policy
        self._role = role
        self._idle: list[requests.Session] = []
        """Each keeps a connection open, for one thread at a time."""

    def ask(self, method: "RPCEndpoint", request: bytes) -> "RPCResponse":
        """Make a request once.

        Raises:
            NodeError: no usable response.
        """
        with _SLOW.notice(self._policy.notice_seconds, partial(self._log_slow_request, method)):
            status, content = self._post(request)
        if status in _TRANSIENT_STATUS:
            unprocessed = status == HTTPStatus.TOO_MANY_REQUESTS
            raise NodeError(
                f"answers with HTTP {status}; try again later", is_transient=True, is_unprocessed=unprocessed
            )
        answer = _decode(content)
        error = answer.get("error")
        if isinstance(error, dict):
            if _is_rate_limit(error):
                raise NodeError(
                    "takes no more requests now (rate limit); try again later",
                    is_transient=True,
                    is_unprocessed=True,
                )
            if any(words in _message(error) for words in _BEHIND):
                raise NodeError("does not have a block (yet, or any more) that is asked about", is_transient=True)
        elif status >= HTTPStatus.BAD_REQUEST:
            raise NodeError(
                f"answers with HTTP {status}; is its URL right, with the key that it may need?",
                is_transient=False,
                is_unprocessed=status < HTTPStatus.INTERNAL_SERVER_ERROR,
            )
        elif not is_valid_result(method, answer.get("result", ...)):
            raise NodeError("answers with something that is no JSON-RPC; is its URL right?", is_transient=True)
        return cast("RPCResponse", answer)

    def _log_slow_request(self, method: str) -> None:
        _LOG.info(
            "the %s at %s has not answered %s for %g s; waiting up to %g s",
            self._role,
            self.name,
            method,
            self._policy.notice_seconds,
            self._policy.response_seconds,
        )

    def _post(self, data: bytes) -> tuple[int, bytes]:
        """HTTP status and body."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = lasting_session(self._url)
        try:
            return transfer(session, "POST", self._url, self._policy, MAX_RESPONSE_BYTES, headers=_HEADERS, data=data)
        finally:
            self._idle.append(session)


def _decode(content: bytes) -> dict[str, Any]:
    """The JSON object of a response; an empty one for anything else."""
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

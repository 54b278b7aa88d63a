"""One request to a node, asked again while the node fails in a way that may pass.

This is the only retry of the transport: the one that web3's HTTPProvider brings is switched off. What sends a
transaction is asked once here; the modules `_sending*` decide about that.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import requests
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_exponential_jitter
from web3 import HTTPProvider, Web3
from web3.middleware import Web3Middleware
from web3.types import RPCEndpoint

if TYPE_CHECKING:
    from web3.types import MakeRequestFn, RPCResponse

SENDING: Final = frozenset({"eth_sendTransaction", "eth_sendRawTransaction"})

_CONSTANT: Final = {RPCEndpoint("eth_chainId")}
"""What never changes: web3 asks for it before every call."""

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


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a node is waited for.

    Attributes:
        attempts: how often one request is made.
        first_pause: before the second attempt; each further one is twice as long, with jitter [s].
        connect_seconds: for the node to take a connection [s].
        answer_seconds: for the node to answer [s].
        request_seconds: no further attempt begins after this time [s].
        bump_seconds: for a transaction to be mined, before it is replaced by one that pays more [s].
        bumps: how often it is replaced.
        nonces: how often a transaction is built anew, when another sender with the same key took its nonce.
    """

    attempts: int = 5
    first_pause: float = 0.2
    connect_seconds: float = 2
    answer_seconds: float = 20
    request_seconds: float = 30
    bump_seconds: float = 30
    bumps: int = 4
    nonces: int = 8


class NodeError(Exception):
    """The node gave no usable answer.

    Args:
        words: what it did, as the end of a sentence about it.
        passing: whether asking again may help.
    """

    def __init__(self, words: str, *, passing: bool) -> None:
        super().__init__(words)
        self.passing = passing


def connect(url: str, patience: Patience) -> Web3:
    """Web3 over HTTP, with the retries of this module."""
    timeouts = (patience.connect_seconds, patience.answer_seconds)
    # a redirect would take the request, and a key in its headers, to a host that nobody named
    provider = HTTPProvider(
        url,
        request_kwargs={"timeout": timeouts, "allow_redirects": False},
        exception_retry_configuration=None,
        cache_allowed_requests=True,
        cacheable_requests=_CONSTANT,
    )
    web3 = Web3(provider)
    web3.middleware_onion.inject(_retries(patience), "retries", layer=0)
    return web3


def _retries(patience: Patience) -> type[Web3Middleware]:
    class Retries(Web3Middleware):
        def wrap_make_request(self, make_request: "MakeRequestFn") -> "MakeRequestFn":
            def ask(method: "RPCEndpoint", params: Any) -> "RPCResponse":
                if method in SENDING:
                    return _ask(make_request, method, params)
                return retrying(patience)(_ask, make_request, method, params)

            return ask

    return Retries


def retrying(patience: Patience) -> Retrying:
    """Calls again while the node fails in a way that may pass; the last failure is raised as it is."""
    return Retrying(
        stop=stop_after_attempt(patience.attempts) | stop_before_delay(patience.request_seconds),
        wait=wait_exponential_jitter(multiplier=patience.first_pause, jitter=patience.first_pause),
        retry=retry_if_exception(lambda error: isinstance(error, NodeError) and error.passing),
        reraise=True,
    )


def _ask(make_request: Callable[..., "RPCResponse"], method: "RPCEndpoint", params: Any) -> "RPCResponse":
    answer: Any
    try:
        answer = make_request(method, params)
    except requests.HTTPError as error:
        answer = _read_status(error.response)
    except requests.exceptions.SSLError:
        raise NodeError("offers no TLS that is accepted; is its URL right, http or https?", passing=True) from None
    except requests.Timeout:
        raise NodeError("does not answer in time; is it running?", passing=True) from None
    except OSError:  # every other failure of requests is one
        raise NodeError("does not answer; is it running?", passing=True) from None
    except ValueError:
        raise _nonsense() from None
    if not isinstance(answer, dict) or not ("result" in answer or isinstance(answer.get("error"), dict)):
        raise _nonsense()
    if _is_rate_limit(answer.get("error")):
        raise NodeError("takes no more requests now (rate limit); try again later", passing=True)
    return cast("RPCResponse", answer)


def _read_status(response: requests.Response | None) -> Any:
    """The JSON-RPC error that came with another HTTP status than 200.

    Raises:
        NodeError: none came.
    """
    if response is None:
        raise _nonsense()
    status = response.status_code
    if status in _PASSING_STATUS:
        raise NodeError(f"answers with HTTP {status}; try again later", passing=True)
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        return answer
    raise NodeError(f"answers with HTTP {status}; is its URL right, with the key that it may need?", passing=False)


def _is_rate_limit(error: Any) -> bool:
    if not isinstance(error, dict):
        return False
    message = str(error.get("message")).lower()
    return error.get("code") == HTTPStatus.TOO_MANY_REQUESTS or any(words in message for words in _RATE_LIMITS)


def _nonsense() -> NodeError:
    return NodeError("answers with something that is no JSON-RPC; is its URL right?", passing=True)

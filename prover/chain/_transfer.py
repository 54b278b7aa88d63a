"""HTTP requests, bounded in time and size. Redirects are not followed."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import requests
from requests.utils import get_netrc_auth
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from prover.chain._endpoints import endpoint
from prover.chain._node_errors import NodeError, ResponseTooLongError
from prover.chain._request_policy import RequestPolicy
from verifier import ChainError

UNCOMPRESSED: Final = {"Accept-Encoding": "identity"}
"""Headers of a request whose response is no larger than what is transferred."""

_PIECE: Final = 1 << 16
_MIB: Final = 1 << 20


def download(url: str, what: str, policy: RequestPolicy, max_bytes: int) -> bytes:
    """Get a document.

    Args:
        url: its URL.
        what: names the server in errors, such as "price source".
        policy: timeouts.
        max_bytes: size limit.

    Raises:
        ChainError: the server does not answer in time, or with anything else than a document of that size.
    """
    place = endpoint(url)
    try:
        with requests.Session() as session:
            status, content = transfer(session, "GET", url, policy, max_bytes, headers=UNCOMPRESSED)
    except NodeError as error:
        raise ChainError(f"the {what} at {place} {error}") from None
    if status != HTTPStatus.OK:
        raise ChainError(f"the {what} at {place} answers with HTTP {status}; is its URL right?")
    return content


def lasting_session(url: str) -> requests.Session:
    """A session for many requests to one URL, which looks at proxies and certificates of the environment once."""
    session = requests.Session()
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.auth = found["proxies"], found["verify"], get_netrc_auth(url)
    session.trust_env = False
    return session


def transfer(
    session: requests.Session,
    method: str,
    url: str,
    policy: RequestPolicy,
    max_bytes: int,
    *,
    headers: Mapping[str, str],
    data: bytes | None = None,
) -> tuple[int, bytes]:
    """Make one HTTP request.

    Args:
        session: keeps connections open.
        method: of HTTP.
        url: where.
        policy: timeouts.
        max_bytes: size limit of the response.
        headers: of the request.
        data: body of the request.

    Returns:
        HTTP status and body.

    Raises:
        NodeError: no response, or one that is too long. `is_unprocessed` where the server was not reached.
    """
    deadline = time.monotonic() + policy.response_seconds
    timeouts = (policy.connect_seconds, policy.response_seconds)
    try:
        # a redirect would take the request, and a key in its headers, to a host that the user did not name
        with session.request(
            method, url, data=data, headers=dict(headers), timeout=timeouts, allow_redirects=False, stream=True
        ) as response:
            return response.status_code, _read(response, deadline, max_bytes)
    except requests.exceptions.SSLError:
        raise NodeError("offers no TLS that is accepted; is its URL right, http or https?", is_transient=True) from None
    except (requests.Timeout, ReadTimeoutError) as error:
        unprocessed = isinstance(error, requests.ConnectTimeout)
        raise NodeError(
            "does not answer in time; is it running?", is_transient=True, is_unprocessed=unprocessed
        ) from None
    except (OSError, HTTPError, ValueError) as error:  # every other failure of requests, and of what is below it
        unprocessed = _is_refused(error)
        raise NodeError("does not answer; is it running?", is_transient=True, is_unprocessed=unprocessed) from None


def _is_refused(error: Exception) -> bool:
    """Whether no connection was made, so that nothing was sent over it."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _read(response: requests.Response, deadline: float, max_bytes: int) -> bytes:
    """The body, with a deadline: a timeout of the socket alone starts again with each byte."""
    body = bytearray()
    while piece := response.raw.read1(_PIECE, decode_content=True):
        body += piece
        if len(body) > max_bytes:
            limit = f"{max_bytes // _MIB} MiB" if max_bytes >= _MIB else f"{max_bytes} bytes"
            raise ResponseTooLongError(f"answers with more than {limit}", is_transient=False)
        if time.monotonic() > deadline:
            raise ResponseTooLongError("does not end its answer in time", is_transient=True)
    return bytes(body)

"""URLs of nodes and other servers: what may be shown of them, and what must not."""

from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from verifier import ChainError

_SECRET_LENGTH: Final = 8
_HIDDEN: Final = "(hidden)"


def endpoint(url: str) -> str:
    """Scheme, host and port of a URL: what may be shown of it.

    Raises:
        ChainError: it is no HTTP URL.
    """
    parts = _split(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")


def secrets_of(url: str) -> set[str]:
    """Parts of a URL that may be a key: short words of a path, such as "v3", are none."""
    parts = _split(url)
    pieces = {parts.username, parts.password, *parts.path.split("/"), parts.query, *parts.query.split("&")}
    pieces |= {pair.partition("=")[2] for pair in parts.query.split("&")}
    known = {piece for piece in pieces if piece and len(piece) >= _SECRET_LENGTH}
    if parts.password:
        known.add(parts.password)
    return known | {unquote(piece) for piece in known}


def hide(secrets: Collection[str], text: str) -> str:
    """A text of another program without secrets of its URL."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ChainError("the URL is not of the form http(s)://host:port/path")
    return parts

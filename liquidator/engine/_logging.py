"""The log: lines of JSON or for people, from which everything is dropped that is not on a list.

A field reaches the log only if its name is in `ALLOWED`. So a new field of an event, a state or a notice stays out
until someone decides that it is public.
"""

import io
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO, cast

import structlog

from liquidator.engine._settings import LogFormat, LogSettings
from verifier import ZkSolvencyError

ALLOWED: Final = frozenset(
    {
        *("event", "level", "timestamp", "logger"),
        *("account", "accounts", "ground", "round", "block", "transaction", "role", "stage", "statement", "asset"),
        *("error", "kind", "refusal", "seconds", "count", "gas", "wei", "address", "chain", "url", "file", "port"),
        *("roles", "version", "flagged", "below", "unread", "hidden", "outcome", "detail", "cured", "rate"),
    }
)
"""Names of public facts. An identity is written in its short form."""

LIBRARIES: Final = ("prover", "urllib3", "web3", "asyncio", "alembic", "sqlalchemy")
"""Whose own words are not written below a warning: requests and responses hold more than the log may."""

_LISTS: Final = (list, tuple)
"""Of words: a named tuple may be a state."""

_MOST: Final = 600
"""Characters of a value: an answer of a node may be as long as it likes."""


class _Stderr(io.TextIOBase):
    """Standard error as it is when something is written."""

    def write(self, text: str) -> int:
        """Write text."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Write what waits."""
        sys.stderr.flush()


def configure_logging(settings: LogSettings) -> None:
    """Write the log of this process on standard error, as the settings say."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    renderer: Any = structlog.processors.JSONRenderer()
    if settings.format is LogFormat.CONSOLE:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_public,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_Stderr())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def keep_public(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list, and what a traceback would show; shorten what is left.

    An error of this project says no secret; of any other error only its kind is written.
    """
    for name in [name for name in event if name not in ALLOWED and not name.startswith("_")]:
        del event[name]
    for name, value in list(event.items()):
        if name.startswith("_"):  # of the standard library's bridge
            continue
        event[name] = _public(value)
    return event


def _public(value: Any) -> Any:
    if isinstance(value, ZkSolvencyError):
        return _line(str(value))
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, str):
        return _line(value)
    if type(value) in _LISTS and all(isinstance(item, str) for item in value):
        return [_line(item) for item in value]
    return type(value).__name__


def _line(text: str) -> str:
    """One line, without what steers a terminal."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return shown if len(shown) <= _MOST else f"{shown[:_MOST]}.."


def short(identity: int) -> str:
    """An identity as people compare it: its first ten digits."""
    return f"0x{identity:064x}"[:12]

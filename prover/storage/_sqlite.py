"""SQLite files that programs share: private, in WAL mode, each transaction that may write with the lock of a writer."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, LargeBinary, TypeDecorator, create_engine, event
from sqlalchemy.exc import OperationalError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

BUSY_SECONDS: Final = 30
"""How long a program waits for another one that writes."""

_WORD: Final = 32
_READS: Final = "reads_alone"


class Word(TypeDecorator[int]):
    """An unsigned integer of 256 bits."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: int | None, _: Any) -> bytes | None:
        return None if value is None else value.to_bytes(_WORD)

    def process_result_value(self, value: bytes | None, _: Any) -> int | None:
        return None if value is None else int.from_bytes(value)


class Words(TypeDecorator[tuple[int, ...]]):
    """Unsigned integers of 256 bits, one after another."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, _: Any) -> bytes | None:
        return None if value is None else b"".join(word.to_bytes(_WORD) for word in value)

    def process_result_value(self, value: bytes | None, _: Any) -> tuple[int, ...] | None:
        if value is None:
            return None
        return tuple(int.from_bytes(value[i : i + _WORD]) for i in range(0, len(value), _WORD))


def open_database(
    path: Path, prepare: Callable[[Connection], None], *, is_durable: bool = False, busy_seconds: float = BUSY_SECONDS
) -> Engine:
    """Open a SQLite file, made with permissions 0600 where there is none. Threads may share the result.

    Args:
        path: the file.
        prepare: makes what tables are missing, in a transaction of its own.
        is_durable: whether a transaction that is committed outlives a power cut, at the cost of a flush for each.
        busy_seconds: how long to wait for another program that writes.

    Raises:
        OSError: the file cannot be made.
        SQLAlchemyError: it cannot be used, or another program holds it for too long.
    """
    # SQLite waits for no lock while a file changes to WAL, which the first program to open it does
    again = Retrying(
        stop=stop_after_delay(busy_seconds),
        wait=wait_random(0.01, 0.1),
        retry=retry_if_exception(lambda error: isinstance(error, OperationalError) and "locked" in str(error)),
        reraise=True,
    )
    return again(_open, path, prepare, "FULL" if is_durable else "NORMAL", busy_seconds)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees the file as it is at its beginning, and that no writer waits for. It writes nothing.

    Args:
        engine: of `open_database`.
    """
    with engine.connect() as connection, connection.execution_options(**{_READS: True}).begin():
        yield connection


def _open(path: Path, prepare: Callable[[Connection], None], synchronous: str, busy_seconds: float) -> Engine:
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * busy_seconds)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")

    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            prepare(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(_READS):
        connection.exec_driver_sql("BEGIN")  # no writer waits for it
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a reader that goes on to write may not wait for another writer

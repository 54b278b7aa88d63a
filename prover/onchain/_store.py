"""What margin books have told, kept in a file: openings, the last sealed state of accounts, and how far they were read.

All of it is public. Nothing of it is believed without a look at the chain: a state counts when the contract has its
commitment, and a cursor when the chain has its block. So a file that is old, or of a chain that was reorganised, costs
requests and no truth.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, TypeVar

import platformdirs
from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, String, Table, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from prover.chain import AccountOpened, StateChanged
from prover.storage import Word, Words, open_database, user_folder
from verifier import InputError

_LOG: Final = logging.getLogger("prover.onchain")

STORE: Final = "books.sqlite"
"""Name of the file that the user's programs share."""

VERSION: Final = 1
"""Of the tables, in `user_version` of the file."""

_T = TypeVar("_T")


_METADATA: Final = MetaData()


def _book_columns() -> tuple[Column[Any], Column[Any]]:
    return Column("chain_id", Integer, primary_key=True), Column("book", String, primary_key=True)


_openings: Final = Table(
    "openings",
    _METADATA,
    *_book_columns(),
    Column("account", Word, primary_key=True),
    Column("owner_tag", Word, nullable=False),
    Column("owner_point", Words, nullable=False),
    Column("guardian_point", Words, nullable=False),
    Column("block", Integer, nullable=False),
    sqlite_with_rowid=False,
)
_states: Final = Table(
    "states",
    _METADATA,
    *_book_columns(),
    Column("account", Word, primary_key=True),
    Column("commitment", Word, nullable=False),
    Column("changed_at_round", Integer, nullable=False),
    Column("rho", Word, nullable=False),
    Column("ciphertext", Words, nullable=False),
    Column("block", Integer, nullable=False),
    Column("transaction", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
_cursors: Final = Table(
    "cursors",
    _METADATA,
    *_book_columns(),
    Column("block", Integer, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
_unopened: Final = Table(
    "unopened",
    _METADATA,
    *_book_columns(),
    Column("account", Word, primary_key=True),
    sqlite_with_rowid=False,
)


class Cursor(NamedTuple):
    """Up to where the openings of a book were read.

    Attributes:
        block: number.
        block_hash: of it: another one now means that the chain was reorganised.
    """

    block: int
    block_hash: bytes


class EventStore:
    """A SQLite file that programs share.

    A file that fails, for want of space for instance, is told of once and then left alone: the store saves requests,
    and the chain has everything.

    Args:
        path: the file, made with permissions 0600 where there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine: Engine | None = None
        self._is_broken = False

    def of(self, chain_id: int, book: str) -> "BookStore":
        """What is kept of one book.

        Args:
            chain_id: of its chain.
            book: its address, checksummed.
        """
        return BookStore(self, chain_id, book)

    def close(self) -> None:
        """Close the file."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, work: Callable[[Connection], _T], otherwise: _T) -> _T:
        """Do something in one transaction.

        Args:
            work: what.
            otherwise: is returned when the file cannot be used.
        """
        if self._is_broken:
            return otherwise
        try:
            with self._opened().begin() as connection:
                return work(connection)
        except (OSError, OverflowError, SQLAlchemyError, _OtherVersionError) as error:
            reason = error.strerror if isinstance(error, OSError) else getattr(error, "orig", None) or error
            _LOG.warning("%s cannot be used (%s): what was read of the chain is not kept", self._path, reason)
            self._is_broken = True
            return otherwise

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = open_database(self._path, _make_tables)
        return self._engine


def _make_tables(connection: Connection) -> None:
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version not in {0, VERSION}:
        raise _OtherVersionError(f"it is of version {version}, and this program knows {VERSION}")
    _METADATA.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


class _OtherVersionError(Exception):
    """The file has tables of another version."""


@dataclass(frozen=True)
class BookStore:
    """What is kept of one book.

    Attributes:
        store: the file.
        chain_id: of the book's chain.
        book: address of the book.
    """

    store: EventStore
    chain_id: int
    book: str

    def cursor(self) -> Cursor | None:
        """Up to where openings were read; None before the first time."""

        def work(connection: Connection) -> Cursor | None:
            row = connection.execute(self._of(_cursors)).one_or_none()
            return None if row is None else Cursor(row.block, row.block_hash)

        return self.store.run(work, None)

    def openings(self) -> list[AccountOpened]:
        """The openings that are kept, oldest first."""

        def work(connection: Connection) -> list[AccountOpened]:
            rows = connection.execute(self._of(_openings).order_by(_openings.c.block))
            return [
                AccountOpened(row.account, row.owner_tag, row.owner_point, row.guardian_point, row.block)
                for row in rows
            ]

        return self.store.run(work, [])

    def unopened(self) -> set[int]:
        """Accounts that events name, and whose openings no node has told of."""

        def work(connection: Connection) -> set[int]:
            return {row.account for row in connection.execute(self._of(_unopened))}

        return self.store.run(work, set())

    def states(self, accounts: Collection[int]) -> dict[int, StateChanged]:
        """The last states that are kept, of these accounts."""

        def work(connection: Connection) -> dict[int, StateChanged]:
            found: dict[int, StateChanged] = {}
            for account in accounts:
                row = connection.execute(self._of(_states).where(_states.c.account == account)).one_or_none()
                if row is not None:
                    found[account] = StateChanged(
                        row.account,
                        row.commitment,
                        row.changed_at_round,
                        row.rho,
                        row.ciphertext,
                        row.block,
                        row.transaction,
                    )
            return found

        return self.store.run(work, {})

    def keep(
        self,
        *,
        openings: Iterable[AccountOpened] = (),
        states: Iterable[StateChanged] = (),
        cursor: Cursor | None = None,
        unopened: Collection[int] | None = None,
    ) -> None:
        """Add to what is kept, all or nothing.

        Args:
            openings: of accounts.
            states: one an account; each replaces the one before.
            cursor: up to where openings were read; None leaves it.
            unopened: replaces the accounts without opening; None leaves them.
        """
        opened = [
            {
                "account": one.account,
                "owner_tag": one.owner_tag,
                "owner_point": one.owner_point,
                "guardian_point": one.guardian_point,
                "block": one.block,
            }
            for one in openings
        ]
        changed = [
            {
                "account": one.account,
                "commitment": one.commitment,
                "changed_at_round": one.changed_at_round,
                "rho": one.rho,
                "ciphertext": one.ciphertext,
                "block": one.block,
                "transaction": one.transaction,
            }
            for one in states
        ]

        def work(connection: Connection) -> None:
            self._put(connection, _openings, opened)
            self._put(connection, _states, changed)
            if cursor is not None:
                self._put(connection, _cursors, [cursor._asdict()])
            if unopened is not None:
                connection.execute(
                    delete(_unopened).where(_unopened.c.chain_id == self.chain_id, _unopened.c.book == self.book)
                )
                self._put(connection, _unopened, [{"account": account} for account in unopened])

        self.store.run(work, None)

    def _put(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        statement = insert(table)
        values = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
        keys = list(table.primary_key.columns)
        whole = (
            statement.on_conflict_do_update(index_elements=keys, set_=values)
            if values
            else statement.on_conflict_do_nothing(index_elements=keys)
        )
        connection.execute(whole, [{"chain_id": self.chain_id, "book": self.book, **row} for row in rows])

    def _of(self, table: Table) -> Any:
        return select(table).where(table.c.chain_id == self.chain_id, table.c.book == self.book)


@contextmanager
def open_user_store() -> Iterator[EventStore | None]:
    """The store that the user's programs share, for as long as the context; None for a user without a home folder."""
    try:
        folder = user_folder(lambda: platformdirs.user_data_path("zksolvency"), "store of margin books", "set HOME")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (InputError, OSError):
        yield None
        return
    with EventStore(folder / STORE) as store:
        yield store

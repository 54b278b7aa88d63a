"""Bringing the tables of a file up to the newest version."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from verifier import InputError

MIGRATIONS: Final = Path(__file__).parent / "_migrations"


def migrate(connection: Connection, path: Path) -> None:
    """Run the migrations that a file lacks, all or none, after a copy of a file that has tables.

    Args:
        connection: to the file, within a transaction that writes.
        path: of the file. The copy lies beside it, named with the version that it has.

    Raises:
        InputError: a newer program wrote the file, or another one.
    """
    script = ScriptDirectory(str(MIGRATIONS))
    version = MigrationContext.configure(connection).get_current_revision()
    if version == script.get_current_head():
        return
    if version is not None:
        if version not in {revision.revision for revision in script.walk_revisions()}:
            raise InputError(
                f"{path}: its tables are of version {version}, which this program does not know: a newer one wrote it; "
                "install that, or name another file"
            )
        _copy(path, path.with_name(f"{path.name}.{version}.backup"))
    elif inspect(connection).get_table_names():
        raise InputError(f"{path}: it is the database of another program; name another file")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(path: Path, target: Path) -> None:
    """Copy what is committed: the writer that asks for the copy has changed nothing yet."""
    os.close(os.open(target, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)

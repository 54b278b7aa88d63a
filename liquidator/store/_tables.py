"""The tables, as the newest migration leaves them; a test compares both."""

import json
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

from prover.storage import Word


class Numbers(TypeDecorator[tuple[int, ...]]):
    """Integers of any size and sign, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, _: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, _: Any) -> tuple[int, ...] | None:
        return None if value is None else tuple(json.loads(value))


METADATA: Final = MetaData()

jobs: Final = Table(
    "jobs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("chain_id", Integer, nullable=False),
    Column("book", String, nullable=False),
    Column("account", Word, nullable=False),
    Column("action", String, nullable=False),
    Column("round_id", Integer, nullable=False),
    Column("stage", String, nullable=False),
    Column("outcome", String),
    Column("detail", Text, nullable=False),
    Column("begun", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Index("jobs_by_task", "chain_id", "book", "account", "action"),
)
transactions: Final = Table(
    "transactions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("chain_id", Integer, nullable=False),
    Column("sender", String, nullable=False),
    Column("nonce", Integer, nullable=False),
    Column("job", Integer, ForeignKey("jobs.id")),
    Column("purpose", Text, nullable=False),
    Column("fee_limit", Word),
    Column("state", String, nullable=False),
    Column("is_abandoned", Boolean, nullable=False),
    Column("mined_as", LargeBinary),
    Column("block", Integer),
    Column("block_hash", LargeBinary),
    Column("succeeded", Boolean),
    Column("changed", Float, nullable=False),
    Index("one_nonce", "chain_id", "sender", "nonce", unique=True, sqlite_where=text("state != 'dropped'")),
    Index("transactions_by_job", "job"),
)
signatures: Final = Table(
    "signatures",
    METADATA,
    Column("transaction_id", Integer, ForeignKey("transactions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)
cooldowns: Final = Table(
    "cooldowns",
    METADATA,
    Column("chain_id", Integer, primary_key=True),
    Column("book", String, primary_key=True),
    Column("account", Word, primary_key=True),
    Column("action", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("until", Float),
    Column("reason", Text, nullable=False),
)
rounds: Final = Table(
    "rounds",
    METADATA,
    Column("chain_id", Integer, primary_key=True),
    Column("book", String, primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("timestamp", Integer, nullable=False),
    Column("prices", Numbers, nullable=False),
    Column("effective_prices", Numbers, nullable=False),
    Column("reduce_only", Integer, nullable=False),
    Column("stale", Integer, nullable=False),
    Column("is_calm", Boolean, nullable=False),
)
margin_calls: Final = Table(
    "margin_calls",
    METADATA,
    Column("chain_id", Integer, primary_key=True),
    Column("book", String, primary_key=True),
    Column("account", Word, primary_key=True),
    Column("level", String, nullable=False),
    Column("told", Float, nullable=False),
    Column("is_over", Boolean, nullable=False),
)

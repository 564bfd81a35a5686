"""The campaign's own tables, and the one way to open a database.

SQLAlchemy Core is here because one well-kept library speaks to SQLite and PostgreSQL alike, with types and parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator

from campaign.errors import CampaignError, TryLaterError

# How long SQLite waits for another process's transaction; ours are all over in milliseconds.
_PATIENCE_SECONDS = 30


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC, also in SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Write the time in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read the time as what it was written as."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()

# One row a campaign, inserted in the transaction that plans it: whoever comes second finds it there.
CAMPAIGNS = Table(
    "campaigns",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("planned", UtcTime, nullable=False),
    Column("model", String(200), nullable=False),
    Column("terms", Text, nullable=False),
)

# One row for every customer that the campaign has judged. `state` is empty where none is to be mailed.
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("campaign", String(64), primary_key=True),
    Column("customer", String(200), primary_key=True),
    Column("token", String(32), nullable=False, unique=True),
    Column("decision", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("probability", Float(53)),
    Column("profit", Float(53)),
    Column("state", String(20)),
    Column("run", String(32)),
    Column("leased_until", UtcTime),
    Column("tries", Integer, nullable=False),
    Column("detail", Text),
    Column("changed", UtcTime, nullable=False),
    Index("decisions_by_state", "campaign", "state", "profit"),
)


@contextmanager
def open_database(url: str) -> Iterator[Engine]:
    """Open a database for a while, and make the campaign's tables where they are not there.

    Raises:
        CampaignError: there is none at this address, or it does not let us in.
    """
    try:
        engine = create_engine(url, connect_args={"timeout": _PATIENCE_SECONDS} if url.startswith("sqlite") else {})
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _leave_transactions_to_us)
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        _make_tables(engine)
    except (ArgumentError, ImportError) as error:
        mend = "say it as sqlite:///file.db, or postgresql+psycopg://user@host/database"
        raise CampaignError(f"this database cannot be opened ({type(error).__name__})", mend) from None
    except SQLAlchemyError as error:
        kind = type(error.__cause__ or error).__name__  # the sentence itself may hold the address and its password
        raise TryLaterError(f"the database cannot be opened ({kind})", "check its address, and that it runs") from None
    try:
        yield engine
    finally:
        engine.dispose()


def _make_tables(engine: Engine) -> None:
    try:
        with engine.begin() as connection:
            METADATA.create_all(connection)
    except (IntegrityError, ProgrammingError):
        # PostgreSQL refuses whoever makes them as another does; they are there when it does.
        with engine.begin() as connection:
            METADATA.create_all(connection)


def _leave_transactions_to_us(connection: Any, record: object) -> None:  # noqa: ARG001
    """Keep Python's driver from beginning transactions late.

    Each begins with the write lock instead: a transaction that reads first and then wants to write would be refused at
    once, without waiting, when another has written meanwhile.
    """
    connection.isolation_level = None

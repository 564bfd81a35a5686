"""Answers into a table of an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from augury.batch.options import Destination
from augury.errors import TableError
from augury.sql.names import quote_name

_TYPES = {"string": "TEXT", "int64": "INTEGER", "double": "REAL", "bool": "INTEGER"}


class SqliteTable:
    """A table of an SQLite file, neither of which may be there."""

    types = frozenset[str]()

    def __init__(self, into: Destination) -> None:
        self._into = into
        self._path = Path(into.address)
        self._table = quote_name(into.table)

    def count_rows(self) -> int | None:
        """Count its rows; None where there is no such table."""
        if not self._path.exists():
            return None
        # Not for reading only: what a killed run has left in its journal is taken back first.
        with self._open("rw") as connection:
            # Names that differ in case are one name to it.
            asked = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?)"
            if connection.execute(asked, [self._into.table]).fetchone() is None:
                return None
            rows: int = connection.execute(f"SELECT count(*) FROM {self._table}").fetchone()[0]  # noqa: S608 - quoted
            return rows

    def fill(self, batches: Any, *, replaces: bool) -> None:
        """Make the table of Arrow's reader; a file that was not there is removed where that fails."""
        was_there = self._path.exists()
        try:
            with self._open("rwc") as connection:
                connection.execute("BEGIN IMMEDIATE")
                if replaces:
                    connection.execute(f"DROP TABLE IF EXISTS {self._table}")
                self._make(connection, batches)
                connection.execute("COMMIT")
        except BaseException:
            if not was_there:
                self._path.unlink(missing_ok=True)
            raise

    def _make(self, connection: sqlite3.Connection, batches: Any) -> None:
        columns = ", ".join(f"{quote_name(field.name)} {_TYPES[str(field.type)]}" for field in batches.schema)
        connection.execute(f"CREATE TABLE {self._table} ({columns})")
        insert = f"INSERT INTO {self._table} VALUES ({', '.join('?' * len(batches.schema))})"  # noqa: S608 - quoted
        for batch in batches:
            connection.executemany(insert, zip(*(column.to_pylist() for column in batch.columns), strict=True))

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        address = f"{self._path.absolute().as_uri()}?mode={mode}"
        try:
            # Without an isolation level no transaction begins or ends but where that is said.
            with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
                yield connection
        except sqlite3.Error as error:
            mend = "parts that are finished are kept: make it writable, and go on with --resume"
            raise TableError(f"SQLite says: {error}", where=self._into.where, mend=mend) from None

"""Databases at work: each holds a table of the tests' own and answers a query."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pymysql
import pytest

from augury.contract.fold import has_lone_surrogate
from augury.sql.layout import Kind, Layout
from tests.engines.mariadb import find_mariadbd, run_mariadb
from tests.engines.postgresql import find_programs, run_postgresql

_POSTGRESQL_TYPES: Mapping[Kind, str] = {
    "text": "TEXT",
    "float": "DOUBLE PRECISION",
    "decimal": "NUMERIC",
    "integer": "NUMERIC(40)",
    "boolean": "BOOLEAN",
    "other": "DATE",
    "nested": "TEXT[]",
}
_MARIADB_TYPES: Mapping[Kind, str] = {
    "text": "LONGTEXT",
    "float": "DOUBLE",
    "decimal": "DECIMAL(65, 30)",
    "integer": "DECIMAL(65)",
    "boolean": "BOOLEAN",
    "other": "DATE",
    "nested": "BLOB",
}


class Database:
    """A database through its driver."""

    def __init__(self, dialect: str, connection: Any, types: Mapping[Kind, str], *, mark: str, quote: str) -> None:
        self.dialect = dialect
        self._connection = connection
        self._types = types
        self._mark = mark
        self._quote = quote

    def can_hold(self, cell: Any, kind: Kind) -> bool:
        """Hold what a column of this kind may hold in this database."""
        if self.dialect == "sqlite":
            return _can_sqlite_hold(cell, kind)
        if kind == "dynamic" or (isinstance(cell, str) and has_lone_surrogate(cell)):
            return False
        if self.dialect == "postgres":
            return not (isinstance(cell, str) and "\0" in cell)
        return not (isinstance(cell, float) and not math.isfinite(cell))

    def can_name(self, name: str) -> bool:
        """Tell whether a column may have this name."""
        return self.dialect != "mariadb" or not name.endswith(" ")

    def create(self, name: str, layout: Layout, rows: Sequence[Sequence[Any]]) -> str:
        """Make a table."""
        quoted = [self.quote(column.name) for column in layout.columns]
        kinds = [column.kind for column in layout.columns]
        columns = [f"{word} {self._types.get(kind, '')}" for word, kind in zip(quoted, kinds, strict=True)]
        source = self.quote(name)
        marks = ", ".join([self._mark] * (len(columns) + 1))
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {source}")
            cursor.execute(f"CREATE TABLE {source} ({', '.join([*columns, self.quote('row') + ' INTEGER'])})")
            cells = [(*map(self._make_cell, row, kinds), number) for number, row in enumerate(rows)]
            cursor.executemany(f"INSERT INTO {source} VALUES ({marks})", cells)
        return source

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def quote(self, name: str) -> str:
        """Quote a name."""
        return self._quote + name.replace(self._quote, 2 * self._quote) + self._quote

    def _make_cell(self, cell: Any, kind: Kind) -> Any:
        return ([] if self.dialect == "postgres" else b"") if kind == "nested" and cell is not None else cell


def _can_sqlite_hold(cell: Any, kind: Kind) -> bool:
    if isinstance(cell, bool | list | dict):
        # Neither is a type of cell; a column may be declared to be of booleans.
        return kind != "dynamic"
    if isinstance(cell, int):
        return -(2**63) <= cell < 2**63
    return not (isinstance(cell, str) and has_lone_surrogate(cell))


@contextmanager
def run_sqlite_tables() -> Iterator[Database]:
    """Run SQLite in memory; its columns are declared without types, so that each cell keeps its own."""
    with closing(sqlite3.connect(":memory:")) as connection:
        yield Database("sqlite", connection, {}, mark="?", quote='"')


@contextmanager
def run_postgresql_tables() -> Iterator[Database]:
    """Run a server of PostgreSQL, with a database that compares texts as people do, unlike the machine."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with run_postgresql(programs) as folder:
        address = f"host={folder} user=tests dbname="
        with psycopg.connect(f"{address}postgres", autocommit=True) as admin:
            admin.execute(
                "CREATE DATABASE tables TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
            )
        with psycopg.connect(f"{address}tables", autocommit=True, prepare_threshold=None) as connection:
            yield make_postgresql(connection)


def make_postgresql(connection: Any) -> Database:
    """Make a database of PostgreSQL of a connection to it."""
    return Database("postgres", connection, _POSTGRESQL_TYPES, mark="%s", quote='"')


@contextmanager
def run_mariadb_tables() -> Iterator[Database]:
    """Run a server of MariaDB, whose collation by default knows neither case nor accents."""
    program = find_mariadbd()
    if program is None:
        pytest.skip("MariaDB is not installed")
    with (
        run_mariadb(program) as socket,
        closing(pymysql.connect(unix_socket=str(socket), user="tests", charset="utf8mb4", autocommit=True)) as made,
        closing(made.cursor()) as cursor,
    ):
        cursor.execute("CREATE DATABASE tables CHARACTER SET utf8mb4")
        made.select_db("tables")
        yield Database("mariadb", made, _MARIADB_TYPES, mark="%s", quote="`")

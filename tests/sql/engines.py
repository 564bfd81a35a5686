"""The engines that run what is written for them: each holds a table and answers a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from augury.contract.fold import has_lone_surrogate
from augury.sql.layout import Kind, Layout
from tests.engines.tables import run_mariadb_tables, run_postgresql_tables, run_sqlite_tables
from tests.sql.holding import Engine

_DUCKDB_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "float": "DOUBLE",
    "decimal": "DECIMAL(38, 10)",
    "integer": "HUGEINT",
    "boolean": "BOOLEAN",
    "dynamic": "JSON",
    "other": "DATE",
    "nested": "INTEGER[]",
}


class DuckDB:
    """DuckDB in memory."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")

    def can_hold(self, cell: Any, kind: Kind) -> bool:  # noqa: ARG002 - a type for each kind
        """Hold everything but what no text in UTF-8 can be."""
        return not (isinstance(cell, str) and has_lone_surrogate(cell))

    def can_name(self, name: str) -> bool:  # noqa: ARG002 - any is
        """Take every name."""
        return True

    def create(self, name: str, layout: Layout, rows: Sequence[Sequence[Any]]) -> str:
        """Make a table."""
        columns = ", ".join(f"{quote(column.name)} {_DUCKDB_TYPES[column.kind]}" for column in layout.columns)
        columns = ", ".join(filter(None, [columns, "row INTEGER"]))
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
        kinds = [column.kind for column in layout.columns]
        made = [[_make_cell(row[place], kind) for row in rows] for place, kind in enumerate(kinds)]
        # A list for each column: the real table, row by row, would take a minute.
        lists = ", ".join(f"unnest(?::{_DUCKDB_TYPES[kind]}[])" for kind in (*kinds, "integer"))
        self._connection.execute(f"INSERT INTO {name} SELECT {lists}", [*made, list(map(str, range(len(rows))))])
        return name

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self._connection.execute(query).fetchall()


def _make_cell(cell: Any, kind: Kind) -> Any:
    if cell is None:
        return None
    if kind in {"integer", "decimal"}:
        return str(cell)  # a list of small and large integers would be one of doubles
    return json.dumps(cell) if kind == "dynamic" else [] if kind == "nested" else cell


def quote(name: str) -> str:
    """Quote a name as the standard does."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def run_duckdb() -> Iterator[Engine]:
    """Run DuckDB."""
    yield DuckDB()


ENGINES: dict[str, Callable[[], Any]] = {
    "duckdb": run_duckdb,
    "mariadb": run_mariadb_tables,
    "postgres": run_postgresql_tables,
    "sqlite": run_sqlite_tables,
}

"""SQLite, through Python's own module: cells have types of their own, whatever their column declares."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from augury.batch.source import Part, Reading, fingerprint_files
from augury.batch.stream import cut_parts
from augury.batch.typed_cells import make_array
from augury.errors import TableError, UsageError
from augury.sql.layout import Kind, Layout, SourceColumn
from augury.sql.names import quote_name
from augury.tables.table import check_header

MAGIC = b"SQLite format 3\0"
# Rows that are taken at once.
_BLOCK_ROWS = 16_384
# What the cells of a column are, by SQLite's own words for their types.
_KINDS: dict[frozenset[str], Kind] = {
    frozenset(): "text",
    frozenset({"text"}): "text",
    frozenset({"integer"}): "integer",
    frozenset({"real"}): "float",
}


class SqliteSource:
    """A table or a query of an SQLite database."""

    # One statement reads all rows, of one moment.
    is_snapshot = True
    lacking: frozenset[str] = frozenset()

    def __init__(self, path: Path, *, table: str | None, query: str | None) -> None:
        self.where = str(path)
        self._path = path
        self._query = self._choose(table, query)
        with self._open() as connection:
            header = [name for name, *_ in connection.execute(f"SELECT * FROM {self._query} LIMIT 0").description]  # noqa: S608
            check_header(header, self.where)
            self.total: int | None = connection.execute(f"SELECT count(*) FROM {self._query}").fetchone()[0]  # noqa: S608
            columns = tuple(SourceColumn(name, self._find_kind(connection, name)) for name in header)
        self.layout = Layout(columns)

    def find_fingerprint(self) -> dict[str, object]:
        """Find what tells this table from others; what is not yet in the database's file is in the one beside it."""
        beside = self._path.with_name(f"{self._path.name}-wal")
        paths = [path for path in (self._path, beside) if path == self._path or path.exists()]
        return fingerprint_files(paths, self.where, [self._query])

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done."""
        return cut_parts(self._iter_tables(reading.columns), reading)

    def _choose(self, table: str | None, query: str | None) -> str:
        if query is not None:
            return f"({query.strip().rstrip(';')})"
        if table is not None:
            return quote_name(table)
        with self._open() as connection:
            found = connection.execute(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
        if len(found) == 1:
            return quote_name(found[0][0])
        what = f"the database has {len(found)} tables"
        raise UsageError(what, where=self.where, mend="name one by --table, or give a --query")

    def _find_kind(self, connection: sqlite3.Connection, name: str) -> Kind:
        """Find the kind of a column by its cells: the engine lets each have a type of its own."""
        column = quote_name(name)
        found = connection.execute(
            f"SELECT DISTINCT typeof({column}) FROM {self._query} WHERE {column} IS NOT NULL"  # noqa: S608 - quoted
        )
        return _KINDS.get(frozenset(kind for (kind,) in found), "dynamic")

    def _iter_tables(self, columns: Sequence[str]) -> Iterator[Any]:
        import pyarrow as pa

        kinds = {column.name: column.kind for column in self.layout.columns}
        names = ", ".join(map(quote_name, columns))
        with self._open() as connection:
            found = connection.execute(f"SELECT {names} FROM {self._query}")  # noqa: S608 - quoted
            while rows := found.fetchmany(_BLOCK_ROWS):
                cells = zip(columns, zip(*rows, strict=True), strict=True)
                yield pa.table({name: make_array(of_column, kinds[name]) for name, of_column in cells})

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the database for reading only."""
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                yield connection
        except sqlite3.Error as error:
            what = f"the database cannot be read: {error}"
            raise TableError(what, where=self.where, mend="check its path, --table and --query") from None


def find_path(address: str) -> Path:
    """Find the path in an address, ``sqlite:///relative.db`` or ``sqlite:////absolute.db``."""
    return Path(address.removeprefix("sqlite://").removeprefix("/"))

"""A PostgreSQL server at work: one connection by ADBC, what its columns are, and what it says when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from augury.errors import TableError, UsageError
from augury.sql.layout import Kind, Layout, SourceColumn
from augury.sql.names import quote_name
from augury.tables.table import check_header

SCHEMES = ("postgresql://", "postgres://")
# The server's own words for its types: by name, else by the category that it sorts them into.
_BY_NAME: dict[str, Kind] = {
    "float4": "float",
    "float8": "float",
    "numeric": "decimal",
    "int2": "integer",
    "int4": "integer",
    "int8": "integer",
    "json": "nested",
    "jsonb": "nested",
}
_BY_CATEGORY: dict[str, Kind] = {"S": "text", "E": "text", "B": "boolean", "A": "nested", "C": "nested"}
# Of a domain the type beneath it, which is never one itself here: the server resolves them all.
_COLUMNS = """
WITH RECURSIVE types (oid, base, depth) AS (
  SELECT oid, oid, 0 FROM pg_type
  UNION ALL
  SELECT types.oid, pg_type.typbasetype, types.depth + 1
  FROM types JOIN pg_type ON pg_type.oid = types.base WHERE pg_type.typtype = 'd'
)
SELECT attname::text, pg_type.typname::text, pg_type.typcategory::text
FROM pg_attribute
JOIN LATERAL (SELECT base FROM types WHERE types.oid = atttypid ORDER BY depth DESC LIMIT 1) AS beneath ON true
JOIN pg_type ON pg_type.oid = beneath.base
WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""


@contextmanager
def connect(address: str, *, mend: str) -> Iterator[Any]:
    """Connect, in a transaction that is rolled back unless it is committed; ``mend`` says what to look at on failure.

    Raises:
        UsageError: the driver is not installed.
        TableError: the server cannot be reached, refuses, or goes away; the sentence has its own words.
    """
    try:
        import adbc_driver_manager
        import pyarrow as pa
        from adbc_driver_postgresql import dbapi
    except ImportError:
        what = "PostgreSQL is asked by ADBC, which is not installed"
        raise UsageError(what, mend='pip install "augury[batch]"') from None
    try:
        with closing(dbapi.connect(address)) as connection:
            yield connection
    except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
        what = f"PostgreSQL says: {_shorten(str(error))}"
        raise TableError(what, where=show_address(address), mend=mend) from None


def read_layout(cursor: Any, table: str, where: str) -> Layout:
    """Read the columns of a table or view as the server declares them.

    Raises:
        TableError: two columns differ in case only, or one has no name.
    """
    cursor.execute(_COLUMNS, (quote_table(table),))
    rows = cursor.fetchall()
    check_header([name for name, _, _ in rows], where)
    return Layout(
        tuple(
            SourceColumn(name, _BY_NAME.get(kind) or _BY_CATEGORY.get(category, "other"))
            for name, kind, category in rows
        )
    )


def quote_table(name: str) -> str:
    """Quote the name of a table, and of the schema before it."""
    return ".".join(map(quote_name, name.split(".")))


def show_address(address: str) -> str:
    """Show an address without the user and the password."""
    parts = urlsplit(address)
    host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return f"{parts.scheme}://{host}{parts.path}"


def show_source(source: str) -> str:
    """Show a source as an error may name it: an address without what it says of a user."""
    return show_address(source) if source.startswith(SCHEMES) else source


def _shorten(said: str) -> str:
    """Keep what the server says, without the driver's own frame and the query."""
    line = next((line for line in said.splitlines() if "ERROR:" in line or "FATAL:" in line), said.splitlines()[0])
    for word in ("ERROR:", "FATAL:"):
        line = line.rpartition(word)[2]
    return line.strip().rstrip(".")

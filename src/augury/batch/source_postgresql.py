"""PostgreSQL, through ADBC: rows come as Arrow batches, by the server's own binary COPY, and nothing is cast twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from augury.batch.postgresql import connect, quote_table, show_address
from augury.batch.source import Part, Reading
from augury.batch.source_arrow import convert_batch, find_arrow_columns
from augury.batch.stream import cut_parts
from augury.errors import UsageError
from augury.sql.layout import Layout, SourceColumn
from augury.sql.names import quote_name
from augury.tables.table import check_header

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


# A table's rows come in the order in which they lie there: from its beginning, and from one reader.
_IN_ORDER = ("SET synchronize_seqscans = off", "SET max_parallel_workers_per_gather = 0")
# Where each row lies, and which transaction wrote it; in a view, neither is known.
_VERSIONS = "sum(('x' || md5(ctid::text || ' ' || xmin::text))::bit(32)::bigint)"


class PostgresqlSource:
    """A table or a query of a PostgreSQL database."""

    # One statement reads all rows, of one moment.
    is_snapshot = True
    lacking: frozenset[str] = frozenset()

    def __init__(self, connection: DuckDBPyConnection, address: str, *, table: str | None, query: str | None) -> None:
        self._address = address
        # Without the user and the password.
        self.where = show_address(address)
        self._query = _choose(table, query, self.where)
        with self._open() as cursor:
            self._is_query = query is not None or _is_view(cursor, self._query)
            cursor.execute(f"SELECT * FROM {self._query} AS rows LIMIT 0")  # noqa: S608 - quoted, or the user's own
            schema = cursor.fetch_arrow_table().schema
            check_header(schema.names, self.where)
            cursor.execute(f"SELECT count(*) FROM {self._query} AS rows")  # noqa: S608
            self.total: int | None = cursor.fetchone()[0]
        # The server rounds them as Python does; ADBC gives them as texts.
        self._decimals = frozenset(field.name for field in schema if _is_numeric(field.type))
        columns = find_arrow_columns(connection, schema)
        self.layout = Layout(
            tuple(SourceColumn(each.name, "float") if each.name in self._decimals else each for each in columns)
        )

    def find_fingerprint(self) -> dict[str, object]:
        """Find what tells the rows from others: of a table which version of each stands where, of a query its text.

        Rows of a query come in the same order again where the query says in which.
        """
        said = f"{self._query} {self.layout}"
        known = {"address": self.where, "digest": hashlib.sha256(said.encode()).hexdigest()}
        if self._is_query:
            return {**known, "rows": self.total}
        with self._open() as cursor:
            cursor.execute(f"SELECT {_VERSIONS} FROM {self._query} AS rows")  # noqa: S608 - quoted
            return {**known, "rows": self.total, "versions": str(cursor.fetchone()[0])}

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done.

        Raises:
            UsageError: some are done, and nothing says in which order the rows come.
        """
        if reading.done and self._is_query and "order by" not in self._query.lower():
            what = "the rows of a query without ORDER BY may come in another order"
            raise UsageError(what, where=self.where, mend="start anew with --force")
        return cut_parts(self._iter_batches(reading.columns), reading)

    def _iter_batches(self, columns: Sequence[str]) -> Iterator[Any]:
        names = ", ".join(map(self._write_column, columns))
        with self._open() as cursor:
            for setting in _IN_ORDER:
                cursor.execute(setting)
            cursor.execute(f"SELECT {names} FROM {self._query} AS rows")  # noqa: S608 - quoted, or the user's own
            yield from map(convert_batch, cursor.fetch_record_batch())

    def _write_column(self, name: str) -> str:
        quoted = quote_name(name)
        return f"CAST({quoted} AS double precision) AS {quoted}" if name in self._decimals else quoted

    @contextmanager
    def _open(self) -> Iterator[Any]:
        mend = "check the address, --table and --query; parts that are finished are kept"
        with connect(self._address, mend=mend) as connection, connection.cursor() as cursor:
            yield cursor


def _choose(table: str | None, query: str | None, where: str) -> str:
    if query is not None:
        return f"({query.strip().rstrip(';')})"
    if table is None:
        raise UsageError("nothing says which rows", where=where, mend="name a table by --table, or give a --query")
    return quote_table(table)


def _is_view(cursor: Any, name: str) -> bool:
    """Tell whether a name is a view's or a foreign table's, whose rows lie nowhere here."""
    cursor.execute("SELECT relkind::text FROM pg_class WHERE oid = CAST($1 AS regclass)", (name,))
    return cursor.fetchone()[0] in {"v", "f"}


def _is_numeric(kind: Any) -> bool:
    return getattr(kind, "type_name", None) == "numeric"

"""Answers into a table of PostgreSQL, by COPY."""

from __future__ import annotations

from typing import Any

from augury.batch.options import Destination
from augury.batch.postgresql import connect, quote_table
from augury.errors import UsageError

_MEND = "check the address, --into and your rights; parts that are finished are kept: go on with --resume"


class PostgresqlTable:
    """A table of a PostgreSQL database, which may not be there."""

    types = frozenset({"DATE", "TIMESTAMP"})

    def __init__(self, into: Destination) -> None:
        self._into = into

    def count_rows(self) -> int | None:
        """Count its rows; None where there is no such table, and one can be made."""
        table, schema = quote_table(self._into.table), self._schema
        with connect(self._into.address, mend=_MEND) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT has_schema_privilege(coalesce($1::text, current_schema()), 'CREATE')", (schema,))
            if not cursor.fetchone()[0]:
                what = "you have no right to make tables there"
                raise UsageError(what, where=self._into.where, mend="ask for it, or name another schema by --into")
            cursor.execute("SELECT to_regclass($1) IS NOT NULL", (table,))
            if not cursor.fetchone()[0]:
                return None
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names are quoted
            rows: int = cursor.fetchone()[0]
            return rows

    def fill(self, batches: Any, *, replaces: bool) -> None:
        """Make the table of Arrow's reader."""
        name = self._into.table.rpartition(".")[2]
        with connect(self._into.address, mend=_MEND) as connection, connection.cursor() as cursor:
            if replaces:
                cursor.execute(f"DROP TABLE IF EXISTS {quote_table(self._into.table)}")
            cursor.adbc_ingest(name, batches, mode="create", db_schema_name=self._schema)
            connection.commit()

    @property
    def _schema(self) -> str | None:
        return self._into.table.rpartition(".")[0] or None

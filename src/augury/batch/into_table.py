"""Answers into a table of a database: filled from the finished parts in one transaction, so that it is whole or none.

The parts are kept until then, and what becomes of a table that is there already is noted beside them before it begins:
a run that was killed at any time, even between the database's commit and its own end, is gone on with by ``--resume``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from augury.batch.engine import read_batches
from augury.batch.into_postgresql import PostgresqlTable
from augury.batch.into_sqlite import SqliteTable
from augury.batch.ledger import MAKES, REPLACES, Ledger
from augury.batch.options import Destination, Options
from augury.batch.parts import list_files
from augury.batch.plan import Plan
from augury.batch.postgresql import SCHEMES
from augury.batch.summary import Summary
from augury.errors import UsageError
from augury.sql.names import quote_name, quote_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH_ROWS = 16_384
# The engine's types that every database holds, and those that are first made another; all else is told as text.
_HELD = frozenset({"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"})
_WIDER = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    "FLOAT": "DOUBLE",
}


class Place(Protocol):
    """A table of a database, which may not be there."""

    @property
    def types(self) -> frozenset[str]:
        """The engine's types that it holds beside those that every database does."""

    def count_rows(self) -> int | None:
        """Count its rows; None where there is no such table.

        Raises:
            TableError: the database cannot be asked.
            UsageError: no table can be made there.
        """

    def fill(self, batches: Any, *, replaces: bool) -> None:
        """Make the table of Arrow's reader, in one transaction; one of that name is dropped in it if that is said.

        Raises:
            TableError: the database refuses, or is gone; then nothing has changed.
        """


def check_room(options: Options, ledger: Ledger) -> None:
    """See before the work that the database answers, and that no table is in the way.

    Raises:
        TableError: the database cannot be asked.
        UsageError: a table is in the way, or none can be made.
    """
    if options.into is None:
        return
    is_there = _open_place(options.into).count_rows() is not None
    if is_there and not options.force and ledger.noted is None:
        raise _refuse(options.into)


def fill_table(connection: DuckDBPyConnection, plan: Plan, ledger: Ledger, into: Destination, summary: Summary) -> None:
    """Fill the table from the finished parts, unless a run that was killed had already.

    Raises:
        TableError: the database refuses, or is gone; then nothing has changed.
        UsageError: a table is in the way that this run has not made.
    """
    place = _open_place(into)
    noted = ledger.noted
    if noted is None:
        ledger.note(MAKES)
    elif noted == MAKES and (rows := place.count_rows()) is not None:
        # There was none before this run, which was killed: one with all rows is what it had committed.
        if rows != (summary.rows if plan.keeps_refused else summary.scored):
            raise _refuse(into)
        return
    select = _write_select(connection, list_files(ledger, "part-"), _HELD | place.types)
    place.fill(read_batches(connection, select, _BATCH_ROWS), replaces=noted == REPLACES)


def _open_place(into: Destination) -> Place:
    if into.address.startswith(SCHEMES):
        return PostgresqlTable(into)
    return SqliteTable(into)


def _refuse(into: Destination) -> UsageError:
    what = "there is such a table already"
    return UsageError(what, where=into.where, mend="name another by --into, or start anew with --force")


def _write_select(connection: DuckDBPyConnection, parts: Sequence[Path], held: frozenset[str]) -> str:
    names = ", ".join(quote_text(str(part)) for part in parts)
    table = f"read_parquet([{names}])"
    declared = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608 - names are quoted
    columns = ", ".join(_write_column(name, str(kind), held) for name, kind, *_ in declared)
    return f"SELECT {columns} FROM {table}"  # noqa: S608 - names are quoted


def _write_column(name: str, kind: str, held: frozenset[str]) -> str:
    quoted = quote_name(name)
    return quoted if kind in held else f"CAST({quoted} AS {_WIDER.get(kind, 'VARCHAR')}) AS {quoted}"

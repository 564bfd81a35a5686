"""The answers to columns: the statement of the model, run by DuckDB where the columns are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from augury.artifact.document import ModelBody
from augury.errors import TableError, UsageError
from augury.frames.columns import ArrowColumn
from augury.sql.duckdb import set_optimizers
from augury.sql.layout import Bound, Layout, SourceColumn, bind_unique
from augury.statement import Wanted, write_statement
from augury.tables.parquet_file import CONFIG

# The name under which a statement knows the columns.
VIEW = "augury_frame"
# A table of Arrow has rows by its columns: where no column is a field, one of nulls counts them.
_COUNT = "augury_rows"
# Tables that are scored again and again have few layouts, and writing for one takes a tenth of a second.
_KEPT_STATEMENTS = 32


class Statements:
    """The statements of a model by what they are asked of; those of the last few layouts are kept."""

    def __init__(self, body: ModelBody) -> None:
        self.body = body
        self.write = lru_cache(_KEPT_STATEMENTS)(self._write)

    def bind(self, layout: Layout, where: str) -> Bound:
        """Find the column of each field; a field may lack one, which is told of each row.

        Raises:
            ContractError: two columns are one field.
        """
        return bind_unique(self.body.contract, layout, where)

    def _write(self, layout: Layout, wanted: Wanted) -> str:
        bound = self.bind(layout, "the layout")
        return write_statement(self.body, bound, dialect="duckdb", source=VIEW, wanted=wanted)


class Question(Struct, frozen=True):
    """The columns of a table that are fields, by name, and what is given beside the answer.

    ``is_text`` tells that it is a file of texts, ``where`` names it for errors.
    """

    columns: Mapping[str, ArrowColumn]
    row_count: int
    is_text: bool
    wanted: Wanted
    where: str

    @property
    def layout(self) -> Layout:
        """The columns as an engine declares them."""
        return Layout(tuple(SourceColumn(name, column.kind) for name, column in self.columns.items()), self.is_text)


def check_outcomes(identifiers: Sequence[str], outcomes: Sequence[str]) -> None:
    """Check that no identifier, which stands beside the outcomes, is called as one of them is.

    Raises:
        UsageError: one is.
    """
    taken = {name.lower() for name in outcomes}
    twin = next((name for name in identifiers if name.lower() in taken), None)
    if twin is not None:
        raise UsageError(f"two columns of the result would be called {twin!r}", mend="rename that column of the table")


def find_answers(statements: Statements, question: Question) -> Any:
    """Find the answers as an Arrow table: probability, label and faults, and what else is wanted, row by row.

    Raises:
        TableError: DuckDB cannot read a column.
        UsageError: two columns would have one name.
    """
    try:
        with duckdb.connect(":memory:", config=CONFIG) as connection:
            connection.execute(set_optimizers(len(statements.body.contract.features)))
            return _answer_groups(connection, statements, question)
    except duckdb.Error as error:
        what = f"the columns cannot be read: {str(error).partition(chr(10))[0]}"
        raise TableError(what, where=question.where, mend="mend them, or pass fewer rows at once") from None


def _answer_groups(connection: duckdb.DuckDBPyConnection, statements: Statements, question: Question) -> Any:
    """Answer rows that have the same columns together: a key that a record lacks is no null."""
    groups = _find_groups(question)
    if groups is None:
        return _answer(connection, statements, question)
    found = [_answer(connection, statements, _take(question, lacking, rows)) for lacking, rows in groups.items()]
    order = pa.array([row for rows in groups.values() for row in rows])
    return pa.concat_tables(found).take(pc.array_sort_indices(order))


def _answer(connection: duckdb.DuckDBPyConnection, statements: Statements, question: Question) -> Any:
    arrays = {name: column.array for name, column in question.columns.items()}
    connection.register(VIEW, pa.table(arrays or {_COUNT: pa.nulls(question.row_count, pa.bool_())}))
    # The order of rows is kept: DuckDB's own default, on which nobody else has a hand in this connection.
    found = connection.sql(statements.write(question.layout, question.wanted))
    return found.to_arrow_table().drop_columns("margin")


def _find_groups(question: Question) -> dict[frozenset[str], list[int]] | None:
    """Find the rows that lack the same keys, by the names of the columns; None where no row lacks any."""
    ragged = {name: column.absent.to_pylist() for name, column in question.columns.items() if column.absent is not None}
    if not ragged:
        return None
    groups: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for row, absent in enumerate(zip(*ragged.values(), strict=True)):
        groups[frozenset(name for name, is_absent in zip(ragged, absent, strict=True) if is_absent)].append(row)
    return groups


def _take(question: Question, lacking: frozenset[str], rows: list[int]) -> Question:
    """Take the rows that lack these columns, without them."""
    indices = pa.array(rows)
    columns = {
        name: ArrowColumn(column.array.take(indices), column.kind)
        for name, column in question.columns.items()
        if name not in lacking
    }
    return Question(columns, len(rows), question.is_text, question.wanted, question.where)

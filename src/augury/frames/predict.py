"""``Model.predict``: a table in, the answers to its rows out, in the table's own kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow.compute as pc

from augury.contract.check import RecordChecker
from augury.contract.faults import OVERFLOW
from augury.contract.fields import IdentifierField
from augury.errors import ParityError
from augury.frames.answers import Question, Statements, check_outcomes, find_answers
from augury.frames.asked import Asked, check_asked
from augury.frames.columns import ArrowColumn, Place
from augury.frames.kinds import open_source
from augury.frames.relation import predict_relation
from augury.frames.sources import Source
from augury.sql.told import read_told
from augury.statement import Wanted
from augury.tables.cells import read_cell, read_text_value
from augury.tables.refusal import SHOWN_ROWS, RefusedRow, refuse_rows
from augury.tables.table import ABSENT


def predict(statements: Statements, table: Any, asked: Asked) -> Any:
    """Score every row of a table, as :meth:`augury.model.Model.predict` says.

    Raises:
        TableError: the table cannot be read.
        ContractError: two columns are one field, or rows are refused and that is to be an error.
        UsageError: an option cannot be honoured.
    """
    check_asked(asked)
    if not isinstance(table, str) and isinstance(table, list | tuple) and not table:
        return []  # of no records none is refused
    wanted = Wanted(notes=asked.notes, reasons=asked.reasons)
    if isinstance(table, duckdb.DuckDBPyRelation):
        if asked.refused == "raise":
            predict(statements, table.to_arrow_table(), asked)
        return predict_relation(statements, table, wanted, "the relation passed")
    checker = RecordChecker(statements.body.contract)
    opened = open_source(table, checker)
    question = _ask(checker, opened.source, wanted)
    bound = statements.bind(question.layout, question.where)
    identifiers = [column.name for column in bound.identifiers.values()]
    answers = find_answers(statements, question)
    check_outcomes(identifiers, answers.column_names)
    if asked.refused == "raise":
        _check_refused(checker, opened.source, question, answers)
    return opened.reshape(opened.source.give(identifiers, answers))


def _ask(checker: RecordChecker, source: Source, wanted: Wanted) -> Question:
    """Read the columns that are fields, and no others: what a frame holds besides costs nothing."""
    columns: dict[str, ArrowColumn] = {}
    for name in source.names:
        field = checker.find_field(name)
        if field is not None:
            columns[name] = source.read_column(Place(name, isinstance(field, IdentifierField), source.where))
    return Question(columns, source.row_count, source.is_text, wanted, source.where)


def _check_refused(checker: RecordChecker, source: Source, question: Question, answers: Any) -> None:
    """Refuse a table of which rows are refused, with the sentences of the record checker."""
    positions = pc.indices_nonzero(pc.is_valid(answers.column("faults"))).to_pylist()
    if not positions:
        return
    shown = positions[:SHOWN_ROWS]
    taken = {name: source.take_cells(name, shown) for name in question.columns}
    rows = []
    for index, position in enumerate(shown):
        cells = {name: cells[index] for name, cells in taken.items()}
        codes = [told.code for told in read_told(answers.column("faults")[position].as_py())]
        rows.append(_check_row(checker, question, cells, position, is_overflown=codes == ["overflow"]))
    raise refuse_rows(rows, refused=len(positions), row_count=source.row_count, where=source.where)


def _check_row(
    checker: RecordChecker, question: Question, cells: Mapping[str, object], position: int, *, is_overflown: bool
) -> RefusedRow:
    read = read_cell if question.is_text else read_text_value
    texts = {name for name, column in question.columns.items() if column.kind == "text"}
    members = [
        (name, read(checker.find_field(name), cell) if name in texts and isinstance(cell, str) else cell)
        for name, cell in cells.items()
        if cell is not ABSENT
    ]
    checked = checker.check(members)
    details = [fault.detail for fault in checked.faults] or ([OVERFLOW.detail] if is_overflown else [])
    if not details:
        what = f"row {position + 1} was refused in SQL, and the contract accepts it"
        raise ParityError(what, where=question.where, mend="please report this with the row")
    return RefusedRow(position, details, checked.more)

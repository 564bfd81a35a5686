"""A relation of DuckDB: the statement over it is one more relation, of which no row is read before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from augury.contract.check import RecordChecker
from augury.contract.fields import IdentifierField
from augury.frames.answers import VIEW, Statements, check_outcomes
from augury.frames.columns import find_kind
from augury.sql.layout import Kind, Layout, SourceColumn
from augury.sql.names import quote_name
from augury.statement import Wanted
from augury.tables.frame import read_names


class _Read(Struct, frozen=True):
    """A column as the statement reads it: its kind, and the expression that stands for it."""

    name: str
    kind: Kind
    expression: str
    is_identifier: bool


def predict_relation(statements: Statements, relation: Any, wanted: Wanted, where: str) -> Any:
    """Score a relation; the result belongs to the same connection.

    Raises:
        TableError: its columns can name no fields.
        ContractError: two columns are one field.
        UsageError: two columns of the result would have one name.
    """
    columns = list(_iter_columns(RecordChecker(statements.body.contract), relation, where))
    layout = Layout(tuple(SourceColumn(column.name, column.kind) for column in columns))
    statements.bind(layout, where)
    identifiers = [column.name for column in columns if column.is_identifier]
    statement = statements.write(layout, Wanted(tuple(identifiers), wanted.notes, wanted.reasons))
    # A relation has a column at least.
    needed = ", ".join(column.expression for column in columns) or quote_name(relation.columns[0])
    scored = relation.project(needed).query(VIEW, statement)
    outcomes = [name for name in scored.columns if name != "margin"]
    check_outcomes(identifiers, outcomes[len(identifiers) :])
    return scored.project(", ".join(map(quote_name, outcomes)))


def _iter_columns(checker: RecordChecker, relation: Any, where: str) -> Iterator[_Read]:
    schema = relation.limit(0).to_arrow_table().schema
    for index, name in enumerate(read_names(relation.columns, where)):
        field = checker.find_field(name)
        if field is None:
            continue
        is_identifier = isinstance(field, IdentifierField)
        kind, expression = find_kind(schema.field(index).type) or "text", quote_name(name)
        if kind == "text" and str(relation.types[index]) != "VARCHAR":
            # An enumeration, JSON, a UUID: compared as texts; an identifier stays what it is.
            kind = "other" if is_identifier else kind
            expression = expression if is_identifier else f"CAST({expression} AS VARCHAR) AS {expression}"
        yield _Read(name, kind, expression, is_identifier)

"""The golden rows, scored by the engine before it scores a table: by the same statement, in columns of like kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from augury.artifact.document import Golden, Scalar
from augury.batch.plan import Plan, write_scored
from augury.batch.source import PART
from augury.contract.fields import Feature
from augury.contract.text import is_blank
from augury.errors import ParityError
from augury.ir.link import sigmoid
from augury.ir.lower import lower_predictor
from augury.ir.reference import Reference
from augury.sql.layout import Bound, Kind, SourceColumn, find_usual_kind
from augury.sql.names import quote_name
from augury.targets.parity import LABEL_TOLERANCE, find_bound

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TABLE = "augury_golden"
_TYPES = {"float": "DOUBLE", "decimal": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN"}
# What stands where a table has an identifier, by the kind of its column; a golden row has none.
_IDENTIFIERS: dict[Kind, Scalar] = {"text": "golden", "dynamic": "golden", "float": 0.0, "integer": 0, "boolean": False}


def check_golden(connection: DuckDBPyConnection, plan: Plan, scored: str) -> None:
    """Score the golden rows as if they were rows of the table.

    Args:
        connection: to the engine.
        plan: of the run.
        scored: the SELECT that it scores each part by.

    Raises:
        ParityError: a row does not come out within the bound of :mod:`augury.targets.parity`.
    """
    rows, fitted = _fit(plan)
    if not rows:
        return
    if (fitted.bound, fitted.lacking) != (plan.bound, plan.lacking):
        scored = write_scored(fitted)
    _create_table(connection, fitted, rows)
    target = plan.body.target.name
    columns = f"margin, {quote_name(f'{target}_probability')}, {quote_name(target)}"
    select = f"SELECT {columns} FROM ({scored})"  # noqa: S608 - names are quoted
    found = connection.execute(select).fetchall()
    _compare(plan, rows, found)


def _fit(plan: Plan) -> tuple[Sequence[Golden], Plan]:
    """Find the rows that a table with these columns may hold, and the plan for them.

    It is the run's own wherever possible. A column of whole numbers is one of doubles where the rows have others, and
    where a row leaves a field out that the table has, its null says so.
    """
    body, bound = plan.body, plan.bound
    columns = dict(zip((field.name for field in body.contract.features), bound.features, strict=True))
    known = {name for name, column in columns.items() if column is not None}
    held = [row for row in body.golden if known.issuperset(row.record) and not (bound.is_text and _has_blank(row))]
    rows = [row for row in held if known == set(row.record)] or held
    shared = frozenset.intersection(*(frozenset(row.record) for row in rows)) if rows else known
    lacking = {column.name for name, column in columns.items() if column is not None and name not in shared}
    features = tuple(_fit_column(columns[field.name], field, rows) for field in body.contract.features)
    fitted = Bound(features, bound.identifiers, bound.unused, bound.is_text)
    return rows, replace(plan, bound=fitted, lacking=plan.lacking | lacking)


def _fit_column(column: SourceColumn | None, field: Feature, rows: Sequence[Golden]) -> SourceColumn | None:
    if column is None or all(_can_hold(column.kind, row.record.get(field.name)) for row in rows):
        return column
    return SourceColumn(column.name, find_usual_kind(field))


def _has_blank(row: Golden) -> bool:
    return any(isinstance(value, str) and is_blank(value) for value in row.record.values())


def _can_hold(kind: Kind, value: Scalar) -> bool:
    match value:
        case None:
            return True
        case bool():
            return kind in {"boolean", "text", "dynamic"}
        case str():
            return kind in {"text", "dynamic"}
        case _:
            return kind in {"float", "decimal", "text", "dynamic"} or (kind == "integer" and float(value).is_integer())


def _create_table(connection: DuckDBPyConnection, plan: Plan, rows: Sequence[Golden]) -> None:
    """Make the rows a part; as lists, for Arrow takes longer to import than they take to score."""
    fields = zip(plan.body.contract.features, plan.bound.features, strict=True)
    names = {column.name: (field.name, column.kind) for field, column in fields if column is not None}
    identifiers = {column.name: column.kind for column in plan.bound.identifiers.values()}
    columns, lists = [f"unnest(range(1, {len(rows) + 1})) AS {quote_name(plan.row)}"], []
    for name in plan.columns:
        if name in names:
            field, kind = names[name]
            lists.append([_make_cell(row.record.get(field), kind) for row in rows])
        else:
            kind = identifiers.get(name, "other")
            lists.append([_make_cell(_IDENTIFIERS.get(kind), kind)] * len(rows))
        columns.append(f"unnest(CAST(? AS {_TYPES.get(kind, 'VARCHAR')}[])) AS {quote_name(name)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT {', '.join(columns)}", lists)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {PART} AS FROM {_TABLE}")


def _make_cell(value: Scalar, kind: Kind) -> Scalar:
    if value is None or (kind == "text" and isinstance(value, str)):
        return value
    if kind in {"text", "dynamic"}:
        return msgspec.json.encode(value).decode()
    return int(value) if kind == "integer" else value


def _compare(plan: Plan, rows: Sequence[Golden], found: Sequence[tuple[float | None, float, bool]]) -> None:
    body, threshold = plan.body, plan.body.decision.threshold
    intercept = lower_predictor(body.contract, body.predictor).margins[0].intercept
    reference = Reference(body.contract, body.predictor)
    for number, (row, (margin, probability, label)) in enumerate(zip(rows, found, strict=True), 1):
        values = {field.name: row.record.get(field.name) for field in body.contract.features}
        bound = find_bound(intercept, reference.compute_products(values))
        expected = sigmoid(row.margin)
        is_near = margin is not None and abs(margin - row.margin) <= bound
        is_clear = abs(expected - threshold) > LABEL_TOLERANCE
        is_same = not (is_clear and label != (expected >= threshold))
        if not (is_near and is_same and abs(probability - expected) <= LABEL_TOLERANCE):
            what = f"the engine gives golden row {number} the margin {margin!r}, and the artifact {row.margin!r}"
            raise ParityError(what, mend="install another version of DuckDB, and report this if it stays")

"""Tables drawn at random for a contract: each column of a kind of its own, its cells as often right as wrong."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from augury.contract.fields import BooleanField, CategoryField, Contract, Field, IdentifierField
from augury.errors import TableError
from augury.sql.layout import Kind, Layout, SourceColumn, find_columns
from augury.tables.table import check_header
from tests.parity.strategies import _right_values, doubles

Draw = Callable[[st.SearchStrategy[Any]], Any]

_texts = st.one_of(
    st.text("aAbB_- é19.e+\t", max_size=5),
    st.sampled_from(["", " ", "\t", "\n", "12", " 1 ", "+5", ".5", "5.", "1e400", "-1e-400", "nan", "inf", "1_0"]),
    st.sampled_from(["true", " TRUE\t", "False", "yes", "1 e5", "١", "a\x1f", "\x01", "9007199254740993", "1e"]),
    st.sampled_from(["'", "\\", '"', "0x1", "1e99999", "--1", "1.2.3", "."]),
    st.one_of(doubles, st.integers(-20, 20)).map(str),
)
# What a column of each kind holds beside what its field takes.
_CELLS: dict[Kind, st.SearchStrategy[Any]] = {
    "text": _texts,
    "float": st.one_of(st.floats(), st.integers(-20, 20).map(float)),
    "integer": st.one_of(st.integers(-20, 20), st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**53, 2**53 + 1])),
    "boolean": st.booleans(),
    "other": st.just(dt.date(2026, 1, 31)),
    "nested": st.just([]),
}
_TYPES: dict[Kind, type] = {"text": str, "float": float, "integer": int, "boolean": bool}


@st.composite
def typed_tables(draw: Draw, contract: Contract) -> tuple[Layout, list[tuple[Any, ...]]]:
    """Draw a table whose columns have types."""
    columns = [SourceColumn(name, draw(_draw_kinds(field))) for name, field in _draw_names(draw, contract)]
    return _draw_table(draw, contract, Layout(tuple(columns)), _draw_typed)


@st.composite
def text_tables(draw: Draw, contract: Contract) -> tuple[Layout, list[tuple[Any, ...]]]:
    """Draw a table of texts, as a file has them."""
    columns = [SourceColumn(name, "text") for name, _ in _draw_names(draw, contract)]
    return _draw_table(draw, contract, Layout(tuple(columns), is_text=True), _draw_text)


@st.composite
def dynamic_tables(draw: Draw, contract: Contract) -> tuple[Layout, list[tuple[Any, ...]]]:
    """Draw a table whose cells have types of their own, as JSON has them."""
    columns = [SourceColumn(name, "dynamic") for name, _ in _draw_names(draw, contract)]
    return _draw_table(draw, contract, Layout(tuple(columns)), _draw_dynamic)


def _draw_names(draw: Draw, contract: Contract) -> list[tuple[str, Field]]:
    named = [(draw(st.sampled_from([field.name, *field.spellings])), field) for field in contract.fields]
    return [each for each in named if draw(st.integers(0, 9))]


def _draw_kinds(field: Field) -> st.SearchStrategy[Kind]:
    usual: dict[type, list[Kind]] = {BooleanField: ["boolean", "text"], IdentifierField: ["text", "integer", "float"]}
    if isinstance(field, CategoryField) and field.is_text:
        right: list[Kind] = ["text"]
    else:
        right = usual.get(type(field), ["float", "integer", "text"])
    return st.one_of(*[st.sampled_from(right)] * 4, st.sampled_from(list(_CELLS)))


def _draw_table(
    draw: Draw, contract: Contract, layout: Layout, draw_cell: Callable[[Draw, Field, Kind], Any]
) -> tuple[Layout, list[tuple[Any, ...]]]:
    try:
        check_header([*(column.name for column in layout.columns), "row"], "what was drawn")
    except TableError:
        assume(False)
    bound, problems = find_columns(contract, layout, {})
    assume(not problems)
    fields = _find_fields(contract, layout.columns, bound.identifiers, bound.features)
    count = draw(st.integers(1, 8))
    rows = [
        tuple(draw_cell(draw, field, column.kind) for field, column in zip(fields, layout.columns, strict=True))
        for _ in range(count)
    ]
    return layout, rows


def _find_fields(
    contract: Contract, columns: Sequence[SourceColumn], identifiers: dict[str, SourceColumn], features: Sequence[Any]
) -> list[Field]:
    owners: dict[str, Field] = {
        column.name: field for field, column in zip(contract.features, features, strict=True) if column is not None
    }
    for field in contract.identifiers:
        if field.name in identifiers:
            owners[identifiers[field.name].name] = field
    assume(all(column.name in owners for column in columns))
    return [owners[column.name] for column in columns]


def _draw_right(draw: Draw, field: Field) -> Any:
    return draw(_right_values(field))


def _draw_typed(draw: Draw, field: Field, kind: Kind) -> Any:
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return None
    if choice < 7:
        value = _convert(_draw_right(draw, field), kind)
        if value is not None:
            return value
    return draw(_CELLS[kind])


def _convert(value: Any, kind: Kind) -> Any:
    """Make a right value one of a column's type; None where it is none."""
    if kind == "text":
        return value if isinstance(value, str) else None if value is None else _write(value)
    if kind == "float" and type(value) in {int, float}:
        return float(value)
    if kind == "integer" and type(value) in {int, float} and float(value).is_integer() and abs(value) < 2**63:
        return int(value)
    return value if type(value) is _TYPES.get(kind) else None


def _write(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _draw_text(draw: Draw, field: Field, kind: Kind) -> Any:
    cell = _draw_typed(draw, field, kind)
    return "" if cell is None else cell


def _draw_dynamic(draw: Draw, field: Field, _kind: Kind) -> Any:
    kind = draw(st.sampled_from(["text", "float", "integer", "boolean", "nested"]))
    cell = _draw_right(draw, field) if draw(st.integers(0, 3)) else draw(_CELLS[kind])
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell

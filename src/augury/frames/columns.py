"""Columns of a frame as Arrow columns that DuckDB reads, each with what it is to the fields.

An Arrow type says what a column holds. Where there is none, in a column of objects, the cells themselves say it: of one
type they become a column of that type, else texts of JSON, so that each keeps a type of its own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from pyarrow import types

from augury.contract.fields import MAX_EXACT_INTEGER
from augury.contract.fold import has_lone_surrogate
from augury.contract.values import Foreign
from augury.sql.layout import Kind
from augury.tables.frame import refuse_surrogate

# The integer and the power of ten of a decimal of so many digits are doubles, and dividing them rounds once.
_EXACT_DIGITS = 15
_INT64 = pa.int64()
_MAX_INT64 = 2**63 - 1
# Integers of 64 bits and a sign, which is what a plain cell may be, have 20 digits.
_LONG = pa.decimal128(38, 0)


class Place(Struct, frozen=True):
    """Where a column stands: its name, whether it is an identifier, and the table for errors."""

    name: str
    is_identifier: bool
    where: str


class ArrowColumn(Struct, frozen=True):
    """An Arrow array, chunked or not, and its kind; ``absent`` are the rows whose record lacks the key, if any do."""

    array: Any
    kind: Kind
    absent: Any = None


def make_column(array: Any) -> ArrowColumn | None:
    """Make a column of an Arrow array; None where the cells must say what it holds."""
    if types.is_dictionary(array.type):
        return make_column(pc.dictionary_decode(array))
    if types.is_run_end_encoded(array.type):
        return make_column(pc.run_end_decode(array))
    kind = find_kind(array.type)
    return None if kind is None else ArrowColumn(_fit(array, kind), kind)


def find_kind(declared: Any) -> Kind | None:
    """Find what a column of an Arrow type holds; None where the cells must say it."""
    if types.is_dictionary(declared) or types.is_run_end_encoded(declared):
        return find_kind(declared.value_type)
    if types.is_string(declared) or types.is_large_string(declared) or types.is_string_view(declared):
        return "text"
    if types.is_null(declared):
        # It fits every field, as any column without a value does.
        return "text"
    if types.is_floating(declared):
        return "float"
    if types.is_decimal(declared):
        return _find_decimal_kind(declared)
    if types.is_integer(declared):
        return "integer"
    if types.is_boolean(declared):
        return "boolean"
    # An extension is what its values are in Python: JSON is text, a UUID or a month is none.
    return None if isinstance(declared, pa.BaseExtensionType) else "nested" if types.is_nested(declared) else "other"


def _find_decimal_kind(declared: Any) -> Kind | None:
    if types.is_decimal256(declared) or declared.scale < 0:
        return None  # DuckDB has no such decimals
    return "float" if declared.precision <= _EXACT_DIGITS else "decimal"


def _fit(array: Any, kind: Kind) -> Any:
    """Give a column a type that DuckDB reads; of what no field takes, only what is null remains."""
    if kind in {"other", "nested"}:
        return pc.if_else(pc.is_valid(array), True, pa.scalar(None, pa.bool_()))
    if types.is_float16(array.type):
        return array.cast(pa.float32())
    if types.is_null(array.type) or types.is_string_view(array.type):
        return array.cast(pa.large_string())
    return array


def make_cell_column(cells: Sequence[object], place: Place) -> ArrowColumn:
    """Make a column of plain cells.

    Raises:
        TableError: a text holds half of a surrogate pair.
    """
    kinds = set(map(type, cells)) - {type(None)}
    if kinds <= {str}:
        try:
            return ArrowColumn(pa.array(cells, pa.large_string()), "text")
        except UnicodeEncodeError:
            raise _find_surrogate(cells, place) from None
    if kinds == {bool}:
        return ArrowColumn(pa.array(cells, pa.bool_()), "boolean")
    if kinds == {float} or (kinds == {float, int} and _are_exact(cells)):
        return ArrowColumn(pa.array(cells, pa.float64()), "float")
    if kinds == {int}:
        try:
            return ArrowColumn(pa.array(cells, _INT64), "integer")
        except (OverflowError, pa.ArrowInvalid):
            return ArrowColumn(pa.array(cells, _LONG), "decimal")
    return _make_mixed_column(cells, place)


def _are_exact(cells: Sequence[object]) -> bool:
    """Tell whether every integer among numbers is a double as well."""
    return all(not isinstance(cell, int) or -MAX_EXACT_INTEGER <= cell <= MAX_EXACT_INTEGER for cell in cells)


def _make_mixed_column(cells: Sequence[object], place: Place) -> ArrowColumn:
    if any(isinstance(cell, str) and has_lone_surrogate(cell) for cell in cells):
        raise _find_surrogate(cells, place)
    texts = [None if cell is None else _write_cell(cell, place) for cell in cells]
    return ArrowColumn(pa.array(texts, pa.large_string()), "dynamic")


def _write_cell(cell: object, place: Place) -> str:
    if isinstance(cell, str | int | float):
        return json.dumps(cell)
    # JSON has no word for a date. A feature takes neither that nor a list, an identifier takes any scalar.
    is_scalar = isinstance(cell, Foreign | dt.date | dt.time)
    return "0" if is_scalar and place.is_identifier else "[]"


def _find_surrogate(cells: Sequence[object], place: Place) -> Exception:
    row = next(row for row, cell in enumerate(cells, 1) if isinstance(cell, str) and has_lone_surrogate(cell))
    return refuse_surrogate(row, place.name, place.where)

"""Columns whose cells have types of their own, as JSON and SQLite have them, made columns of one kind where they are.

A column of nothing but texts and nulls is one of texts, in which a number may be written in text, as
:meth:`augury.tables.table.Table.is_text_column` has it. What is of several kinds reaches the engine as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from augury.contract.fields import MAX_EXACT_INTEGER
from augury.sql.layout import Kind
from augury.tables.table import ABSENT

_MAX_INT = 2**63 - 1
_KINDS: dict[frozenset[type], Kind] = {
    frozenset(): "text",
    frozenset({str}): "text",
    frozenset({int}): "integer",
    frozenset({float}): "float",
    frozenset({int, float}): "float",
    frozenset({bool}): "boolean",
}


class CellTypes:
    """What is known of a column: the types of its cells, and how large its integers are."""

    def __init__(self) -> None:
        self._types: set[type] = set()
        self._largest = 0

    def add(self, cells: Sequence[object]) -> None:
        """Look at further cells."""
        types = set(map(type, cells))
        self._types |= types
        if int in types:
            self._largest = max(self._largest, *(abs(cell) for cell in cells if type(cell) is int))

    @property
    def kind(self) -> Kind:
        """The kind of the column."""
        types = frozenset(self._types - {type(None), type(ABSENT)})
        # Among floats an integer is one, and one that no float holds is compared as it came.
        limit = MAX_EXACT_INTEGER if float in types else _MAX_INT
        return "dynamic" if self._largest > limit else _KINDS.get(types, "dynamic")

    @property
    def lacks(self) -> bool:
        """Whether a null says that the record lacks the column: some do, and none has a null there."""
        return type(ABSENT) in self._types and type(None) not in self._types


def make_array(cells: Sequence[object], kind: Kind) -> Any:
    """Make an Arrow array of the cells of a column; of a dynamic one each is JSON, and null where it is absent."""
    import pyarrow as pa

    if kind == "dynamic":
        return pa.array([None if cell is ABSENT else _write_cell(cell) for cell in cells], pa.string())
    types = {"text": pa.string(), "integer": pa.int64(), "float": pa.float64(), "boolean": pa.bool_()}
    plain = [None if cell is ABSENT else cell for cell in cells] if ABSENT in cells else cells
    return pa.array(plain, types[kind])


def _write_cell(cell: object) -> str:
    """Write a cell as JSON: an infinity as a number that no 64-bit float holds, what is no scalar as an array."""
    if isinstance(cell, float) and not math.isfinite(cell):
        return "1e999" if cell > 0 else "-1e999"
    if isinstance(cell, bytes):
        return "[]"
    return msgspec.json.encode(cell).decode()

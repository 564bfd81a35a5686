"""The fields of a model over columns as they came, for rows just as training saw them.

A number outside what training saw, a text that is not listed, anything to refuse or to note but an accepted null: all
of them are null here, so that the margin is. Such a row is then read and checked in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from augury.contract.fields import MAX_EXACT_INTEGER, BooleanField, Bounds, CategoryField, IntegerField, NumberField
from augury.sql.build import Node, deny, every, is_null, some, when
from augury.sql.cleaned import find_keys
from augury.sql.dialect import Dialect
from augury.sql.fields import (
    Cell,
    find_spellings,
    is_between,
    is_missing,
    read_number,
    read_text,
    read_value,
)
from augury.sql.lookup import Entry, look_up


class AsSeen:
    """The fields by their columns."""

    def __init__(self, dialect: Dialect, cells: Mapping[str, Cell]) -> None:
        self._dialect = dialect
        self._cells = cells

    def number(self, field: str) -> Node:
        """Write a field as a 64-bit float; null where it is missing, or wants a closer look."""
        cell = self._cells[field]
        if isinstance(cell.field, BooleanField | CategoryField):
            return self._look_up(cell, tuple(map(self._dialect.write_number, map(float, find_keys(cell)))))
        number = read_number(self._dialect, cell)
        if number is None:
            return exp.Null()
        bounds = _find_bounds(cell)
        is_known = self._dialect.is_finite(number) if bounds is None else is_between(self._dialect, number, bounds)
        conditions = [is_known]
        if isinstance(cell.field, IntegerField) and cell.kind != "integer":
            conditions.append(self._dialect.is_integral(number.copy()))
        return when([(every(conditions), number.copy())])

    def missing(self, field: str) -> Node:
        """Write whether a field is missing, and may be."""
        cell = self._cells[field]
        return is_missing(self._dialect, cell) if _may_miss(cell) else exp.false()

    def look_up(self, field: str, values: tuple[Node, ...], missing: Node | None, unseen: Node | None) -> Node:  # noqa: ARG002 - a level that training did not see wants a closer look
        """Write the value of the level of a field; a boolean's levels are false and true."""
        cell = self._cells[field]
        default = when([(self.missing(field), missing)]) if missing is not None and _may_miss(cell) else None
        return self._look_up(cell, values, default)

    def is_seen(self, field: str) -> Node:
        """Write the condition that a field needs no closer look, for one that no term would say it of."""
        cell = self._cells[field]
        if isinstance(cell.field, CategoryField) and cell.field.is_text:
            value = self._look_up(cell, tuple(self._dialect.write_number(0.0) for _ in cell.field.levels))
        else:
            value = self.number(field)
        is_known = deny(is_null(value))
        return some([is_missing(self._dialect, cell), is_known]) if _may_miss(cell) else is_known

    def _look_up(self, cell: Cell, values: tuple[Node, ...], default: Node | None = None) -> Node:
        is_text = isinstance(cell.field, CategoryField) and cell.field.is_text
        if cell.source is None or (is_text and cell.kind not in {"text", "dynamic"}):
            return exp.Null() if default is None else default
        if isinstance(cell.field, CategoryField) and is_text:
            entries = [Entry(keys, value) for keys, value in zip(find_spellings(cell), values, strict=True) if keys]
            return look_up(self._dialect, lambda: read_text(self._dialect, cell), entries, default=default)
        entries = [Entry((key,), value) for key, value in zip(find_keys(cell), values, strict=True)]
        return look_up(self._dialect, self._find_value(cell), entries, default=default)

    def _find_value(self, cell: Cell) -> Callable[[], Node]:
        if cell.kind in {"integer", "float"} and cell.is_numeric:
            return lambda: cell.raw
        return lambda: read_value(self._dialect, cell)


def _may_miss(cell: Cell) -> bool:
    return cell.field.absent == "optional" if cell.source is None else cell.field.null == "impute"


def _find_bounds(cell: Cell) -> Bounds | None:
    """Find the interval in which a number needs no closer look; 2**53 itself does, for 2**53 + 1 becomes it."""
    assert isinstance(cell.field, NumberField | IntegerField)
    seen = cell.field.seen
    if isinstance(cell.field, NumberField):
        return seen
    limit = float(MAX_EXACT_INTEGER - 1)
    return Bounds(-limit, limit) if seen is None else Bounds(max(seen.low, -limit), min(seen.high, limit))

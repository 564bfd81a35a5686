"""The fields of a model over clean values: rows that were read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from augury.contract.fields import BooleanField, CategoryField
from augury.sql.build import Node, is_null, when
from augury.sql.dialect import Dialect
from augury.sql.fields import Cell, is_missing
from augury.sql.lookup import Entry, look_up


class Cleaned:
    """The fields by their clean values."""

    def __init__(self, dialect: Dialect, cells: Mapping[str, Cell]) -> None:
        self._dialect = dialect
        self._cells = cells

    def number(self, field: str) -> Node:
        """Write a field as a 64-bit float; null where it is missing."""
        return self._cells[field].value

    def missing(self, field: str) -> Node:
        """Write whether a field is missing."""
        cell = self._cells[field]
        if isinstance(cell.field, CategoryField) and cell.field.unseen == "note":
            # A level that training did not see has no clean value either.
            return is_missing(self._dialect, cell)
        return is_null(cell.value)

    def look_up(self, field: str, values: tuple[Node, ...], missing: Node | None, unseen: Node | None) -> Node:
        """Write the value of the level of a field; a boolean's levels are false and true."""
        cell = self._cells[field]
        keys = find_keys(cell)
        entries = [Entry((key,), value) for key, value in zip(keys, values, strict=True)]
        rest = unseen if isinstance(cell.field, CategoryField) and cell.field.unseen == "note" else None
        default = rest if missing is None else when([(self.missing(field), missing)], rest)
        return look_up(self._dialect, self._find(cell), entries, default=default)

    def _find(self, cell: Cell) -> Callable[[], Node]:
        is_text = isinstance(cell.field, CategoryField) and cell.field.is_text
        return lambda: self._dialect.as_text(cell.value) if is_text else cell.value


def find_keys(cell: Cell) -> tuple[str | float, ...]:
    """Find the clean value of each level, in order."""
    if isinstance(cell.field, BooleanField):
        return (0.0, 1.0)
    assert isinstance(cell.field, CategoryField)
    return tuple(level if isinstance(level, str) else float(level) for level in cell.field.levels)

"""Tell whether a record stands among checked rows, without making a record of each of them."""

from __future__ import annotations

from collections.abc import Mapping

from augury.contract.values import Value
from augury.tables.rows import FieldColumn, Rows


class KnownRows:
    """Checked rows that can be asked whether a record is one of them."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._columns = [_KnownColumn(column) for column in rows.columns]

    def has(self, record: Mapping[str, Value]) -> bool:
        """Tell whether a row has the values of a record; a field that the record lacks is null in it."""
        wanted = [(column, record.get(column.name)) for column in self._columns]
        # The rarest value first: what follows looks only at the rows that are left.
        wanted.sort(key=lambda each: each[0].count(each[1]))
        left: range | list[int] = range(self._rows.row_count)
        for column, value in wanted:
            cells = column.find_cells(value)
            left = [index for index in left if column.codes[index] in cells] if cells else []
            if not left:
                return False
        return True


class _KnownColumn:
    """A column with the codes of each of its values."""

    def __init__(self, column: FieldColumn) -> None:
        self.name = column.name
        self.codes = column.codes
        self._counts = column.count_values()
        self._cells: dict[Value, set[int]] = {}
        for cell, value in enumerate(column.values):
            self._cells.setdefault(value, set()).add(cell)

    def count(self, value: Value) -> int:
        return self._counts.get(value, 0)

    def find_cells(self, value: Value) -> set[int]:
        return self._cells.get(value, set())

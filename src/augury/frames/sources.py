"""What a frame is to scoring: named columns to read, cells to look at again, and answers in the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol

import narwhals as nw
import pyarrow as pa
from pyarrow import types

from augury.frames.columns import ArrowColumn, Place, make_cell_column, make_column
from augury.tables.column import Column
from augury.tables.frame import iter_mappings, read_names
from augury.tables.plain import make_plain_cells
from augury.tables.table import ABSENT, Table


class Source(Protocol):
    """A table in memory."""

    where: str
    names: tuple[str, ...]
    row_count: int
    is_text: bool

    def read_column(self, place: Place) -> ArrowColumn:
        """Read a column."""

    def take_cells(self, name: str, positions: Sequence[int]) -> Sequence[object]:
        """Take cells of a column as they came, made plain; of a record that lacks the key it is ABSENT."""

    def give(self, identifiers: Sequence[str], answers: Any) -> Any:
        """Make the result: columns of the table, then those of an Arrow table."""


class FrameSource:
    """A frame that is all in memory, of any kind that narwhals knows.

    Raises:
        TableError: its columns can name no fields.
    """

    is_text = False

    def __init__(self, native: Any, where: str) -> None:
        self.where = where
        self.names = tuple(read_names(_list_names(native), where))
        self._frame = nw.from_native(native, eager_only=True)
        self.row_count = len(self._frame)

    def read_column(self, place: Place) -> ArrowColumn:
        """Read a column."""
        series = self._frame.get_column(place.name)
        column = None if _has_objects(series) else _read_typed(series)
        return column or make_cell_column(make_plain_cells(series.to_list()), place)

    def take_cells(self, name: str, positions: Sequence[int]) -> Sequence[object]:
        """Take cells as they came."""
        series = self._frame.get_column(name)
        return make_plain_cells([series.item(position) for position in positions])

    def give(self, identifiers: Sequence[str], answers: Any) -> Any:
        """Make a frame of the same kind; where a frame has an index, it is the same."""
        kept = self._frame.select(*(identifiers or self.names[:1]))
        answered = nw.from_arrow(answers, backend=self._frame.implementation)
        columns = [
            _mend_booleans(series) if types.is_boolean(answers.schema.field(series.name).type) else series
            for series in answered.iter_columns()
        ]
        return kept.with_columns(*columns).select(*identifiers, *answers.column_names).to_native()


def _list_names(native: Any) -> list[object]:
    """List the names of columns without narwhals, which has words of its own for two of one name."""
    # What Arrow calls columns are its arrays.
    names = native.column_names if hasattr(native, "column_names") else native.columns
    return list(names)


def _has_objects(series: nw.Series[Any]) -> bool:
    """Tell whether a column holds Python objects, of which narwhals knows no type, or guesses it from the first."""
    return series.dtype == nw.Object or str(getattr(series.to_native(), "dtype", "")) == "object"


def _read_typed(series: nw.Series[Any]) -> ArrowColumn | None:
    """Read a column by its type; None where Arrow cannot hold it: 128-bit integers, complex numbers, half a text."""
    try:
        return make_column(series.to_arrow())
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        return None


def _mend_booleans(series: nw.Series[Any]) -> nw.Series[Any]:
    """Make booleans that may be null booleans in pandas too, where they would be objects."""
    if not series.implementation.is_pandas_like():
        return series
    native: Any = series.to_native()
    return nw.from_native(native.astype("boolean"), series_only=True)


class CodedSource:
    """A table that was read from a path: the result is an Arrow table."""

    def __init__(self, table: Table) -> None:
        self.where, self.names, self.row_count, self.is_text = (
            table.where,
            table.columns,
            table.row_count,
            table.is_text,
        )
        self._columns = {column.name: column for column in table.coded}

    def read_column(self, place: Place) -> ArrowColumn:
        """Read a column: each distinct cell once, then those of the rows."""
        column = self._columns[place.name]
        found = make_cell_column([None if cell is ABSENT else cell for cell in column.cells], place)
        codes = _read_codes(column)
        absent = pa.array([cell is ABSENT for cell in column.cells]).take(codes) if ABSENT in column.cells else None
        return ArrowColumn(found.array.take(codes), found.kind, absent)

    def take_cells(self, name: str, positions: Sequence[int]) -> Sequence[object]:
        """Take cells."""
        column = self._columns[name]
        return [column.cells[column.codes[position]] for position in positions]

    def give(self, identifiers: Sequence[str], answers: Any) -> Any:
        """Make an Arrow table."""
        kept = {name: self.read_column(Place(name, True, self.where)).array for name in identifiers}
        return pa.table(kept | {name: answers.column(name) for name in answers.column_names})


class RecordsSource:
    """A list of dicts, of which the result is another.

    Raises:
        TableError: a record is none, or has a key that can name no field.
    """

    is_text = False

    def __init__(self, records: Sequence[object], where: str) -> None:
        self.where = where
        self._records = list(iter_mappings(records, where))
        self.names = tuple(read_names(list(dict.fromkeys(chain.from_iterable(self._records))), where))
        self.row_count = len(self._records)

    def read_column(self, place: Place) -> ArrowColumn:
        """Read a column."""
        cells = [record.get(place.name, ABSENT) for record in self._records]
        absent = [cell is ABSENT for cell in cells]
        is_whole = True not in absent
        plain = make_plain_cells(cells if is_whole else [None if cell is ABSENT else cell for cell in cells])
        found = make_cell_column(plain, place)
        return found if is_whole else ArrowColumn(found.array, found.kind, pa.array(absent))

    def take_cells(self, name: str, positions: Sequence[int]) -> Sequence[object]:
        """Take cells as they came."""
        cells = [self._records[position].get(name, ABSENT) for position in positions]
        return [cell if cell is ABSENT else make_plain_cells([cell])[0] for cell in cells]

    def give(self, identifiers: Sequence[str], answers: Any) -> Any:
        """Make a list of dicts; a record that lacks an identifier has None for it."""
        kept = ({name: record.get(name) for name in identifiers} for record in self._records)
        return [identity | answer for identity, answer in zip(kept, answers.to_pylist(), strict=True)]


def _read_codes(column: Column) -> Any:
    """Read the codes in place: they are unsigned integers of 32 bits there and here."""
    return pa.Array.from_buffers(pa.uint32(), len(column.codes), [None, pa.py_buffer(column.codes)])

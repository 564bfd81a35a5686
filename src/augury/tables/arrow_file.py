"""Arrow and Feather files, through pyarrow, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from augury.errors import TableError
from augury.tables.draw import Draw, draw_rows
from augury.tables.plain import make_plain_cells
from augury.tables.table import Table, check_header, make_table

SUFFIXES = (".arrow", ".feather", ".ipc")


def read_arrow(path: Path, draw: Draw | None = None) -> Table:
    """Read an Arrow file, which is also what Feather is since its version 2.

    Raises:
        TableError: pyarrow is not installed, or cannot read the file.
    """
    where = str(path)
    try:
        import pyarrow as pa
    except ImportError:
        mend = 'pip install "augury[arrow]", or save the table as CSV'
        raise TableError("Arrow files are read by pyarrow, which is not installed", where=where, mend=mend) from None
    try:
        with pa.memory_map(where) as stream:
            reader = pa.ipc.open_file(stream)
            check_header(reader.schema.names, where)
            rows = draw_rows(_iter_rows(reader), draw)
            return make_table(reader.schema.names, rows, is_text=False, where=where)
    except (pa.ArrowException, OSError) as error:
        what = f"the Arrow file cannot be read: {str(error).partition(chr(10))[0]}"
        raise TableError(what, where=where, mend="write it again, or save the table as CSV") from None


def _iter_rows(reader: Any) -> Iterator[tuple[object, ...]]:
    for number in range(reader.num_record_batches):
        yield from zip(*iter_arrow_cells(reader.get_batch(number)), strict=True)


# So many rows of a batch are made Python objects at once.
_BLOCK_ROWS = 65_536


def iter_arrow_cells(table: Any) -> Iterator[Iterator[object]]:
    """Yield the cells of each column of an Arrow table or batch, made plain block by block."""
    for index in range(table.num_columns):
        yield _iter_cells(table.column(index))


def _iter_cells(column: Any) -> Iterator[object]:
    for start in range(0, len(column), _BLOCK_ROWS):
        yield from make_plain_cells(column.slice(start, _BLOCK_ROWS).to_pylist())

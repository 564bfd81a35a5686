"""A stream of Arrow batches cut into parts, each a table in memory with the number of each row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from augury.batch.source import VIEW, Part, Reading
from augury.sql.names import quote_name

# Rows of a part, and the bytes at which it ends before them: a part is in memory twice while it is read and scored.
PART_ROWS = 1_000_000
_PART_BYTES = 128 * 2**20


def cut_parts(batches: Iterable[Any], reading: Reading) -> Iterator[Part]:
    """Cut batches, Arrow's tables or record batches, into parts; rows of the parts that are done are dropped.

    Parts are done from the first one on without a gap, for a stream has no other order.
    """
    number, first = len(reading.done), sum(reading.done.values())
    for table in _gather(_skip(batches, first), reading.part_rows or PART_ROWS):
        rows = table.num_rows
        yield Part(number, first, rows, _write_relation(reading), _number(table, first, reading))
        number, first = number + 1, first + rows


def _write_relation(reading: Reading) -> str:
    columns = ", ".join(map(quote_name, (*reading.columns, reading.row)))
    return f"(SELECT {columns} FROM {VIEW})"  # noqa: S608 - names are quoted


def _number(table: Any, first: int, reading: Reading) -> Any:
    import pyarrow as pa

    numbers = array("q", range(first + 1, first + 1 + table.num_rows))
    # Not by pyarrow.array, which loads pandas to ask whether the numbers are one of its own.
    rows = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
    return table.select(list(reading.columns)).append_column(reading.row, rows)


def _skip(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    for batch in batches:
        if rows >= batch.num_rows:
            rows -= batch.num_rows
            continue
        yield batch.slice(rows)
        rows = 0


def _gather(batches: Iterable[Any], part_rows: int) -> Iterator[Any]:
    """Gather batches into tables of ``part_rows`` rows, or of fewer where they are wide."""
    held: list[Any] = []
    rows = size = 0
    for batch in batches:
        left = batch
        while left.num_rows:
            taken = left.slice(0, part_rows - rows)
            held.append(taken)
            rows += taken.num_rows
            size += taken.nbytes
            left = left.slice(taken.num_rows)
            if rows == part_rows or size >= _PART_BYTES:
                yield _join(held)
                held, rows, size = [], 0, 0
    if rows:
        yield _join(held)


def _join(batches: list[Any]) -> Any:
    import pyarrow as pa

    tables = [each if isinstance(each, pa.Table) else pa.Table.from_batches([each]) for each in batches]
    return pa.concat_tables(tables)

"""The kinds of tables that are scored, each opened as a source, and its answers made what it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa
from msgspec import Struct

from augury.contract.check import RecordChecker
from augury.contract.parse import describe
from augury.errors import TableError
from augury.frames.sources import CodedSource, FrameSource, RecordsSource, Source
from augury.tables.frame import read_names
from augury.tables.read import read_table
from augury.tables.table import Table


class Opened(Struct, frozen=True):
    """A source, and what makes its result of the kind that was given."""

    source: Source
    reshape: Callable[[Any], Any] = lambda result: result


def open_source(table: Any, checker: RecordChecker) -> Opened:
    """Open a table of any kind but a relation of DuckDB.

    Raises:
        TableError: it is none, or cannot be read.
    """
    where = f"the {type(table).__name__} passed"
    if isinstance(table, str | os.PathLike):
        return Opened(CodedSource(read_table(table)))
    if isinstance(table, Table):
        return Opened(CodedSource(table))
    if isinstance(table, Sequence) and not isinstance(table, bytes | bytearray):
        return Opened(RecordsSource(table, where))
    if isinstance(table, pa.RecordBatch):
        return Opened(FrameSource(pa.Table.from_batches([table]), where), _make_batch)
    if isinstance(table, pa.RecordBatchReader):
        return Opened(FrameSource(table.read_all(), where), pa.Table.to_reader)
    return _open_frame(table, where, checker)


def _open_frame(table: Any, where: str, checker: RecordChecker) -> Opened:
    try:
        frame = nw.from_native(table)
    except nw.exceptions.DuplicateError:
        return Opened(FrameSource(table, where))  # which says so as for any table
    except TypeError:
        return _open_stream(table, where)
    if isinstance(frame, nw.LazyFrame):
        collected = _collect(frame, where, checker)
        return Opened(collected, _make_lazy) if frame.implementation.is_polars() else Opened(collected)
    return Opened(FrameSource(table, where))


def _open_stream(table: Any, where: str) -> Opened:
    if not hasattr(table, "__arrow_c_stream__") or hasattr(table, "dtype"):
        mend = "pass a frame of pandas, Polars, Arrow or DuckDB, a list of dicts, or a path"
        raise TableError(f"{describe(table)} is not a table", mend=mend)
    return Opened(FrameSource(pa.table(table), where))


def _collect(frame: nw.LazyFrame[Any], where: str, checker: RecordChecker) -> FrameSource:
    """Collect the columns that are fields, and no others."""
    names = read_names(frame.collect_schema().names(), where)
    fields = [name for name in names if checker.find_field(name) is not None]
    needed = frame.select(*(fields or names[:1]))
    collected = needed.collect() if frame.implementation.is_polars() else needed.collect("pyarrow")
    return FrameSource(collected.to_native(), where)


def _make_lazy(frame: Any) -> Any:
    return frame.lazy()


def _make_batch(table: Any) -> Any:
    (batch,) = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
    return batch

"""Tables in memory: pandas, Polars and Arrow frames by what they can do, and lists of dicts; none is imported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from augury.contract.parse import Members, describe
from augury.contract.python_record import make_plain
from augury.contract.values import Foreign
from augury.errors import TableError
from augury.tables.json_file import align_records
from augury.tables.table import Table, check_header, make_table


def read_frame(source: object) -> Table:
    """Read a frame or a list of dicts; None, NaN, NaT and NA are null, NumPy scalars become plain.

    Raises:
        TableError: for anything else, and for column names that are not text.
    """
    where = f"the {type(source).__name__} passed"
    if isinstance(source, Sequence) and not isinstance(source, str | bytes | bytearray):
        return _read_records(source, where)
    frame: Any = source
    # pyarrow.Table and RecordBatch; Polars; pandas: each with the method that only it has.
    if callable(getattr(source, "to_pylist", None)) and hasattr(source, "column_names"):
        _check_names(list(frame.column_names), where)
        return _read_rows(list(frame.column_names), frame.to_pylist(), where)
    if callable(getattr(source, "to_dicts", None)) and hasattr(source, "columns"):
        return _read_rows(list(frame.columns), frame.to_dicts(), where)
    if callable(getattr(source, "to_dict", None)) and hasattr(source, "columns"):
        # Names are checked first: pandas lets the last of two columns of one name win, with a warning.
        _check_names(list(frame.columns), where)
        return _read_rows(list(frame.columns), frame.to_dict(orient="records"), where)
    mend = "pass a path, a pandas, Polars or Arrow frame, or a list of dicts"
    if callable(getattr(source, "collect", None)):
        mend = "collect the lazy frame first"
    raise TableError(f"{describe(source)} is not a table", mend=mend)


def _check_names(columns: list[Any], where: str) -> None:
    for number, name in enumerate(columns, 1):
        if not isinstance(name, str):
            what = f"the name of column {number} is {describe(name)}, not text"
            raise TableError(what, where=where, mend="rename the columns to texts")
    # Every other mistake in a header is found where all tables are made.
    check_header(columns, where)


def _read_rows(columns: list[str], records: list[dict[str, object]], where: str) -> Table:
    rows = [tuple(_make_cell(record[name]) for name in columns) for record in records]
    return make_table([str(name) for name in columns], rows, is_text=False, where=where)


def _read_records(records: Sequence[object], where: str) -> Table:
    placed: list[tuple[str, Members]] = []
    for number, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            what = f"row {number} is {describe(record)}, not a dict"
            raise TableError(what, where=where, mend="pass a list of dicts")
        strange = next((key for key in record if not isinstance(key, str)), None)
        if strange is not None:
            what = f"row {number} has the key {strange!r}, which is not text"
            raise TableError(what, where=where, mend="use texts as keys")
        placed.append((f"row {number}", Members((str(key), _make_cell(value)) for key, value in record.items())))
    if not placed:
        raise TableError("the list is empty", where=where, mend="pass at least one record")
    return align_records(placed, where)


def _make_cell(value: object) -> object:
    """Make a value plain; a date keeps its value, which a record does not need and a fingerprint does."""
    plain = make_plain(value)
    return value if isinstance(plain, Foreign) and isinstance(value, dt.date | dt.time) else plain

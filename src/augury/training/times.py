"""Times: a column of dates, timestamps or numbers, in the order in which they came."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

from augury.contract.faults import shorten
from augury.contract.text import is_blank, parse_number
from augury.errors import TableError
from augury.tables.table import ABSENT, Table

_MEND = "write times as 2026-11-22 or 2026-11-22T10:30:00, or as numbers"


def rank_times(table: Table, column: str) -> Any:
    """Rank the times of all rows: 0 for the first, equal times alike, (n_rows,).

    Raises:
        TableError: a cell is no time, or times are of kinds that cannot be compared.
    """
    coded = table.coded[table.columns.index(column)]
    times = [_read_time(cell, column, table.where) for cell in coded.cells]
    kinds = {_name_kind(time) for time in times}
    if len(kinds) > 1:
        what = f"the times in {column} are {' and '.join(sorted(kinds))}, which cannot be compared"
        raise TableError(what, where=table.where, mend="write all of them in one way")
    order = {time: rank for rank, time in enumerate(sorted(set(times)))}
    ranks = np.array([order[time] for time in times], dtype=np.int64)
    return ranks[np.frombuffer(coded.codes, dtype=np.uint32)]


def _read_time(cell: object, column: str, where: str) -> dt.datetime | float:
    if cell is None or cell is ABSENT or (isinstance(cell, str) and is_blank(cell)):
        raise TableError(f"the time in {column} is null in some rows", where=where, mend="leave those rows out")
    time = _parse_text(cell) if isinstance(cell, str) else cell
    if isinstance(time, dt.datetime):
        return time
    if isinstance(time, dt.date):
        return dt.datetime(time.year, time.month, time.day)  # noqa: DTZ001 - a date has no zone
    if isinstance(time, int | float) and not isinstance(time, bool) and math.isfinite(time):
        return float(time)
    raise TableError(f"{column} holds {shorten(str(cell))}, which is no time", where=where, mend=_MEND)


def _parse_text(text: str) -> dt.datetime | float | None:
    number = parse_number(text)
    if number is not None:
        return number
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _name_kind(time: dt.datetime | float) -> str:
    if isinstance(time, float):
        return "numbers"
    return "times without a zone" if time.tzinfo is None else "times with a zone"

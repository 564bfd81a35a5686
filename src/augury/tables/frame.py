"""Tables in memory: pandas, Polars and Arrow frames by what they can do, and lists of dicts; none is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from augury.contract.fold import has_lone_surrogate
from augury.contract.parse import Members, describe
from augury.errors import TableError
from augury.tables.arrow_file import iter_arrow_cells
from augury.tables.column import Column, ColumnCoder
from augury.tables.json_file import Placed, align_records
from augury.tables.plain import make_plain_cells
from augury.tables.table import Table, check_header, make_coded_table


def read_frame(source: object) -> Table:
    """Read a frame or a list of dicts; None, NaN, NaT and NA are null, NumPy scalars become plain.

    Raises:
        TableError: for anything else, and for column names that are not text.
    """
    where = f"the {type(source).__name__} passed"
    if isinstance(source, Sequence) and not isinstance(source, str | bytes | bytearray):
        table = _read_records(source, where)
    else:
        table = _read_frame(source, where)
    _check_texts(table)
    return table


def _check_texts(table: Table) -> None:
    """Refuse what no file in UTF-8 could hold, so that every level that is learned can be written."""
    for column in table.coded:
        for code, cell in enumerate(column.cells):
            if isinstance(cell, str) and has_lone_surrogate(cell):
                raise refuse_surrogate(column.codes.index(code) + 1, column.name, table.where)


def refuse_surrogate(row: int, column: str, where: str) -> TableError:
    """Make the error of a text in a row, counted from 1, that holds half of a surrogate pair."""
    what = f"row {row} holds half of a surrogate pair under {column!r}"
    return TableError(what, where=where, mend="put whole characters there")


def _read_frame(source: object, where: str) -> Table:
    frame: Any = source
    # pyarrow.Table and RecordBatch; Polars; pandas: each with what only it has.
    if callable(getattr(source, "to_pylist", None)) and hasattr(source, "column_names"):
        return _read_columns(frame.column_names, iter_arrow_cells(frame), where)
    if callable(getattr(source, "get_column", None)) and hasattr(source, "columns"):
        columns = (frame.get_column(name).to_list() for name in frame.columns)
        return _read_columns(frame.columns, map(make_plain_cells, columns), where)
    if hasattr(source, "iloc") and hasattr(source, "columns"):
        columns = (frame.iloc[:, index].tolist() for index in range(len(frame.columns)))
        return _read_columns(list(frame.columns), map(make_plain_cells, columns), where)
    mend = "pass a path, a pandas, Polars or Arrow frame, or a list of dicts"
    if callable(getattr(source, "collect", None)):
        mend = "collect the lazy frame first"
    raise TableError(f"{describe(source)} is not a table", mend=mend)


def _read_columns(names: Sequence[object], columns: Iterable[Iterable[object]], where: str) -> Table:
    """Read columns one by one, so that only one is held as it came."""
    # Before the columns are asked for by name, which two of one name make ambiguous.
    texts = read_names(names, where)
    coded = [_code_column(name, cells) for name, cells in zip(texts, columns, strict=True)]
    return make_coded_table(coded, len(coded[0].codes), is_text=False, where=where)


def read_names(names: Sequence[object], where: str) -> list[str]:
    """Read the names of columns, of which no two may be one.

    Raises:
        TableError: one is no text, or they can name no fields.
    """
    texts: list[str] = []
    for number, name in enumerate(names, 1):
        if not isinstance(name, str):
            what = f"the name of column {number} is {describe(name)}, not text"
            raise TableError(what, where=where, mend="rename the columns to texts")
        texts.append(str(name))
    check_header(texts, where)
    return texts


def _code_column(name: str, cells: Iterable[object]) -> Column:
    coder = ColumnCoder()
    coder.extend(cells if isinstance(cells, list) else list(cells))
    return coder.finish(name)


def _read_records(records: Sequence[object], where: str) -> Table:
    if not records:
        raise TableError("the list is empty", where=where, mend="pass at least one record")
    return align_records(_iter_placed(records, where), where)


def iter_mappings(records: Sequence[object], where: str) -> Iterator[Mapping[Any, object]]:
    """Yield the records of a list.

    Raises:
        TableError: one is none.
    """
    for number, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            what = f"row {number} is {describe(record)}, not a dict"
            raise TableError(what, where=where, mend="pass a list of dicts")
        yield record


def _iter_placed(records: Sequence[object], where: str) -> Iterator[Placed]:
    for number, record in enumerate(iter_mappings(records, where), 1):
        strange = next((key for key in record if not isinstance(key, str)), None)
        if strange is not None:
            what = f"row {number} has the key {strange!r}, which is not text"
            raise TableError(what, where=where, mend="use texts as keys")
        cells = make_plain_cells(list(record.values()))
        yield f"row {number}", Members(zip(map(str, record), cells, strict=True))

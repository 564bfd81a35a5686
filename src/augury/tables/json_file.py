"""JSON lines, or one JSON array of objects: typed values, and keys that a record may lack."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from augury.contract.faults import Fault
from augury.contract.parse import Members, describe, parse_json
from augury.errors import TableError
from augury.tables.table import ABSENT, Table, make_table


def read_json(text: str, where: str) -> Table:
    """Read JSON: an array of objects if the text begins with ``[``, else one object a line.

    A number that is not finite (``NaN``, ``1e400``) comes as infinity, for the contract to refuse.

    Raises:
        TableError: with the line or the row, for what is not JSON, not an object, or nested.
    """
    placed = _iter_array(text, where) if text.lstrip().startswith("[") else _iter_lines(text, where)
    return align_records(list(placed), where)


def align_records(placed: list[tuple[str, Members]], where: str) -> Table:
    """Make a table of records: its columns are all their keys, in the order in which they first stand."""
    columns: dict[str, int] = {}
    for _, members in placed:
        for key, _value in members:
            columns.setdefault(key, len(columns))
    rows: list[tuple[object, ...]] = []
    for place, members in placed:
        cells: list[object] = [ABSENT] * len(columns)
        for key, value in members:
            if cells[columns[key]] is not ABSENT:
                raise TableError(f"{place} has the key {key!r} twice", where=where, mend="keep one of them")
            if isinstance(value, list | dict | tuple):
                what = f"{place} holds {describe(value)} under {key!r}"
                raise TableError(what, where=where, mend="a table is flat: give one value a cell")
            cells[columns[key]] = value
        rows.append(tuple(cells))
    return make_table(tuple(columns), rows, is_text=False, where=where)


def _iter_lines(text: str, where: str) -> Iterator[tuple[str, Members]]:
    # Only line feeds end a line of JSON lines; str.splitlines would also cut at U+2028 inside a text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            parsed = parse_json(line.encode())
            if isinstance(parsed, Fault):
                parsed = replace(parsed, detail=parsed.detail.replace("at line 1, column", "at column"))
            yield _read_record(parsed, f"line {number}", where)


def _iter_array(text: str, where: str) -> Iterator[tuple[str, Members]]:
    parsed = parse_json(text.encode())
    if isinstance(parsed, list) and not isinstance(parsed, Members):
        for number, record in enumerate(parsed, 1):
            yield _read_record(record, f"row {number}", where)
    else:
        _read_record(parsed, "the file", where)


def _read_record(parsed: object, place: str, where: str) -> tuple[str, Members]:
    if isinstance(parsed, Members):
        return place, parsed
    if isinstance(parsed, Fault):
        detail = parsed.detail.removeprefix("the body ")
        what = f"{place} {detail}" if detail != parsed.detail else f"{place}: {detail}"
    else:
        what = f"{place} is {describe(parsed)}, not an object"
    mend = "write one object a line, or one array of objects"
    raise TableError(what, where=where, mend=mend)

"""JSON lines, or one JSON array of objects: typed values, and keys that a record may lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from augury.contract.faults import Fault
from augury.contract.parse import Members, describe, parse_json
from augury.errors import TableError
from augury.tables.column import RecordCoder
from augury.tables.draw import Draw, draw_rows
from augury.tables.source import open_text
from augury.tables.table import ABSENT, Table, make_coded_table

# A member of a table: where it stands, for errors, and what it holds.
Placed = tuple[str, Members]


def read_json(path: Path, *, is_array: bool, draw: Draw | None = None) -> Table:
    """Read JSON: an array of objects, which is parsed whole, or one object a line.

    A number that is not finite (``NaN``, ``1e400``) comes as infinity, for the contract to refuse.

    Raises:
        TableError: with the line or the row, for what is not JSON, not an object, or nested.
    """
    where = str(path)
    # Only line feeds end a line of JSON lines, and none inside a text of an array does.
    with open_text(path, newline="\n") as lines:
        placed = iter_array(lines.read(), where) if is_array else iter_lines(lines, where)
        return align_records(placed, where, draw)


def align_records(placed: Iterable[Placed], where: str, draw: Draw | None = None) -> Table:
    """Make a table of records: its columns are all their keys, in the order in which they first stand."""
    coder = RecordCoder(ABSENT)
    for record in draw_rows((check_record(place, members, where) for place, members in placed), draw):
        coder.add(record)
    return make_coded_table(coder.finish(), coder.row_count, is_text=False, where=where)


def check_record(place: str, members: Members, where: str) -> dict[str, object]:
    """Check that a record is flat and has each key once."""
    record: dict[str, object] = {}
    for key, value in members:
        if key in record:
            raise TableError(f"{place} has the key {key!r} twice", where=where, mend="keep one of them")
        if isinstance(value, list | dict | tuple):
            what = f"{place} holds {describe(value)} under {key!r}"
            raise TableError(what, where=where, mend="a table is flat: give one value a cell")
        record[key] = value
    return record


def iter_lines(lines: Iterable[str], where: str, before: int = 0) -> Iterator[Placed]:
    """Yield the objects of lines, of which ``before`` stand above the first; a blank line is none."""
    for number, line in enumerate(lines, before + 1):
        if line.strip():
            parsed = parse_json(line.rstrip("\n").encode())
            if isinstance(parsed, Fault):
                parsed = replace(parsed, detail=parsed.detail.replace("at line 1, column", "at column"))
            yield _read_record(parsed, f"line {number}", where)


def iter_array(text: str, where: str) -> Iterator[Placed]:
    """Yield the objects of an array."""
    parsed = parse_json(text.encode())
    if isinstance(parsed, list) and not isinstance(parsed, Members):
        for number, record in enumerate(parsed, 1):
            yield _read_record(record, f"row {number}", where)
    else:
        _read_record(parsed, "the file", where)


def _read_record(parsed: object, place: str, where: str) -> Placed:
    if isinstance(parsed, Members):
        return place, parsed
    if isinstance(parsed, Fault):
        detail = parsed.detail.removeprefix("the body ")
        what = f"{place} {detail}" if detail != parsed.detail else f"{place}: {detail}"
    else:
        what = f"{place} is {describe(parsed)}, not an object"
    mend = "write one object a line, or one array of objects"
    raise TableError(what, where=where, mend=mend)

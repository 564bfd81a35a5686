"""The table: named columns and rows of cells, as they stand in the source."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from augury.contract.fold import fold, has_control_character
from augury.contract.text import parse_number
from augury.contract.values import Foreign
from augury.errors import TableError


class Absent(enum.Enum):
    """The state of a cell whose record did not have the column's key."""

    ABSENT = "absent"


# A record of JSON or Python lacked this column; null is None.
ABSENT: Final = Absent.ABSENT


class Table(Struct, frozen=True):
    """A table in memory.

    ``is_text`` tells that every cell is the text of a file (CSV), in which a blank is null; else cells are typed: text,
    numbers, booleans, None, :data:`ABSENT`, or an object of the frame that they came from. ``where`` names the source
    for errors: a path, or what was passed.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    is_text: bool
    where: str

    def iter_column(self, index: int) -> Iterator[object]:
        """Yield the cells of one column from top to bottom."""
        return (row[index] for row in self.rows)

    def is_text_column(self, index: int) -> bool:
        """Tell whether a column holds nothing but text (and nulls), so that numbers in it are written in text."""
        return self.is_text or all(
            isinstance(cell, str) or cell is None or cell is ABSENT for cell in self.iter_column(index)
        )


def make_table(columns: Sequence[str], rows: Sequence[tuple[object, ...]], *, is_text: bool, where: str) -> Table:
    """Make a table after checking that its header can name fields and that it has rows.

    Raises:
        TableError: when it cannot.
    """
    problem = _find_header_problem(columns)
    if problem:
        raise TableError(problem[0], where=where, mend=problem[1])
    if not rows:
        raise TableError("the table has no rows", where=where, mend="give a table with at least one row")
    return Table(tuple(columns), tuple(rows), is_text, where)


def _find_header_problem(columns: Sequence[str]) -> tuple[str, str] | None:
    if not columns:
        return "the table has no columns", "give a table with at least one column"
    owners: dict[str, str] = {}
    for number, name in enumerate(columns, 1):
        if not name.strip():
            return f"column {number} has no name", "name it, or write a pandas frame by to_csv(index=False)"
        if has_control_character(name):
            return f"the name of column {number}, {name!r}, holds a control character", "rename the column"
        twin = owners.get(name.lower())
        owners[name.lower()] = name
        if twin is not None:
            # Databases and DuckDB do not tell case twins apart, so no contract is built on the difference.
            twice = f"column {name!r} stands twice in the header"
            what = twice if twin == name else f"columns {twin!r} and {name!r} differ in case only"
            return what, "rename one of the two columns"
    if all(parse_number(name) is not None for name in columns):
        return "the first line holds numbers only, so it is no header", "put a line of column names above it"
    return None


def find_spelt(name: str, candidates: Sequence[str]) -> list[str]:
    """Find the candidates that spell ``name``: the exact one, else all with the same fold."""
    if name in candidates:
        return [name]
    folded = fold(name)
    return [candidate for candidate in candidates if fold(candidate) == folded]


def compute_fingerprint(table: Table) -> str:
    """Compute the SHA-256 of header and cells, in a text that no delimiter, line end or compression changes.

    The text is one JSON array a line: the header, then each row; an absent cell is ``{}``. A typed cell and its text in
    a file are different cells.
    """
    digest = hashlib.sha256()
    for row in (table.columns, *table.rows):
        digest.update(json.dumps(row, separators=(",", ":"), default=_encode_cell).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _encode_cell(cell: object) -> object:
    if cell is ABSENT:
        return {}
    # Of a date the value counts; of what no field takes, only its type is known.
    return [name_type(cell), str(cell)] if isinstance(cell, dt.date | dt.time) else [name_type(cell)]


def name_type(cell: object) -> str:
    """Name the type of a cell that is no scalar."""
    return cell.name if isinstance(cell, Foreign) else type(cell).__name__

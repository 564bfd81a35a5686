"""The table: named columns and rows of cells, as they stand in the source."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import Final

from msgspec import Struct

from augury.contract.fold import fold, has_control_character
from augury.contract.text import parse_number
from augury.errors import TableError
from augury.tables.column import Column, code_rows, name_type


class Absent(enum.Enum):
    """The state of a cell whose record did not have the column's key."""

    ABSENT = "absent"


# A record of JSON or Python lacked this column; null is None.
ABSENT: Final = Absent.ABSENT

# So many rows are handed to the digest at once: a call for each row would take as long as the hashing.
_BLOCK_ROWS = 4096


class Table(Struct, frozen=True):
    """A table in memory, column by column.

    ``is_text`` tells that every cell is the text of a file (CSV), in which a blank is null; else cells are typed: text,
    numbers, booleans, None, :data:`ABSENT`, or an object of the frame that they came from. ``where`` names the source
    for errors: a path, or what was passed. ``coded`` has a column for each name of ``columns``.
    """

    columns: tuple[str, ...]
    coded: tuple[Column, ...]
    row_count: int
    is_text: bool
    where: str

    def iter_column(self, index: int) -> Iterator[object]:
        """Yield the cells of one column from top to bottom."""
        return iter(self.coded[index])

    def iter_rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows from top to bottom."""
        return zip(*self.coded, strict=True) if self.coded else repeat((), self.row_count)

    def is_text_column(self, index: int) -> bool:
        """Tell whether a column holds nothing but text (and nulls), so that numbers in it are written in text."""
        return self.is_text or all(
            isinstance(cell, str) or cell is None or cell is ABSENT for cell in self.coded[index].cells
        )

    def take(self, positions: Sequence[int]) -> Table:
        """Take the rows at these positions, counted from 0, in this order."""
        coded = tuple(column.take(positions) for column in self.coded)
        return Table(self.columns, coded, len(positions), self.is_text, self.where)


def make_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, is_text: bool, where: str) -> Table:
    """Make a table of rows, read once, after checking that its header can name fields; it must have rows.

    Raises:
        TableError: when it cannot.
    """
    check_header(columns, where)
    coded, count = code_rows(rows, columns, is_text=is_text)
    return make_coded_table(coded, count, is_text=is_text, where=where)


def make_coded_table(coded: Sequence[Column], row_count: int, *, is_text: bool, where: str) -> Table:
    """Make a table of columns that are coded already, with the same checks.

    Raises:
        TableError: when its header cannot name fields, or it has no rows.
    """
    names = tuple(column.name for column in coded)
    check_header(names, where)
    if not row_count:
        raise TableError("the table has no rows", where=where, mend="give a table with at least one row")
    return Table(names, tuple(coded), row_count, is_text, where)


def check_header(columns: Sequence[str], where: str) -> None:
    """Check that the names of columns can name fields.

    Raises:
        TableError: when one cannot, or two would be one.
    """
    problem = _find_header_problem(columns)
    if problem:
        raise TableError(problem[0], where=where, mend=problem[1])


def _find_header_problem(columns: Sequence[str]) -> tuple[str, str] | None:
    if not columns:
        return "the table has no columns", "give a table with at least one column"
    owners: dict[str, str] = {}
    for number, name in enumerate(columns, 1):
        if not name.strip():
            return (
                f"column {number} has no name",
                "name it, or write the table without row names (index=False in pandas, row.names=FALSE in R)",
            )
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
    digest = hashlib.sha256(f"[{','.join(map(_encode, table.columns))}]\n".encode())
    encoded = [Column(column.name, tuple(map(_encode, column.cells)), column.codes) for column in table.coded]
    rows = Table(table.columns, tuple(encoded), table.row_count, table.is_text, table.where).iter_rows()
    while block := "".join(f"[{','.join(row)}]\n" for row in islice(rows, _BLOCK_ROWS)):  # type: ignore[arg-type]
        digest.update(block.encode())
    return digest.hexdigest()


def _encode(cell: object) -> str:
    return json.dumps(cell, separators=(",", ":"), default=_encode_object)


def _encode_object(cell: object) -> object:
    if cell is ABSENT:
        return {}
    # Of a date the value counts; of what no field takes, only its type is known.
    return [name_type(cell), str(cell)] if isinstance(cell, dt.date | dt.time) else [name_type(cell)]

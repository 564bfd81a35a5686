"""CSV in text: one reader for training and scoring, so that no engine's sniffer decides what a cell is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from augury.errors import TableError
from augury.tables.table import Table, make_table

# What separates cells in the files that spreadsheets and databases write.
DELIMITERS = (",", ";", "\t")
# So many lines below the header settle which delimiter it is.
_SAMPLE_ROWS = 20


def read_csv(text: str, where: str, delimiter: str | None = None) -> Table:
    """Read CSV: a header line, then rows of as many cells, quoted by ``"`` where needed; every cell stays text.

    Without ``delimiter`` it is the one of :data:`DELIMITERS` by which header and first rows agree.

    Raises:
        TableError: with the line, for a row of another length, a broken quote, or a header that cannot name fields.
    """
    numbered = _iter_numbered(text, delimiter or _find_delimiter(text, where), where)
    _, header = next(numbered)
    return make_table(header, _iter_rows(numbered, len(header), where), is_text=True, where=where)


def _iter_rows(numbered: Iterator[tuple[int, list[str]]], width: int, where: str) -> Iterator[list[str]]:
    for line, cells in numbered:
        if len(cells) != width:
            what = f"line {line} has {_count(cells)} where the header has {width}"
            raise TableError(what, where=where, mend="quote cells that hold the delimiter, or mend the line")
        yield cells


def _count(cells: list[str]) -> str:
    return f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"


def _iter_numbered(text: str, delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins; blank lines are no records."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        what = f"the record that begins on line {begins} cannot be read: {error}"
        mend = 'close its quotes, and write a quote inside quotes as ""'
        raise TableError(what, where=where, mend=mend) from None


def _find_delimiter(text: str, where: str) -> str:
    """Find the delimiter that cuts the header into columns and the first rows into as many cells."""
    widths = {delimiter: _find_widths(text, delimiter) for delimiter in DELIMITERS}
    cutting = [delimiter for delimiter, found in widths.items() if found and found[0] > 1]
    agreeing = [delimiter for delimiter in cutting if len(set(widths[delimiter])) == 1]
    if len(agreeing) > 1:
        shown = " and ".join(map(repr, agreeing))
        mend = f"say which by delimiter={agreeing[0]!r}, or quote the cells that hold the other"
        raise TableError(f"both {shown} would separate the cells of this file", where=where, mend=mend)
    # Where none agrees, the reading itself names the line at which the likeliest one fails.
    return (agreeing or sorted(cutting, key=lambda delimiter: -widths[delimiter][0]) or [","])[0]


def _find_widths(text: str, delimiter: str) -> list[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [len(cells) for cells in islice((cells for cells in reader if cells), _SAMPLE_ROWS + 1)]
    except csv.Error:
        return []

"""CSV in text: one reader for training and scoring, so that no engine's sniffer decides what a cell is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from augury.errors import TableError
from augury.tables.draw import Draw, draw_rows
from augury.tables.source import open_text
from augury.tables.table import Table, check_header, make_table

# What separates cells in the files that spreadsheets and databases write.
DELIMITERS = (",", ";", "\t")
# So many lines below the header settle which delimiter it is; quoted cells may spread them over five times as many.
_SAMPLE_ROWS = 20
SAMPLE_LINES = 5 * _SAMPLE_ROWS


def read_csv(path: Path, delimiter: str | None = None, draw: Draw | None = None) -> Table:
    """Read CSV: a header line, then rows of as many cells, quoted by ``"`` where needed; every cell stays text.

    Without ``delimiter`` it is the one of :data:`DELIMITERS` by which header and first rows agree.

    Raises:
        TableError: with the line, for a row of another length, a broken quote, or a header that cannot name fields.
    """
    where = str(path)
    with open_text(path) as lines:
        head = list(islice(lines, SAMPLE_LINES))
        rows = CsvRows(chain(head, lines), delimiter or find_delimiter(head, where), where)
        check_header(rows.header, where)
        return make_table(rows.header, draw_rows(rows, draw), is_text=True, where=where)


class CsvRows:
    """The rows below a header, which is read at once; blank lines are no rows.

    Of lines further down ``header`` is what was read from the first, and ``before`` how many stand before them.
    """

    def __init__(
        self, lines: Iterable[str], delimiter: str, where: str, *, header: Sequence[str] = (), before: int = 0
    ) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self._where = where
        self._before = before
        self._begins = before + 1
        try:
            self.header: Sequence[str] = header or next(filter(None, self._reader))
        except csv.Error as error:
            raise self._make_error(error) from None
        except StopIteration:
            raise TableError("the file is empty", where=where, mend="give a table with a header and rows") from None

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row, or name the line on which one begins that is none."""
        reader, width = self._reader, len(self.header)
        self._begins = self._before + reader.line_num + 1
        try:
            for cells in reader:
                if len(cells) == width:
                    yield cells
                elif cells:
                    what = f"line {self._begins} has {_count(cells)} where the header has {width}"
                    mend = "quote cells that hold the delimiter, or mend the line"
                    raise TableError(what, where=self._where, mend=mend)
                self._begins = self._before + reader.line_num + 1
        except csv.Error as error:
            raise self._make_error(error) from None

    def _make_error(self, error: csv.Error) -> TableError:
        what = f"the record that begins on line {self._begins} cannot be read: {error}"
        return TableError(what, where=self._where, mend='close its quotes, and write a quote inside quotes as ""')


def _count(cells: list[str]) -> str:
    return f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"


def find_delimiter(head: Sequence[str], where: str) -> str:
    """Find the delimiter that cuts the header into columns and the first rows into as many cells."""
    widths = {delimiter: _find_widths(head, delimiter) for delimiter in DELIMITERS}
    cutting = [delimiter for delimiter, found in widths.items() if found and found[0] > 1]
    agreeing = [delimiter for delimiter in cutting if len(set(widths[delimiter])) == 1]
    if len(agreeing) > 1:
        shown = " and ".join(map(repr, agreeing))
        mend = f"say which by delimiter={agreeing[0]!r}, or quote the cells that hold the other"
        raise TableError(f"both {shown} would separate the cells of this file", where=where, mend=mend)
    # Where none agrees, the reading itself names the line at which the likeliest one fails.
    return (agreeing or sorted(cutting, key=lambda delimiter: -widths[delimiter][0]) or [","])[0]


def _find_widths(head: Sequence[str], delimiter: str) -> list[int]:
    reader = csv.reader(head, delimiter=delimiter)
    try:
        widths = [len(cells) for cells in islice(filter(None, reader), _SAMPLE_ROWS + 1)]
    except csv.Error:
        return []
    # The last row may have been cut where the sample of lines ends.
    is_cut = len(head) == SAMPLE_LINES and len(widths) <= _SAMPLE_ROWS
    return widths[:-1] if is_cut and len(widths) > 1 else widths

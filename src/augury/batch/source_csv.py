"""CSV in parts: what :mod:`augury.tables.csv_file` accepts and refuses, cell by cell the same, at the speed of Arrow.

A block of plain lines, in which no quote stands but around a whole cell, means the same to every reader of CSV, and
Arrow reads it. Any other block is read by Python's reader, which also finds the sentence for whatever is wrong.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

from augury.batch.blocks import Blocks
from augury.batch.source import Part, Reading, fingerprint_files
from augury.batch.stream import cut_parts
from augury.errors import TableError
from augury.sql.layout import Layout, SourceColumn
from augury.tables.csv_file import SAMPLE_LINES, CsvRows, find_delimiter
from augury.tables.source import open_text
from augury.tables.table import check_header

# Rows of Python's are made Arrow's so many at a time.
_BLOCK_ROWS = 65_536


class CsvSource:
    """A CSV file: every column is text, a blank cell is null."""

    is_snapshot = False
    lacking: frozenset[str] = frozenset()

    def __init__(self, path: Path, delimiter: str | None) -> None:
        self.where = str(path)
        self.total: int | None = None
        self._path = path
        if delimiter is not None and len(delimiter) != 1:
            what = f"the delimiter {delimiter!r} is not one character"
            raise TableError(what, mend="give one character, for instance ';'")
        with open_text(path) as lines:
            head = list(islice(lines, SAMPLE_LINES))
        self._delimiter = delimiter or find_delimiter(head, self.where)
        header = CsvRows(head, self._delimiter, self.where).header
        check_header(header, self.where)
        self.layout = Layout(tuple(SourceColumn(name, "text") for name in header), is_text=True)

    def find_fingerprint(self) -> dict[str, object]:
        """Find what tells this file from others."""
        return fingerprint_files([self._path], self.where, [self._delimiter])

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done."""
        return cut_parts(self._iter_tables(reading.columns), reading)

    def _iter_tables(self, columns: Sequence[str]) -> Iterator[Any]:
        header = [column.name for column in self.layout.columns]
        with open_text(self._path) as text:
            blocks = Blocks(cast("TextIO", text).buffer)
            parser = _Parser(blocks, header, columns, self._delimiter, self.where)
            block = parser.skip_header(blocks.read())
            while block:
                yield from parser.parse(block)
                block = blocks.read()


class _Lines:
    """Lines of text for Python's reader: of one block, and of the next where a quoted cell reaches into it."""

    def __init__(self, blocks: Blocks, block: bytes) -> None:
        self._blocks = blocks
        self._lines = self._split(block)
        self._at = 0
        self.count = 0

    @property
    def is_at_end(self) -> bool:
        """Whether all lines of the block were read."""
        return self._at == len(self._lines)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while self.is_at_end:
            block = self._blocks.read()
            if not block:
                raise StopIteration
            self._lines, self._at = self._split(block), 0
        self._at += 1
        self.count += 1
        return self._lines[self._at - 1]

    def take_rest(self) -> bytes:
        """Take what is left of the block."""
        rest = "".join(self._lines[self._at :]).encode()
        self._at = len(self._lines)
        return rest

    def _split(self, block: bytes) -> list[str]:
        return list(io.StringIO(block.decode(), newline=""))


class _Parser:
    """Make Arrow tables of blocks."""

    def __init__(
        self, blocks: Blocks, header: Sequence[str], columns: Sequence[str], delimiter: str, where: str
    ) -> None:
        self._blocks = blocks
        self._header = list(header)
        self._columns = list(columns)
        self._delimiter = delimiter
        self._where = where
        self._plain = _make_pattern(delimiter)

    def skip_header(self, block: bytes) -> bytes:
        """Skip the header, which may stand below blank lines and take several, and give what is left of the block."""
        lines = _Lines(self._blocks, block)
        next(filter(None, csv.reader(lines, delimiter=self._delimiter, strict=True)), None)
        self._blocks.lines_before += lines.count
        return lines.take_rest() or self._blocks.read()

    def parse(self, block: bytes) -> Iterator[Any]:
        """Make tables of a block, and of what a row of it takes from the next."""
        table = self._parse_plain(block)
        if table is not None:
            self._blocks.lines_before += block.count(b"\n")
            yield table
            return
        lines = _Lines(self._blocks, block)
        yield from self._parse_any(lines)
        self._blocks.lines_before += lines.count

    def _parse_plain(self, block: bytes) -> Any:
        """Parse a block with Arrow; None where Python's reader must look."""
        if not block.isascii():
            block.decode()  # the columns that nobody asks for are text as well
        if not self._is_plain(block):
            return None
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        try:
            table = arrow_csv.read_csv(
                pa.py_buffer(block),
                arrow_csv.ReadOptions(column_names=self._header),
                arrow_csv.ParseOptions(delimiter=self._delimiter, double_quote=False),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self._header, pa.string()), include_columns=self._columns
                ),
            )
        except pa.ArrowException:
            return None
        return table if _is_short(table) else None

    def _is_plain(self, block: bytes) -> bool:
        if block.count(b"\r") != block.count(b"\r\n"):
            return False
        return b'"' not in block or self._plain.fullmatch(block) is not None

    def _parse_any(self, lines: _Lines) -> Iterator[Any]:
        rows = CsvRows(lines, self._delimiter, self._where, header=self._header, before=self._blocks.lines_before)
        held = []
        for row in rows:
            held.append(row)
            if len(held) == _BLOCK_ROWS:
                yield self._make_table(held)
                held = []
            if lines.is_at_end:
                break
        if held:
            yield self._make_table(held)

    def _make_table(self, rows: Sequence[Sequence[str]]) -> Any:
        import pyarrow as pa

        cells = dict(zip(self._header, zip(*rows, strict=True), strict=True))
        return pa.table({name: pa.array(cells[name], pa.string()) for name in self._columns})


def _make_pattern(delimiter: str) -> re.Pattern[bytes]:
    """Make what matches lines in which a quote stands only around a whole cell, and in no cell."""
    cut = re.escape(delimiter.encode())
    cell = rb'(?:"[^"\r\n]*+"|[^"\r\n' + cut + rb"]*+)"
    return re.compile(rb"(?:" + cell + rb"(?:" + cut + rb"|\r?\n|\Z))*+")


def _is_short(table: Any) -> bool:
    """Tell whether every cell is within the limit of Python's reader, which no honest cell comes near."""
    import pyarrow.compute as pc

    limit = csv.field_size_limit()
    return all((pc.max(pc.binary_length(column)).as_py() or 0) <= limit for column in table.columns)

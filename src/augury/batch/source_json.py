"""JSON lines, or one array of objects, in parts: what :mod:`augury.tables.json_file` accepts and refuses.

The file is read twice: a key may first stand in the last line, and whether a column holds nothing but texts is known at
the end. A block of lines is decoded at once; where that fails, or might have missed something, it is read line by line
by the reader that knows the sentence for it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO, cast

import msgspec

from augury.batch.blocks import Blocks
from augury.batch.source import Part, Reading, fingerprint_files
from augury.batch.stream import cut_parts
from augury.batch.typed_cells import CellTypes, make_array
from augury.errors import TableError
from augury.sql.layout import Layout, SourceColumn
from augury.tables.json_file import check_record, iter_array, iter_lines
from augury.tables.source import open_text
from augury.tables.table import ABSENT, check_header

Record = Mapping[str, object]

_DECODER = msgspec.json.Decoder(dict[str, str | int | float | bool | None])
# Bytes of a block: of more, the objects that they are decoded to do not stay in a processor's cache.
_BLOCK = 2**20
# Records of an array are taken so many at a time.
_BLOCK_ROWS = 65_536


class JsonSource:
    """A JSON file: typed cells, and keys that a record may lack."""

    is_snapshot = False

    def __init__(self, path: Path, *, is_array: bool) -> None:
        self.where = str(path)
        self._path = path
        self._is_array = is_array
        known, rows = self._find_columns()
        if not rows:
            raise TableError("the table has no rows", where=self.where, mend="give a table with at least one row")
        self.total: int | None = rows
        check_header(list(known), self.where)
        self.layout = Layout(tuple(SourceColumn(name, types.kind) for name, types in known.items()))
        self.lacking = frozenset(name for name, types in known.items() if types.lacks)

    def find_fingerprint(self) -> dict[str, object]:
        """Find what tells this file from others."""
        return fingerprint_files([self._path], self.where)

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done."""
        return cut_parts(self._iter_tables(reading.columns), reading)

    def _find_columns(self) -> tuple[dict[str, CellTypes], int]:
        known: dict[str, CellTypes] = {}
        rows = 0
        for records in self._iter_blocks():
            is_known = sum(map(len, records)) == len(records) * len(known)
            columns = _transpose(records, list(known)) if is_known else None
            if columns is None:
                for name in dict.fromkeys(key for record in records for key in record):
                    if name not in known:
                        known[name] = CellTypes()
                        known[name].add([ABSENT] if rows else [])
                columns = _align(records, list(known))
            for name, cells in columns.items():
                known[name].add(cells)
            rows += len(records)
        return known, rows

    def _iter_tables(self, columns: Sequence[str]) -> Iterator[Any]:
        import pyarrow as pa

        kinds = {column.name: column.kind for column in self.layout.columns}
        for records in self._iter_blocks():
            cells = _transpose(records, columns) or _align(records, columns)
            yield pa.table({name: make_array(of_column, kinds[name]) for name, of_column in cells.items()})

    def _iter_blocks(self) -> Iterator[Sequence[Record]]:
        # Only line feeds end a line of JSON lines.
        with open_text(self._path, newline="\n") as text:
            if self._is_array:
                placed = iter_array(text.read(), self.where)
                records = (check_record(place, members, self.where) for place, members in placed)
                while block := list(islice(records, _BLOCK_ROWS)):
                    yield block
                return
            blocks = Blocks(cast("TextIO", text).buffer, ends=b"\n", size=_BLOCK)
            while lines := blocks.read():
                if found := self._read_block(lines, blocks.lines_before):
                    yield found
                blocks.lines_before += lines.count(b"\n")

    def _read_block(self, block: bytes, before: int) -> Sequence[Record]:
        records = _decode(block)
        if records is not None:
            return records
        lines = io.StringIO(block.decode(), newline="\n")
        placed = iter_lines(lines, self.where, before)
        return [check_record(place, members, self.where) for place, members in placed]


def _transpose(records: Sequence[Record], names: Sequence[str]) -> dict[str, Sequence[object]] | None:
    """Make columns of records that have all of these keys; None where one lacks one, or for no names."""
    if len(names) < 2:  # of one name the getter below gives no tuple
        return None
    try:
        rows = list(map(itemgetter(*names), records))
    except KeyError:
        return None
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _align(records: Sequence[Record], names: Sequence[str]) -> dict[str, Sequence[object]]:
    """Make columns of records that may lack keys."""
    return {name: [record.get(name, ABSENT) for record in records] for name in names}


def _decode(block: bytes) -> Sequence[Record] | None:
    """Decode lines of flat objects; None where one may be something else."""
    try:
        records: Sequence[Record] = _DECODER.decode_lines(block)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    # Where there are more of these than keys, a key may stand twice (or a text may hold what ends one).
    if sum(map(len, records)) != block.count(b'":'):
        return None
    # Two objects on one line are two records to the decoder.
    lines = sum(1 for line in block.split(b"\n") if line.strip())
    return records if len(records) == lines else None

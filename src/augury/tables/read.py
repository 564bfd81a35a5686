"""Read a table from wherever it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from augury.errors import TableError, UsageError
from augury.tables import arrow_file, parquet_file
from augury.tables.csv_file import read_csv
from augury.tables.draw import Draw, draw_rows
from augury.tables.frame import read_frame
from augury.tables.json_file import read_json
from augury.tables.source import Start, read_start
from augury.tables.table import Table

_JSON = frozenset({".json", ".jsonl", ".ndjson"})
_CSV = frozenset({".csv", ".tsv", ".tab", ".txt"})


def read_table(source: object, *, delimiter: str | None = None, rows: int | None = None, seed: int = 1) -> Table:
    """Read a table.

    It may be the path of a CSV or JSON file (gzipped or not), of a Parquet file, a directory or pattern of Parquet
    files, or an Arrow file; or a pandas, Polars or Arrow frame, or a list of dicts. The cells of CSV stay text; all
    others keep their types. ``delimiter`` says what separates the cells of a CSV file where that cannot be told from
    its first lines. ``rows`` draws so many rows while the table is read, by ``seed``; they keep their order.

    Raises:
        TableError: one sentence of what is wrong, with the file and its line.
        UsageError: ``rows`` is less than one.
    """
    if rows is not None and rows < 1:
        raise UsageError(f"a table of {rows} rows cannot be drawn", mend="give the number of rows, 1 or more")
    draw = None if rows is None else Draw(rows, seed)
    if isinstance(source, str | os.PathLike):
        return _read_path(os.fspath(source), delimiter, draw)
    table = source if isinstance(source, Table) else read_frame(source)
    if draw is None or draw.rows >= table.row_count:
        return table
    return table.take(list(draw_rows(range(table.row_count), draw)))


def _read_path(source: str, delimiter: str | None, draw: Draw | None) -> Table:
    if delimiter is not None and len(delimiter) != 1:
        what = f"the delimiter {delimiter!r} is not one character"
        raise TableError(what, mend="give one character, for instance ';'")
    parts = parquet_file.find_parts(source)
    if parts:
        return _read_parts(parts, source, draw)
    path = Path(source)
    start = read_start(path)
    if is_binary(start, b"PAR1", path, parquet_file.SUFFIXES):
        return parquet_file.read_parquet([path], source, draw)
    if is_binary(start, b"ARROW1", path, arrow_file.SUFFIXES):
        return arrow_file.read_arrow(path, draw)
    text = start.content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_json(path, text):
        return read_json(path, is_array=text.startswith(b"["), draw=draw)
    return read_csv(path, delimiter, draw)


def _read_parts(parts: Sequence[Path], source: str, draw: Draw | None) -> Table:
    for part in parts:
        if not is_binary(read_start(part), b"PAR1", part, ()):
            what = f"{part.name} is no Parquet file, and only those are read together"
            raise TableError(what, where=source, mend="give one file, or a pattern that matches Parquet files only")
    return parquet_file.read_parquet(parts, source, draw)


def is_binary(start: Start, magic: bytes, path: Path, suffixes: Sequence[str]) -> bool:
    """Tell a format by its first bytes, else by the name; compressed by gzip once more, no library reads it."""
    return not start.is_packed and (start.content.startswith(magic) or path.suffix.lower() in suffixes)


def is_json(path: Path, text: bytes) -> bool:
    """Tell JSON by the name, else by how the text begins."""
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix.lower() in _JSON:
        return True
    return suffix.lower() not in _CSV and text[:1] in {b"{", b"["}

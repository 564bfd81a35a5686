"""Read a table from wherever it is."""

from __future__ import annotations

import os
from pathlib import Path

from augury.errors import TableError
from augury.tables.csv_file import read_csv
from augury.tables.frame import read_frame
from augury.tables.json_file import read_json
from augury.tables.source import read_text
from augury.tables.table import Table

_JSON = frozenset({".json", ".jsonl", ".ndjson"})
_CSV = frozenset({".csv", ".tsv", ".tab", ".txt"})


def read_table(source: object, *, delimiter: str | None = None) -> Table:
    """Read a table: the path of a CSV or JSON file (gzipped or not), a pandas, Polars or Arrow frame, a list of dicts.

    The cells of CSV stay text; those of JSON and frames keep their types. ``delimiter`` says what separates the cells
    of a CSV file where that cannot be told from its first lines.

    Raises:
        TableError: one sentence of what is wrong, with the file and its line.
    """
    if isinstance(source, Table):
        return source
    if not isinstance(source, str | os.PathLike):
        return read_frame(source)
    if delimiter is not None and len(delimiter) != 1:
        what = f"the delimiter {delimiter!r} is not one character"
        raise TableError(what, mend="give one character, for instance ';'")
    path = Path(os.fspath(source))
    text = read_text(path)
    if _is_json(path, text):
        return read_json(text, str(path))
    return read_csv(text, str(path), delimiter)


def _is_json(path: Path, text: str) -> bool:
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix.lower() in _JSON:
        return True
    return suffix.lower() not in _CSV and text.lstrip()[:1] in {"{", "["}

"""The files of answers: how a part is written in each format, and how parts become one file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from augury.errors import UsageError
from augury.sql.names import quote_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Format = Literal["parquet", "csv", "jsonl"]
_SUFFIXES: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
# Parquet as it is written fastest (10 million rows, two cores: 4.9 million a second; snappy 3.2 to 3.9, zstd 3.9 to
# 4.4): neither an identifier nor a probability repeats itself, so that a dictionary of them is looked for in vain.
_COPY: dict[Format, str] = {
    "parquet": "FORMAT parquet, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1",
    "csv": "FORMAT csv, HEADER false",
    "jsonl": "FORMAT json",
}


def find_format(path: Path) -> Format:
    """Find the format of a file by its suffix.

    Raises:
        UsageError: it has none that we write.
    """
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        what = f"no format is known by the suffix {path.suffix!r}" if path.suffix else "the file's name has no suffix"
        raise UsageError(
            what, where=str(path), mend="end it in .parquet, .csv or .jsonl, or in / for a folder of parts"
        )
    return found


def write_copy(select: str, path: Path, form: Format, *, header: bool = False) -> str:
    """Write the statement that puts a query's rows into a file, in their order."""
    options = _COPY[form].replace("HEADER false", f"HEADER {str(header).lower()}")
    return f"COPY ({select}) TO {quote_text(str(path))} ({options})"


def merge(connection: DuckDBPyConnection, parts: Sequence[Path], form: Format, header: str, target: Path) -> Path:
    """Make one file of parts; of a single one of Parquet or JSON lines it is that file, which is answered."""
    if len(parts) == 1 and form != "csv":
        return parts[0]
    if form == "parquet":
        # One row group after the other: what a part holds has been in the order of the table since it was written.
        names = ", ".join(quote_text(str(part)) for part in parts)
        connection.execute(write_copy(f"SELECT * FROM read_parquet([{names}])", target, form))  # noqa: S608 - quoted
        return target
    with target.open("wb") as whole:
        if form == "csv":
            whole.write(header.encode())
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, whole, 2**20)
    return target

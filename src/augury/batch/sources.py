"""Which kind of table a source is: by its address, by its first bytes, else by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from augury.batch.options import Options
from augury.batch.source import Source
from augury.batch.source_csv import CsvSource
from augury.batch.source_parquet import ParquetSource, find_files
from augury.tables.parquet_file import SUFFIXES as PARQUET
from augury.tables.source import read_start

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_source(connection: DuckDBPyConnection, options: Options) -> Source:
    """Open a table.

    Raises:
        TableError: it cannot be read.
        UsageError: an option does not go with it.
    """
    source = options.source
    if files := find_files(source):
        return ParquetSource(connection, files, source)
    path = Path(source)
    start = read_start(path)
    if not start.is_packed and (start.content.startswith(b"PAR1") or path.suffix.lower() in PARQUET):
        return ParquetSource(connection, [path], source)
    return CsvSource(path, options.delimiter)

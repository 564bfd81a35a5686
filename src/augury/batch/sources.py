"""Which kind of table a source is: by its address, by its first bytes, else by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from augury.batch.options import Options
from augury.batch.source import Source
from augury.batch.source_arrow import ArrowSource
from augury.batch.source_csv import CsvSource
from augury.batch.source_json import JsonSource
from augury.batch.source_parquet import ParquetSource, find_files
from augury.batch.source_postgresql import PostgresqlSource
from augury.batch.source_sqlite import MAGIC, SqliteSource, find_path
from augury.errors import UsageError
from augury.tables.arrow_file import SUFFIXES as ARROW
from augury.tables.parquet_file import SUFFIXES as PARQUET
from augury.tables.read import is_binary, is_json
from augury.tables.source import Start, read_start

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_POSTGRESQL = ("postgresql://", "postgres://")


def open_source(connection: DuckDBPyConnection, options: Options) -> Source:
    """Open a table.

    Raises:
        TableError: it cannot be read.
        UsageError: an option does not go with it.
    """
    source = options.source
    if source.startswith(_POSTGRESQL):
        return PostgresqlSource(connection, source, table=options.table, query=options.query)
    if source.startswith("sqlite:"):
        return SqliteSource(find_path(source), table=options.table, query=options.query)
    if files := find_files(source):
        return _refuse_choice(options, ParquetSource(connection, files, source))
    path = Path(source)
    start = read_start(path)
    if start.content.startswith(MAGIC) and not start.is_packed:
        return SqliteSource(path, table=options.table, query=options.query)
    return _refuse_choice(options, _open_file(connection, path, start, options.delimiter))


def _open_file(connection: DuckDBPyConnection, path: Path, start: Start, delimiter: str | None) -> Source:
    if is_binary(start, b"PAR1", path, PARQUET):
        return ParquetSource(connection, [path], str(path))
    if is_binary(start, b"ARROW1", path, ARROW):
        return ArrowSource(connection, path)
    text = start.content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_json(path, text):
        return JsonSource(path, is_array=text.startswith(b"["))
    return CsvSource(path, delimiter)


def _refuse_choice(options: Options, source: Source) -> Source:
    """Refuse a choice among rows where there is none: the answers would not be those that were asked for."""
    for option, said in (("--table", options.table), ("--query", options.query)):
        if said is not None:
            what = f"{option} is of a database, and this is a file"
            raise UsageError(what, where=options.source, mend="leave it out")
    return source

"""Parquet, one file or several parts, through DuckDB: what stands in the file, and nothing guessed."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from augury.errors import TableError
from augury.tables.draw import Draw, draw_rows
from augury.tables.plain import iter_plain_rows
from augury.tables.table import Table, check_header, make_table

SUFFIXES = (".parquet", ".pq")
# DuckDB would otherwise fetch from the network what it lacks.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# The names as the file has them: a query's own are made different where they differ in case only.
SCHEMA = "SELECT name, num_children FROM parquet_schema(?)"
# So many rows are asked for at once: enough that asking costs nothing, few enough to hold.
_BLOCK_ROWS = 8192


def find_parts(source: str) -> list[Path]:
    """Find the Parquet files that a directory holds, or that a pattern with ``*``, ``?`` or ``[`` matches."""
    path = Path(source)
    try:
        if path.is_dir():
            return sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
        if not path.exists() and glob.has_magic(source):
            return sorted(map(Path, glob.glob(source)))  # noqa: PTH207 - the pattern may be absolute
    except (OSError, ValueError):  # the path is none, which its reading says
        pass
    return []


def read_parquet(paths: Sequence[Path], where: str, draw: Draw | None = None) -> Table:
    """Read Parquet files of the same columns, one after the other, their rows in order.

    Decimals become floats; of what is no scalar (lists, structs, bytes) a cell keeps only its type.

    Raises:
        TableError: DuckDB is not installed, or cannot read a file.
    """
    try:
        import duckdb
    except ImportError:
        mend = 'pip install "augury[train]", or save the table as CSV'
        raise TableError("Parquet is read by DuckDB, which is not installed", where=where, mend=mend) from None
    # In a pattern of DuckDB's a bracket stands for itself as it does in one of Python's.
    names = [glob.escape(str(path.absolute())) for path in paths]
    try:
        with duckdb.connect(":memory:", config=CONFIG) as connection:
            header = find_header(connection.execute(SCHEMA, [names[0]]).fetchall())
            check_header(header, where)
            found = connection.execute("SELECT * FROM read_parquet(?, hive_partitioning = false)", [names])
            rows = draw_rows(iter_plain_rows(_iter_blocks(found)), draw)
            return make_table(header, rows, is_text=False, where=where)
    except duckdb.Error as error:
        what = f"the Parquet file cannot be read: {_shorten(str(error), names)}"
        raise TableError(what, where=where, mend="write it again, or save the table as CSV") from None


def find_header(schema: Sequence[tuple[str, int | None]]) -> list[str]:
    """Find the names of the columns among the nodes of a schema, each followed by its children, the root first."""
    header: list[str] = []
    skipped = 0
    for name, children in schema[1:]:
        if not skipped:
            header.append(name)
        skipped = max(0, skipped - 1) + (children or 0)
    return header


def _iter_blocks(found: Any) -> Iterator[list[tuple[object, ...]]]:
    while block := found.fetchmany(_BLOCK_ROWS):
        yield block


def _shorten(message: str, names: Sequence[str]) -> str:
    """Keep the sentence of a message of DuckDB's, without the query that nobody wrote and without its paths."""
    sentence = message.partition("\n")[0].partition(": ")[2] or message.partition("\n")[0]
    for name in names:
        sentence = sentence.replace(f"'{name}'", "it").replace(f'"{name}"', "it")
    return sentence

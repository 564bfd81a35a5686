"""Parquet: one file, a pattern, or a folder with or without Hive's partitions; a part is a run of whole row groups."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from augury.batch.source import Part, Reading, find_kind, fingerprint_files
from augury.errors import TableError
from augury.sql.layout import Layout, SourceColumn
from augury.sql.names import quote_name, quote_text
from augury.tables.parquet_file import SCHEMA, SUFFIXES, find_header
from augury.tables.table import check_header

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Rows of a part. Threads share a part by its row groups: with ten of them two threads are busy to the end.
PART_ROWS = 10_000_000

# All that a column is, one row a file.
_SHAPES = """
SELECT file_name, string_agg(concat_ws(' ', name, type, type_length, converted_type, scale, precision, num_children,
    logical_type), ', ' ORDER BY rank)
FROM (SELECT *, row_number() OVER () AS rank FROM parquet_schema(?)) GROUP BY file_name ORDER BY file_name
"""
_GROUPS = """
SELECT file_name, row_group_id, any_value(row_group_num_rows) FROM parquet_metadata(?)
GROUP BY file_name, row_group_id ORDER BY file_name, row_group_id
"""


class _Slice(Struct, frozen=True):
    """Row groups of one file that stand together: their rows from ``start`` up to ``stop``."""

    file: int
    start: int
    stop: int
    is_whole: bool


class ParquetSource:
    """Parquet files of the same columns, one after the other."""

    is_snapshot = False
    lacking: frozenset[str] = frozenset()

    def __init__(self, connection: DuckDBPyConnection, paths: Sequence[Path], where: str) -> None:
        self.where = where
        self._paths = [path.absolute() for path in paths]
        # In a pattern of DuckDB's a bracket stands for itself as it does in one of Python's.
        self._names = [glob.escape(str(path)) for path in self._paths]
        self._partitions = _find_partitions(paths, where)
        self._groups = _read_groups(connection, self._names, self._paths, where)
        self.total: int | None = sum(map(sum, self._groups))
        self.layout = self._read_layout(connection)

    def find_fingerprint(self) -> dict[str, object]:
        """Find what tells these files from others."""
        return fingerprint_files(self._paths, self.where, self._groups)

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done."""
        first = 0
        for number, slices in enumerate(_cut(self._groups, reading.part_rows or PART_ROWS)):
            rows = sum(each.stop - each.start for each in slices)
            if number not in reading.done:
                yield Part(number, first, rows, self._write_relation(slices, first, reading))
            first += rows

    def _write_relation(self, slices: Sequence[_Slice], first: int, reading: Reading) -> str:
        columns = "".join(f"{quote_name(name)}, " for name in reading.columns)
        files = self._write_files([each.file for each in slices])
        if len(slices) == 1:
            only = slices[0]
            row = f"file_row_number + {first - only.start + 1}"
            chosen = "" if only.is_whole else f" WHERE file_row_number BETWEEN {only.start} AND {only.stop - 1}"
        else:
            offsets = [first + 1]
            for each in slices:
                offsets.append(offsets[-1] + each.stop - each.start)
            row = f"file_row_number + list_extract({offsets[:-1]}, CAST(file_index AS BIGINT) + 1)"
            chosen = ""
        return f"(SELECT {columns}{row} AS {quote_name(reading.row)} FROM {files}{chosen})"  # noqa: S608 - names are quoted

    def _write_files(self, files: Iterable[int]) -> str:
        names = ", ".join(quote_text(self._names[file]) for file in files)
        hive = ", hive_partitioning = true, hive_types_autocast = false" if self._partitions else ""
        plain = "" if hive else ", hive_partitioning = false"
        return f"read_parquet([{names}], file_row_number = true{hive}{plain})"

    def _read_layout(self, connection: DuckDBPyConnection) -> Layout:
        header = find_header(connection.execute(SCHEMA, [self._names[0]]).fetchall())
        check_header([*header, *self._partitions], self.where)
        declared = connection.execute(f"DESCRIBE SELECT * FROM {self._write_files([0])}").fetchall()  # noqa: S608 - quoted
        kinds = {name: str(kind) for name, kind, *_ in declared}
        columns = tuple(SourceColumn(name, find_kind(kinds[name])) for name in (*header, *self._partitions))
        _check_shapes(connection, self._names, self.where)
        return Layout(columns)


def find_files(source: str) -> list[Path]:
    """Find the Parquet files that a folder holds, at any depth, or that a pattern matches; none where it is neither."""
    path = Path(source)
    try:
        if path.is_dir():
            found = (each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES)
            # What begins so is left over from a writer, by a convention that Hadoop began.
            return sorted(each for each in found if not each.name.startswith(("_", ".")))
        if not path.exists() and glob.has_magic(source):
            return sorted(map(Path, glob.glob(source, recursive=True)))  # noqa: PTH207 - the pattern may be absolute
    except (OSError, ValueError):  # the path is none, which its reading says
        pass
    return []


def _find_partitions(paths: Sequence[Path], where: str) -> tuple[str, ...]:
    """Find the keys of Hive's partitions, ``key=value`` folders, below the folder or pattern that was given."""
    root = Path(where) if Path(where).is_dir() else Path(*_find_fixed(Path(where)))
    keys = {
        tuple(part.partition("=")[0] for part in path.relative_to(root).parts[:-1] if "=" in part)
        for path in paths
        if path.is_relative_to(root)
    }
    if len(keys) > 1:
        what = "the files are not in folders of the same keys"
        raise TableError(what, where=where, mend="give the folder of one table")
    return next(iter(keys), ())


def _find_fixed(pattern: Path) -> Iterator[str]:
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            return
        yield part


def _read_groups(
    connection: DuckDBPyConnection, names: Sequence[str], paths: Sequence[Path], where: str
) -> list[list[int]]:
    """Read how many rows each row group of each file has."""
    groups: dict[str, list[int]] = {str(path): [] for path in paths}
    for name, _, rows in connection.execute(_GROUPS, [list(names)]).fetchall():
        groups[name].append(rows)
    if not any(map(sum, groups.values())):
        raise TableError("the table has no rows", where=where, mend="give a table with at least one row")
    return list(groups.values())


def _check_shapes(connection: DuckDBPyConnection, names: Sequence[str], where: str) -> None:
    """Check that all files have the same columns: DuckDB would cast those of the others to the first one's types."""
    shapes = dict(connection.execute(_SHAPES, [list(names)]).fetchall())
    first, *others = shapes
    for other in others:
        if shapes[other] != shapes[first]:
            what = f"{Path(first).name} and {Path(other).name} have other columns, or other types of columns"
            raise TableError(what, where=where, mend="give files of one table, or one file at a time")


def _cut(groups: Sequence[Sequence[int]], part_rows: int) -> Iterator[list[_Slice]]:
    """Cut files into parts of about so many rows: several small files whole, or row groups of a large one."""
    held: list[_Slice] = []
    for file, rows in enumerate(groups):
        total = sum(rows)
        if held and sum(each.stop for each in held) + total > part_rows:
            yield held
            held = []
        if total > part_rows:
            yield from ([each] for each in _cut_file(file, rows, part_rows))
        elif total:
            held.append(_Slice(file, 0, total, is_whole=True))
    if held:
        yield held


def _cut_file(file: int, groups: Sequence[int], part_rows: int) -> Iterator[_Slice]:
    start = stop = 0
    for rows in groups:
        if stop > start and stop - start + rows > part_rows:
            yield _Slice(file, start, stop, is_whole=False)
            start = stop
        stop += rows
    if stop > start:
        yield _Slice(file, start, stop, is_whole=start == 0)

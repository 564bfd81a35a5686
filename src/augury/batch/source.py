"""What a table is to a run: its layout, what tells it from another, and its rows, part by part."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from augury.errors import TableError
from augury.sql.layout import Kind, Layout

_INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
_DECIMAL = re.compile(r"DECIMAL\((\d+)")
_EXACT_DIGITS = 15
_KINDS: dict[str, Kind] = {"VARCHAR": "text", "JSON": "text", "FLOAT": "float", "DOUBLE": "float", "BOOLEAN": "boolean"}


class Part(Struct, frozen=True):
    """A run of rows of the table, which are scored by one statement.

    Args:
        number: counted from 0.
        first: how many rows of the table stand before it.
        rows: how many it has.
        relation: what stands after FROM: the columns that were asked for, and the number of each row, from 1.
        table: an Arrow table that the relation reads as :data:`VIEW`; None where the engine reads the source itself.
    """

    number: int
    first: int
    rows: int
    relation: str
    table: Any = None


# The names under which the engine knows the part at work, and its Arrow table.
PART = "augury_part"
VIEW = "augury_table"


class Reading(Struct, frozen=True):
    """What is read of a table.

    Args:
        columns: that are asked for, by name.
        row: the name of the column with the number of the row.
        part_rows: how many rows a part has, about; what suits the source where None.
        done: the rows of each part that is done already, by its number.
    """

    columns: tuple[str, ...]
    row: str
    part_rows: int | None
    done: Mapping[int, int] = {}


class Source(Protocol):
    """A table, wherever it is."""

    @property
    def is_snapshot(self) -> bool:
        """Whether what is read stays as it was when reading began, whoever writes there."""

    @property
    def where(self) -> str:
        """The name of the table, for errors."""

    @property
    def lacking(self) -> frozenset[str]:
        """The columns in which a null says that the row has no such column, as a record may lack a key."""

    @property
    def layout(self) -> Layout:
        """The columns."""

    @property
    def total(self) -> int | None:
        """How many rows there are; None where that is not known before they are read."""

    def find_fingerprint(self) -> Mapping[str, object]:
        """Find what tells this table from another, or from what it was, as JSON has it."""

    def iter_parts(self, reading: Reading) -> Iterator[Part]:
        """Yield the parts that are not done, in order."""


def find_kind(declared: str) -> Kind:
    """Find what a column of a type of DuckDB's holds."""
    if declared in _INTEGERS:
        return "integer"
    if width := _DECIMAL.match(declared):
        # Integer and power of ten are doubles, and dividing them rounds once.
        return "float" if int(width[1]) <= _EXACT_DIGITS else "decimal"
    if declared.endswith("]") or declared.startswith(("STRUCT", "MAP", "UNION")):
        return "nested"
    return "text" if declared.startswith("ENUM") else _KINDS.get(declared, "other")


def fingerprint_files(paths: Sequence[Path], where: str, more: Iterable[object] = ()) -> dict[str, object]:
    """Tell files from others by their paths, sizes and times of change, and by whatever else is known of them.

    Raises:
        TableError: one of them is gone.
    """
    digest = hashlib.sha256()
    size = 0
    for path in paths:
        try:
            known = path.stat()
        except OSError as error:
            what = f"{path.name} is gone: {error.strerror}"
            raise TableError(what, where=where, mend="put it back and try again") from None
        size += known.st_size
        digest.update(msgspec.json.encode([str(path.resolve()), known.st_size, known.st_mtime_ns]))
    for each in more:
        digest.update(msgspec.json.encode(each))
    return {"files": len(paths), "bytes": size, "digest": digest.hexdigest()}

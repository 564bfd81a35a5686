"""The records of an invocation in the three shapes in which they come: objects, rows of cells, columns of cells.

A record that does not come as an object is written as the one that it means, out of the caller's own bytes, so that it
goes through the same door as any other: no number is read and written again on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec import Raw, Struct

from augury.contract.faults import Fault
from augury.errors import RecordError

_decode_cells = msgspec.json.Decoder(list[Raw]).decode


class Records(Protocol):
    """The records of a body, in order."""

    def __len__(self) -> int: ...

    def write(self, index: int) -> bytes:
        """Write one as a JSON object.

        Raises:
            RecordError: it cannot be one; the faults point into the record.
        """

    def find_place(self, index: int, pointer: str) -> str:
        """Find the pointer into the body for one into a record."""


class Listed(Struct, frozen=True):
    """Objects in an array at the pointer ``place``."""

    place: str
    rows: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.rows)

    def write(self, index: int) -> bytes:
        """Give the record's own bytes."""
        return self.rows[index]

    def find_place(self, index: int, pointer: str) -> str:
        """Find the pointer into the body for one into a record."""
        return f"{self.place}/{index}{pointer}"


class Split(Struct, frozen=True):
    """Rows of cells in the array ``data``, beside the array ``columns`` of their names.

    ``keys`` are the names as JSON, in order; ``columns`` finds a name's index.
    """

    place: str
    columns: Mapping[str, int]
    keys: Sequence[bytes]
    rows: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.rows)

    def write(self, index: int) -> bytes:
        """Write the cells of one row under the names of their columns."""
        try:
            cells = _decode_cells(self.rows[index])
        except msgspec.ValidationError:
            raise RecordError([Fault("type", "", "the row is no array of values")]) from None
        if len(cells) != len(self.keys):
            detail = f"the row holds {len(cells)} values, and there are {len(self.keys)} columns"
            raise RecordError([Fault("type", "", detail)])
        return _write_object(self.keys, cells)

    def find_place(self, index: int, pointer: str) -> str:
        """Find the pointer into the body for one into a record: the columns' own where none has that name."""
        if not pointer:
            return f"{self.place}/data/{index}"
        column = self.columns.get(_read_key(pointer))
        return f"{self.place}/columns" if column is None else f"{self.place}/data/{index}/{column}"


class Columns(Struct, frozen=True):
    """Arrays of cells in an object at the pointer ``place``; ``keys`` are their names as JSON."""

    place: str
    names: Sequence[str]
    keys: Sequence[bytes]
    cells: Sequence[Sequence[bytes]]

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def write(self, index: int) -> bytes:
        """Write the cells at one index of each column under the columns' names."""
        return _write_object(self.keys, [column[index] for column in self.cells])

    def find_place(self, index: int, pointer: str) -> str:
        """Find the pointer into the body for one into a record: where the column would be where there is none."""
        return f"{self.place}{pointer}" + (f"/{index}" if _read_key(pointer) in self.names else "")


def _write_object(keys: Iterable[bytes], cells: Iterable[bytes | Raw]) -> bytes:
    return b"{" + b",".join([b"%b:%b" % pair for pair in zip(keys, cells, strict=True)]) + b"}"


def _read_key(pointer: str) -> str:
    """Read the key of a pointer to a member (RFC 6901)."""
    return pointer[1:].replace("~1", "/").replace("~0", "~")

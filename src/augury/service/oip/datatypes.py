"""The protocol's datatypes: how each is written, in JSON and in binary, and which fields take it.

A number may come as any datatype: each of their values is a 64-bit float, or an integer that the contract judges as it
came. 16-bit floats are not taken: their 11 bits of precision do not hold what customers pay.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Raw, Struct

from augury.contract.fields import (
    BooleanField,
    CategoryField,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)

Sort = Literal["float", "integer", "boolean", "text"]


class Datatype(Struct, frozen=True):
    """How the elements of one datatype are written.

    Args:
        sort: what they are in JSON.
        letter: of ``struct``, little-endian; empty for texts, of which each has its own length.
        size: of an element in bytes; for texts, of the length before each.
    """

    sort: Sort
    letter: str
    size: int

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest integer."""
        bits = 8 * self.size
        return (0, 2**bits - 1) if self.letter.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


DATATYPES: Mapping[str, Datatype] = {
    "BOOL": Datatype("boolean", "B", 1),
    "UINT8": Datatype("integer", "B", 1),
    "UINT16": Datatype("integer", "H", 2),
    "UINT32": Datatype("integer", "I", 4),
    "UINT64": Datatype("integer", "Q", 8),
    "INT8": Datatype("integer", "b", 1),
    "INT16": Datatype("integer", "h", 2),
    "INT32": Datatype("integer", "i", 4),
    "INT64": Datatype("integer", "q", 8),
    "FP32": Datatype("float", "f", 4),
    "FP64": Datatype("float", "d", 8),
    "BYTES": Datatype("text", "", 4),
}

_SINGLE = struct.Struct("<f")
# What a number that is not finite is in a record: no JSON, so that the slow path looks and refuses it where it stands.
_INFINITY = Raw(b"Infinity")


def find_datatype(field: Field) -> str:
    """Find the datatype that a field is described with."""
    match field:
        case NumberField():
            return "FP64"
        case BooleanField():
            return "BOOL"
        case IntegerField():
            return "INT64"
        case CategoryField():
            return "BYTES" if field.is_text else "INT64"
        case IdentifierField():
            return "BYTES"


def is_taken(field: Field, datatype: Datatype) -> bool:
    """Tell whether a field takes a datatype; an identifier takes all."""
    if isinstance(field, IdentifierField):
        return True
    described = DATATYPES[find_datatype(field)].sort
    return datatype.sort == described or {datatype.sort, described} == {"float", "integer"}


def find_strange(datatype: Datatype, cells: Sequence[object]) -> Iterable[int]:
    """Find the places of the JSON values that are no elements of a datatype; null is one of every datatype."""
    if _are_elements(datatype, cells):
        return ()
    return (at for at, cell in enumerate(cells) if not _is_element(datatype, cell))


def make_elements(datatype: Datatype, cells: Sequence[object]) -> Sequence[object]:
    """Make of JSON values what stands for the elements of a tensor in records.

    Numbers are rounded to the datatype's 32 or 64 bits; those that are not finite become what no JSON is.
    """
    if datatype.sort != "float":
        return cells
    if int in set(map(type, cells)):
        cells = [_find_double(cell) if type(cell) is int else cell for cell in cells]
    if datatype.size == _SINGLE.size:
        cells = [cell and _round_single(cell) for cell in cells]  # type: ignore[arg-type]
    if math.inf in cells or -math.inf in cells:
        return [_INFINITY if cell in {math.inf, -math.inf} else cell for cell in cells]
    return cells


_PLAIN: Mapping[Sort, frozenset[type]] = {
    "float": frozenset({float, int, type(None)}),
    "integer": frozenset({int, type(None)}),
    "boolean": frozenset({bool, type(None)}),
    "text": frozenset({str, type(None)}),
}


def _are_elements(datatype: Datatype, cells: Sequence[object]) -> bool:
    return set(map(type, cells)) <= _PLAIN[datatype.sort] and (datatype.sort != "integer" or _fit(datatype, cells))


def _fit(datatype: Datatype, cells: Sequence[object]) -> bool:
    low, high = datatype.limits
    numbers: list[float] = [cell for cell in cells if cell is not None]  # type: ignore[misc]
    return not numbers or (low <= min(numbers) and max(numbers) <= high)


def _is_element(datatype: Datatype, cell: object) -> bool:
    if datatype.sort == "integer" and type(cell) is float:
        return cell.is_integer() and _fit(datatype, (cell,))  # JSON's 41.0 is 41
    return _are_elements(datatype, (cell,))


def _find_double(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _round_single(number: float) -> float:
    try:
        rounded: float = _SINGLE.unpack(_SINGLE.pack(number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return rounded
